"""How much memory processes really take."""

import psutil  # type: ignore[import-untyped]  # it ships no types


def proportional(pid: int, *, with_children: bool = True) -> int | None:
    """Bytes of a process and its children, shared pages divided among who shares them (PSS); None when it is gone.

    Where the system does not tell PSS it is the resident size, which counts shared pages whole.
    """
    try:
        family = [psutil.Process(pid)]
        if with_children:
            family += family[0].children(recursive=True)
        return sum(_one(process) for process in family)
    except psutil.Error:
        return None


def _one(process: psutil.Process) -> int:
    try:
        whole = process.memory_full_info()
    except psutil.AccessDenied:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0
    return int(getattr(whole, "pss", whole.rss))
