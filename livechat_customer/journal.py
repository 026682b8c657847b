"""What the pump writes down, and what waits until it is committed.

Records are posted in order; whatever a user may see of them is put off with `later()` until the
last one posted is committed. When the log fails, what was put off is dropped and `failed` is told.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec

from livechat_customer.calls import AfterCommit
from livechat_customer.errors import LogError, StreamReplacedError
from livechat_customer.models import commands
from livechat_customer.models.commands import Command
from livechat_customer.records import COMMAND, HTTP, LIFECYCLE, REQUEST, Record
from livechat_customer.store.base import Stream
from livechat_customer.transport.codec import redacted, routing_of_request
from livechat_customer.transport.envelope import Envelope
from livechat_customer.transport.outputs import Send

ORIGINS: Final = 1_000
"""Requests of a connection whose keys are remembered for answers that come late."""

REPLACED: Final = "The log of another customer is being begun. Do it again once connected."


class Origin(msgspec.Struct, frozen=True, gc=False):
    """What the record of an answer takes over from the record of its request."""

    seq: int | None = None
    chat_id: str | None = None
    thread_id: str | None = None
    args: bytes | None = None


_UNKNOWN: Final = Origin()


class Receipt:
    """Of a record that was posted, or not."""

    def __init__(self, stream: Stream, seq: int | None, error: LogError | None) -> None:
        self._stream = stream
        self.seq = seq
        """The record's; None: the log has failed, or gives way to another customer's."""
        self.error = error
        """Why there is none, if so."""

    async def committed(self) -> None:
        """Return when the record is committed. Raises LogError."""
        if self.seq is not None:
            await self._stream.committed(self.seq)
        elif self.error is not None:
            raise self.error


class Journal:
    """The log of one stream, as the pump uses it.

    `tell(records)` is called once per committed batch, before what was put off is done;
    `failed(error)` when nothing can be posted any more.
    """

    def __init__(
        self,
        stream: Stream,
        api_version: str,
        tell: Callable[[Sequence[Record]], None],
        failed: Callable[[LogError], None],
    ) -> None:
        self._api_version = api_version
        self._tell = tell
        self._failed = failed
        self._after = AfterCommit()
        self._error: LogError | None = None
        self._origins: dict[str, Origin] = {}
        self._between: list[tuple[str, bytes, int]] | None = None
        """While one stream gives way to another: the facts for whichever it will be."""
        self._follow(stream)

    def _follow(self, stream: Stream) -> None:
        self._stream = stream
        self._posted = self._done = stream.info.last_seq
        self._unlisten = stream.listen(self._committed, self.fail)

    @property
    def full(self) -> bool:
        """More is posted than may wait: await `room()` before reading on."""
        return self._stream.full

    async def room(self) -> None:
        try:
            await self._stream.room()
        except LogError as error:
            self.fail(error)

    def fact(self, action: str, data: Mapping[str, object], connection: int = 0) -> Receipt:
        """A lifecycle record."""
        stream = self._stream
        record = self._post(LIFECYCLE, action, msgspec.json.encode(data), connection=connection)
        return self._receipt(stream, record)

    def http(self, action: str, outcome: Mapping[str, object]) -> Receipt:
        """What came of an HTTP call; never a token, nor what was sent or answered."""
        stream = self._stream
        record = self._post(HTTP, action, msgspec.json.encode(outcome))
        return self._receipt(stream, record)

    def command(self, command: Command, chat_id: str | None = None, connection: int = 0) -> Receipt:
        """What the outbox decided; committed so that it survives a power cut."""
        action, payload = commands.encode(command)
        stream = self._stream
        record = self._post(
            COMMAND, action, payload, connection=connection, chat_id=chat_id, durable=True
        )
        return self._receipt(stream, record)

    def request(self, send: Send) -> bool:
        """A request, secrets replaced; False if the log failed, so that it must not be sent."""
        chat_id, thread_id, args = routing_of_request(send.action, send.frame)
        record = self._post(
            REQUEST,
            send.action,
            redacted(send.action, send.frame),
            connection=send.number,
            request_id=send.request_id,
            chat_id=chat_id,
            thread_id=thread_id,
        )
        if record is None:
            return False
        while len(self._origins) >= ORIGINS:
            del self._origins[next(iter(self._origins))]
        self._origins[send.request_id] = Origin(record.seq, chat_id, thread_id, args)
        return True

    def frame(self, number: int, frame: bytes, envelope: Envelope, late: bool) -> Record | None:
        """A frame of connection `number`; an answer takes over the keys of its request."""
        origin = _UNKNOWN
        if envelope.request_id is not None:
            origin = self._origins.get(envelope.request_id, _UNKNOWN)
        return self._post(
            envelope.kind,
            envelope.action,
            frame,
            connection=number,
            request_id=envelope.request_id,
            ref=origin.seq,
            chat_id=envelope.chat_id or origin.chat_id,
            thread_id=envelope.thread_id or origin.thread_id,
            api_version=envelope.version,
            late=late,
            args=origin.args,
        )

    def forget_requests(self) -> None:
        """Another connection begins: answers to the requests of the last one come no more."""
        self._origins.clear()

    def later(self, action: Callable[[], None]) -> None:
        """Do it when all that was posted so far is committed."""
        self._after.add(self._posted, action)
        self._after.release(self._done)

    def fail(self, error: LogError) -> None:
        """Nothing that waits for a commit will see it."""
        self._error = error
        self._posted = self._done
        self._after.drop()
        self._failed(error)

    async def bind(self, customer_id: str, replaced: Callable[[Stream], None]) -> None:
        """Say whose stream this is. If it is another customer's, what that one did not send is
        parked, and a stream of their own begins: `replaced` is told of it before anything is posted
        there. In between nothing but facts is taken. Raises LogError."""
        bound = self._stream.info.customer_id
        if bound is not None and bound != customer_id:
            parked = self.command(commands.Parked(commands.IDENTITY_CHANGED))
            # What came after it would be neither parked nor heard of.
            self._between = []
            try:
                await parked.committed()
                self._unlisten()
                self._follow(await self._stream.replace_identity())
                replaced(self._stream)
            finally:
                facts, self._between = self._between, None
                for action, payload, connection in facts:
                    self._post(LIFECYCLE, action, payload, connection=connection)
        await self._stream.bind_customer(customer_id)

    async def flushed(self) -> None:
        """Return when all that was posted so far is committed, or the log has failed."""
        with contextlib.suppress(LogError):
            await self._stream.committed(self._posted)

    def leave(self) -> None:
        """Hear no more of the stream's commits."""
        self._unlisten()

    def _receipt(self, stream: Stream, record: Record | None) -> Receipt:
        if record is not None:
            return Receipt(stream, record.seq, None)
        between = self._between is not None
        return Receipt(stream, None, StreamReplacedError(REPLACED) if between else self._error)

    def _post(
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
        api_version: str | None = None,
        late: bool = False,
        args: bytes | None = None,
        durable: bool = False,
    ) -> Record | None:
        if self._between is not None:
            if kind == LIFECYCLE:
                self._between.append((action, payload, connection))
            return None
        try:
            record = self._stream.post(
                kind,
                action,
                payload,
                connection=connection,
                request_id=request_id,
                ref=ref,
                chat_id=chat_id,
                thread_id=thread_id,
                api_version=api_version or self._api_version,
                late=late,
                args=args,
                durable=durable,
            )
        except LogError as error:
            self.fail(error)
            return None
        self._posted = record.seq
        return record

    def _committed(self, records: Sequence[Record]) -> None:
        try:
            # Whoever posts meanwhile must not be released before the rest has heard of the batch.
            self._tell(records)
        finally:
            self._done = records[-1].seq
            self._after.release(self._done)
