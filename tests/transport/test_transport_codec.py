"""Frames in and out, what the log may keep of ours, and what routes a request."""

from __future__ import annotations

import json

import pytest

from livechat_customer.transport.codec import (
    ANSWERED_BY,
    decode_frame,
    encode_request,
    redacted,
    routing_of_request,
)


def test_bytes_and_text_decode_alike() -> None:
    frame = '{"action":"incoming_event","type":"push","request_id":"1","version":"3.6"}'

    assert decode_frame(frame) == decode_frame(frame.encode())
    assert decode_frame(frame).request_id == "1"
    assert decode_frame(frame).version == "3.6"


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        (None, {"request_id": "7", "action": "get_chat", "payload": {"chat_id": "Ü"}}),
        (
            "3.6",
            {
                "request_id": "7",
                "action": "get_chat",
                "version": "3.6",
                "payload": {"chat_id": "Ü"},
            },
        ),
    ],
)
def test_a_request_s_frame(version: str | None, expected: object) -> None:
    frame = encode_request("7", "get_chat", '{"chat_id":"Ü"}'.encode(), version)

    assert json.loads(frame) == expected


def test_the_log_sees_neither_the_token_nor_a_sneak_peek() -> None:
    login = encode_request("1", "login", b'{"token":"Bearer dal:secret","customer":{"name":"J"}}')
    peek = encode_request("2", "send_sneak_peek", b'{"chat_id":"C","sneak_peek_text":"half a th"}')

    assert json.loads(redacted("login", login)) == {
        "request_id": "1",
        "action": "login",
        "payload": {"token": "[redacted]", "customer": {"name": "J"}},
    }
    assert json.loads(redacted("send_sneak_peek", peek))["payload"] == {
        "chat_id": "C",
        "sneak_peek_text": "[redacted]",
    }


def test_other_requests_are_kept_byte_for_byte() -> None:
    frame = encode_request("1", "send_event", b'{ "token" : "not one" }')

    assert redacted("send_event", frame) is frame


@pytest.mark.parametrize("payload", [b"[]", b'"Bearer dal:secret"', b"null"])
def test_a_raw_login_of_another_shape_is_not_kept_at_all(payload: bytes) -> None:
    frame = encode_request("1", "login", payload)

    assert json.loads(redacted("login", frame))["payload"] == {}


@pytest.mark.parametrize(
    ("action", "payload", "expected"),
    [
        ("send_event", {"chat_id": "C", "event": {}}, ("C", None, None)),
        ("get_chat", {"chat_id": "C", "thread_id": "T"}, ("C", "T", None)),
        ("resume_chat", {"chat": {"id": "C"}}, ("C", None, None)),
        ("start_chat", {"chat": {"thread": {}}}, (None, None, None)),
        ("deactivate_chat", {"id": "C"}, ("C", None, None)),
        ("update_chat_properties", {"id": "C", "properties": {}}, ("C", None, None)),
        ("delete_chat_properties", {"id": "C", "properties": {}}, ("C", None, None)),
        ("get_something", {"id": "X"}, (None, None, None)),
        ("list_threads", {"chat_id": "C"}, ("C", None, b"{}")),
        (
            "list_threads",
            {"chat_id": "C", "limit": 3, "sort_order": "asc", "x": 1},
            ("C", None, b'{"sort_order":"asc","limit":3}'),
        ),
        (
            "list_threads",
            {"chat_id": "C", "page_id": "p", "min_events_count": 25},
            ("C", None, b'{"page_id":"p","min_events_count":25}'),
        ),
        ("list_chats", {"limit": 10}, (None, None, b'{"limit":10}')),
        (
            "mark_events_as_seen",
            {"chat_id": "C", "seen_up_to": "2025-01-01T12:00:00.000001Z"},
            ("C", None, b'{"seen_up_to":"2025-01-01T12:00:00.000001Z"}'),
        ),
        (
            "delete_event",
            {"chat_id": "C", "thread_id": "T", "event_id": "T_1"},
            ("C", "T", b'{"event_id":"T_1"}'),
        ),
        (
            "send_rich_message_postback",
            {
                "chat_id": "C",
                "thread_id": "T",
                "event_id": "T_1",
                "postback": {"id": "yes", "toggled": True},
            },
            ("C", "T", b'{"event_id":"T_1","postback":{"id": "yes", "toggled": true}}'),
        ),
        ("get_chat", {"chat_id": 5}, (None, None, None)),
        ("list_chats", [], (None, None, None)),
    ],
)
def test_what_routes_a_request(action: str, payload: object, expected: object) -> None:
    frame = encode_request("1", action, json.dumps(payload).encode())

    assert routing_of_request(action, frame) == expected


def test_requests_answered_by_a_push() -> None:
    assert set(ANSWERED_BY) == {"send_event", "start_chat", "resume_chat"}
