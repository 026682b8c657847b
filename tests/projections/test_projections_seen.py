"""Which events were seen: a set of ids, kept small."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from projections_kit import Log, payload
from projections_server_kit import AGENT, CHAT, Json, Server

from livechat_customer.projections.seen import SeenFold
from livechat_customer.records import Record

IDS = st.one_of(
    st.builds("{}_{}".format, st.sampled_from(["T1", "T2"]), st.integers(0, 12)),
    st.builds(
        "{}{}{}".format, st.text("T_", max_size=3), st.text("_", max_size=1), st.text("01٣²")
    ),
    st.integers(10**13, 10**20).map("T1_{}".format),
)


@given(st.lists(IDS, max_size=60), st.integers(0, 60))
def test_an_id_is_new_once(ids: list[str], at: int) -> None:
    fold, known = SeenFold(), set[str]()
    for number, event_id in enumerate(ids):
        if number == at:
            fold = SeenFold.decode(fold.encode())
        assert fold.add(event_id) == (event_id not in known)
        known.add(event_id)


@given(st.permutations(range(30)))
def test_a_thread_costs_a_pair_of_numbers_whatever_order_it_came_in(order: list[int]) -> None:
    fold = SeenFold()
    assert all(fold.add(f"T_{number}") for number in order)
    assert msgspec.msgpack.decode(fold.encode()) == {"spans": {"T": [0, 29]}, "others": []}


def test_something_else_is_no_snapshot() -> None:
    with pytest.raises(msgspec.DecodeError):
        SeenFold.decode(b"no snapshot")


def event(event_id: str, at: int = 0) -> Json:
    when = f"2025-01-01T12:00:{at:02}.000001Z"
    return {"id": event_id, "type": "message", "text": "hi", "created_at": when, "author_id": AGENT}


def thread(thread_id: str, at: int, *events: Json) -> Json:
    created = f"2025-01-01T12:00:{at:02}.000000Z"
    return {"id": thread_id, "created_at": created, "events": list(events)}


def found(fold: SeenFold, record: Record) -> list[str]:
    shown = fold.take(record, payload(record))
    assert all(chat_id == CHAT for chat_id, _, _ in shown)
    return [f"{thread_id}/{each.id}" for _, thread_id, each in shown]


def test_what_brings_events() -> None:
    log, fold = Log(), SeenFold()
    log.connect(Server().login())
    place = {"chat_id": CHAT, "thread_id": "B"}

    push = log.push(("incoming_event", place | {"event": event("B_1")}))
    assert found(fold, push) == ["B/B_1"]
    assert found(fold, push) == []
    preview = {"event": {"type": "message", "text": "hi"}}
    assert found(fold, log.push(("incoming_event", place | preview))) == [], "it has no id yet"
    changed = log.push(("event_updated", place | {"event": event("B_2")}))
    assert found(fold, changed) == ["B/B_2"], "its beginning was missed"
    chat: Json = {
        "chat": {"id": CHAT, "users": [], "thread": thread("B", 3, event("B_2"), event("B_3"))}
    }
    assert found(fold, log.push(("incoming_chat", chat))) == ["B/B_3"]
    for action in ("incoming_event_preview", "chat_deactivated"):
        assert found(fold, log.push((action, place | preview))) == []

    page: Json = {"threads": [thread("C", 4, event("C_1")), thread("A", 1, event("A_1"))]}
    answer = log.ask("list_threads", page, chat_id=CHAT)
    assert found(fold, answer) == ["A/A_1", "C/C_1"], "oldest first"
    answer = log.ask("get_chat", chat["chat"], chat_id=CHAT)
    assert found(fold, answer) == []
    last = {
        "message": {"thread_id": "D", "thread_created_at": "", "event": event("D_9", 9)},
        "file": {"thread_id": "D", "thread_created_at": ""},
        "system_message": {"thread_id": "D", "thread_created_at": "", "event": event("D_7", 7)},
    }
    summary: Json = {"chats_summary": [{"id": CHAT, "last_event_per_type": last}]}
    answer = log.ask("list_chats", summary)
    assert found(fold, answer) == ["D/D_7", "D/D_9"]
