"""The file: shared by the logs of a loop, left without a trace, durable where it says so."""

from __future__ import annotations

import asyncio
import gc
import os
import sqlite3
import threading
import warnings
from pathlib import Path

import pytest
from store_kit import KEY, OTHER, Ticks, gather, seqs

from livechat_customer.errors import LogError, LogNotADatabaseError
from livechat_customer.records import StreamKey
from livechat_customer.store import open_log
from livechat_customer.store.sqlite import SqliteLog
from livechat_customer.store.sqlite_backend import SqliteBackend


def open_files(folder: Path) -> list[str]:
    found: list[str] = []
    for descriptor in os.listdir("/proc/self/fd"):
        try:
            target = os.readlink(f"/proc/self/fd/{descriptor}")
        except OSError:
            continue
        if target.startswith(str(folder)):
            found.append(target)
    return found


def ours() -> set[threading.Thread]:
    """All threads but those of `asyncio.to_thread`, which the tests use."""
    return {one for one in threading.enumerate() if not one.name.startswith("asyncio_")}


async def test_logs_of_one_loop_share_a_writer(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    before = threading.active_count()
    logs = [open_log(path, clock=Ticks()) for _ in range(8)]
    await asyncio.gather(*[log.open() for log in logs])
    assert threading.active_count() == before + 2, "one thread writes, one reads"
    streams = [await log.stream(StreamKey("o", "c", number)) for number, log in enumerate(logs)]
    records = await asyncio.gather(
        *[stream.append("push", "x", b"") for stream in streams for _ in range(3)]
    )
    assert sorted(seqs(records)) == sorted([1, 2, 3] * 8)
    assert {log.health.committed for log in logs} == {24}
    for log in logs[1:]:
        await log.aclose()
    assert (await streams[0].append("push", "x", b"")).seq == 4
    await logs[0].aclose()
    assert threading.active_count() == before


def test_each_loop_has_a_writer_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "log.db"

    async def write(key: StreamKey, count: int) -> None:
        log = open_log(path)
        await log.open()
        stream = await log.stream(key)
        for _ in range(count):
            await stream.append("push", "x", b"")
        await log.aclose()

    threads = [threading.Thread(target=asyncio.run, args=(write(key, 30),)) for key in (KEY, OTHER)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    connection = sqlite3.connect(path)
    counts = connection.execute("SELECT count(*), max(seq) FROM records GROUP BY stream").fetchall()
    assert counts == [(30, 30), (30, 30)]
    connection.close()


async def test_nothing_is_left_after_closing(tmp_path: Path) -> None:
    threads, tasks = ours(), asyncio.all_tasks()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(3):
            log = open_log(tmp_path / "log.db")
            await log.open()
            stream = await log.stream(KEY)
            await stream.append("push", "x", b"")
            waiting = asyncio.ensure_future(anext(stream.tail(99)))
            await asyncio.sleep(0)
            await log.aclose()
            with pytest.raises(StopAsyncIteration):
                await waiting
            assert ours() == threads
            assert asyncio.all_tasks() == tasks
            assert await asyncio.to_thread(open_files, tmp_path) == []
            names = await asyncio.to_thread(os.listdir, tmp_path)
            assert not [name for name in names if name.endswith(("-wal", "-shm"))]
            del log, stream
            gc.collect()


async def test_nothing_is_left_after_opening_failed(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    await asyncio.to_thread(path.write_bytes, b"no database, but rather long for a text" * 30)
    threads = set(threading.enumerate())
    logs = [open_log(path) for _ in range(3)]
    done = await asyncio.gather(*[log.open() for log in logs], return_exceptions=True)
    assert [type(one) for one in done] == [LogNotADatabaseError] * 3
    assert {log.health.status for log in logs} == {"closed"}
    assert set(threading.enumerate()) == threads
    await asyncio.to_thread(path.unlink)
    await logs[0].open()
    await logs[0].aclose()


async def test_a_log_opens_again_after_the_file_was_moved_away(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    log = open_log(path)
    for _ in range(2):
        await log.open()
        assert (await (await log.stream(KEY)).append("push", "x", b"")).seq == 1
        await log.aclose()
        await asyncio.to_thread(path.rename, tmp_path / "moved.db")


# Durability.


async def traced(log: SqliteLog) -> list[str]:
    """Every statement the writer runs from now on."""
    said: list[str] = []
    database = log._database  # pyright: ignore[reportPrivateUsage]
    assert database is not None
    assert isinstance(database.backend, SqliteBackend)
    assert database.backend.writer is not None
    await database.backend.writer.run(
        lambda connection: connection.set_trace_callback(lambda sql: said.append(sql[:40]))
    )
    return said


async def test_a_durable_record_is_committed_with_full(tmp_path: Path) -> None:
    log = SqliteLog(str(tmp_path / "log.db"), clock=Ticks())
    await log.open()
    stream, other = await log.stream(KEY), await log.stream(OTHER)
    said = await traced(log)
    for durable in (False, True, True, False, False):
        await asyncio.gather(
            stream.append("command", "x", b"", durable=durable), other.append("push", "x", b"")
        )
    insert, full, normal = "INSERT INTO records", "FULL", "NORMAL"
    told = [line.rpartition(" = ")[2].partition(" (")[0] for line in said]
    assert told == [insert, full, insert, insert, normal, insert, insert]
    await log.aclose()


async def test_full_by_option_is_full_for_every_record(tmp_path: Path) -> None:
    path = str(tmp_path / "log.db")
    careful, careless = SqliteLog(path, clock=Ticks(), synchronous="FULL"), open_log(path)
    await careful.open()
    await careless.open()
    stream, other = await careful.stream(KEY), await careless.stream(OTHER)
    said = await traced(careful)
    await stream.append("push", "x", b"")
    await other.append("push", "x", b"")
    await stream.append("push", "x", b"")
    assert [line.rpartition(" = ")[2] for line in said if "synchronous" in line] == [
        "FULL",
        "NORMAL",
        "FULL",
    ]
    await careful.aclose()
    await careless.aclose()


# The write-ahead log.


async def test_the_write_ahead_log_stays_small(tmp_path: Path) -> None:
    log = open_log(tmp_path / "log.db")
    await log.open()
    stream = await log.stream(KEY)
    largest = 0
    for _ in range(80):
        await asyncio.gather(*[stream.append("push", "x", b"\0" * 1_000) for _ in range(64)])
        largest = max(largest, log.health.wal_bytes)
    assert 0 < largest < 3_000_000, "5 MB of records went through it"
    await log.aclose()


async def test_it_shrinks_again_after_a_reader_held_it_back(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    log = open_log(path)
    await log.open()
    stream = await log.stream(KEY)
    await stream.append("push", "x", b"")
    reader = sqlite3.connect(path, isolation_level=None, check_same_thread=False)

    def hold() -> None:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM records").fetchall()

    def size() -> int:
        return (tmp_path / "log.db-wal").stat().st_size

    await asyncio.to_thread(hold)
    for _ in range(8):
        await asyncio.gather(*[stream.append("push", "x", b"\0" * 1_000) for _ in range(1_000)])
    assert await asyncio.to_thread(size) > 8_000_000
    await asyncio.to_thread(reader.close)
    for _ in range(3):
        await asyncio.gather(*[stream.append("push", "x", b"\0" * 1_000) for _ in range(300)])
    assert await asyncio.to_thread(size) <= 4_194_304
    await log.aclose()


async def test_more_streams_let_more_pages_gather(tmp_path: Path) -> None:
    log = SqliteLog(str(tmp_path / "log.db"), clock=Ticks())
    await log.open()
    said = await traced(log)
    first = await log.stream(KEY)
    second = await log.stream(OTHER)
    await second.aclose()
    await first.aclose()
    pages = [int(line.rpartition("=")[2]) for line in said if "autocheckpoint" in line]
    assert pages == [400, 432, 400, 400]
    await log.aclose()


# Reads.


@pytest.mark.parametrize(
    ("sql", "index"),
    [
        ("stream = 1 AND seq > 2 AND seq <= 3 ORDER BY seq LIMIT 5", "sqlite_autoindex_records_1"),
        ("stream = 1 AND chat_id = 'a' AND seq > 2 AND seq <= 3 ORDER BY seq", "ix_records_chat"),
        ("stream = 1 AND request_id = 'r' ORDER BY seq", "ix_records_request"),
    ],
)
def test_every_way_to_read_has_an_index(tmp_path: Path, sql: str, index: str) -> None:
    async def make() -> None:
        log = open_log(tmp_path / "log.db")
        await log.open()
        await log.aclose()

    asyncio.run(make())
    connection = sqlite3.connect(tmp_path / "log.db")
    plan = connection.execute(f"EXPLAIN QUERY PLAN SELECT * FROM records WHERE {sql}").fetchall()
    connection.close()
    assert f"USING INDEX {index}" in plan[0][3]


async def test_reads_go_on_while_it_is_written(tmp_path: Path) -> None:
    log = open_log(tmp_path / "log.db")
    await log.open()
    stream = await log.stream(KEY)
    await asyncio.gather(*[stream.append("push", "x", b"") for _ in range(3_000)])
    seen: list[int] = []
    async for records in stream.read(page=100):
        seen += seqs(records)
        stream.post("push", "x", b"")
    assert seen == list(range(1, 3_001))
    assert len(await gather(stream.read(3_000))) > 0
    await log.aclose()


async def test_a_damaged_snapshot_counts_as_none(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    log = open_log(path)
    await log.open()
    stream = await log.stream(KEY)
    await stream.append("push", "x", b"")
    await stream.save_snapshot("v1", 1, b"state")
    await log.aclose()

    def change(sql: str) -> None:
        connection = sqlite3.connect(path)
        with connection:
            connection.execute(sql)
        connection.close()

    async def load() -> tuple[int, bytes] | None:
        await log.open()
        try:
            return await (await log.follow(KEY)).load_snapshot("v1")
        finally:
            await log.aclose()

    assert await load() == (1, b"state")
    await asyncio.to_thread(change, "UPDATE snapshots SET state = x'00'")
    assert await load() is None
    await asyncio.to_thread(change, "UPDATE snapshots SET state = 'state', seq = 7")
    assert await load() is None


async def test_a_snapshot_beyond_the_last_record_counts_as_none(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    log = open_log(path)
    await log.open()
    stream = await log.stream(KEY)
    await asyncio.gather(*[stream.append("push", "x", b"") for _ in range(3)])
    await stream.save_snapshot("v1", 3, b"state")
    await log.aclose()

    def forget() -> None:
        connection = sqlite3.connect(path)
        with connection:
            connection.execute("DELETE FROM records WHERE seq > 1")
        connection.close()

    await asyncio.to_thread(forget)
    await log.open()
    assert await (await log.follow(KEY)).load_snapshot("v1") is None
    await log.aclose()


async def test_a_closed_log_says_so_to_who_still_reads(tmp_path: Path) -> None:
    log = open_log(tmp_path / "log.db")
    await log.open()
    stream = await log.stream(KEY)
    await asyncio.gather(*[stream.append("push", "x", b"") for _ in range(10)])
    pages = stream.read(page=2)
    await anext(pages)
    await log.aclose()
    with pytest.raises(LogError):
        await anext(pages)
