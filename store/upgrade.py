"""Making and migrating a database when a log is opened. Blocks; runs off the loop.

A file is looked at without leaving a trace before anything is written to it, so that what is
no log of ours, or a newer one, stays as it is to the byte.
"""

from __future__ import annotations

import importlib.resources
import os
import sqlite3
import threading
import time
from contextlib import closing
from importlib.metadata import PackageNotFoundError, version
from typing import Final
from urllib.parse import quote

from livechat_customer.errors import (
    LogCorruptError,
    LogError,
    LogNewerSchemaError,
    LogNotADatabaseError,
)
from livechat_customer.store import files
from livechat_customer.store.failures import short, translated
from livechat_customer.store.locks import lock_setup

HEAD: Final = "0001"
"""The revision this code works with."""

APPLICATION_ID: Final = 0x4C434C47
"""Stands in the file's header, set by the first revision."""

CHECKED_BYTES: Final = 8 << 20
"""Files up to this size are checked through and through when opened: some 20 ms."""

# Alembic keeps the migration that is running in module globals.
_alembic: Final = threading.Lock()


def prepare(path: str, *, read_only: bool, busy_timeout: float) -> None:
    """See that `path`, a real path, is a database of this schema; make or migrate it if need be.

    `busy_timeout` in seconds. Raises the child of `LogError` that says what is wrong.
    """
    with translated(path):
        files.check_local(path)
        if read_only:
            if not os.path.exists(path):
                raise LogError(f"The log {short(path)}: there is no such file. Check the path.")
            if _revision(path, busy_timeout) != HEAD:
                raise LogError(
                    f"The log {short(path)}: empty or of an older format. Open it for writing."
                )
            return
        files.make_folder(path)
        files.check_writable(path)
        if files.size(path) and _revision(path, busy_timeout) == HEAD:
            return
        setup = lock_setup(path)
        try:
            # Another opener may have done it while we waited.
            if not files.size(path) or _revision(path, busy_timeout) != HEAD:
                _migrate(path, busy_timeout)
        finally:
            setup.release()


def read_only_uri(path: str) -> str:
    """How to open the file without writing to it.

    While nobody has it open there is neither `-wal` nor `-journal`, and `immutable` makes none.
    """
    quiet = not any(os.path.exists(path + suffix) for suffix in ("-wal", "-journal"))
    return f"file:{quote(path)}?{'immutable=1' if quiet else 'mode=ro'}"


def _revision(path: str, busy_timeout: float) -> str | None:
    """The revision in the file; None: an empty database. Leaves no trace."""
    with closing(
        sqlite3.connect(read_only_uri(path), uri=True, isolation_level=None, timeout=busy_timeout)
    ) as connection:
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema")}
        if not tables and not application:
            return None
        if application != APPLICATION_ID or "alembic_version" not in tables:
            raise LogNotADatabaseError(
                f"The log {short(path)}: another program's database. Name another path; "
                "it was left as it is."
            )
        found = [name for (name,) in connection.execute("SELECT version_num FROM alembic_version")]
        if len(found) != 1 or found[0] > HEAD:
            raise _newer(path)
        _check(connection, path)
        return str(found[0])


def _newer(path: str) -> LogNewerSchemaError:
    return LogNewerSchemaError(
        f"The log {short(path)}: written by a newer version. Upgrade livechat-customer; "
        "the file was left as it is."
    )


def _check(connection: sqlite3.Connection, path: str) -> None:
    if files.size(path) > CHECKED_BYTES:
        return
    (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise LogCorruptError(
            f"The log {short(path)}: the database is damaged. Restore a copy, or move it away "
            "to begin anew."
        )


def _migrate(path: str, busy_timeout: float) -> None:
    if files.size(path):
        _run(path, busy_timeout)
        return
    # A new one is made aside: at its place there is nothing or a whole database.
    aside = f"{path}.new"
    files.discard(aside)
    try:
        files.create(aside)
        _run(aside, busy_timeout)
        os.replace(aside, path)
    finally:
        files.discard(aside)


def _run(path: str, busy_timeout: float) -> None:
    with closing(sqlite3.connect(path, isolation_level=None, timeout=busy_timeout)) as connection:
        connection.execute("PRAGMA synchronous = FULL")
        run_revisions(connection, path)
        connection.execute("PRAGMA journal_mode = WAL").fetchall()


def run_revisions(connection: sqlite3.Connection, path: str) -> None:
    """Bring the database to `HEAD`, in one transaction."""
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError
    from sqlalchemy import create_engine
    from sqlalchemy.exc import DBAPIError
    from sqlalchemy.pool import StaticPool

    scripts = importlib.resources.files("livechat_customer.migrations")
    engine = create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)
    with _alembic, importlib.resources.as_file(scripts) as folder, engine.connect() as held:
        config = Config()
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        config.attributes["connection"] = held
        try:
            held.exec_driver_sql("BEGIN IMMEDIATE")
            command.upgrade(config, "head")
            _sign(connection)
            held.commit()
        except DBAPIError as error:
            raise error.orig or error from error
        except CommandError as error:
            # A revision that no script of ours is named by.
            raise _newer(path) from error


def _sign(connection: sqlite3.Connection) -> None:
    """Note who made the database, and when; for people who look into it."""
    try:
        release = version("livechat-customer")
    except PackageNotFoundError:
        release = "unknown"
    made = (("made_by", f"livechat-customer {release}"), ("made_at", str(time.time_ns() // 1000)))
    connection.executemany("INSERT OR IGNORE INTO meta (name, value) VALUES (?, ?)", made)
