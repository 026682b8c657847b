"""A stream's two faces: `Reader`, which anybody may have, and `OwnedStream`, which writes it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from livechat_customer.errors import (
    IdentityMismatchError,
    LogError,
)
from livechat_customer.records import Record
from livechat_customer.store.backend import Backend, Claim
from livechat_customer.store.base import (
    PAGE,
    Clock,
    CommitListener,
    FailureListener,
    StreamInfo,
    Unsubscribe,
)
from livechat_customer.store.pages import Pages, Tail
from livechat_customer.store.queue import Lane, fresh
from livechat_customer.store.tail import Watch
from livechat_customer.store.writer import Writer


class Reader:
    """A stream to read; implements `StreamReader`."""

    def __init__(self, backend: Backend, watch: Watch, info: StreamInfo) -> None:
        self._backend = backend
        self._watch = watch
        self._info = info

    @property
    def info(self) -> StreamInfo:
        return self._info

    async def last_seq(self) -> int:
        _, heads = await self._backend.heads((self._info.id,))
        return heads.get(self._info.id, 0)

    def read(
        self, after: int = 0, upto: int | None = None, page: int = PAGE
    ) -> AsyncIterator[Sequence[Record]]:
        return Pages(self._fetch, self.last_seq, after, upto, page)

    def read_chat(
        self,
        chat_id: str,
        after: int = 0,
        upto: int | None = None,
        page: int = PAGE,
        *,
        newest_first: bool = False,
    ) -> AsyncIterator[Sequence[Record]]:
        stream = self._info.id

        def fetch(after: int, upto: int, limit: int) -> Awaitable[Sequence[Record]]:
            return self._backend.chat_page(stream, chat_id, after, upto, limit, newest_first)

        return Pages(fetch, self.last_seq, after, upto, page, newest_first=newest_first)

    def _fetch(self, after: int, upto: int, limit: int) -> Awaitable[Sequence[Record]]:
        return self._backend.page(self._info.id, after, upto, limit)

    async def by_request_id(self, request_id: str) -> Sequence[Record]:
        return await self._backend.by_request_id(self._info.id, request_id)

    def tail(self, after: int = 0) -> AsyncIterator[Sequence[Record]]:
        return Tail(self._fetch, self._watch, self._info.id, after)

    async def load_snapshot(self, projector: str) -> tuple[int, bytes] | None:
        found = await self._backend.load_snapshot(self._info.id, projector)
        if found is not None and found[0] > await self.last_seq():
            return None
        return found

    async def load_cursor(self, name: str) -> int:
        return await self._backend.load_cursor(self._info.id, name)


class OwnedStream(Reader):
    """A stream that this log writes; implements `Stream`."""

    def __init__(
        self,
        backend: Backend,
        watch: Watch,
        writer: Writer,
        claim: Claim,
        *,
        clock: Clock,
        full_sync: bool,
        replace: Callable[[OwnedStream, Claim], Awaitable[OwnedStream]],
        release: Callable[[OwnedStream, Claim], Awaitable[None]],
    ) -> None:
        super().__init__(backend, watch, claim.info)
        self._writer = writer
        self._claim = claim
        self._clock = clock
        self._full_sync = full_sync
        self._replace = replace
        self._release = release
        self._customer_id = claim.info.customer_id
        self._lane = Lane(claim.info.id, claim.info.epoch, claim.info.last_seq, claim.last_at)
        self._ended = False
        writer.enter(self._lane)

    @property
    def info(self) -> StreamInfo:
        info = self._info
        return StreamInfo(
            id=info.id,
            key=info.key,
            customer_id=self._customer_id,
            epoch=info.epoch,
            last_seq=self._lane.committed,
            generation=info.generation,
        )

    async def last_seq(self) -> int:
        return self._lane.committed

    @property
    def restored(self) -> bool:
        return self._claim.restored

    async def adopt(self) -> None:
        await self._backend.adopt(self._claim)

    # Writing.

    @property
    def full(self) -> bool:
        return self._writer.room.full(self._lane)

    async def room(self) -> None:
        await self._writer.room.wait(self._lane)

    def listen(self, on_commit: CommitListener, on_failure: FailureListener) -> Unsubscribe:
        entry = (on_commit, on_failure)
        self._lane.listeners.append(entry)

        def unsubscribe() -> None:
            if entry in self._lane.listeners:
                self._lane.listeners.remove(entry)

        return unsubscribe

    def post(
        self,
        kind: str,
        action: str,
        payload: bytes,
        *,
        connection: int = 0,
        request_id: str | None = None,
        ref: int | None = None,
        chat_id: str | None = None,
        thread_id: str | None = None,
        api_version: str = "",
        late: bool = False,
        args: bytes | None = None,
        recorded_at: int | None = None,
        durable: bool = False,
    ) -> Record:
        return self._post(
            kind,
            action,
            payload,
            connection,
            request_id,
            ref,
            chat_id,
            thread_id,
            api_version,
            late,
            args,
            recorded_at,
            durable,
        )

    def append(
        self,
        kind: str,
        action: str,
        payload: bytes,
        *,
        connection: int = 0,
        request_id: str | None = None,
        ref: int | None = None,
        chat_id: str | None = None,
        thread_id: str | None = None,
        api_version: str = "",
        late: bool = False,
        args: bytes | None = None,
        recorded_at: int | None = None,
        durable: bool = False,
    ) -> asyncio.Future[Record]:
        future: asyncio.Future[Record] = asyncio.get_running_loop().create_future()
        try:
            record = self._post(
                kind,
                action,
                payload,
                connection,
                request_id,
                ref,
                chat_id,
                thread_id,
                api_version,
                late,
                args,
                recorded_at,
                durable,
            )
        except LogError as error:
            future.set_exception(error)
        else:
            self._lane.appends[record.seq] = future
        return future

    def _post(
        self,
        kind: str,
        action: str,
        payload: bytes,
        connection: int,
        request_id: str | None,
        ref: int | None,
        chat_id: str | None,
        thread_id: str | None,
        api_version: str,
        late: bool,
        args: bytes | None,
        recorded_at: int | None,
        durable: bool,
    ) -> Record:
        lane = self._lane
        if lane.error is not None:
            raise fresh(lane.error)
        at = self._clock() if recorded_at is None else recorded_at
        if at < lane.last_at:  # noqa: PLR1730 - max() costs more than the rest of the line
            at = lane.last_at
        record = Record(
            lane.seq + 1,
            kind,
            connection,
            action if action.isascii() else clean(action),
            request_id if request_id is None or request_id.isascii() else clean(request_id),
            ref,
            chat_id if chat_id is None or chat_id.isascii() else clean(chat_id),
            thread_id if thread_id is None or thread_id.isascii() else clean(thread_id),
            at,
            api_version,
            late,
            args,
            payload,
        )
        lane.seq += 1
        lane.last_at = at
        if durable or self._full_sync:
            lane.durable_upto = lane.seq
        self._writer.put(lane, record)
        return record

    async def committed(self, seq: int) -> None:
        await self._writer.committed(self._lane, seq)

    # What stands beside the records.

    async def bind_customer(self, customer_id: str) -> None:
        if self._lane.error is not None:
            raise fresh(self._lane.error)
        if self._customer_id is None:
            info = self._info
            self._customer_id = await self._backend.bind(info.id, info.epoch, customer_id)
        if self._customer_id != customer_id:
            raise IdentityMismatchError

    async def replace_identity(self) -> OwnedStream:
        return await self._replace(self, self._claim)

    async def save_snapshot(self, projector: str, seq: int, state: bytes) -> None:
        await self.committed(seq)
        await self._backend.save_snapshot(self._info.id, self._info.epoch, projector, seq, state)

    async def save_cursor(self, name: str, seq: int) -> None:
        await self.committed(seq)
        await self._backend.save_cursor(self._info.id, self._info.epoch, name, seq)

    async def end(self, error: LogError) -> bool:
        """Commit what is queued and take no more; False if it had ended before."""
        if self._ended:
            return False
        self._ended = True
        await self._writer.leave(self._lane, error)
        return True

    async def aclose(self) -> None:
        await self._release(self, self._claim)


def clean(text: str) -> str:
    """`text` without lone surrogates, which SQLite can't keep: U+FFFD in their place."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
