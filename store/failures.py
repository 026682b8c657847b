"""What went wrong with the file, in this library's words.

Nobody outside `store/` sees an error of SQLite or the operating system.
"""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

from livechat_customer.errors import (
    LogClosedError,
    LogCorruptError,
    LogError,
    LogFullError,
    LogLockedError,
    LogNotADatabaseError,
    LogReadOnlyError,
)

_BY_CODE: Final[dict[int, tuple[type[LogError], str]]] = {
    sqlite3.SQLITE_FULL: (LogFullError, "the disk is full. Free some space, then connect again."),
    sqlite3.SQLITE_BUSY: (
        LogLockedError,
        "another program holds the database. Close it, then try again.",
    ),
    sqlite3.SQLITE_LOCKED: (
        LogLockedError,
        "another program holds the database. Close it, then try again.",
    ),
    sqlite3.SQLITE_READONLY: (
        LogReadOnlyError,
        "it can't be written. Check the permissions, or name another path.",
    ),
    sqlite3.SQLITE_PERM: (
        LogReadOnlyError,
        "it can't be written. Check the permissions, or name another path.",
    ),
    sqlite3.SQLITE_CORRUPT: (
        LogCorruptError,
        "the database is damaged. Restore a copy, or move it away to begin anew.",
    ),
    sqlite3.SQLITE_NOTADB: (
        LogNotADatabaseError,
        "this file is no log. Name another path; it was left as it is.",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        LogError,
        "it can't be opened. Check the path and its permissions.",
    ),
}

_FULL_TOO: Final = {sqlite3.SQLITE_IOERR_SHMSIZE}
"""I/O errors that only a full disk gives: the shared-memory file could not grow."""

_CLOSED: Final = {"connection closed", "no active connection"}
"""What aiosqlite says, in a `ValueError`, of a connection that was closed meanwhile."""

_BY_ERRNO: Final[dict[int, int]] = {
    errno.ENOSPC: sqlite3.SQLITE_FULL,
    errno.EDQUOT: sqlite3.SQLITE_FULL,
    errno.EROFS: sqlite3.SQLITE_READONLY,
    errno.EACCES: sqlite3.SQLITE_READONLY,
    errno.EPERM: sqlite3.SQLITE_READONLY,
}


def log_error(error: sqlite3.Error | OSError, path: str) -> LogError:
    """The `LogError` for an error of SQLite or the operating system."""
    if isinstance(error, sqlite3.Error):
        code: int = getattr(error, "sqlite_errorcode", 0)
        primary = code & 0xFF
        if code in _FULL_TOO:
            primary = sqlite3.SQLITE_FULL
        name: str = getattr(error, "sqlite_errorname", type(error).__name__)
    else:
        primary = _BY_ERRNO.get(error.errno or 0, 0)
        name = errno.errorcode.get(error.errno or 0, type(error).__name__)
    kind, advice = _BY_CODE.get(primary, (LogError, f"{name}. Check the disk, then try again."))
    return kind(f"The log {short(path)}: {advice}", data={"path": path, "cause": name})


@contextmanager
def translated(path: str) -> Generator[None]:
    """Raise errors of the driver and the operating system as `LogError`."""
    try:
        yield
    except LogError:
        raise
    except (sqlite3.Error, OSError) as error:
        raise log_error(error, path) from error
    except ValueError as error:
        if str(error).lower() not in _CLOSED:
            raise
        raise LogClosedError from error


def short(path: str, limit: int = 80) -> str:
    """A path that leaves room for the advice: its end, if it is long."""
    return path if len(path) <= limit else "…" + path[1 - limit :]
