"""What is asked of the database beside the commit of batches. Runs in a driver's thread.

Plain SQL over the tables of `store/schema.py`: each function is one job on a
`sqlite3.Connection`.
"""

from __future__ import annotations

import hashlib
import sqlite3
import zlib
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from typing import Final

from livechat_customer.errors import StreamReplacedError
from livechat_customer.records import Record, StreamKey
from livechat_customer.store.base import StreamInfo
from livechat_customer.store.commit import COLUMNS

NO_GROUP: Final = -1

CHECKPOINT_PAGES: Final = 400
CHECKPOINT_PAGES_PER_STREAM: Final = 32

_RECORD: Final = ", ".join(COLUMNS)

_INFO: Final = (
    "SELECT id, organization_id, client_id, group_id, profile, customer_id, epoch, generation, "
    "(SELECT coalesce(max(seq), 0) FROM records WHERE stream = streams.id) FROM streams"
)

_BY_KEY: Final = "organization_id = ? AND client_id = ? AND group_id = ? AND profile = ?"


def set_up_writer(connection: sqlite3.Connection) -> None:
    bound_checkpoints(connection, 1)
    # After a reader held it back and let go, the file shrinks again.
    connection.execute("PRAGMA journal_size_limit = 4194304").fetchall()
    connection.execute("PRAGMA synchronous = NORMAL").fetchall()
    connection.execute("PRAGMA trusted_schema = OFF").fetchall()


def bound_checkpoints(connection: sqlite3.Connection, owned: int) -> None:
    """Bound the checkpoint that a commit runs into, which is the longest stall there is.

    400 pages (1.6 MB) stall a commit for some 11 ms; 200 for 9 ms, at a tenth of the throughput,
    1,000 for 15 to 20 ms. Each stream more has index pages of its own, which every commit writes
    again and a checkpoint copies once: so more may gather before a checkpoint copies more pages.
    """
    pages = CHECKPOINT_PAGES + CHECKPOINT_PAGES_PER_STREAM * max(owned - 1, 0)
    connection.execute(f"PRAGMA wal_autocheckpoint = {pages}").fetchall()


def set_up_reader(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA query_only = ON").fetchall()
    connection.execute("PRAGMA trusted_schema = OFF").fetchall()
    # Damage shows when the schema is read.
    connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()


@contextmanager
def transaction(connection: sqlite3.Connection) -> Generator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def probe(connection: sqlite3.Connection) -> None:
    """Write something that changes nothing, and let it reach the file."""
    with transaction(connection):
        connection.execute("INSERT OR REPLACE INTO meta (name, value) VALUES ('probe', 'ok')")


# Streams.


def claim(
    connection: sqlite3.Connection, key: StreamKey, file: str, noted: int
) -> tuple[StreamInfo, int, bool]:
    """Find or make the key's newest stream and raise its epoch; with its last `recorded_at`, and
    whether it was restored: written last in another `file`, or its epoch not above the one `noted`
    elsewhere. That holds until `adopt()`."""
    with _synced(connection), transaction(connection):
        found = find(connection, key)
        if found is None:
            number = _insert_stream(connection, key, 1)
        else:
            number = found.id
            connection.execute("UPDATE streams SET epoch = epoch + 1 WHERE id = ?", (number,))
        home = _home(number)
        connection.execute("INSERT OR IGNORE INTO meta (name, value) VALUES (?, ?)", (home, file))
        (known,) = connection.execute("SELECT value FROM meta WHERE name = ?", (home,)).fetchone()
        info, last_at = _claimed(connection, number)
        restored = known != file or info.epoch <= noted
        if restored:
            _settle(connection, number, "")
        return info, last_at, restored


def succeed(connection: sqlite3.Connection, info: StreamInfo, file: str) -> tuple[StreamInfo, int]:
    """Make the next generation of the stream's key."""
    with transaction(connection):
        fence(connection, info.id, info.epoch)
        number = _insert_stream(connection, info.key, info.generation + 1)
        _settle(connection, number, file)
        return _claimed(connection, number)


def adopt(connection: sqlite3.Connection, info: StreamInfo, file: str) -> None:
    """The stream is written in this file from now on."""
    with _synced(connection), transaction(connection):
        fence(connection, info.id, info.epoch)
        _settle(connection, info.id, file)


def _settle(connection: sqlite3.Connection, number: int, file: str) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", (_home(number), file)
    )


def _home(number: int) -> str:
    """Where it is kept which file a stream is written in."""
    return f"home:{number}"


@contextmanager
def _synced(connection: sqlite3.Connection) -> Generator[None]:
    """What is committed meanwhile is on the disk, whatever holds for commits otherwise."""
    (before,) = connection.execute("PRAGMA synchronous").fetchone()
    connection.execute("PRAGMA synchronous = FULL").fetchall()
    try:
        yield
    finally:
        connection.execute(f"PRAGMA synchronous = {before}").fetchall()


def _insert_stream(connection: sqlite3.Connection, key: StreamKey, generation: int) -> int:
    number = connection.execute(
        "INSERT INTO streams "
        "(organization_id, client_id, group_id, profile, generation, epoch) "
        "VALUES (?, ?, ?, ?, ?, 1)",
        (*_key_values(key), generation),
    ).lastrowid
    assert number is not None
    return number


def _claimed(connection: sqlite3.Connection, number: int) -> tuple[StreamInfo, int]:
    row = connection.execute(f"{_INFO} WHERE id = ?", (number,)).fetchone()
    last = connection.execute(
        "SELECT recorded_at FROM records WHERE stream = ? ORDER BY seq DESC LIMIT 1", (number,)
    ).fetchone()
    return _info(row), 0 if last is None else int(last[0])


