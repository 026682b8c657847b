"""Errors of arguments: where, what, and what to do; never the value."""

from __future__ import annotations

from typing import Any

import pytest

from livechat_customer.errors import InvalidArgumentError
from livechat_customer.models import Access, CustomerUpdate, Message, NewChat, SendableEvent
from livechat_customer.models.base import Properties
from livechat_customer.models.check import checked
from livechat_customer.models.events import SENDABLE

SECRET = "what I wrote"


def test_a_struct_and_its_dict_give_the_same() -> None:
    message = Message("Hi", custom_id="c-1", properties={"a": {"b": 1}})
    given = {"type": "message", "text": "Hi", "custom_id": "c-1", "properties": {"a": {"b": 1}}}
    assert checked(message, SendableEvent, "event") == message
    assert checked(given, SendableEvent, "event") == message


@pytest.mark.parametrize(
    ("value", "kind", "error"),
    [
        ({"type": "message"}, SendableEvent, "event.text: is missing; give it"),
        ({"text": "a"}, SendableEvent, "event.type: is missing; give it"),
        (
            {"type": "message", "txt": SECRET},
            SendableEvent,
            "event.txt: is no field here; check its spelling or leave it out",
        ),
        ({"type": "message", "text": 5}, SendableEvent, "event.text: must be str, not int"),
        (Message(text=5), SendableEvent, "event.text: must be str, not int"),  # type: ignore[arg-type]
        ({"type": "message", "text": None}, SendableEvent, "event.text: must be str, not None"),
        ([], SendableEvent, "event: must be dict, not list"),
        (SECRET, SendableEvent, "event: must be dict, not str"),
        (
            {"type": SECRET},
            SendableEvent,
            f"event.type: is no event that can be sent; use {SENDABLE}",
        ),
        ({"type": 5}, SendableEvent, "event.type: must be str, not int"),
        (
            {"thread": {"events": [{"type": "message", "text": 1.5}]}},
            NewChat,
            "event.thread.events[0].text: must be str, not float",
        ),
        (
            {"thread": {"events": [{"type": "system"}]}},
            NewChat,
            f"event.thread.events[0].type: is no event that can be sent; use {SENDABLE}",
        ),
        ({"access": {"group_ids": ["1"]}}, NewChat, "event.access.group_ids[0]: must be int, not str"),
        ({"a": 5}, Properties, "event.*: must be dict, not int"),
        ({"name": 5}, CustomerUpdate, "event.name: must be str or None, not int"),
        ({"group_ids": True}, Access, "event.group_ids: must be list, not bool"),
    ],
)  # fmt: skip
def test_errors_name_the_path(value: Any, kind: Any, error: str) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        checked(value, kind, "event")
    assert str(caught.value) == error
    assert caught.value.argument == error.partition(":")[0]
    assert caught.value.code == "VALIDATION"
    assert SECRET not in str(caught.value)
    assert caught.value.__suppress_context__
