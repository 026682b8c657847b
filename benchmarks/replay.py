"""Full replay of a log of 500,000 records: the root and the content of every chat.

Baselines: a raw scan of action and payload with `sqlite3`; and `json.loads` in the place of the
typed decoder, with the same reading and the same fold.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec

from benchmarks._pushes import chat_id, frame, login, started, thread_id
from benchmarks.baselines import key
from benchmarks.harness import Result, Scale, alternate, folder
from livechat_customer.hydrate import whole_state
from livechat_customer.models.wire.decode import payload_of
from livechat_customer.models.wire.pushes import IncomingEvent
from livechat_customer.projections.digests import StateFold
from livechat_customer.records import Record
from livechat_customer.store import StreamReader, open_log

CHATS = 100


async def write(path: str, count: int) -> None:
    log = open_log(path)
    await log.open()
    stream = await log.stream(key())
    first = login(1)
    stream.post(first.kind, first.action, first.payload, request_id="l", ref=1, connection=1)
    for chat in range(CHATS):
        push = started(chat)
        stream.post("push", "incoming_chat", push, connection=1, chat_id=chat_id(chat))
    for number in range(count - 1 - CHATS):
        event, chat = divmod(number, CHATS)
        if stream.full:
            await stream.room()
        stream.post(
            "push",
            "incoming_event",
            frame(chat, event + 1),
            connection=1,
            chat_id=chat_id(chat),
            thread_id=thread_id(chat),
            api_version="3.5",
        )
    await log.aclose()


async def read(path: str, fold: Callable[[StreamReader], Awaitable[object]]) -> float:
    """Seconds that `fold(stream)` takes."""
    log = open_log(path, read_only=True)
    await log.open()
    stream = await log.follow(key())
    started = time.perf_counter()
    await fold(stream)
    seconds = time.perf_counter() - started
    await log.aclose()
    return seconds


def scan(path: str) -> float:
    connection = sqlite3.connect(path)
    started = time.perf_counter()
    for _ in connection.execute("SELECT action, payload FROM records ORDER BY stream, seq"):
        pass
    seconds = time.perf_counter() - started
    connection.close()
    return seconds


def by_json(record: Record) -> object:
    """The payload as a fold takes it, by way of `json.loads`."""
    if record.action != "incoming_event":
        return payload_of(record)
    return msgspec.convert(json.loads(record.payload)["payload"], IncomingEvent)


async def with_json(stream: StreamReader) -> StateFold:
    state = StateFold()
    async for page in stream.read():
        for record in page:
            state.apply(record, by_json(record))
    return state


def run(scale: Scale) -> Result:
    count = scale.pick(500_000, 2_000)
    with folder() as where:
        path = str(Path(where) / "replay.db")
        asyncio.run(write(path, count))

        def ours() -> float:
            return count / asyncio.run(read(path, whole_state))

        against_scan = alternate(scale, ours, lambda: count / scan(path))
        against_json = alternate(scale, ours, lambda: count / asyncio.run(read(path, with_json)))
    return Result(
        "replay",
        "full replay into views",
        "a raw scan; json.loads + the same fold",
        [
            against_scan.speed("to a raw scan", floor=0.22, unit="records/s"),
            against_json.speed("to json.loads", floor=3.5, unit="records/s"),
        ],
    )
