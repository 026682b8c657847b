"""A chat as readers see it."""

from __future__ import annotations

from typing import Any

import pytest
from projections_kit import Log, folded
from projections_server_kit import AGENT, CHAT, CUSTOMER, Json, Server

from livechat_customer.models import Agent, Customer, Message, Queue
from livechat_customer.projections.chat_items import chat_item, next_of
from livechat_customer.projections.values import ChatItem, ThreadInfo, Typing
from livechat_customer.records import Record

T = "STHREAD000"


def item_of(records: list[Record], now: int = 0) -> ChatItem:
    root = folded(records).root
    return chat_item(root, root.chats[CHAT], now, {})


def started() -> tuple[Server, Log]:
    server, log = Server(), Log()
    log.connect(server.login())
    for push in server.do(("resume", 0, 0)):
        log.push(push)
    return server, log


def do(server: Server, log: Log, *ops: str) -> None:
    for op in ops:
        for push in server.do((op, 0, 0)):
            log.push(push)


def test_it_tells_all_that_is_known() -> None:
    server, log = started()
    do(server, log, "agent_event", "agent_event")

    item = item_of(log.records)

    assert (item.id, item.active, item.unread, item.has_unread) == (CHAT, True, 2, True)
    assert item.access.group_ids == (0,)
    customer, agent = item.users
    assert isinstance(customer, Customer)
    assert customer.name == "Ann"
    assert isinstance(agent, Agent)
    assert agent.present
    assert item.events_seen_up_to_map == {CUSTOMER: customer.seen_up_to, AGENT: None}
    assert isinstance(item.last_event, Message)
    assert item.last_event.id == f"{T}_3"
    assert item.last_events_per_type == {"message": item.last_event}
    assert isinstance(item.thread, ThreadInfo)
    assert item.thread.user_ids == (CUSTOMER, AGENT)
    assert item.thread.queue is None
    assert not item.from_log


def test_without_a_connection_it_is_from_the_log() -> None:
    server, log = started()
    assert not item_of(log.records).from_log

    log.drop()
    assert item_of(log.records).from_log
    item = item_of(log.records)
    assert item.thread is not None
    assert item.thread.from_log

    log.connect(server.login())
    assert item_of(log.records).from_log
    log.ask("get_chat", server.get_chat(), chat_id=CHAT)
    assert not item_of(log.records).from_log


def test_a_queue_shows() -> None:
    _, log = started()

    item = item_of(log.records)

    assert item.thread is not None
    assert isinstance(item.thread.queue, Queue)
    assert item.thread.queue.position == 2


def test_typing_shows_until_it_expires() -> None:
    _, log = started()
    body = {"author_id": AGENT, "is_typing": True}
    typing = {"chat_id": CHAT, "thread_id": T, "typing_indicator": body}
    expires_at = log.push(("incoming_typing_indicator", typing)).recorded_at + 10_000_000

    assert item_of(log.records, expires_at - 1).typing == (Typing(AGENT, expires_at),)
    assert item_of(log.records, expires_at).typing == ()


def login(log: Log, unread: bool) -> None:
    answer = {
        "customer": {"id": CUSTOMER},
        "chats": [{"chat_id": CHAT, "has_unread_events": unread}],
    }
    log.ask("login", answer)


def test_the_logins_word_on_unread_events_counts_until_something_newer_is_known() -> None:
    log = Log()
    login(log, True)
    assert (item_of(log.records).unread, item_of(log.records).has_unread) == (0, True)
    mark = {"chat_id": CHAT, "user_id": CUSTOMER, "seen_up_to": "2025-01-01T12:00:00Z"}
    log.push(("events_marked_as_seen", mark))
    assert not item_of(log.records).has_unread

    login(log, False)
    assert not item_of(log.records).has_unread
    at = "2025-01-01T12:00:01.000001Z"
    event = {"id": "E_1", "type": "message", "author_id": AGENT, "created_at": at}
    log.push(("incoming_event", {"chat_id": CHAT, "thread_id": T, "event": event}))
    assert item_of(log.records).has_unread
    login(log, False)
    assert not item_of(log.records).has_unread


def summary(number: int | None = None) -> Json:
    last: Json = {}
    if number is not None:
        at = f"2025-01-01T12:00:{number:02}.000001Z"
        event = {"id": f"E_{number}", "type": "message", "created_at": at}
        last["message"] = {"thread_id": T, "event": event}
    return {"chats_summary": [{"id": CHAT, "last_event_per_type": last}]}


def deleted(log: Log, number: int) -> None:
    log.push(("event_deleted", {"chat_id": CHAT, "thread_id": T, "event_id": f"E_{number}"}))


def last_of(log: Log) -> str | None:
    event = item_of(log.records).last_event
    return event.id if event is not None else None


def test_the_last_event_of_a_later_summary_has_the_last_word() -> None:
    """Nothing tells of a deletion in API 3.5, but the next summary names an older event."""
    log = Log()
    log.ask("list_chats", summary(2))
    assert last_of(log) == "E_2"
    log.ask("list_chats", summary(1))
    assert last_of(log) == "E_1"
    log.ask("list_chats", summary())
    assert last_of(log) is None


def test_after_a_deletion_the_newest_answers_event_stands_in() -> None:
    log = Log()
    log.ask("list_chats", summary(1))
    body = {"id": "E_2", "type": "message", "created_at": "2025-01-01T12:00:02.000001Z"}
    log.push(("incoming_event", {"chat_id": CHAT, "thread_id": T, "event": body}))
    assert last_of(log) == "E_2"
    deleted(log, 2)
    assert last_of(log) == "E_1"
    deleted(log, 1)
    assert last_of(log) is None


def thread(number: int, previous: int | None = None, **fields: Any) -> Json:
    at = f"2025-01-0{number}T12:00:00.000001Z"
    found: Json = {"id": f"T{number}", "created_at": at, "active": False}
    return found | ({"previous_thread_id": f"T{previous}"} if previous else {}) | fields


def test_a_thread_knows_the_next_one_by_its_word_too() -> None:
    log = Log()
    log.ask("get_chat", {"id": CHAT, "thread": thread(1)}, chat_id=CHAT)
    log.push(("incoming_chat", {"chat": {"id": CHAT, "thread": thread(2, 1)}}))
    root = folded(log.records).root
    state = root.chats[CHAT]

    assert next_of(state, state.facts.threads["T1"]) == "T2"
    assert next_of(state, state.facts.threads["T2"]) is None


def test_a_thread_is_partial_when_an_answer_lacks_what_was_named_before() -> None:
    log = Log()
    log.ask("list_chats", summary(2))
    answer = {"id": CHAT, "thread": {"id": T, "created_at": "2025-01-01T11:00:00.000001Z"}}
    log.ask("get_chat", answer, chat_id=CHAT)
    item = item_of(log.records)
    assert item.thread is not None
    assert item.thread.partial

    deleted(log, 2)
    item = item_of(log.records)
    assert item.thread is not None
    assert not item.thread.partial


@pytest.mark.parametrize(("active", "settled"), [(True, False), (False, False)])
def test_the_newest_thread_is_not_settled_even_if_it_is_closed(active: bool, settled: bool) -> None:
    log = Log()
    record = log.ask("get_chat", {"id": CHAT, "thread": thread(1, active=active)}, chat_id=CHAT)

    item = item_of(log.records)

    assert item.thread is not None
    assert item.thread.settled is settled
    assert item.thread.as_of == record.recorded_at
