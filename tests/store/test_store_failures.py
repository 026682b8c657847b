"""Every error of SQLite and the system in this library's words."""

from __future__ import annotations

import errno
import sqlite3

import pytest

from livechat_customer.errors import (
    LogClosedError,
    LogCorruptError,
    LogError,
    LogFullError,
    LogLockedError,
    LogNotADatabaseError,
    LogReadOnlyError,
)
from livechat_customer.store.failures import log_error, short, translated


def of_sqlite(code: int, name: str = "") -> sqlite3.Error:
    error = sqlite3.OperationalError("as SQLite says it")
    error.sqlite_errorcode = code
    error.sqlite_errorname = name
    return error


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (of_sqlite(sqlite3.SQLITE_FULL), LogFullError),
        (of_sqlite(sqlite3.SQLITE_IOERR_SHMSIZE), LogFullError),
        (of_sqlite(sqlite3.SQLITE_BUSY), LogLockedError),
        (of_sqlite(sqlite3.SQLITE_BUSY_SNAPSHOT), LogLockedError),
        (of_sqlite(sqlite3.SQLITE_LOCKED), LogLockedError),
        (of_sqlite(sqlite3.SQLITE_READONLY), LogReadOnlyError),
        (of_sqlite(sqlite3.SQLITE_READONLY_DBMOVED), LogReadOnlyError),
        (of_sqlite(sqlite3.SQLITE_PERM), LogReadOnlyError),
        (of_sqlite(sqlite3.SQLITE_CORRUPT), LogCorruptError),
        (of_sqlite(sqlite3.SQLITE_CORRUPT_INDEX), LogCorruptError),
        (of_sqlite(sqlite3.SQLITE_NOTADB), LogNotADatabaseError),
        (of_sqlite(sqlite3.SQLITE_CANTOPEN), LogError),
        (of_sqlite(sqlite3.SQLITE_IOERR_READ, "SQLITE_IOERR_READ"), LogError),
        (sqlite3.ProgrammingError("of Python's own making"), LogError),
        (OSError(errno.ENOSPC, "x"), LogFullError),
        (OSError(errno.EDQUOT, "x"), LogFullError),
        (PermissionError(errno.EACCES, "x"), LogReadOnlyError),
        (OSError(errno.EROFS, "x"), LogReadOnlyError),
        (OSError(errno.ENAMETOOLONG, "x"), LogError),
    ],
)
def test_each_has_its_class(error: sqlite3.Error | OSError, expected: type[LogError]) -> None:
    found = log_error(error, "/some/where/support.db")
    assert type(found) is expected
    assert "/some/where/support.db" in found.message
    assert found.message.endswith(".")
    assert len(found.message) <= 200
    assert found.data is not None
    assert found.data["path"] == "/some/where/support.db"


def test_what_has_no_class_of_its_own_is_named() -> None:
    assert (
        "SQLITE_IOERR_READ"
        in log_error(of_sqlite(sqlite3.SQLITE_IOERR_READ, "SQLITE_IOERR_READ"), "x.db").message
    )
    assert "ENAMETOOLONG" in log_error(OSError(errno.ENAMETOOLONG, "x"), "x.db").message


def test_the_drivers_word_for_closed() -> None:
    with pytest.raises(LogClosedError), translated("x.db"):
        raise ValueError("Connection closed")
    with pytest.raises(ValueError, match="another"), translated("x.db"):
        raise ValueError("another one")
    with pytest.raises(LogFullError, match="as it is"), translated("x.db"):
        raise LogFullError("as it is")


def test_a_long_path_keeps_its_end() -> None:
    path = "/" + "deep/" * 60 + "support.db"
    assert short(path).endswith("/support.db")
    assert len(short(path)) == 80
    assert "full" in log_error(OSError(errno.ENOSPC, "x"), path).message
