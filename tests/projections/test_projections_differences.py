"""Changes between two values of a list view lead from the one to the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from hypothesis import given
from hypothesis import strategies as st
from projections_kit import Log, Step, payload, stories, told
from projections_server_kit import CHAT, Json

from livechat_customer.models import Event
from livechat_customer.projections.changes import Append, Change, Remove, Reset, Set, applied
from livechat_customer.projections.differences import (
    chat_changes,
    history_changes,
    thread_changes,
)
from livechat_customer.projections.history import History, ThreadEvents
from livechat_customer.projections.hub import Hub
from livechat_customer.projections.root import RootFold
from livechat_customer.projections.values import ChatItem, HistoryItem
from livechat_customer.projections.views import ChatList
from livechat_customer.records import Record

T = TypeVar("T")


def hub_of(*records: Record) -> Hub:
    hub = Hub(RootFold(), seq=0, load=lambda loading: loading.done(), report=lambda what, _: None)
    hub.fold([(record, payload(record)) for record in records])
    return hub


def leads(old: Sequence[T] | None, new: Sequence[T] | None, changes: Sequence[Change[T]]) -> bool:
    return applied(old or (), changes) == list(new or ())


@given(stories(drops=True), st.integers(1, 12))
def test_they_lead_from_each_value_to_the_next(steps: list[Step], batch: int) -> None:
    hub = hub_of()
    history, thread = hub.history(CHAT), hub.thread(CHAT, "STHREAD000")
    records = told(steps).log.records
    was = (hub.chats.value, history.value, thread.value)
    for start in range(0, len(records), batch):
        hub.fold([(record, payload(record)) for record in records[start : start + batch]])
        now = (hub.chats.value, history.value, thread.value)

        assert leads(was[0], now[0], chat_changes(was[0], now[0]))
        assert leads(was[1], now[1], history_changes(was[1], now[1]))
        assert leads(was[2], now[2], thread_changes(was[2], now[2]))
        was = now


def event(number: int, text: str = "") -> Json:
    at = f"2025-01-01T12:{number // 60:02}:{number % 60:02}.000001Z"
    body = {"id": f"T_{number}", "type": "message", "author_id": "a", "created_at": at}
    return body | {"text": text}


def incoming(number: int) -> tuple[str, Json]:
    return ("incoming_event", {"chat_id": CHAT, "thread_id": "T", "event": event(number)})


def values(hub: Hub) -> tuple[ChatList, History | None, ThreadEvents | None]:
    return hub.chats.value, hub.history(CHAT).value, hub.thread(CHAT, "T").value


def test_a_push_is_one_change_however_long_the_list() -> None:
    log = Log()
    hub = hub_of()
    keep = [hub.history(CHAT), hub.thread(CHAT, "T")]
    hub.fold([(record, payload(record)) for record in map(log.push, map(incoming, range(3_000)))])
    chats, history, thread = values(hub)
    hub.fold([(record := log.push(incoming(3_000)), payload(record))])
    chats_now, history_now, thread_now = values(hub)

    assert history_now is not None
    assert thread_now is not None
    last = history_now[-1]
    assert history_changes(history, history_now) == (Append[HistoryItem](last),)
    assert thread_changes(thread, thread_now) == (Append[Event](thread_now[-1]),)
    assert chat_changes(chats, chats_now) == (Set[ChatItem](0, chats_now[0]),)
    assert keep


def test_a_change_in_the_middle_and_a_deletion_are_one_change_each() -> None:
    log = Log()
    hub = hub_of()
    keep = [hub.history(CHAT), hub.thread(CHAT, "T")]
    hub.fold([(record, payload(record)) for record in map(log.push, map(incoming, range(3_000)))])
    _, history, _ = values(hub)
    body = {"chat_id": CHAT, "thread_id": "T", "event": event(1_500, "new")}
    hub.fold([(record := log.push(("event_updated", body)), payload(record))])
    _, updated, _ = values(hub)
    gone = {"chat_id": CHAT, "thread_id": "T", "event_id": "T_7"}
    hub.fold([(record := log.push(("event_deleted", gone)), payload(record))])
    _, deleted, _ = values(hub)

    assert updated is not None
    assert history_changes(history, updated) == (Set[HistoryItem](1_500, updated[1_500]),)
    assert history_changes(updated, deleted) == (Remove(7),)
    assert keep


def test_very_much_at_once_is_given_whole() -> None:
    log = Log()
    hub = hub_of()
    keep = [hub.history(CHAT), hub.thread(CHAT, "T")]
    hub.fold([(record, payload(record)) for record in map(log.push, map(incoming, range(2_000)))])
    chats, history, thread = values(hub)

    assert history_changes(None, history) == (Reset[HistoryItem](history or ()),)
    assert thread_changes(None, thread) == (Reset[Event](thread or ()),)
    assert history_changes(history, None) == (Reset[HistoryItem](()),)
    assert chat_changes(chats, chats) == ()
    assert keep


def test_an_unknown_list_is_an_empty_one() -> None:
    assert history_changes(None, None) == ()
    assert thread_changes(None, None) == ()
