"""Opening with a snapshot and without gives the same state; a snapshot of no use is let alone."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from front_kit import customer, until
from snapshot_kit import decoded, empty, opened
from store_kit import until as comes

import livechat_customer as lc
from livechat_customer.announcements import pairs
from livechat_customer.errors import LogFullError
from livechat_customer.hydrate import SNAPSHOT_EVERY
from livechat_customer.projections.root import PROJECTOR, RootFold
from livechat_customer.projections.seen import SEEN, SeenFold
from livechat_customer.records import HTTP, StreamKey
from livechat_customer.sandbox import Sandbox
from livechat_customer.store import open_log, wall_clock
from livechat_customer.store.log import Database
from livechat_customer.store.memory import Memory, MemoryBackend, MemoryLog

Json = dict[str, Any]


async def lived(path: Path) -> StreamKey:
    """A log with a bit of everything in it, the outbox too; closed, with the snapshots of then."""
    async with Sandbox(bot=True) as sandbox:
        again: Json = {"log": path, "credentials": lc.MemoryCredentials()}
        async with customer(sandbox, **again) as sdk:
            chat = await sdk.start_chat(continuous=True)
            await sdk.send_event(chat_id=chat.id, event=lc.Message("one"))
            await sdk.outbox.send_event(chat.id, lc.Message("two"))
            await sdk.list_chats()
            await sdk.deactivate_chat(id=chat.id)
            await sdk.disconnect()
            await sdk.outbox.send_event(chat.id, lc.Message("three")).queued
        async with customer(sandbox, **again) as sdk:
            await until(sdk.outbox, lambda entries: not entries)
            async for page in sdk.get_chat_history(chat_id=chat.id):
                assert page.threads
        async with lc.init(**sandbox.options(), **again, auto_connect=False) as sdk:
            await sdk.outbox.send_event(chat.id, lc.Message("left behind")).queued
        options = sandbox.options()
    return StreamKey(options["organization_id"], options["client_id"])


async def test_a_snapshot_at_any_record(tmp_path: Path) -> None:
    key = await lived(tmp_path / "log.db")
    log = open_log(tmp_path / "log.db")
    await log.open()
    stream = await log.stream(key)
    last = stream.info.last_seq
    kept = await opened(stream)
    assert kept.read == 0, "nothing came after those of the close"
    await stream.save_snapshot(PROJECTOR, last, b"")
    await stream.save_snapshot(SEEN, last, b"")
    whole = await opened(stream)
    assert whole.read == last
    assert whole.state == kept.state

    root, seen = RootFold(), SeenFold()
    seens: list[bytes] = []
    async for page in stream.read(page=1):
        ((record, payload),) = pairs(page)
        root.apply(record, payload)
        seen.take(record, payload)
        seens.append(seen.encode())
        # That of the events may be older than that of the root, or newer.
        other = record.seq * 7 % record.seq + 1
        await stream.save_snapshot(PROJECTOR, record.seq, root.encode())
        await stream.save_snapshot(SEEN, other, seens[other - 1])
        found = await opened(stream)
        assert found.state == whole.state, record
        assert found.read == last - min(record.seq, other)
    assert last > 40
    await log.aclose()


def torn(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE snapshots SET state = substr(state, 1, length(state) / 2)")


def tampered(connection: sqlite3.Connection) -> None:
    """Changed by hand, so that it still decodes."""
    for projector, state in connection.execute("SELECT projector, state FROM snapshots").fetchall():
        document = decoded(zlib.decompress(state))
        if projector == PROJECTOR:
            document["listed"] += 1
        else:
            document["others"].append("made up")
        made = (zlib.compress(msgspec.msgpack.encode(document)), projector)
        connection.execute("UPDATE snapshots SET state = ? WHERE projector = ?", made)


def of_another_time(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE snapshots SET seq = seq - 9")


def beyond_the_end(connection: sqlite3.Connection) -> None:
    """As in a log that lost its last records, snapshots kept."""
    connection.execute("DELETE FROM records WHERE seq > (SELECT max(seq) - 9 FROM records)")


def of_another_stream(connection: sqlite3.Connection) -> None:
    """Those of a customer who did nothing yet, put in the place of ours by hand."""
    connection.execute("DELETE FROM snapshots WHERE stream = 1")
    connection.execute("UPDATE snapshots SET stream = 1")


def of_another_version(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE snapshots SET projector = 'another-' || projector")


DAMAGES = [torn, tampered, of_another_time, beyond_the_end, of_another_stream, of_another_version]


@pytest.mark.parametrize("damage", DAMAGES)
async def test_a_snapshot_of_no_use(
    damage: Callable[[sqlite3.Connection], None], tmp_path: Path
) -> None:
    path = tmp_path / "log.db"
    key = await lived(path)
    log = open_log(path)
    await log.open()
    other = await log.stream(msgspec.structs.replace(key, profile="another"))
    await other.append(HTTP, "x", b"{}")
    for projector, state in ((PROJECTOR, RootFold().encode()), (SEEN, SeenFold().encode())):
        await other.save_snapshot(projector, 1, state)
    await log.aclose()
    connection = sqlite3.connect(path)
    with connection:
        damage(connection)
    connection.close()

    await log.open()
    stream = await log.stream(key)
    found = await opened(stream)
    assert found.read == stream.info.last_seq, "read from its beginning"
    expected = empty()
    async for page in stream.read():
        expected.fold(pairs(page))
    assert found.state[:2] == (expected.seq, expected.root.digest())
    await log.aclose()


@pytest.mark.parametrize("part", [0.0, 0.5, 0.99])
async def test_a_snapshot_that_holds_and_makes_no_sense(part: float, tmp_path: Path) -> None:
    """Written by a version that counted wrongly, say: its sum is right, its state is none."""
    key = await lived(tmp_path / "log.db")
    log = open_log(tmp_path / "log.db")
    await log.open()
    stream = await log.stream(key)
    whole = await opened(stream)
    for projector in (PROJECTOR, SEEN):
        saved = await stream.load_snapshot(projector)
        assert saved is not None
        seq, state = saved
        await stream.save_snapshot(projector, seq, state[: int(len(state) * part)])
    found = await opened(stream)
    assert (found.state, found.read) == (whole.state, stream.info.last_seq)
    await log.aclose()


async def grown(memory: Memory, options: Json, short: int) -> None:
    """The stream of these options, `short` records before its first snapshot is due."""
    log = MemoryLog(clock=wall_clock, memory=memory)
    await log.open()
    key = StreamKey(options["organization_id"], options["client_id"])
    stream = await log.stream(key)
    for _ in range(SNAPSHOT_EVERY - short):
        stream.post(HTTP, "x", b"{}")
    await log.aclose()


async def test_snapshots_are_taken_every_so_many_records_and_at_the_close() -> None:
    memory = Memory()
    async with Sandbox() as sandbox:
        await grown(memory, sandbox.options(), short=8)
        (stream,) = memory.streams
        log = MemoryLog(clock=wall_clock, memory=memory)
        await log.open()
        async with customer(sandbox, log=log) as sdk:
            chat = await sdk.start_chat()
            await comes(lambda: len(stream.snapshots) == 2)
            for seq, _ in stream.snapshots.values():
                assert SNAPSHOT_EVERY <= seq <= len(stream.records)
            before = dict(stream.snapshots)
            await sdk.send_event(chat_id=chat.id, event=lc.Message("more"))
            assert stream.snapshots == before, "not for each record"
        for seq, _ in stream.snapshots.values():
            assert seq == len(stream.records)
        await log.aclose()


class Full(MemoryLog):
    """Has no room for snapshots."""

    async def _attach(self) -> Database:
        return Database(FullBackend(self.memory), None)


class FullBackend(MemoryBackend):
    async def save_snapshot(
        self, stream: int, epoch: int, projector: str, seq: int, state: bytes
    ) -> None:
        raise LogFullError("The log: the disk is full. Make room.")


async def test_without_room_for_a_snapshot_all_goes_on() -> None:
    """`clean_loop` fails the test if the error is nobody's."""
    memory = Memory()
    async with Sandbox() as sandbox:
        await grown(memory, sandbox.options(), short=4)
        log = Full(clock=wall_clock, memory=memory)
        await log.open()
        async with customer(sandbox, log=log) as sdk:
            chat = await sdk.start_chat()
            await sdk.send_event(chat_id=chat.id, event=lc.Message("more"))
            assert len(memory.streams[0].records) > SNAPSHOT_EVERY
            assert sdk.connection.value.status == "connected"
        await log.aclose()
