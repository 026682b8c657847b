"""The structures of `wire.greetings`, decoded and encoded again."""

from __future__ import annotations

from typing import Any

import pytest
from models_kit import each, round_trip

from livechat_customer.models.wire import greetings


@pytest.mark.parametrize(("name", "sample"), each("structures", "greetings."))
def test_a_structure_survives_the_round_trip(name: str, sample: dict[str, Any]) -> None:
    kind = getattr(greetings, name.removeprefix("greetings."))
    assert round_trip(kind, sample) == sample


def test_only_the_unique_id_is_needed() -> None:
    assert round_trip(greetings.Greeting, {"unique_id": "U"}) == {"unique_id": "U"}
