"""Records to payloads: typed where it fits, something sensible where not, and never an error."""

from __future__ import annotations

import json
import logging
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from models_kit import (
    frame,
    json_objects,
    json_values,
    more_examples,
    push,
    record,
    request,
    response,
    sample,
)

from livechat_customer.models.wire import decode, pushes, responses
from livechat_customer.models.wire.base import Empty
from livechat_customer.models.wire.decode import (
    ErrorAnswer,
    UnknownPayload,
    decode_as,
    frame_payload,
    json_of,
    payload_of,
)
from livechat_customer.models.wire.events import Event, Message, UnknownEvent
from livechat_customer.models.wire.requests import REQUESTS, SendEventRequest
from livechat_customer.records import KINDS, UNPARSED

EVENT = {"id": "T1_1", "type": "message", "text": "Hello"}
IDS = {"chat_id": "C1", "thread_id": "T1"}
ACTIONS = sorted({*pushes.PUSHES, *responses.RESPONSES, *REQUESTS, "new_action", UNPARSED})


def test_a_push() -> None:
    payload = payload_of(push("incoming_event", IDS | {"event": EVENT}))
    assert payload == pushes.IncomingEvent("C1", "T1", Message(id="T1_1", text="Hello"))


def test_the_action_of_the_record_decides() -> None:
    # A list_threads answer that calls itself get_chat was seen in the vendor's documentation.
    bytes_ = frame("get_chat", {"threads": [{"id": "T1"}]}, "response", success=True)
    payload = payload_of(record(bytes_, "list_threads", "response"))
    assert isinstance(payload, responses.ListThreadsResponse)
    assert payload.threads[0].id == "T1"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (
            {"error": {"type": "not_found", "message": "No", "data": {"a": 1}}},
            ErrorAnswer("not_found", "No", {"a": 1}),
        ),
        ({"error": {"type": "not_found", "message": 5, "data": []}}, ErrorAnswer("not_found")),
        ({"error": {}}, ErrorAnswer()),
        ({"error": "no"}, ErrorAnswer()),
        ({}, ErrorAnswer()),
        ([], ErrorAnswer()),
        (None, ErrorAnswer()),
    ],
)
@pytest.mark.parametrize("action", ["list_threads", "get_chat", "send_event", "new_action"])
def test_a_failure(action: str, answer: Any, expected: ErrorAnswer) -> None:
    assert payload_of(response(action, answer, success=False)) == expected


@pytest.mark.parametrize("success", [None, 0, 1, "true", []])
def test_only_true_is_a_success(success: Any) -> None:
    assert payload_of(response("deactivate_chat", {}, success=success)) == ErrorAnswer()
    assert payload_of(response("deactivate_chat", {}, success=True)) == Empty()


def test_a_response_that_does_not_say_how_it_went_is_a_failure() -> None:
    bytes_ = frame("deactivate_chat", {}, "response")
    assert payload_of(record(bytes_, "deactivate_chat", "response")) == ErrorAnswer()


def test_an_unknown_action_keeps_its_payload() -> None:
    payload = payload_of(push("new_action", {"a": [1, {"b": None}]}))
    assert isinstance(payload, UnknownPayload)
    assert payload.action == "new_action"
    assert json.loads(payload.raw) == {"a": [1, {"b": None}]}


def test_a_known_push_without_its_ids_keeps_its_payload() -> None:
    payload = payload_of(push("incoming_event", {"event": EVENT}))
    assert isinstance(payload, UnknownPayload)
    assert json.loads(payload.raw) == {"event": EVENT}


@pytest.mark.parametrize(
    "bytes_", [b"", b"no json", b"[1]", b'"text"', b"[" * 100_000, b"\xff", b'{"payload":']
)
@pytest.mark.parametrize("action", ["incoming_event", UNPARSED, "new_action"])
def test_bytes_that_are_no_frame(action: str, bytes_: bytes) -> None:
    assert payload_of(record(bytes_, action)) == UnknownPayload(action, bytes_)


@pytest.mark.parametrize("bytes_", [b"{}", b'{"payload":null}'])
def test_a_missing_payload_is_an_empty_one(bytes_: bytes) -> None:
    request_ = record(bytes_, "ping", "request")
    assert payload_of(request_) == Empty()
    assert isinstance(payload_of(record(bytes_, "incoming_event")), UnknownPayload)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (rb"half \ud83d", "half �"),
        (b"bad \xff", "bad �"),
        (rb"whole \ud83d\ude00", "whole 😀"),
    ],
)
def test_half_characters_and_bad_utf8_become_replacement_characters(text: bytes, read: str) -> None:
    bytes_ = frame("incoming_event", IDS | {"event": EVENT}).replace(b"Hello", text)
    payload = payload_of(record(bytes_))
    assert payload == pushes.IncomingEvent("C1", "T1", Message(id="T1_1", text=read))


def test_deep_nesting_inside_an_unknown_field_loses_at_most_the_frame() -> None:
    deep: Any = 1
    for _ in range(400):
        deep = [deep]
    bytes_ = frame("incoming_event", IDS | {"event": EVENT | {"more": deep}})
    payload = payload_of(record(bytes_))
    assert payload == pushes.IncomingEvent("C1", "T1", Message(id="T1_1", text="Hello"))
    deeper = bytes_.replace(b"[[", b"[" * 100_000 + b"[[")
    assert payload_of(record(deeper)) == UnknownPayload("incoming_event", deeper)


