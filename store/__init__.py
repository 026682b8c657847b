"""The memory: everything the client was told and did, in one order, in one file.

The log of a stream (one customer of one organization) is the only source of the views. This
package keeps it: `base` says what is promised, `writer` commits in groups, `sqlite` and
`memory` are the two places records can lie. Importing it does not import SQLAlchemy; opening a
file does.
"""

from __future__ import annotations

import os
import time
from typing import Final

from livechat_customer.errors import ConfigError
from livechat_customer.store.base import (
    Clock,
    EventLog,
    LogHealth,
    Stream,
    StreamInfo,
    StreamReader,
    Synchronous,
)

__all__ = [
    "EventLog",
    "LogHealth",
    "Stream",
    "StreamInfo",
    "StreamReader",
    "open_log",
    "wall_clock",
]

MEMORY: Final = ":memory:"


def wall_clock() -> int:
    """Microseconds since the epoch, by the machine's clock."""
    return time.time_ns() // 1000


def open_log(
    log: str | os.PathLike[str] | EventLog,
    *,
    clock: Clock = wall_clock,
    synchronous: Synchronous = "NORMAL",
    read_only: bool = False,
) -> EventLog:
    """The log of this name, not yet opened: a path, `":memory:"`, or a log as it is.

    `read_only` opens an existing file without writing anything to it: its streams can be
    followed and not owned. Await `open()` next. No file is touched here.
    """
    if synchronous not in ("NORMAL", "FULL"):
        raise ConfigError("log: synchronous must be NORMAL or FULL.", option="log")
    if not isinstance(log, str | os.PathLike):
        return log
    path = os.fspath(log)
    if not path:
        raise ConfigError('log: the path is empty; give a file or ":memory:".', option="log")
    if path == MEMORY:
        from livechat_customer.store.memory import MemoryLog

        return MemoryLog(clock=clock)
    from livechat_customer.store.sqlite import SqliteLog

    return SqliteLog(path, clock=clock, synchronous=synchronous, read_only=read_only)
