"""The README's beginning: what this is in five lines, the two commands, then a real account."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()


def test_it_begins_with_five_lines_and_two_commands() -> None:
    title, paragraph, *_ = README.split("\n\n")
    assert title.startswith("# ")
    assert 1 <= len(paragraph.splitlines()) <= 5
    first = README[README.index("```bash") :].split("```")[1].splitlines()[1:]
    assert first == ["make demo", "make test"]


def test_a_real_account_comes_next() -> None:
    headings = [line for line in README.splitlines() if line.startswith("## ")]
    assert "real account" in headings[0]
    assert README.index("make test\n") < README.index(headings[0])


def test_the_pages_that_belong_to_it_are_there() -> None:
    for name in ("ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "Makefile", ".ci/run"):
        assert (ROOT / name).is_file(), name
    assert len((ROOT / "ARCHITECTURE.md").read_text().splitlines()) <= 80, "one page"
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111
