"""Become a server: drop privileges, ask to be stopped when the parent dies, exec.

Run by path as its own program, so it may import nothing of this package:

    python -I -S launch.py PARENT_PID SIGNAL UID GID PROGRAM [ARGUMENT...]

UID and GID -1 mean: stay who you are. Exits 127 with one line on stderr when PROGRAM cannot be executed.
"""

import os
import sys

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main(parent: int, stop_signal: int, uid: int, gid: int, command: list[str]) -> None:
    """Replace this process by the command; does not return."""
    prctl = None
    if sys.platform == "linux":
        # Before the account changes: afterwards the interpreter's own files may be out of reach.
        import ctypes  # noqa: PLC0415

        prctl = ctypes.CDLL(None).prctl
    os.umask(0o077)
    if uid != -1:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if prctl is not None:
        prctl(PR_SET_PDEATHSIG, stop_signal, 0, 0, 0)  # a change of account clears it, hence after setuid
    if os.getppid() != parent:  # died before the request above could hear of it
        sys.exit(1)
    try:
        os.execv(command[0], command)  # noqa: S606 - the caller's own command line, no shell wanted
    except OSError as error:
        print(f"{command[0]}: {error.strerror}", file=sys.stderr)  # noqa: T201 - its only output
        sys.exit(127)


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:5]]
    main(numbers[0], numbers[1], numbers[2], numbers[3], sys.argv[5:])
