"""The hub: folds, emissions after `publish` only, contents of chats on demand."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from projections_kit import Seat, Step, do, pairs, payload, seat_with_chat, stories, told
from projections_server_kit import AGENT, CHAT, Json, Server

from livechat_customer.projections.changes import applied
from livechat_customer.projections.digests import StateFold
from livechat_customer.projections.root import RootFold

T = "STHREAD000"


def noting(emitted: list[str], name: str) -> Callable[[object], None]:
    return lambda _: emitted.append(name)


def keeping(told: dict[str, Any], name: str) -> Callable[[object], None]:
    return lambda value: told.update({name: value})


def test_nothing_is_emitted_before_publish() -> None:
    server, seat = seat_with_chat()
    got: list[Any] = []
    seat.hub.chats.subscribe(got.append)
    assert len(got) == 1

    do(server, seat, "agent_event")
    seat.hub.fold(pairs(seat.log.records[seat.hub.seq :]))
    assert len(got) == 1
    seat.hub.publish()

    assert len(got) == 2
    assert got[1] is seat.hub.chats.value


def test_each_view_emits_only_what_concerns_it() -> None:
    server, seat = seat_with_chat()
    hub = seat.hub
    views: dict[str, Any] = {
        "connection": hub.connection,
        "customer": hub.customer,
        "availability": hub.availability,
        "greeting": hub.greeting,
        "chats": hub.chats,
        "chat": hub.chat(CHAT),
        "other chat": hub.chat("OTHER"),
        "history": hub.history(CHAT),
        "thread": hub.thread(CHAT, T),
    }
    emitted: list[str] = []
    for name, view in views.items():
        view.subscribe(noting(emitted, name))
    seat.read(seat.asked[0])

    def after(*names: str) -> list[str]:
        emitted.clear()
        do(server, seat, *names)
        seat.catch_up()
        return sorted(emitted)

    assert after("agent_event") == ["chat", "chats", "history", "thread"]
    assert after("greet") == ["greeting"]
    assert after("group_status") == []
    assert after("update_customer") == ["chat", "chats", "customer"]
    assert after("customer_seen") == ["chat", "chats"]
    emitted.clear()
    seat.log.drop()
    seat.catch_up()
    everything = set(views) - {"other chat"}
    assert set(emitted) == everything


def test_views_of_one_thing_are_one_view() -> None:
    _, seat = seat_with_chat()
    hub = seat.hub
    history, thread, chat = hub.history(CHAT), hub.thread(CHAT, T), hub.chat(CHAT)

    assert hub.history(CHAT) is history
    assert hub.thread(CHAT, T) is thread
    assert hub.chat(CHAT) is chat
    assert hub.thread(CHAT, "other") is not thread
    assert len(seat.asked) == 3, "one for the chat, one for each of its threads"


def test_what_is_unknown_is_none_until_it_is_known() -> None:
    server, seat = Server(), Seat()
    history, thread, chat = seat.hub.history(CHAT), seat.hub.thread(CHAT, T), seat.hub.chat(CHAT)
    assert (history.value, thread.value, chat.value) == (None, None, None)
    assert seat.asked == []

    do(server, seat, "resume", "agent_event")
    seat.catch_up()

    assert history.value is not None
    assert len(history.value) == 2
    assert not history.value.loading
    assert thread.value is not None
    assert thread.value.id == T
    assert chat.value is not None
    assert seat.asked == []


def test_a_subscription_keeps_the_content() -> None:
    server, seat = seat_with_chat()
    got: list[Any] = []
    subscription = seat.hub.history(CHAT).subscribe(got.append)
    changes = seat.hub.thread(CHAT, T).changes.subscribe(got.append)
    gc.collect()
    of_chat, of_thread = seat.asked
    assert of_chat.wanted
    assert of_thread.wanted

    do(server, seat, "agent_event")
    seat.catch_up()
    assert len(got) == 4

    subscription.dispose()
    assert not of_chat.wanted
    assert of_thread.wanted
    changes.dispose()
    assert not of_thread.wanted


async def test_an_iteration_keeps_the_content() -> None:
    server, seat = seat_with_chat()
    stream = seat.hub.history(CHAT).stream()
    await anext(stream)
    do(server, seat, "agent_event")
    seat.catch_up()
    history = await anext(stream)
    assert history is not None
    assert seat.asked[0].wanted

    del stream

    assert not seat.asked[0].wanted


def test_publishing_from_within_a_subscriber_waits_for_its_turn() -> None:
    server, seat = seat_with_chat()
    order: list[str] = []

    def first(value: Any) -> None:
        order.append(f"first {value[0].unread}")
        if value[0].unread == 1:
            do(server, seat, "agent_event")
            seat.catch_up()
            order.append("back")

    seat.hub.chats.subscribe(first)
    seat.hub.chats.subscribe(lambda value: order.append(f"second {value[0].unread}"))
    do(server, seat, "agent_event")
    seat.catch_up()

    assert order == [
        "first 0",
        "second 0",
        "first 1",
        "back",
        "second 1",
        "first 2",
        "second 2",
    ]


def test_a_raising_subscriber_is_reported_and_the_others_go_on() -> None:
    server, seat = seat_with_chat()
    got: list[Any] = []

    def fails(_: object) -> None:
        raise ValueError("mine")

    seat.hub.chat(CHAT).subscribe(fails)
    seat.hub.chat(CHAT).subscribe(got.append)
    do(server, seat, "agent_event")
    seat.catch_up()

    assert len(got) == 2
    assert seat.reported == [f"subscriber of chat({CHAT!r})"] * 2


def test_typing_is_hidden_when_its_time_is_over() -> None:
    _, seat = seat_with_chat()
    got: list[int] = []
    seat.hub.chat(CHAT).subscribe(lambda item: got.append(len(item.typing) if item else -1))
    body: Json = {"author_id": AGENT, "is_typing": True}
    ids = {"chat_id": CHAT, "thread_id": T}
    typing = seat.log.push(("incoming_typing_indicator", ids | {"typing_indicator": body}))
    seat.catch_up()
    expires_at = typing.recorded_at + 10_000_000
    assert seat.hub.next_expiry == expires_at

    seat.hub.publish(expires_at - 1)
    seat.hub.publish(expires_at)

    assert got == [0, 1, 0]
    assert seat.hub.next_expiry is None


async def test_the_end_completes_views_streams_and_waiters() -> None:
    _, seat = seat_with_chat()
    ended: list[str] = []
    for name in ("connection", "customer", "availability", "greeting", "chats"):
        view: Any = getattr(seat.hub, name)
        view.subscribe(on_completed=lambda name=name: ended.append(name))
    history = seat.hub.history(CHAT)
    history.changes.subscribe(on_completed=lambda: ended.append("history"))
    waiting = asyncio.create_task(history.ready())
    await asyncio.sleep(0)

    seat.hub.close()
    await waiting

    assert sorted(ended) == [
        "availability",
        "chats",
        "connection",
        "customer",
        "greeting",
        "history",
    ]
    assert seat.hub.chats.value[0].id == CHAT


@given(stories(drops=True), st.integers(1, 20))
def test_live_views_equal_those_of_a_replay(steps: list[Step], batch: int) -> None:
    """Whatever the batches: the same roots, values, and lists put together from changes."""
    records = told(steps).log.records
    seat = Seat()
    history, thread = seat.hub.history(CHAT), seat.hub.thread(CHAT, T)
    lists: dict[str, list[Any]] = {"chats": [], "history": [], "thread": []}
    for name, view in (("chats", seat.hub.chats), ("history", history), ("thread", thread)):
        changing: Any = view

        def follow(changes: Any, name: str = name) -> None:
            lists[name] = applied(lists[name], changes)

        changing.changes.subscribe(follow)
    for start in range(0, len(records), batch):
        seat.hub.fold(pairs(records[start : start + batch]))
        seat.hub.publish()

    whole = StateFold()
    for record in records:
        whole.apply(record, payload(record))
    assert seat.hub.root.digest() == whole.root.digest()
    assert lists["chats"] == list(seat.hub.chats.value)
    assert lists["history"] == list(history.value or ())
    assert lists["thread"] == list(thread.value or ())


@given(stories(drops=True), st.data())
def test_a_restored_hub_goes_on_where_the_snapshot_was_taken(
    steps: list[Step], data: st.DataObject
) -> None:
    records = told(steps).log.records
    cut = data.draw(st.integers(0, len(records)))
    live = Seat()
    live.log.records = records
    live_history = live.hub.history(CHAT)
    live.catch_up()

    seat = Seat()
    seat.log.records = records
    history = seat.hub.history(CHAT)
    seat.hub.fold(pairs(records[:cut]))
    snapshot = seat.hub.root.encode()
    seat.hub.fold(pairs(records[cut : cut + 5]))
    seat.hub.publish()

    seat.hub.restore(RootFold.decode(snapshot), cut)
    for loading in seat.asked:
        seat.read(loading)
    seat.catch_up()

    assert seat.hub.seq == live.hub.seq
    assert seat.hub.root.digest() == live.hub.root.digest()
    assert list(history.value or ()) == list(live_history.value or ())
    assert list(seat.hub.chats.value) == list(live.hub.chats.value)


def test_going_back_to_the_beginning_empties_the_views_and_tells() -> None:
    server, seat = seat_with_chat()
    do(server, seat, "agent_event", "greet")
    seat.catch_up()
    history = seat.hub.history(CHAT)
    old = seat.asked[0]
    told: dict[str, Any] = {}
    for name in ("connection", "customer", "availability", "greeting", "chats"):
        view: Any = getattr(seat.hub, name)
        view.subscribe(keeping(told, name))
    history.subscribe(keeping(told, "history"))

    seat.hub.restore(RootFold(), 0)
    seat.hub.publish()
    assert not old.wanted
    assert [told[name] for name in ("customer", "greeting", "history")] == [None] * 3
    assert list(told["chats"]) == []
    assert told["connection"].status == "disconnected"

    seat.catch_up()
    assert len(told["history"]) == 2
    assert [item.id for item in told["chats"]] == [CHAT]
