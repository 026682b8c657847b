"""The structures of `wire.chats`, decoded and encoded again."""

from __future__ import annotations

from typing import Any

import pytest
from models_kit import each, round_trip

from livechat_customer.models.wire import chats


@pytest.mark.parametrize(("name", "sample"), each("structures", "chats."))
def test_a_structure_survives_the_round_trip(name: str, sample: dict[str, Any]) -> None:
    kind = getattr(chats, name.removeprefix("chats."))
    assert round_trip(kind, sample) == sample


@pytest.mark.parametrize("kind", [chats.Thread, chats.Chat, chats.ChatSummary])
def test_only_the_id_is_needed(kind: Any) -> None:
    assert round_trip(kind, {"id": "C1"}) == {"id": "C1"}


def test_what_the_server_adds_is_ignored() -> None:
    assert round_trip(chats.Thread, {"id": "T1", "order": 4}) == {"id": "T1"}
