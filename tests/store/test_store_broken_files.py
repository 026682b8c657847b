"""A file that can't be used gives its own error and is left as it is, to the byte."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from store_kit import KEY, Ticks, fingerprint, gather, ordinary_user, seqs, shared_folder, status

from livechat_customer.errors import (
    LogCorruptError,
    LogError,
    LogFullError,
    LogLockedError,
    LogNewerSchemaError,
    LogNotADatabaseError,
    LogReadOnlyError,
)
from livechat_customer.store import Stream, open_log
from livechat_customer.store.log import Log
from livechat_customer.store.sqlite import SqliteLog
from livechat_customer.store.sqlite_backend import SqliteBackend


def made(path: Path, records: int = 20) -> None:
    """A log with some records, closed."""

    async def make() -> None:
        log = open_log(path)
        await log.open()
        stream = await log.stream(KEY)
        await asyncio.gather(*[stream.append("push", "x", b"\0" * 900) for _ in range(records)])
        await log.aclose()

    asyncio.run(make())


def quick(path: Path) -> Log:
    """A log that does not wait long for locks."""
    return SqliteLog(str(path), clock=Ticks(), busy_timeout=0.1)


def opening(path: Path) -> None:
    async def run() -> None:
        log = quick(path)
        try:
            await log.open()
            await log.stream(KEY)
        finally:
            await log.aclose()

    asyncio.run(run())


def text(path: Path) -> None:
    path.write_bytes(b"Dear diary, this is not a database at all.\n" * 40)


def short(path: Path) -> None:
    path.write_bytes(b"SQLite")


def foreign(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE bookmarks (url TEXT)")
    connection.commit()
    connection.close()


def foreign_with_alembic(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
    connection.execute("INSERT INTO alembic_version VALUES ('0001')")
    connection.commit()
    connection.close()


def foreign_in_wal(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL").fetchall()
    connection.execute("CREATE TABLE bookmarks (url TEXT)")
    connection.close()


def set_version(version: str) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        made(path)
        connection = sqlite3.connect(path)
        connection.execute("UPDATE alembic_version SET version_num = ?", (version,))
        connection.commit()
        connection.close()

    return change


def two_versions(path: Path) -> None:
    made(path)
    connection = sqlite3.connect(path)
    connection.execute("INSERT INTO alembic_version VALUES ('0009')")
    connection.commit()
    connection.close()


def overwritten(first: int, last: int) -> Callable[[Path], None]:
    """Noise over the bytes from `first` to `last`; negative: from the end."""

    def damage(path: Path) -> None:
        made(path, 200)
        content = bytearray(path.read_bytes())
        where = range(len(content))[first:last]
        for index in where:
            content[index] = (index * 7919 + 13) % 256
        path.write_bytes(bytes(content))

    return damage


def cut(path: Path) -> None:
    made(path, 200)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


BROKEN: list[tuple[str, Callable[[Path], None], type[LogError]]] = [
    ("text", text, LogNotADatabaseError),
    ("short", short, LogNotADatabaseError),
    ("foreign", foreign, LogNotADatabaseError),
    ("foreign with alembic", foreign_with_alembic, LogNotADatabaseError),
    ("foreign in WAL", foreign_in_wal, LogNotADatabaseError),
    ("newer", set_version("0002"), LogNewerSchemaError),
    ("much newer", set_version("8f14e45fceea"), LogNewerSchemaError),
    ("two versions", two_versions, LogNewerSchemaError),
    ("header gone", overwritten(0, 100), LogNotADatabaseError),
    ("schema damaged", overwritten(100, 4096), LogCorruptError),
    ("records damaged", overwritten(20_000, 60_000), LogCorruptError),
    ("end damaged", overwritten(-8_192, -1), LogCorruptError),
    ("cut", cut, LogCorruptError),
]


@pytest.mark.parametrize(
    ("breaking", "error"),
    [(breaking, error) for _, breaking, error in BROKEN],
    ids=[name for name, _, _ in BROKEN],
)
def test_each_has_its_error_and_is_left_as_it_is(
    tmp_path: Path, breaking: Callable[[Path], None], error: type[LogError]
) -> None:
    path = tmp_path / "log.db"
    breaking(path)
    before = fingerprint(tmp_path)
    for _ in range(2):
        with pytest.raises(error) as caught:
            opening(path)
        assert type(caught.value) is error
        assert "log.db" in caught.value.message
        assert caught.value.message.endswith(".")
    assert fingerprint(tmp_path) == before


def test_a_newer_log_that_was_not_closed_is_left_as_it_is(tmp_path: Path) -> None:
    """Its last commits stand in the `-wal`; opening must not merge them into the file."""
    path = tmp_path / "log.db"
    made(path)
    code = (
        "import os, sqlite3, sys\n"
        "connection = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "connection.execute(\"UPDATE alembic_version SET version_num = '0007'\")\n"
        "os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", code, str(path)], check=True)
    before = fingerprint(tmp_path)
    assert before.keys() >= {"log.db", "log.db-wal"}
    with pytest.raises(LogNewerSchemaError):
        opening(path)
    after = fingerprint(tmp_path)
    assert (after["log.db"], after["log.db-wal"]) == (before["log.db"], before["log.db-wal"])


def test_an_empty_file_becomes_a_log(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    path.touch()
    opening(path)
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT epoch FROM streams").fetchall() == [(1,)]
    connection.close()


def test_damage_that_opening_does_not_see_is_told_when_it_is_read(tmp_path: Path) -> None:
    """Large files are not checked through and through when opened."""
    path = tmp_path / "log.db"
    made(path, 12_000)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 200_000] = b"\xa5" * 200_000
    path.write_bytes(bytes(content))

    async def run() -> None:
        log = quick(path)
        await log.open()
        try:
            await gather((await log.follow(KEY)).read())
        finally:
            await log.aclose()

    with pytest.raises(LogCorruptError):
        asyncio.run(run())


# Read-only.


@pytest.mark.parametrize("which", ["file", "folder"])
def test_a_read_only_place(which: str) -> None:
    with shared_folder() as folder:
        path = folder / "log.db"
        made(path)
        for file in folder.iterdir():
            file.chmod(0o666)
        (path if which == "file" else folder).chmod(0o444 if which == "file" else 0o555)
        before = fingerprint(folder)
        with ordinary_user(), pytest.raises(LogReadOnlyError):
            opening(path)
        assert fingerprint(folder) == before
        folder.chmod(0o777)


def test_a_folder_where_nothing_can_be_made() -> None:
    with shared_folder() as folder:
        folder.chmod(0o555)
        with ordinary_user(), pytest.raises(LogReadOnlyError):
            opening(folder / "new" / "log.db")
        with ordinary_user(), pytest.raises(LogReadOnlyError):
            opening(folder / "log.db")
        assert fingerprint(folder) == {}
        folder.chmod(0o777)


def test_what_can_only_be_read_can_be_followed() -> None:
    with shared_folder() as folder:
        path = folder / "log.db"
        made(path)
        path.chmod(0o444)
        folder.chmod(0o555)
        before = fingerprint(folder)

        async def run() -> list[int]:
            log = open_log(path, read_only=True)
            await log.open()
            try:
                with pytest.raises(LogReadOnlyError):
                    await log.stream(KEY)
                return seqs(await gather((await log.follow(KEY)).read()))
            finally:
                await log.aclose()

        with ordinary_user():
            assert asyncio.run(run()) == list(range(1, 21))
        assert fingerprint(folder) == before
        folder.chmod(0o777)


async def test_reading_only_needs_a_log_that_is_there(tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    for name in ("none.db", "empty.db"):
        with pytest.raises(LogError):
            await open_log(tmp_path / name, read_only=True).open()
    assert fingerprint(tmp_path).keys() == {"empty.db"}


# Locked.


@contextmanager
def holding(path: Path, statement: str) -> Generator[None]:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(statement)
    connection.execute("SELECT count(*) FROM streams").fetchall()
    try:
        yield
    finally:
        connection.close()


@pytest.mark.parametrize("statement", ["BEGIN IMMEDIATE", "PRAGMA locking_mode = EXCLUSIVE"])
def test_a_database_that_another_program_holds(tmp_path: Path, statement: str) -> None:
    path = tmp_path / "log.db"
    made(path)
    with holding(path, statement), pytest.raises(LogLockedError):
        opening(path)
    opening(path)


async def test_a_lock_in_the_middle_fails_the_log_and_recovery_mends_it(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    log = quick(path)
    await log.open()
    stream = await log.stream(KEY)
    await stream.append("push", "before", b"")
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    await asyncio.to_thread(other.execute, "BEGIN IMMEDIATE")
    with pytest.raises(LogLockedError):
        await stream.append("push", "lost", b"")
    assert status(log) == "failed"
    with pytest.raises(LogLockedError):
        stream.post("push", "refused", b"")
    with pytest.raises(LogLockedError):
        await log.recover()
    await asyncio.to_thread(other.close)
    await log.recover()
    await log.recover()
    assert status(log) == "ok"
    await stream.append("push", "after", b"")
    assert [record.action for record in await gather(stream.read())] == ["before", "after"]
    await log.aclose()


# Full.


@contextmanager
def small_disk(folder: Path) -> Generator[bool]:
    """Mount a disk of 1 MB on the folder, if this user may."""
    mounted = (
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(folder)],
            capture_output=True,
            check=False,
        ).returncode
        == 0
    )
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(folder)], check=True)


async def fill_up(log: Limited, *, limited: bool) -> Stream:
    """Append until it is full; all that was acknowledged is there."""
    await log.open()
    stream = await log.stream(KEY)
    if not limited:
        await log.limit_pages(200)
    done = 0
    healths: list[str] = []
    log.on_health(lambda health: healths.append(health.status))
    try:
        while True:
            await stream.append("push", "x", b"\0" * 10_000)
            done += 1
    except LogFullError:
        pass
    assert healths == ["failed"]
    assert type(log.health.error) is LogFullError
    assert done > 10
    assert seqs(await gather(stream.read())) == list(range(1, done + 1))
    return stream


class Limited(SqliteLog):
    """A log whose database can be told to grow no more, as a full disk would."""

    async def limit_pages(self, pages: int) -> None:
        database = self._database
        assert database is not None
        backend = database.backend
        assert isinstance(backend, SqliteBackend)
        assert backend.writer is not None
        await backend.writer.run(
            lambda connection: connection.execute(f"PRAGMA max_page_count = {pages}").fetchall()
        )


async def test_a_full_disk_and_what_was_shown_is_safe(tmp_path: Path) -> None:
    with small_disk(tmp_path) as limited:
        log = Limited(str(tmp_path / "log.db"), clock=Ticks())
        try:
            stream = await fill_up(log, limited=limited)
            done = stream.info.last_seq
            # A small thing may still find room; what is too large is refused again.
            with suppress(LogFullError):
                await log.recover()
            with pytest.raises(LogFullError):
                await stream.append("push", "x", b"\0" * 5_000_000)
            assert status(log) == "failed"
        finally:
            await log.aclose()

        again = open_log(tmp_path / "log.db", read_only=True)
        await again.open()
        found = await (await again.follow(KEY)).last_seq()
        await again.aclose()
        assert found == done


async def test_room_again_after_the_disk_was_full(tmp_path: Path) -> None:
    log = Limited(str(tmp_path / "log.db"), clock=Ticks())
    stream = await fill_up(log, limited=False)
    done = stream.info.last_seq
    await log.limit_pages(1_000_000)
    await log.recover()
    assert (await stream.append("push", "x", b"")).seq == done + 1
    await log.aclose()
    await log.open()
    assert (await (await log.stream(KEY)).append("push", "x", b"")).seq == done + 2
    await log.aclose()


def test_no_room_for_a_new_log_leaves_none(tmp_path: Path) -> None:
    with small_disk(tmp_path) as limited:
        if limited:
            (tmp_path / "ballast").write_bytes(b"\0" * 1_000_000)
            error: type[LogError] = LogFullError
        else:
            tmp_path = tmp_path / "file"
            tmp_path.touch()
            error = LogError
        with pytest.raises(error):
            opening(tmp_path / "log.db")
        assert not (tmp_path / "log.db").exists()
