"""What an envelope says of the frame it came in."""

from __future__ import annotations

import json

import msgspec
import pytest

from livechat_customer.transport.codec import decode_frame
from livechat_customer.transport.envelope import ErrorKey, json_or_none


@pytest.mark.parametrize(
    ("type_", "kind"), [("response", "response"), ("push", "push"), ("new", "push"), ("", "push")]
)
def test_what_is_no_response_counts_as_a_push(type_: str, kind: str) -> None:
    assert decode_frame(json.dumps({"action": "a", "type": type_})).kind == kind


@pytest.mark.parametrize(
    ("action", "payload", "chat_id", "thread_id"),
    [
        ("incoming_event", {"chat_id": "C", "thread_id": "T", "event": {"id": "E"}}, "C", "T"),
        ("incoming_chat", {"chat": {"id": "C", "thread": {"id": "T"}}}, "C", "T"),
        ("get_chat", {"id": "C", "thread": {"id": "T"}, "users": []}, "C", None),
        ("start_chat", {"chat_id": "C", "thread_id": "T", "event_ids": []}, "C", "T"),
        ("get_customer", {"id": "a customer"}, None, None),
        ("customer_updated", {"id": "a customer"}, None, None),
        ("list_chats", {"chats_summary": [{"id": "C"}]}, None, None),
        ("incoming_chat", {"chat": {"id": "C"}}, "C", None),
        ("ping", {}, None, None),
    ],
)
def test_the_chat_and_thread_a_frame_names(
    action: str, payload: object, chat_id: str | None, thread_id: str | None
) -> None:
    envelope = decode_frame(json.dumps({"action": action, "type": "push", "payload": payload}))

    assert (envelope.chat_id, envelope.thread_id) == (chat_id, thread_id)


def test_details_of_an_error_are_an_object_or_nothing() -> None:
    assert ErrorKey(data=msgspec.Raw(b'{"region":"fra"}')).details == {"region": "fra"}
    for raw in (b"null", b"[1]", b'"x"', b"{", b'{"a":"\\ud83d"}'):
        assert ErrorKey(data=msgspec.Raw(raw)).details is None


def test_json_or_none() -> None:
    assert json_or_none(msgspec.Raw(b"[1]")) == [1]
    assert json_or_none(msgspec.Raw(b"[" * 100_000)) is None
