"""Which API version a request needs."""

from __future__ import annotations

from typing import Any

import pytest

from livechat_customer.models import Message, to_wire
from livechat_customer.models.versions import frame_version, needed

MESSAGE = {"type": "message", "text": "Hi"}
CHOSEN = {"id": "p", "thread_id": "T", "event_id": "T_1", "ecommerce": {"product_id": "1"}}
CARD = {"type": "rich_message", "template_id": "cards"}


CASES: list[tuple[str, str, dict[str, Any]]] = [
    ("3.5", "get_customer", {}),
    ("3.6", "delete_event", {"chat_id": "C", "thread_id": "T", "event_id": "T_1"}),
    ("3.6", "request_welcome_message", {}),
    ("3.6", "send_greeting_button_clicked", {"greeting_unique_id": "g", "button_id": "b"}),
    ("3.5", "update_customer", {"name": "Noor", "session_fields": []}),
    ("3.6", "update_customer", {"name": "Noor", "address": {"city": "Galway"}}),
    ("3.6", "update_customer", {"phone_number": "+353"}),
    ("3.6", "update_customer", {"omnichannel": {}}),
    ("3.5", "send_rich_message_postback", {"postback": {"id": "p", "toggled": True}}),
    ("3.6", "send_rich_message_postback", {"postback": {"id": "p", "button_value": "x"}}),
    ("3.5", "send_event", {"event": MESSAGE}),
    ("3.5", "send_event", {"event": {"type": "custom", "content": {"ecommerce": 1}}}),
    ("3.6", "send_event", {"event": MESSAGE | {"postback": CHOSEN}}),
    ("3.5", "send_event", {"event": CARD | {"elements": [{"title": "a"}]}}),
    ("3.6", "send_event", {"event": CARD | {"elements": [{}, {"ecommerce": {}}]}}),
    ("3.6", "send_event", {"event": CARD | {"template_id": "ecommerce"}}),
    ("3.5", "start_chat", to_wire.start_chat()),
    ("3.5", "start_chat", to_wire.start_chat({"thread": {"events": [Message("a")]}})),
    (
        "3.6",
        "resume_chat",
        to_wire.resume_chat(
            {"id": "C", "thread": {"events": [MESSAGE, MESSAGE | {"postback": CHOSEN}]}}
        ),
    ),
]


@pytest.mark.parametrize(("version", "action", "payload"), CASES)
def test_the_oldest_version_that_has_it(version: str, action: str, payload: dict[str, Any]) -> None:
    assert needed(action, payload) == version


@pytest.mark.parametrize(
    ("connection", "said"), [("3.5", "3.6"), ("3.6", None), ("3.10", None), ("4.0", None)]
)
def test_only_an_older_connection_has_to_say_so(connection: str, said: str | None) -> None:
    assert frame_version("delete_event", {}, connection) == said
    assert frame_version("get_customer", {}, connection) is None
