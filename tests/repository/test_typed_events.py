"""The typed `on`, `once`, `observe` and `wait_for` are what their table says."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

from parity_rows import SECTIONS

from livechat_customer.models.payloads import EVENT_PAYLOADS

ROOT = Path(__file__).resolve().parents[2]


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "typed_events_tool", ROOT / "tools/typed_events.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_file_is_what_the_generator_writes(tmp_path: Path) -> None:
    made = tmp_path / "typed_events.py"
    made.write_text(generator().source())
    for command in (["format", "--quiet"], ["check", "--quiet", "--fix"]):
        subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--config", ROOT / "pyproject.toml", made],
            check=True,
        )
    committed = (ROOT / "livechat_customer" / "typed_events.py").read_text()
    assert made.read_text() == committed, "run python tools/typed_events.py"


def test_every_event_of_the_javascript_sdk_is_in_the_table() -> None:
    documented = {row.partition(" ")[2] for row in SECTIONS["Events"]}
    assert documented <= set(EVENT_PAYLOADS)
