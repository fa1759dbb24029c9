"""python -m contracts operations | asyncapi | permissions | check | write: what the tables say, shown or kept in docs/."""

import sys
from collections.abc import Sequence
from pathlib import Path

from contracts.render import asyncapi, operations, permissions, stale, write

DOCS = Path("docs")
SHOWN = {"operations": operations, "asyncapi": asyncapi, "permissions": permissions}


def main(arguments: Sequence[str]) -> int:
    """The exit code: 0, 1 when `check` found a stale document, 2 when nothing could be done."""
    match arguments:
        case [("operations" | "asyncapi" | "permissions") as name]:
            sys.stdout.write(SHOWN[name]())
        case ["check" | "write"] if not DOCS.is_dir():
            sys.stderr.write("there is no docs/ here: run it in the repository's root\n")
            return 2
        case ["check"]:
            found = stale(DOCS)
            for document in found:
                sys.stderr.write(f"docs/{document} is stale: run `python -m contracts write`\n")
            return 1 if found else 0
        case ["write"]:
            for document in write(DOCS):
                sys.stdout.write(f"wrote docs/{document}\n")
        case _:
            sys.stderr.write(f"usage: {__doc__}\n")
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
