"""The one loop that joins the rooms: socket → log → fold → views, events, answers.

Nothing goes back: a frame is posted to the log as it is read, the session machine hears of it at
once, and everything a user can see of it waits until the log has committed it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any, assert_never

import msgspec

from livechat_customer.calls import AfterCommit, Answer, Calls
from livechat_customer.connector import Connector
from livechat_customer.errors import AuthError, CustomerSDKError, LogError
from livechat_customer.link import Link
from livechat_customer.records import HTTP, LIFECYCLE, PUSH, REQUEST, Record
from livechat_customer.store.base import Stream
from livechat_customer.timers import Timers
from livechat_customer.transport import inputs, outputs
from livechat_customer.transport.codec import (
    ANSWERED_BY,
    decode_frame,
    redacted,
    routing_of_request,
)
from livechat_customer.transport.envelope import Envelope
from livechat_customer.transport.session import Session
from livechat_customer.transport.token import Token

logger = logging.getLogger(__name__)

PING = "ping"
ORIGINS = 1_000
"""Requests of a connection whose keys are remembered for answers that come late."""


class Origin(msgspec.Struct, frozen=True, gc=False):
    """What the record of an answer takes over from the record of its request."""

    seq: int | None = None
    chat_id: str | None = None
    thread_id: str | None = None
    args: bytes | None = None


_UNKNOWN = Origin()


class Pump:
    """Drives one session on one stream. Make it inside a running loop, end it with `aclose()`.

    `tell(records)` is called once per committed batch, on the loop's thread, before the calls that
    rest on it are resolved; `replaced(stream)` when another customer's stream took the place of
    the one given; `failed(error)` when the log failed.
    """

    def __init__(
        self,
        stream: Stream,
        session: Session,
        connector: Connector,
        calls: Calls,
        tell: Callable[[Sequence[Record]], None],
        replaced: Callable[[Stream], None],
        failed: Callable[[LogError], None],
        api_version: str,
    ) -> None:
        self._stream = stream
        self._session = session
        self._connector = connector
        self._calls = calls
        self._tell = tell
        self._replaced = replaced
        self._failed = failed
        self._bound = False
        self._api_version = api_version
        self._now = asyncio.get_running_loop().time
        self._timers = Timers(
            lambda name: self.feed(inputs.TimerFired(name)),
            lambda seconds: self.feed(inputs.Awake(seconds)),
        )
        self._after = AfterCommit()
        self._posted = self._done = stream.info.last_seq
        self._origins: dict[str, Origin] = {}
        self._number = 0
        self._link: Link | None = None
        self._links: set[asyncio.Task[None]] = set()
        self._work: set[asyncio.Task[None]] = set()
        self._feeding: deque[inputs.Input] = deque()
        self._unlisten = stream.listen(self._committed, self._log_failed)

    async def call(
        self,
        request_id: str,
        action: str,
        payload: bytes,
        *,
        timeout: float | None = None,  # noqa: ASYNC109 - the machine's timer, from the write
        version: str | None = None,
    ) -> Answer:
        """Send a request and wait for its answer. Raises what `outputs.Failed` carries."""
        future = self._calls.open(request_id, action)
        answered_by = ANSWERED_BY.get(action)
        self.feed(inputs.Request(request_id, action, payload, timeout, answered_by, version))
        try:
            return await future
        except asyncio.CancelledError:
            self.feed(inputs.Cancel(request_id))
            raise

    def feed(self, given: inputs.Input) -> None:
        """Give the machine an input and do what it wants done.

        An input that comes up while another is being worked off waits for its turn, so that
        outputs keep their order.
        """
        self._feeding.append(given)
        if len(self._feeding) > 1:
            return
        while self._feeding:
            try:
                for output in self._session.handle(self._feeding[0], self._now()):
                    self._do(output)
            finally:
                self._feeding.popleft()

    def fact(self, action: str, data: Mapping[str, object], connection: int = 0) -> None:
        """Post a lifecycle record."""
        self._post(LIFECYCLE, action, msgspec.json.encode(data), connection=connection)

    async def flushed(self) -> None:
        """Return when all that was posted so far is committed, or the log has failed."""
        with contextlib.suppress(LogError):
            await self._stream.committed(self._posted)

    async def aclose(self, caller: asyncio.Task[Any] | None) -> None:
        """Wait for what still runs, after the session was destroyed; never for `caller`."""
        for task in self._work:
            if task is not caller:
                task.cancel()
        while left := [task for task in self._links | self._work if task is not caller]:
            await asyncio.wait(left)
        await self.flushed()
        self._timers.clear()
        self._unlisten()

    def _do(self, output: outputs.Output) -> None:
        match output:
            case outputs.Fact(action, data, connection):
                self.fact(action, data, connection)
            case outputs.Settle(request_id, outcome):
                self._later(lambda: self._calls.settle(request_id, outcome))
            case outputs.Send():
                self._send(output)
            case outputs.SetTimer(name, at):
                self._timers.set(name, at)
            case outputs.CancelTimer(name):
                self._timers.cancel(name)
            case outputs.OpenSocket(number, region):
                self._open(number, region)
            case outputs.CloseSocket(number, code, reset):
                if self._link is not None and self._link.number == number:
                    self._keep(self._link.close(code, reset))
            case outputs.FetchToken(ticket, fresh):
                self.start(self._fetch_token(ticket, fresh))
            case outputs.BuildLogin(ticket, token):
                self.start(self._build_login(ticket, token))
            case _:
                assert_never(output)

    # Out: the record first, the socket after its commit.

    def _send(self, send: outputs.Send) -> None:
        if not send.loggable:
            self._write(send)
            return
        chat_id, thread_id, args = routing_of_request(send.action, send.frame)
        seq = self._post(
            REQUEST,
            send.action,
            redacted(send.action, send.frame),
            connection=send.number,
            request_id=send.request_id,
            chat_id=chat_id,
            thread_id=thread_id,
        )
        while len(self._origins) >= ORIGINS:
            del self._origins[next(iter(self._origins))]
        self._origins[send.request_id] = Origin(seq, chat_id, thread_id, args)
        self._later(lambda: self._write(send))

    def _write(self, send: outputs.Send) -> None:
        if self._link is not None and self._link.number == send.number:
            self._link.write(send)

    def about_to_write(self, send: outputs.Send) -> bool:
        if not self._session.may_write(send.request_id):
            return False
        self.feed(inputs.Written(send.request_id))
        return True

    # In: every frame is posted before anything is made of it.

    def received(self, number: int, frame: bytes) -> Awaitable[None] | None:
        envelope = decode_frame(frame)
        if self._session.push_is_plain(envelope) and number == self._session.number:
            self._post_frame(number, frame, envelope)
            for output in self._session.alive(self._now()):
                self._do(output)
        elif envelope.action == PING and envelope.kind != PUSH:
            self.feed(inputs.Frame(number, envelope))
        else:
            record = self._post_frame(number, frame, envelope)
            self.feed(inputs.Frame(number, envelope, record))
        return self._room() if self._stream.full else None

    def _post_frame(self, number: int, frame: bytes, envelope: Envelope) -> Record | None:
        origin = _UNKNOWN
        if envelope.request_id is not None:
            origin = self._origins.get(envelope.request_id, _UNKNOWN)
        try:
            record = self._stream.post(
                envelope.kind,
                envelope.action,
                frame,
                connection=number,
                request_id=envelope.request_id,
                ref=origin.seq,
                chat_id=envelope.chat_id or origin.chat_id,
                thread_id=envelope.thread_id or origin.thread_id,
                api_version=envelope.version or self._api_version,
                late=number != self._session.number,
                args=origin.args,
            )
        except LogError as error:
            self._log_failed(error)
            return None
        self._posted = record.seq
        return record

    async def _room(self) -> None:
        self.feed(inputs.ReadingStopped())
        try:
            await self._stream.room()
        except LogError as error:
            self._log_failed(error)
        finally:
            self.feed(inputs.ReadingResumed())

    # The connection.

    def _open(self, number: int, region: str | None) -> None:
        self._origins.clear()
        self._link = Link(number, self, lambda: self._connector.open_socket(region))
        self._keep(self._link.task)

    def opened(self, number: int) -> None:
        self.feed(inputs.Opened(number))

    def open_failed(self, number: int, error: str, final: bool) -> None:
        self.feed(inputs.OpenFailed(number, error, final))

    def closed(self, number: int, code: int, reason: str, clean: bool) -> None:
        self.feed(inputs.Closed(number, code, reason, clean))

    async def _fetch_token(self, ticket: int, fresh: bool) -> None:
        try:
            token = await self._connector.token(fresh)
        except AuthError as error:
            outcome = {"code": error.code, "reason": error.reason}
            self._post(HTTP, "token", msgspec.json.encode(outcome))
            self.feed(
                inputs.TokenFailed(ticket, error.message, error.code, error.reason, error.retryable)
            )
            return
        self._post(HTTP, "token", msgspec.json.encode({"entity_id": token.entity_id}))
        try:
            if not self._bound:
                await self._bind(token.entity_id)
        except LogError as error:
            self._log_failed(error)
            return
        self.feed(inputs.TokenArrived(ticket, token))

    async def _build_login(self, ticket: int, token: Token) -> None:
        try:
            payload = await self._connector.login_payload(token)
        except CustomerSDKError as error:
            self.feed(inputs.LoginDataFailed(ticket, error.message))
            return
        self.feed(inputs.LoginData(ticket, payload))

    async def _bind(self, customer_id: str) -> None:
        """The run's first token says whose stream this is. Another customer than last time begins
        a stream of their own; a change later in the run is the session's to refuse."""
        bound = self._stream.info.customer_id
        if bound is not None and bound != customer_id:
            self._unlisten()
            self._stream = await self._stream.replace_identity()
            self._posted = self._done = self._stream.info.last_seq
            self._unlisten = self._stream.listen(self._committed, self._log_failed)
            self._replaced(self._stream)
        await self._stream.bind_customer(customer_id)
        self._bound = True

    # The log.

    def _post(
        self,
        kind: str,
        action: str,
        payload: bytes,
        *,
        connection: int = 0,
        request_id: str | None = None,
        chat_id: str | None = None,
        thread_id: str | None = None,
    ) -> int | None:
        try:
            record = self._stream.post(
                kind,
                action,
                payload,
                connection=connection,
                request_id=request_id,
                chat_id=chat_id,
                thread_id=thread_id,
                api_version=self._api_version,
            )
        except LogError as error:
            self._log_failed(error)
            return None
        self._posted = record.seq
        return record.seq

    def _later(self, action: Callable[[], None]) -> None:
        """Do it when all that was posted so far is committed."""
        self._after.add(self._posted, action)
        self._after.release(self._done)

    def _committed(self, records: Sequence[Record]) -> None:
        self._done = records[-1].seq
        try:
            self._tell(records)
        finally:
            self._after.release(self._done)

    def _log_failed(self, error: LogError) -> None:
        # What waited for a commit that never comes ends with the log's error; the machine, which
        # may hold some of it for settled, settles the rest.
        self._posted = self._done
        self._after.drop()
        self._calls.fail_all(error)
        self._failed(error)
        self.feed(inputs.LogFailed(error))

    # Tasks.

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Run it beside the rest, until `aclose()` at most."""
        task = asyncio.create_task(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)

    def _keep(self, link: asyncio.Task[None]) -> None:
        self._links.add(link)
        link.add_done_callback(self._links.discard)
