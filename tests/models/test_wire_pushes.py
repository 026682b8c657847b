"""Each push of the API 3.5 and 3.6, decoded and encoded again."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from models_kit import each, push, round_trip, samples

from livechat_customer.models.wire.decode import payload_of
from livechat_customer.models.wire.pushes import PUSHES, CustomerUpdated, IncomingGreeting
from livechat_customer.models.wire.users import User

NEW_IN_3_6 = {
    "event_deleted",
    "incoming_event_preview",
    "incoming_thinking_indicator",
    "incoming_welcome_message",
}


@pytest.mark.parametrize(("action", "sample"), each("pushes"))
def test_a_push_survives_the_round_trip(action: str, sample: dict[str, Any]) -> None:
    assert round_trip(PUSHES[action], sample) == sample
    payload = payload_of(push(action, sample))
    assert type(payload) is PUSHES[action]
    assert payload == msgspec.convert(sample, PUSHES[action])


def test_the_table_holds_the_api_s_pushes() -> None:
    assert set(samples("pushes")) == set(PUSHES)
    assert set(PUSHES) >= NEW_IN_3_6
    # 25 of 3.5, one that was withdrawn, four of 3.6.
    assert len(PUSHES) == 25 + 1 + 4
    assert len(set(PUSHES.values())) == len(PUSHES)


def test_flat_pushes_are_the_structures_they_carry() -> None:
    assert issubclass(CustomerUpdated, User)
    assert "unique_id" in IncomingGreeting.__struct_fields__
