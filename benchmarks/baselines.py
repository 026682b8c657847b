"""What the store is measured against: the same rows into the same tables, without our writer.

Same schema (made by the log itself), same journal, `synchronous` and checkpoint settings.
"""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

from msgspec.structs import astuple

from livechat_customer.records import Record, StreamKey
from livechat_customer.store import open_log
from livechat_customer.store.sql import set_up_writer

PAYLOAD = (
    b'{"version":"3.5","action":"incoming_event","type":"push","payload":{"chat_id":"PJ0MRSHTDG",'
    b'"thread_id":"K600PKZON8","event":{"id":"Q298LUVPRH_1","created_at":"2026-10-12T15:19:21.010'
    b'200Z","author_id":"b7eff798-f8df-4364-8059-649c35c9ed0c","type":"message","text":"Hello, my '
    b'order did not arrive yet; could you have a look at it, please?","visibility":"all","properti'
    b'es":{}}}}'
)
"""A push of ordinary size."""

INSERT = (
    f"INSERT INTO records (stream, {', '.join(Record.__struct_fields__)}) "
    f"VALUES ({', '.join('?' * 14)})"
)


def key(number: int = 1) -> StreamKey:
    return StreamKey("benchmark", "client", profile=f"profile {number}")


def push(seq: int) -> Record:
    """A push as the pump records it."""
    return Record(
        seq,
        "push",
        1,
        "incoming_event",
        None,
        None,
        "PJ0MRSHTDG",
        "K600PKZON8",
        1_790_000_000_000_000 + seq,
        "3.5",
        False,
        None,
        PAYLOAD,
    )


def rows(count: int, stream: int = 1) -> list[tuple[object, ...]]:
    return [(stream, *astuple(push(seq))) for seq in range(1, count + 1)]


def made(path: Path) -> str:
    """A database with our tables and nothing in them."""

    async def make() -> None:
        log = open_log(path)
        await log.open()
        await log.aclose()

    asyncio.run(make())
    return str(path)


def connect(path: str) -> sqlite3.Connection:
    """A plain connection with the writer's settings."""
    connection = sqlite3.connect(path, isolation_level=None)
    set_up_writer(connection)
    return connection
