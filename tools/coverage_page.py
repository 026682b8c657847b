"""Writes `docs/coverage.md`: each row of `tests/parity_rows.py` against the tests that show it.

python tools/coverage_page.py          # write the page
python tools/coverage_page.py --check  # exit 1 if it is not true or a row is empty
"""

from __future__ import annotations

import io
import os
import sys
from collections import defaultdict
from contextlib import redirect_stdout
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "coverage.md"

sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from parity_rows import ROWS, SECTIONS, WAYS


class Collected:
    """Collects the marks of every test, as a pytest plugin."""

    def __init__(self) -> None:
        self.tests: defaultdict[str, dict[str, str]] = defaultdict(dict)
        """Row, then test, then how it shows the row."""
        self.faults: list[str] = []

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            name = item.nodeid.partition("[")[0]
            for mark in item.iter_markers("shows"):
                by = mark.kwargs.get("by")
                for row in mark.args:
                    if row not in ROWS or by not in WAYS:
                        self.faults.append(f"{name}: no row {row!r}, or no way {by!r}")
                    self.tests[row][name] = str(by)


def collected() -> Collected:
    """Every mark of the tests, without running any."""
    os.chdir(ROOT)
    found = Collected()
    with redirect_stdout(io.StringIO()) as said:
        status = pytest.main(
            ["--collect-only", "-q", "-p", "no:cacheprovider"],
            plugins=[found],
        )
    if status != pytest.ExitCode.OK:
        last = "\n".join(said.getvalue().splitlines()[-20:])
        raise SystemExit(f"the tests could not be collected:\n{last}")
    return found


def page(found: Collected) -> str:
    """The page's text."""
    lines = [
        "# Coverage",
        "",
        "Every heading of the JavaScript SDK's documentation, and what stands beyond it, against the",
        "tests that show it. Written by `python tools/coverage_page.py` from the tests' marks.",
        "",
        "| how | what it means |",
        "| --- | --- |",
        *(f"| {way} | {meaning} |" for way, meaning in WAYS.items()),
    ]
    for section, rows in SECTIONS.items():
        lines += ["", f"## {section}", "", "| row | shown by | how |", "| --- | --- | --- |"]
        for row in rows:
            tests = sorted(found.tests.get(row, {}).items())
            shown = "<br>".join(f"`{_short(name)}`" for name, _ in tests) or "none"
            ways = ", ".join(sorted({by for _, by in tests})) or "none"
            lines.append(f"| {_row(row)} | {shown} | {ways} |")
    return "\n".join(lines) + "\n"


def _row(row: str) -> str:
    kind, _, name = row.partition(" ")
    return f"`{name}`" if kind in {"method", "event", "reason", "error", "option"} else row


def _short(node: str) -> str:
    path, _, test = node.partition("::")
    return f"{Path(path).name}::{test}"


def main() -> int:
    found = collected()
    empty = [row for rows in SECTIONS.values() for row in rows if row not in found.tests]
    text = page(found)
    if "--check" not in sys.argv:
        PAGE.write_text(text)
    elif not PAGE.is_file() or PAGE.read_text() != text:
        found.faults.append("docs/coverage.md is not true: run python tools/coverage_page.py")
    found.faults += [f"no test shows {row!r}" for row in empty]
    sys.stderr.writelines(f"{fault}\n" for fault in found.faults)
    return 1 if found.faults else 0


if __name__ == "__main__":
    sys.exit(main())
