"""Each request payload, decoded and encoded again."""

from __future__ import annotations

from typing import Any

import pytest
from models_kit import each, request, round_trip, samples

from livechat_customer.models.wire.decode import payload_of
from livechat_customer.models.wire.events import Message
from livechat_customer.models.wire.requests import REQUESTS, SendEventRequest


@pytest.mark.parametrize(("action", "sample"), each("requests"))
def test_a_request_survives_the_round_trip(action: str, sample: dict[str, Any]) -> None:
    assert round_trip(REQUESTS[action], sample) == sample
    assert type(payload_of(request(action, sample))) is REQUESTS[action]


def test_the_table_holds_the_api_s_actions() -> None:
    assert set(samples("requests")) == set(REQUESTS)
    # 35 actions of 3.5, `ping`, five of 3.6.
    assert len(REQUESTS) == 35 + 1 + 5


def test_an_event_that_is_sent_has_no_id_yet() -> None:
    payload = payload_of(
        request("send_event", {"chat_id": "C1", "event": {"type": "message", "text": "Hi"}})
    )
    assert payload == SendEventRequest(chat_id="C1", event=Message(text="Hi"))
