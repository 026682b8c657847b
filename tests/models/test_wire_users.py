"""The structures of `wire.users`, decoded and encoded again."""

from __future__ import annotations

from typing import Any

import pytest
from models_kit import each, round_trip

from livechat_customer.models.wire import users


@pytest.mark.parametrize(("name", "sample"), each("structures", "users."))
def test_a_structure_survives_the_round_trip(name: str, sample: dict[str, Any]) -> None:
    kind = getattr(users, name.removeprefix("users."))
    assert round_trip(kind, sample) == sample


def test_only_the_id_is_needed() -> None:
    assert round_trip(users.User, {"id": "u-1"}) == {"id": "u-1"}
    assert users.User(id="u-1").present is None
