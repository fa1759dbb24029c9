"""Whether the process in this container is ready: exit code 0 or 1, and its own answer on standard output.

Run as a file, `python -I -S probe.py [path]`: it imports next to nothing, for it is run every few seconds.
HEALTH_HOST and HEALTH_PORT say where to ask, the path what for (default /ready).
"""

import os
import socket
import sys

WITHIN = 4.0  # s, for the answer as a whole as far as the peer sends anything
MOST = 16_384  # bytes of an answer that are looked at
EVERYWHERE = {"", "0.0.0.0", "::"}  # noqa: S104 - compared with, not bound to


def ask(host: str, port: int, path: str) -> tuple[bool, str]:
    """Whether the answer is 200, and its body; raises OSError when nobody answers."""
    with socket.create_connection((host, port), WITHIN) as connection:
        connection.settimeout(WITHIN)
        connection.sendall(f"GET {path} HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
        answer = b""
        while len(answer) < MOST and (part := connection.recv(MOST)):
            answer += part
    head, _, body = answer.partition(b"\r\n\r\n")
    words = head.split(b" ", 2)
    return len(words) > 1 and words[1] == b"200", body.decode(errors="replace").strip()


def main(arguments: list[str]) -> int:
    """The exit code."""
    host = os.environ.get("HEALTH_HOST", "")
    try:
        well, says = ask(
            "127.0.0.1" if host in EVERYWHERE else host,
            int(os.environ.get("HEALTH_PORT") or 0),
            arguments[0] if arguments else "/ready",
        )
    except (OSError, ValueError) as error:
        well, says = False, f"nobody answers ({type(error).__name__})"
    sys.stdout.write(f"{says}\n")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
