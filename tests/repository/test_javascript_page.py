"""The page for JavaScript users names what there is, and leaves nothing out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from parity_rows import SECTIONS

import livechat_customer as lc
from livechat_customer.models.payloads import EVENT_PAYLOADS
from livechat_customer.options import Options

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "javascript.md").read_text()


def cells(heading: str, column: int) -> list[str]:
    """The names in a column of a section's tables."""
    section = PAGE.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line.split("|")[1:-1] for line in section.splitlines() if line.startswith("| `")]
    return [name for row in rows for name in re.findall(r"`([^`]+)`", row[column])]


def snake(name: str) -> str:
    return re.sub(r"([A-Z])", lambda found: "_" + found[0].lower(), name)


def names(section: str) -> set[str]:
    return {row.partition(" ")[2] for row in SECTIONS[section]}


def test_each_method_is_named_and_is_there() -> None:
    pairs = [
        (left, right)
        for line in PAGE.splitlines()
        if (found := re.match(r"\| `([\w.]+)` \| `([\w.]+)` \|", line))
        for left, right in [found.groups()]
    ]
    python = {right for _, right in pairs}
    assert names("Methods") <= python
    assert all(snake(left) == right for left, right in pairs)


@pytest.mark.parametrize("name", sorted({*cells("Methods", 0), *cells("Methods", 1)}))
def test_no_name_lies(name: str) -> None:
    if not re.fullmatch(r"[a-z][a-z_]+", name) or name in {"error", "init"}:
        return
    assert hasattr(lc.CustomerSDK, name) or name in EVENT_PAYLOADS


def test_each_method_and_event_beyond_the_javascript_sdk_is_named() -> None:
    beyond = names("Beyond the JavaScript SDK: methods") | names(
        "Beyond the JavaScript SDK: events"
    )
    assert not {name for name in beyond if f"`{name}`" not in PAGE}


def test_each_option_is_named_and_is_there() -> None:
    assert set(cells("Options", 1)) == names("Options")
    assert names("Options") <= set(Options.__struct_fields__)