def bind(connection: sqlite3.Connection, stream: int, epoch: int, customer_id: str) -> str:
    with transaction(connection):
        fence(connection, stream, epoch)
        connection.execute(
            "UPDATE streams SET customer_id = ? WHERE id = ? AND customer_id IS NULL",
            (customer_id, stream),
        )
        (bound,) = connection.execute(
            "SELECT customer_id FROM streams WHERE id = ?", (stream,)
        ).fetchone()
        return str(bound)


def fence(connection: sqlite3.Connection, stream: int, epoch: int) -> None:
    """Refuse to write for a stream that somebody else has taken over."""
    row = connection.execute(
        "SELECT 1 FROM streams WHERE id = ? AND epoch = ?", (stream, epoch)
    ).fetchone()
    if row is None:
        raise StreamReplacedError("Another SDK has taken over this stream. Close this one.")


def find(connection: sqlite3.Connection, key: StreamKey) -> StreamInfo | None:
    row = connection.execute(
        f"{_INFO} WHERE {_BY_KEY} ORDER BY generation DESC LIMIT 1", _key_values(key)
    ).fetchone()
    return None if row is None else _info(row)


def infos(connection: sqlite3.Connection) -> list[StreamInfo]:
    return [_info(row) for row in connection.execute(f"{_INFO} ORDER BY id")]


def _key_values(key: StreamKey) -> tuple[str, str, int, str]:
    group = NO_GROUP if key.group_id is None else key.group_id
    return key.organization_id, key.client_id, group, key.profile


def _info(row: tuple[int, str, str, int, str, str | None, int, int, int]) -> StreamInfo:
    number, organization, client, group, profile, customer, epoch, generation, last = row
    key = StreamKey(organization, client, None if group == NO_GROUP else group, profile)
    return StreamInfo(number, key, customer, epoch, last, generation)


# Records.


def heads(
    connection: sqlite3.Connection, streams: Iterable[int], since: int | None
) -> tuple[int, Mapping[int, int]]:
    (mark,) = connection.execute("PRAGMA data_version").fetchone()
    if mark == since:
        return mark, {}
    found: dict[int, int] = {}
    for stream in streams:
        (last,) = connection.execute(
            "SELECT coalesce(max(seq), 0) FROM records WHERE stream = ?", (stream,)
        ).fetchone()
        found[stream] = last
    return mark, found


def page(
    connection: sqlite3.Connection, stream: int, after: int, upto: int, limit: int
) -> list[Record]:
    return _records(
        connection.execute(
            f"SELECT {_RECORD} FROM records WHERE stream = ? AND seq > ? AND seq <= ? "
            "ORDER BY seq LIMIT ?",
            (stream, after, upto, limit),
        )
    )


def chat_page(
    connection: sqlite3.Connection,
    stream: int,
    chat_id: str,
    after: int,
    upto: int,
    limit: int,
    last: bool,
) -> list[Record]:
    found = _records(
        connection.execute(
            f"SELECT {_RECORD} FROM records WHERE stream = ? AND chat_id = ? AND seq > ? "
            f"AND seq <= ? ORDER BY seq {'DESC' if last else ''} LIMIT ?",
            (stream, chat_id, after, upto, limit),
        )
    )
    if last:
        found.reverse()
    return found


def by_request_id(connection: sqlite3.Connection, stream: int, request_id: str) -> list[Record]:
    return _records(
        connection.execute(
            f"SELECT {_RECORD} FROM records WHERE stream = ? AND request_id = ? ORDER BY seq",
            (stream, request_id),
        )
    )


def _records(cursor: sqlite3.Cursor) -> list[Record]:
    return [
        Record(
            seq, kind, number, action, request, ref, chat, thread, at, api, late == 1, args, data
        )
        for seq, kind, number, action, request, ref, chat, thread, at, api, late, args, data in cursor
    ]


# Snapshots and cursors.


def save_snapshot(
    connection: sqlite3.Connection, stream: int, epoch: int, projector: str, seq: int, state: bytes
) -> None:
    # Packed: SQLite copies what it is given several times, and the heap never shrinks from that.
    packed = zlib.compress(state, level=1)
    with transaction(connection):
        fence(connection, stream, epoch)
        connection.execute(
            "INSERT OR REPLACE INTO snapshots (stream, projector, seq, state, checksum) "
            "VALUES (?, ?, ?, ?, ?)",
            (stream, projector, seq, packed, _checksum(stream, projector, seq, packed)),
        )


def load_snapshot(
    connection: sqlite3.Connection, stream: int, projector: str
) -> tuple[int, bytes] | None:
    row = connection.execute(
        "SELECT seq, state, checksum FROM snapshots WHERE stream = ? AND projector = ?",
        (stream, projector),
    ).fetchone()
    if row is None:
        return None
    seq, packed, checksum = row
    if not isinstance(packed, bytes) or checksum != _checksum(stream, projector, seq, packed):
        return None
    try:
        return seq, zlib.decompress(packed)
    except zlib.error:
        return None


def _checksum(stream: int, projector: str, seq: int, packed: bytes) -> bytes:
    return hashlib.sha256(f"{stream}\0{projector}\0{seq}\0".encode() + packed).digest()


def save_cursor(
    connection: sqlite3.Connection, stream: int, epoch: int, name: str, seq: int
) -> None:
    with transaction(connection):
        fence(connection, stream, epoch)
        connection.execute(
            "INSERT OR REPLACE INTO cursors (stream, name, seq) VALUES (?, ?, ?)",
            (stream, name, seq),
        )


def load_cursor(connection: sqlite3.Connection, stream: int, name: str) -> int:
    row = connection.execute(
        "SELECT seq FROM cursors WHERE stream = ? AND name = ?", (stream, name)
    ).fetchone()
    return 0 if row is None else int(row[0])
