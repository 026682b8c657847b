"""One log, looked at: can it be read, what is in it, is it whole. Writes nothing to it."""

from __future__ import annotations

from pathlib import Path

import msgspec

from livechat_customer.errors import LogError
from livechat_customer.store import EventLog, StreamInfo, open_log
from livechat_customer.store.upgrade import HEAD


class StreamCheck(msgspec.Struct, frozen=True):
    """A stream, without the ids that say whose it is."""

    id: int
    profile: str
    records: int
    opened: int
    """How many times it was opened for writing."""
    generation: int
    bound: bool
    """Whether a customer's token came."""
    whole: bool | None
    """Its records are numbered without gaps, to the last; None: it was not read, for its key has
    another customer's stream by now."""


class LogCheck(msgspec.Struct, frozen=True):
    """What was found."""

    path: str
    bytes: int
    problem: str | None
    """One line; None: it is well."""
    schema: str | None = None
    """The revision of its tables; None: it could not be opened."""
    records: int = 0
    streams: tuple[StreamCheck, ...] = ()


async def check_log(path: Path, size: int) -> LogCheck:
    """Open the log, a file of `size` bytes, read-only and read it through."""
    log = open_log(path, read_only=True)
    try:
        await log.open()
    except LogError as error:
        return LogCheck(str(path), size, error.message)
    try:
        return await _read(log, path, size)
    except LogError as error:
        return LogCheck(str(path), size, error.message, HEAD)
    finally:
        await log.aclose()


async def _read(log: EventLog, path: Path, size: int) -> LogCheck:
    infos = await log.streams()
    newest: dict[object, StreamInfo] = {info.key: info for info in infos}
    streams = tuple(
        [await _check(log, info, readable=newest[info.key].id == info.id) for info in infos]
    )
    torn = next((stream for stream in streams if stream.whole is False), None)
    problem = None
    if torn is not None:
        problem = f"stream {torn.id} lacks records. Restore a copy of the log."
    total = sum(stream.records for stream in streams)
    return LogCheck(str(path), size, problem, HEAD, total, streams)


async def _check(log: EventLog, info: StreamInfo, *, readable: bool) -> StreamCheck:
    whole = None
    records = info.last_seq
    if readable:
        stream = await log.follow(info.key)
        records, last = 0, 0
        async for page in stream.read():
            records += len(page)
            last = page[-1].seq
        whole = records == last
    return StreamCheck(
        id=info.id,
        profile=info.key.profile,
        records=records,
        opened=info.epoch,
        generation=info.generation,
        bound=info.customer_id is not None,
        whole=whole,
    )
