"""A log that can't keep up, and what is never logged."""

from __future__ import annotations

import asyncio

from front_kit import customer, texts, until

from livechat_customer.sandbox import Sandbox
from livechat_customer.store import wall_clock
from livechat_customer.store.memory import MemoryLog
from livechat_customer.store.queue import Limits
from livechat_customer.transport import inputs

LANE = 16
MESSAGES = 2_000
TEXT = "x" * 8_000
"""16 MB in all: more than the sockets between the two hold."""


async def test_a_held_log_stops_the_reading_and_nothing_is_dropped() -> None:
    """What waits in the client stays bounded; the rest waits in the sockets and at the server."""
    go_on, full = asyncio.Event(), asyncio.Event()
    go_on.set()

    async def commit() -> None:
        if not go_on.is_set():
            full.set()
            await go_on.wait()

    log = MemoryLog(clock=wall_clock, before_commit=commit, limits=Limits(lane_records=LANE))
    async with Sandbox() as sandbox, customer(sandbox, log=log) as sdk:
        chat = await sdk.start_chat(continuous=True)
        history = sdk.history(chat.id)
        await history.ready()
        (connection,) = sandbox.connections
        jane = sandbox.agent("Jane")
        go_on.clear()
        most = 0
        for number in range(MESSAGES):
            jane.send_event(chat.id, f"{number} {TEXT}")
            if number % 100 == 0:
                # Another customer's round trip: time in which the client would read on.
                async with customer(sandbox) as other:
                    await other.get_customer()
                most = max(most, sdk.log.health.queued)
        await full.wait()
        assert most <= 2 * LANE
        assert connection.unsent > 0, "the server is left with what nobody reads"
        assert sdk.connection.value.status == "connected"
        go_on.set()
        last = f"{MESSAGES - 1} {TEXT}"
        await until(history, lambda items: texts(items)[-1:] == [last], seconds=60)
        assert texts(history.value) == [f"{number} {TEXT}" for number in range(MESSAGES)]
        assert sdk.connection.value.number == 1
    await log.aclose()


async def test_a_ping_and_its_answer_are_not_logged() -> None:
    log = MemoryLog(clock=wall_clock)
    async with Sandbox() as sandbox, customer(sandbox, log=log) as sdk:
        pump = sdk._engine.pump  # pyright: ignore[reportPrivateUsage]
        assert pump is not None
        for number in range(1, 4):
            # After our own absence the connection is checked at once, by a ping.
            pump.feed(inputs.Awake())
            await sandbox.wait_until(
                lambda: sum(it.action == "ping" for it in sandbox.received) == number  # noqa: B023
            )
            await sdk.get_customer()
        stream = await sdk.log.follow((await sdk.log.streams())[0].key)
        actions = [record.action async for page in stream.read() for record in page]
        assert actions.count("get_customer") == 6
        assert "ping" not in actions
    await log.aclose()
