"""The typed `on`, `once`, `observe` and `wait_for` are what their table says."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

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
    documented = """
        availability_updated chat_deactivated chat_properties_deleted chat_properties_updated
        chat_transferred connected connection_recovered connection_unstable customer_id
        customer_page_updated customer_updated disconnected event_properties_deleted
        event_properties_updated event_updated events_marked_as_seen greeting_accepted
        greeting_canceled incoming_chat incoming_event incoming_greeting
        incoming_rich_message_postback incoming_typing_indicator queue_position_updated
        thread_properties_deleted thread_properties_updated user_added_to_chat user_data
        user_removed_from_chat
    """
    assert set(documented.split()) <= set(EVENT_PAYLOADS)
