"""Random absences, random cuts: in the end no thread is missing, and nothing is asked in vain."""

from __future__ import annotations

import asyncio
import random

import pytest
from front_kit import settled, until
from resync_kit import Scene, in_virtual_time, scene

from livechat_customer.testing.memory import MemorySandbox

SEEDS = range(12)


async def cut_in_the_middle(it: Scene, rng: random.Random) -> None:
    """Connect, and lose the connection after some of the resync's requests."""
    it.sandbox.received.clear()
    asked = rng.randint(1, 6)
    await it.sdk.connect()
    reads = {"get_chat", "list_threads", "list_chats"}

    def enough() -> bool:
        return sum(one.action in reads for one in it.sandbox.received) >= asked

    heard = asyncio.ensure_future(it.sandbox.wait_until(enough))
    over = asyncio.ensure_future(settled(it.sdk))
    await asyncio.wait([heard, over], return_when=asyncio.FIRST_COMPLETED)
    for one in (heard, over):
        one.cancel()
    await asyncio.wait([heard, over])
    it.sandbox.disconnect(it.me)
    await until(it.sdk.connection, lambda now: now.status != "connected")
    await it.sdk.disconnect()


async def act(it: Scene, rng: random.Random) -> None:
    chat = it.sandbox.chats[it.chat_id]
    match rng.randrange(7):
        case 0:
            it.whole_threads(rng.choice([1, 2, 3, 5, 9]))
        case 1 if chat.open_thread is None:
            it.open_thread("opened")
        case 2 if chat.open_thread is not None:
            for number in range(rng.randint(1, 4)):
                it.jane.send_event(it.chat_id, str(number))
        case 3:
            await it.sdk.disconnect()
        case 4:
            await it.sdk.disconnect()
            await cut_in_the_middle(it, rng)
        case 5:
            await it.sdk.connect()
        case _:
            it.sandbox.disconnect(it.me)


@pytest.mark.parametrize("seed", SEEDS)
@in_virtual_time
async def test_no_thread_is_missing_in_the_end(seed: int) -> None:
    rng = random.Random(seed)
    async with MemorySandbox(seed) as sandbox, scene(sandbox) as it:
        for _ in range(rng.randint(3, 12)):
            await act(it, rng)
            await asyncio.sleep(rng.choice([0, 0, 0.05, 5]))
        # What was cut last is noticed by then, what was pushed has come.
        await asyncio.sleep(1)
        await it.sdk.connect()
        report = await settled(it.sdk)
        assert report.verdict == "complete", report
        assert await it.events() == it.known
        await it.agree()
        await it.away()
        assert (await it.back()).calls == 1
        await it.agree()
