"""The register in the docs is the sandbox's, and nothing of it is without its tests."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from livechat_customer.cli.live_verdicts import JUDGES
from livechat_customer.sandbox import ASSUMPTIONS

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_is_what_the_generator_writes() -> None:
    spec = importlib.util.spec_from_file_location(
        "assumptions_page_tool", ROOT / "tools" / "assumptions_page.py"
    )
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    committed = (ROOT / "docs" / "assumptions.md").read_text()
    assert tool.page() == committed, "run python tools/assumptions_page.py"


def test_every_assumption_is_probed() -> None:
    assert set(JUDGES) == set(ASSUMPTIONS)


def test_every_entry_says_all_there_is_to_say() -> None:
    for name, one in ASSUMPTIONS.items():
        assert one.name == name
        assert all((one.holds, one.source, one.broken, one.then)), name
        assert "|" not in one.holds + one.source + one.broken + one.then, name
