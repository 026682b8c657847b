"""The one loop that joins the rooms: socket → log → fold → views, events, answers.

Nothing goes back: a frame is posted to the log as it is read, the session machine hears of it at
once, and everything a user can see of it waits until the log has committed it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any, Final, assert_never

from livechat_customer.calls import Answer, Calls
from livechat_customer.connector import Connector
from livechat_customer.errors import AuthError, CustomerSDKError, LogError
from livechat_customer.journal import Journal, Receipt
from livechat_customer.link import Link
from livechat_customer.models.commands import Command
from livechat_customer.records import PUSH, Record
from livechat_customer.store.base import Stream
from livechat_customer.timers import Timers
from livechat_customer.transport import inputs, outputs
from livechat_customer.transport.codec import ANSWERED_BY, decode_frame
from livechat_customer.transport.session import Session
from livechat_customer.transport.token import Token

PING: Final = "ping"
TOKEN: Final = "token"


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
        self._session = session
        self._connector = connector
        self._calls = calls
        self._replaced = replaced
        self._failed = failed
        self._binding = asyncio.Lock()
        self._now = asyncio.get_running_loop().time
        self._timers = Timers(
            lambda name: self.feed(inputs.TimerFired(name)),
            lambda seconds: self.feed(inputs.Awake(seconds)),
        )
        self._link: Link | None = None
        self._links: set[asyncio.Task[None]] = set()
        self._work: set[asyncio.Task[None]] = set()
        self._feeding: deque[inputs.Input] = deque()
        self._journal = Journal(stream, api_version, tell, self._log_failed)

    @property
    def number(self) -> int:
        """Of the newest attempt to connect, over the stream's life."""
        return self._session.newest

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
        future = self.send(request_id, action, payload, timeout=timeout, version=version)
        try:
            return await future
        except asyncio.CancelledError:
            self.feed(inputs.Cancel(request_id))
            raise

    def send(
        self,
        request_id: str,
        action: str,
        payload: bytes,
        *,
        timeout: float | None = None,
        version: str | None = None,
    ) -> asyncio.Future[Answer]:
        """Send a request: its record is posted at once where a slot is free. Returns what ends as
        `call()` would."""
        future = self._calls.open(request_id, action)
        answered_by = ANSWERED_BY.get(action)
        self.feed(inputs.Request(request_id, action, payload, timeout, answered_by, version))
        return future

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

    def fact(self, action: str, data: Mapping[str, object], connection: int = 0) -> Receipt:
        """Post a lifecycle record."""
        return self._journal.fact(action, data, connection)

    def command(self, command: Command, chat_id: str | None = None, connection: int = 0) -> Receipt:
        """Post what the outbox decided."""
        return self._journal.command(command, chat_id, connection)

    def http(self, action: str, outcome: Mapping[str, object]) -> Receipt:
        """Post what came of an HTTP call."""
        return self._journal.http(action, outcome)

    @property
    def region(self) -> str | None:
        """The session's; None: the default host."""
        return self._session.region

    async def flushed(self) -> None:
        """Return when all that was posted so far is committed, or the log has failed."""
        await self._journal.flushed()

    def start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run it beside the rest, until `aclose()` at most."""
        task = asyncio.create_task(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)
        return task

    async def aclose(self, caller: asyncio.Task[Any] | None) -> None:
        """Wait for what still runs, after the session was destroyed; never for `caller`."""
        for task in self._work:
            if task is not caller:
                task.cancel()
        while left := [task for task in self._links | self._work if task is not caller]:
            await asyncio.wait(left)
        await self._journal.flushed()
        self._timers.clear()
        self._journal.leave()

    def _do(self, output: outputs.Output) -> None:
        match output:
            case outputs.Fact(action, data, connection):
                self._journal.fact(action, data, connection)
            case outputs.Settle(request_id, outcome):
                self._journal.later(lambda: self._calls.settle(request_id, outcome))
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
        elif self._journal.request(send):
            self._journal.later(lambda: self._write(send))

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
        late = number != self._session.number
        if self._session.push_is_plain(envelope) and not late:
            self._journal.frame(number, frame, envelope, late)
            for output in self._session.alive(self._now()):
                self._do(output)
        elif envelope.action == PING and envelope.kind != PUSH:
            self.feed(inputs.Frame(number, envelope))
        else:
            record = self._journal.frame(number, frame, envelope, late)
            self.feed(inputs.Frame(number, envelope, record))
        return self._room() if self._journal.full else None

    async def _room(self) -> None:
        self.feed(inputs.ReadingStopped())
        try:
            await self._journal.room()
        finally:
            self.feed(inputs.ReadingResumed())

    # The connection.

    def _open(self, number: int, region: str | None) -> None:
        self._journal.forget_requests()
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
            self._journal.http(TOKEN, {"code": error.code, "reason": error.reason})
            self.feed(
                inputs.TokenFailed(ticket, error.message, error.code, error.reason, error.retryable)
            )
            return
        self._journal.http(TOKEN, {"entity_id": token.entity_id})
        try:
            # Until the first login the token says whose stream this is; a change later in the
            # run is the session's to refuse.
            async with self._binding:
                if not self._session.settled:
                    await self._journal.bind(token.entity_id, self._replaced)
        except LogError as error:
            self._journal.fail(error)
            return
        self.feed(inputs.TokenArrived(ticket, token))

    async def _build_login(self, ticket: int, token: Token) -> None:
        # It says what the last connection's pushes told us to: they are folded when committed.
        await self._journal.flushed()
        try:
            payload = await self._connector.login_payload(token)
        except CustomerSDKError as error:
            self.feed(inputs.LoginDataFailed(ticket, error.message))
            return
        self.feed(inputs.LoginData(ticket, payload))

    def _log_failed(self, error: LogError) -> None:
        # The machine may hold some calls for settled that waited for their commit: they end here,
        # it settles the rest.
        self._calls.fail_all(error)
        self._failed(error)
        self.feed(inputs.LogFailed(error))

    def _keep(self, link: asyncio.Task[None]) -> None:
        self._links.add(link)
        link.add_done_callback(self._links.discard)