def test_an_unknown_event_in_a_push() -> None:
    given_event = {"id": "T1_2", "type": "poll", "choices": ["yes", "no"]}
    payload = payload_of(push("incoming_event", IDS | {"event": given_event}))
    assert isinstance(payload, pushes.IncomingEvent)
    assert isinstance(payload.event, UnknownEvent)
    assert json.loads(payload.event.raw) == given_event


def test_a_warning_names_the_place_and_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger=decode.__name__):
        payload_of(
            push(
                "incoming_event",
                IDS | {"event": EVENT | {"text": ["my secret"], "properties": {"hidden": 1}}},
            )
        )
        payload_of(record(b"my secret"))
    assert [entry.levelname for entry in caplog.records] == ["WARNING", "WARNING"]
    assert "payload.event.text" in caplog.text
    assert "record 7" in caplog.text
    assert "secret" not in caplog.text
    assert "hidden" not in caplog.text


def test_what_fits_is_not_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    payload_of(push("incoming_event", IDS | {"event": EVENT}))
    payload_of(push("new_action", {}))
    payload_of(response("get_chat", {"error": {"type": "not_found"}}, success=False))
    assert not caplog.records


@pytest.mark.parametrize("kind", ["lifecycle", "command", "http", "something"])
def test_records_without_a_frame(kind: str) -> None:
    found = payload_of(record(b'{"number":4}', "connected", kind))
    assert found == UnknownPayload("connected", b'{"number":4}')
    assert json_of(record(b'{"number":4}', "connected", kind)) == {"number": 4}


@pytest.mark.parametrize("bytes_", [b"", b"5", b"[]", b"\xff", b"{", b"[" * 100_000])
def test_json_of_what_is_no_object_is_empty(bytes_: bytes) -> None:
    assert json_of(record(bytes_, "connected", "lifecycle")) == {}
    assert frame_payload(record(bytes_)) == {}


def test_json_of_mends_half_characters() -> None:
    assert json_of(record(rb'{"a":"\ud83d"}', "x", "http")) == {"a": "�"}


def test_the_payload_of_a_frame_as_json() -> None:
    assert frame_payload(push("new_action", {"a": 1})) == {"a": 1}
    assert frame_payload(push("new_action", [1])) == {}


def test_decode_as() -> None:
    assert decode_as(SendEventRequest, b'{"chat_id":"C1","event":{"type":"message"}}').event == (
        Message()
    )
    assert decode_as(pushes.GroupsStatusUpdated, b'{"groups":[{"id":1},{"id":"x"}]}').groups == (
        pushes.GroupStatus(1),
    )
    with pytest.raises(msgspec.ValidationError, match="SendEventRequest") as caught:
        decode_as(SendEventRequest, b'{"chat_id":"C1 secret"}')
    assert "secret" not in str(caught.value)
    with pytest.raises(msgspec.ValidationError):
        decode_as(SendEventRequest, b"\xff{")


@pytest.mark.parametrize("action", ["ping", "list_threads", "send_event"])
def test_requests(action: str) -> None:
    given_payload = sample("requests", action)
    assert payload_of(request(action, given_payload)) == msgspec.convert(
        given_payload, REQUESTS[action]
    )


@more_examples(4)
@given(
    st.sampled_from(sorted(KINDS)),
    st.sampled_from(ACTIONS),
    json_objects | json_values,
    st.sampled_from([True, False, None]),
)
@example("push", "incoming_chat", {"chat": {"id": "\ud800"}}, None)
def test_any_json_in_place_of_a_payload_is_survived(
    kind: str, action: str, payload: Any, success: bool | None
) -> None:
    more = {} if success is None else {"success": success}
    for bytes_ in (frame(action, payload, kind, **more), json.dumps(payload).encode()):
        found = payload_of(record(bytes_, action, kind))
        assert isinstance(found, msgspec.Struct)
        assert isinstance(json_of(record(bytes_, action, kind)), dict)


@given(st.binary(max_size=64), st.sampled_from(sorted(KINDS)), st.sampled_from(ACTIONS))
def test_any_bytes_are_survived(bytes_: bytes, kind: str, action: str) -> None:
    assert isinstance(payload_of(record(bytes_, action, kind)), msgspec.Struct)
    assert isinstance(json_of(record(bytes_, action, kind)), dict)


@given(st.lists(json_values | json_objects, max_size=4), st.integers(0, 4))
def test_a_good_event_survives_any_neighbours(bad: list[Any], place: int) -> None:
    events = [*bad[:place], EVENT, *bad[place:]]
    page = {"threads": [{"id": "T1", "events": events}]}
    payload = payload_of(response("list_threads", page))
    assert isinstance(payload, responses.ListThreadsResponse)
    assert msgspec.convert(EVENT, Event) in payload.threads[0].events


@given(st.lists(json_values | json_objects, max_size=4), st.integers(0, 4))
def test_a_good_thread_survives_any_neighbours(bad: list[Any], place: int) -> None:
    threads = [*bad[:place], {"id": "T1", "events": [EVENT]}, *bad[place:]]
    payload = payload_of(response("list_threads", {"threads": threads}))
    assert isinstance(payload, responses.ListThreadsResponse)
    assert any(thread.id == "T1" and thread.events for thread in payload.threads)
