"""The content of a chat: read when somebody asks for it, dropped when nobody does."""

from __future__ import annotations

import asyncio
import weakref

import pytest
from projections_kit import do, pairs, seat_with_chat
from projections_server_kit import CHAT

from livechat_customer.projections.values import Gap, PendingEvent

T = "STHREAD000"


def test_content_comes_in_slices_newest_part_first_while_pushes_go_on() -> None:
    server, seat = seat_with_chat()
    do(server, seat, *["agent_event"] * 6)
    seat.catch_up()
    history = seat.hub.history(CHAT)
    sizes: list[tuple[int, bool]] = []
    history.subscribe(
        lambda value: sizes.append((len(value or ()), value is not None and value.loading))
    )
    (loading,) = seat.asked
    assert (loading.chat_id, loading.upto) == (CHAT, seat.hub.seq)
    records = seat.of_chat(loading)

    for start in (len(records) - 3, 2, 0):
        loading.feed(pairs(records[start : start + 3]))
        seat.hub.publish()
        do(server, seat, "agent_event")
        seat.catch_up()
    loading.done()
    seat.hub.publish()

    assert sizes[0] == (0, True)
    assert sizes[-1] == (10, False)
    assert history.value is not None
    ordinals = [
        int(item.id.split("_")[1])
        for item in history.value
        if not isinstance(item, Gap | PendingEvent)
    ]
    assert ordinals == list(range(1, 11))


async def test_ready_waits_for_the_log() -> None:
    _, seat = seat_with_chat()
    history, thread = seat.hub.history(CHAT), seat.hub.thread(CHAT, T)
    waiting = [asyncio.create_task(view.ready()) for view in (history, thread)]
    cancelled = asyncio.create_task(history.ready())
    await asyncio.sleep(0)
    cancelled.cancel()
    assert not any(task.done() for task in waiting)

    for loading in seat.asked:
        seat.read(loading)
    await asyncio.gather(*waiting)

    await history.ready()
    assert history.value is not None
    assert not history.value.loading


async def test_ready_tells_that_reading_failed() -> None:
    _, seat = seat_with_chat()
    history = seat.hub.history(CHAT)
    task = asyncio.create_task(history.ready())
    await asyncio.sleep(0)

    seat.asked[0].done(OSError("disk"))

    with pytest.raises(OSError, match="disk"):
        await task
    with pytest.raises(OSError, match="disk"):
        await history.ready()


def test_content_is_dropped_when_nobody_wants_it() -> None:
    _, seat = seat_with_chat()
    history = seat.hub.history(CHAT)
    (loading,) = seat.asked
    gone = weakref.ref(history)
    assert loading.wanted

    del history

    assert gone() is None
    assert not loading.wanted
    loading.feed([])
    loading.done()
    seat.hub.history(CHAT)
    assert len(seat.asked) == 2
