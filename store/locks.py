"""One writer per stream: a kernel lock on a file beside the database, held for as long as it is
owned. It ends with the process, however that ends. What stands in the file is for the message
to whom comes second; and the stream's epoch, which tells that a database was put back in its place
in an older state.
"""

from __future__ import annotations

import hashlib
import os
import socket
import time
from typing import Final

import filelock
import msgspec

from livechat_customer.errors import LogLockedError, StreamLockedError
from livechat_customer.records import StreamKey
from livechat_customer.store.base import StreamInfo
from livechat_customer.store.failures import short
from livechat_customer.store.files import FILE_MODE

SETUP_SECONDS: Final = 30.0
"""How long an opener waits for another that is making or migrating the same database."""


class Holder(msgspec.Struct):
    """Who holds a lock."""

    pid: int
    host: str
    since: str
    """UTC."""
    epoch: int = 0
    """Of the stream, as of the last opening that is settled."""


def stream_lock_path(database: str, key: StreamKey) -> str:
    digest = hashlib.sha256(msgspec.json.encode(key)).hexdigest()
    return f"{database}.{digest[:16]}.lock"


def lock_stream(database: str, key: StreamKey) -> filelock.BaseFileLock:
    """Take the lock of a stream, at once or not at all. Blocks for some file operations."""
    path = stream_lock_path(database, key)
    lock = filelock.FileLock(
        path,
        mode=FILE_MODE,
        # Taken and released in whichever thread the driver has.
        thread_local=False,
        # A lock by existence would outlive the process.
        fallback_to_soft=False,
        on_acquired=_sign,
    )
    try:
        lock.acquire(blocking=False)
    except filelock.Timeout:
        raise _held(path) from None
    return lock


def noted_epoch(database: str, key: StreamKey) -> int:
    """The epoch that was noted last for a stream whose lock we hold; 0 where none was."""
    holder = _holder(stream_lock_path(database, key))
    return 0 if holder is None else holder.epoch


def note_epoch(database: str, info: StreamInfo) -> None:
    """Keep the epoch of a stream whose lock we hold. It is in the database already, and synced."""
    path = stream_lock_path(database, info.key)
    holder = _holder(path)
    if holder is not None:
        holder.epoch = info.epoch
        descriptor = os.open(path, os.O_WRONLY)
        try:
            _write(descriptor, holder)
        finally:
            os.close(descriptor)


def lock_setup(database: str) -> filelock.BaseFileLock:
    """Take the lock under which a database is made or migrated, waiting for who has it."""
    lock = filelock.FileLock(
        f"{database}.lock", mode=FILE_MODE, thread_local=False, fallback_to_soft=False
    )
    try:
        lock.acquire(timeout=SETUP_SECONDS)
    except filelock.Timeout:
        raise LogLockedError(
            f"The log {short(database)}: another program is setting it up. Try again later."
        ) from None
    return lock


def _sign(descriptor: int) -> None:
    since = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())
    before = _decoded(os.pread(descriptor, 4096, 0))
    epoch = 0 if before is None else before.epoch
    _write(descriptor, Holder(os.getpid(), socket.gethostname(), since, epoch))


def _write(descriptor: int, holder: Holder) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, msgspec.json.encode(holder), 0)


def _holder(path: str) -> Holder | None:
    try:
        with open(path, "rb") as file:
            return _decoded(file.read(4096))
    except OSError:
        return None


def _decoded(data: bytes) -> Holder | None:
    try:
        return msgspec.json.decode(data, type=Holder)
    except msgspec.MsgspecError:
        return None


def _held(path: str) -> StreamLockedError:
    by = "another SDK"
    holder = _holder(path)
    if holder is not None:
        by = f"process {holder.pid} on {holder.host} since {holder.since} UTC"
    return StreamLockedError(
        f"This customer's stream is being written by {by}. Close it there, or use another profile."
    )
