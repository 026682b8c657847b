"""Sequences for readers: the history with its gaps, one thread, and what they share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from projections_kit import Log, Step, folded, payload, stories, told
from projections_server_kit import CHAT, Json

from livechat_customer.models import Message
from livechat_customer.projections.chat_items import thread_info
from livechat_customer.projections.digests import StateFold
from livechat_customer.projections.history import History, HistoryBuilder, ThreadEvents
from livechat_customer.projections.sequence import Rope
from livechat_customer.projections.values import Gap, HistoryItem
from livechat_customer.records import Record


def history_of(fold: StateFold, builder: HistoryBuilder | None = None) -> History:
    state = fold.root.chats[CHAT]
    made = HistoryBuilder(fold.chats[CHAT]) if builder is None else builder
    segments, size = made.build(state, Rope(), {})
    return History(
        CHAT,
        segments,
        size,
        loading=False,
        from_log=False,
        start_reached=state.start_reached,
        has_pending=False,
    )


def thread(number: int, events: int, previous: int | None = None) -> Json:
    at = f"2025-01-0{number}T12:00:00.000001Z"
    found: Json = {"id": f"T{number}", "created_at": at, "active": False}
    found["events"] = [
        {
            "id": f"T{number}_{ordinal}",
            "type": "message",
            "text": f"{number}.{ordinal}",
            "author_id": "a",
            "created_at": f"2025-01-0{number}T12:00:{ordinal:02}.000001Z",
        }
        for ordinal in range(1, events + 1)
    ]
    if previous is not None:
        found["previous_thread_id"] = f"T{previous}"
    return found


def shown(*threads: Json) -> list[Record]:
    log = Log()
    for one in threads:
        log.ask("get_chat", {"id": CHAT, "thread": one}, chat_id=CHAT, thread_id=one["id"])
    return log.records


def texts(items: Sequence[HistoryItem]) -> list[str]:
    return [item.text if isinstance(item, Message) else "gap" for item in items]


def test_threads_stand_in_their_order_with_gaps_where_nothing_links_them() -> None:
    records = shown(thread(4, 1, previous=3), thread(1, 2), thread(3, 1), thread(2, 1, previous=1))

    history = history_of(folded(records))

    assert texts(history) == ["1.1", "1.2", "2.1", "gap", "3.1", "4.1"]
    assert history.gaps == (Gap("T2", "T3"),)
    assert history[3] == Gap("T2", "T3")


def test_a_thread_that_is_only_named_shows_as_a_gap() -> None:
    log = Log()
    for record in shown(thread(1, 1)):
        log.add(record.kind, record.action, record.payload, ref=record.ref, chat_id=CHAT)
    summary = {"id": CHAT, "last_thread_id": "T5", "last_thread_created_at": "2025-01-05T12:00:00Z"}
    log.ask("list_chats", {"chats_summary": [summary]})

    history = history_of(folded(log.records))

    assert texts(history) == ["1.1", "gap"]
    assert history[-1] == Gap("T1", "T5")


def test_it_is_an_immutable_sequence() -> None:
    history = history_of(folded(shown(thread(1, 3), thread(2, 2))))

    assert len(history) == 6
    assert [history[place] for place in range(-6, 6)] == list(history) * 2
    assert list(reversed(history)) == list(history)[::-1]
    assert history[1:5:2] == (history[1], history[3])
    assert history.index(history[4]) == 4
    with pytest.raises(IndexError, match="out of range"):
        history[6]
    with pytest.raises(IndexError, match="out of range"):
        history[-7]
    assert "1.1" not in repr(history)


def test_an_item_is_made_once_and_is_the_public_event() -> None:
    history = history_of(folded(shown(thread(1, 1))))

    (item,) = history
    assert item is history[0]
    assert isinstance(item, Message)
    assert item.thread_id == "T1"


def test_an_older_version_stays_as_it_was() -> None:
    fold = folded(shown(thread(1, 2)))
    builder = HistoryBuilder(fold.chats[CHAT])
    before = history_of(fold, builder)

    log = Log()
    update = thread(1, 1)["events"][0] | {"text": "updated"}
    body = {"chat_id": CHAT, "thread_id": "T1", "event": update}
    for _ in range(9):
        log.fact("opened")
    record = log.push(("event_updated", body))
    fold.apply(record, payload(record))

    assert texts(history_of(fold, builder)) == ["updated", "1.2"]
    assert texts(before) == ["1.1", "1.2"]


@given(stories(drops=True))
def test_building_step_by_step_ends_as_building_at_once(steps: list[Step]) -> None:
    records = told(steps).log.records
    fold = StateFold()
    builder: HistoryBuilder | None = None
    for record in records:
        fold.apply(record, payload(record))
        if CHAT in fold.root.chats and CHAT in fold.chats:
            builder = builder or HistoryBuilder(fold.chats[CHAT])
            history_of(fold, builder)
    if builder is not None:
        assert list(history_of(fold, builder)) == list(history_of(folded(records)))


def test_a_thread_is_a_sequence_of_its_events() -> None:
    fold = folded(shown(thread(1, 3)))
    state = fold.root.chats[CHAT]
    info = thread_info(fold.root, state, state.facts.threads["T1"])

    events: Any = ThreadEvents(fold.chats[CHAT].threads["T1"].items(), info, loading=False)

    assert texts(events) == ["1.1", "1.2", "1.3"]
    assert texts(list(reversed(events))) == ["1.3", "1.2", "1.1"]
    assert (events.id, events.chat_id, events.from_log) == ("T1", CHAT, True)
    assert events[-1].text == "1.3"
    assert len(events) == 3
