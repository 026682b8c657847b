"""2,000 messages through the outbox: queued at once, delivered in order, each committed with FULL
before it is written to the socket. Baseline: 2,000 awaited `send_event`, one after the other, also
with `synchronous="FULL"`.

Both talk to the same server in a process of its own. The time is that from the first call to the
last event delivered.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from typing import Any

import livechat_customer as lc
from benchmarks._receivers import Identity
from benchmarks._server import server
from benchmarks.harness import Result, Scale, alternate, folder


def client(host: str, path: str) -> lc.CustomerSDK:
    options: dict[str, Any] = {
        "organization_id": "bench",
        "client_id": "bench",
        "profile": "bench",
        "identity_provider": Identity,
        "api_url": f"http://{host}",
        "log": path,
        "synchronous": "FULL",
    }
    return lc.init(**options)


async def queued(host: str, path: str, count: int) -> float:
    """Messages a second through the outbox."""
    async with client(host, path) as sdk:
        await sdk.connect()
        chat = await sdk.start_chat()
        started = time.perf_counter()
        handles = [
            sdk.outbox.send_event(chat.id, lc.Message(f"{number}")) for number in range(count)
        ]
        for handle in handles:
            await handle
        return count / (time.perf_counter() - started)


async def awaited(host: str, path: str, count: int) -> float:
    """Messages a second, one call after the other."""
    async with client(host, path) as sdk:
        await sdk.connect()
        chat = await sdk.start_chat()
        started = time.perf_counter()
        for number in range(count):
            await sdk.send_event(chat_id=chat.id, event=lc.Message(f"{number}"))
        return count / (time.perf_counter() - started)


def run(scale: Scale) -> Result:
    count = scale.pick(2_000, 50)
    numbers = itertools.count()
    with server("benchmarks._desk") as host, folder() as place:

        def path() -> str:
            return str(place / f"{next(numbers)}.db")

        rounds = alternate(
            scale,
            lambda: asyncio.run(queued(host, path(), count)),
            lambda: asyncio.run(awaited(host, path(), count)),
        )
    return Result(
        "outbox",
        f"{count:,} messages queued at once, until all are delivered",
        f"{count:,} awaited send_event; both with synchronous=FULL",
        [rounds.speed("messages", floor=0.8, unit="messages/s")],
    )
