"""Making and migrating: all or nothing, and no trace where nothing is to be done."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest
from store_kit import fingerprint

from livechat_customer.errors import LogError, LogLockedError
from livechat_customer.store import locks, upgrade


def prepare(path: Path) -> None:
    upgrade.prepare(str(path), read_only=False, busy_timeout=1.0)


def test_made_once_and_then_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    prepare(path)
    before = fingerprint(tmp_path)
    assert before.keys() == {"log.db", "log.db.lock"}
    prepare(path)
    assert fingerprint(tmp_path) == before
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("0001",)]
    made_by, made_at = connection.execute("SELECT value FROM meta ORDER BY name DESC").fetchall()
    assert made_by[0].startswith("livechat-customer ")
    assert int(made_at[0]) > 1_700_000_000_000_000
    connection.close()


def test_a_migration_that_fails_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(connection: sqlite3.Connection) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(upgrade, "_sign", fail)
    with pytest.raises(LogError):
        prepare(tmp_path / "log.db")
    assert fingerprint(tmp_path).keys() == {"log.db.lock"}


def test_a_migration_that_fails_in_place_leaves_the_database_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An SQLite database with nothing in it is migrated where it lies."""
    path = tmp_path / "log.db"
    connection = sqlite3.connect(path)
    connection.execute("VACUUM")
    connection.close()
    before = path.read_bytes()
    assert before

    def fail(connection: sqlite3.Connection) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    with monkeypatch.context() as patch:
        patch.setattr(upgrade, "_sign", fail)
        with pytest.raises(LogError):
            prepare(path)
    assert path.read_bytes() == before
    prepare(path)
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT count(*) FROM records").fetchone() == (0,)
    connection.close()


def test_a_path_with_signs_that_mean_something_elsewhere(tmp_path: Path) -> None:
    path = tmp_path / "100% ?#:żółw" / "log.db"
    prepare(path)
    prepare(path)
    assert path.is_file()


def test_leftovers_of_a_crash_are_cleared_away(tmp_path: Path) -> None:
    (tmp_path / "log.db.new").write_bytes(b"half a database")
    (tmp_path / "log.db.new-journal").write_bytes(b"its journal")
    prepare(tmp_path / "log.db")
    assert fingerprint(tmp_path).keys() == {"log.db", "log.db.lock"}


def test_threads_that_make_databases_at_once(tmp_path: Path) -> None:
    """Alembic keeps what it does in module globals."""
    failed: list[BaseException] = []

    def make(number: int) -> None:
        try:
            prepare(tmp_path / f"{number % 3}.db")
        except BaseException as error:  # noqa: BLE001 - told below
            failed.append(error)

    threads = [threading.Thread(target=make, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len(list(tmp_path.glob("*.db"))) == 3


def test_waiting_for_who_sets_it_up_has_an_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "SETUP_SECONDS", 0.05)
    held = locks.lock_setup(str(tmp_path / "log.db"))
    with pytest.raises(LogLockedError):
        prepare(tmp_path / "log.db")
    held.release()
    prepare(tmp_path / "log.db")
