from __future__ import annotations

from livechat_customer.sandbox import pushes
from livechat_customer.sandbox.pushes import NAMES, Push


def test_as_many_as_the_protocol_counts() -> None:
    assert {version: len(names) for version, names in NAMES.items()} == {"3.5": 25, "3.6": 4}


def test_since() -> None:
    assert Push("incoming_event", {}).since == "3.5"
    assert Push("event_deleted", {}).since == "3.6"
    assert Push("from_the_future", {}).since == "3.5"


def test_only_the_own_event_bears_the_requests_id() -> None:
    assert pushes.incoming_event("C", "T", {}, own=True).with_request_id
    assert not pushes.incoming_event("C", "T", {}).with_request_id
    assert pushes.chat_deactivated("C", "T", None).with_request_id


def test_optional_fields_are_left_out() -> None:
    assert pushes.chat_deactivated("C", "T", None).payload == {"chat_id": "C", "thread_id": "T"}
    assert pushes.user_removed("C", None, "U", "manual").payload == {
        "chat_id": "C",
        "user_id": "U",
        "reason": "manual",
    }
    added = pushes.user_added("C", "T", {"id": "U"}, "manual", "R").payload
    assert (added["thread_id"], added["requester_id"]) == ("T", "R")


def test_what_was_written_is_not_shown() -> None:
    assert "secret" not in repr(Push("incoming_event", {"text": "secret"}))
