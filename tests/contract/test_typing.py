"""mypy runs over typing_cases and has to find exactly the errors, and infer exactly the types, noted there."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / ".mypy_cache" / "typing_cases"  # its own: `make check` may be at work beside it, with other options
CASES = Path(__file__).with_name("typing_cases")
SAID = re.compile(r"(?P<file>[^:]+):(?P<line>\d+): (?P<kind>error|note): (?P<text>.*?)(?:  \[(?P<code>[a-z-]+)\])?$")
NOTED = re.compile(r"# (?P<kind>[EN]): (?P<text>.+?)(?:  # .*)?$")


def noted() -> set[tuple[str, int, str]]:
    """What the cases say: file, line, and an error's code (its text where the code is `misc`) or an inferred type."""
    return {
        (path.name, number, found["text"])
        for path in CASES.glob("*.py")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if not line.startswith('"""') and (found := NOTED.search(line))
    }


def said(output: str) -> set[tuple[str, int, str]]:
    """What mypy says, in the same words; its hints beside errors are left out."""
    heard = set()
    for line in output.splitlines():
        found = SAID.match(line)
        if found is None:
            continue
        if found["kind"] == "error":
            heard.add(
                (
                    Path(found["file"]).name,
                    int(found["line"]),
                    found["text"] if found["code"] == "misc" else found["code"],
                )
            )
        elif revealed := re.fullmatch(r'Revealed type is "(.*)"', found["text"]):
            heard.add((Path(found["file"]).name, int(found["line"]), revealed[1]))
    return heard


def test_a_type_checker_finds_exactly_the_errors_that_are_there():
    run = subprocess.run(
        [
            sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--hide-error-context", "--cache-dir", KEPT,
            *CASES.glob("*.py"),
        ],
        cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    expected = noted()
    assert len(expected) > 20
    assert said(run.stdout) == expected, run.stdout + run.stderr
