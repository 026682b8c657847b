"""The front door: `init()` and `CustomerSDK`, which joins the rooms and lets go of them again."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from importlib import import_module
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

import msgspec
from reactivex import Observable

from livechat_customer.added import Added
from livechat_customer.calls import Answer, Calls
from livechat_customer.dispatch import Dispatch
from livechat_customer.emitter import Emitter
from livechat_customer.errors import (
    CustomerSDKError,
    LogError,
    NoConnectionError,
    SDKDestroyedError,
)
from livechat_customer.folding import Folding
from livechat_customer.hydrate import SNAPSHOT_EVERY, save_snapshot, whole_state
from livechat_customer.methods import Methods
from livechat_customer.methods.sneak_peeks import SneakPeeks
from livechat_customer.models import Connected
from livechat_customer.models.payloads import EVENT_PAYLOADS
from livechat_customer.models.wire.responses import LoginResponse
from livechat_customer.options import Options
from livechat_customer.outage import Outage
from livechat_customer.page import CurrentPage
from livechat_customer.projections.live import View
from livechat_customer.projections.root import RootFold
from livechat_customer.projections.seen import SeenFold
from livechat_customer.projections.values import ConnectionState
from livechat_customer.records import OPENED, Record
from livechat_customer.refresh import refresh
from livechat_customer.store import open_log
from livechat_customer.transport import inputs
from livechat_customer.typed_events import TypedEvents
from livechat_customer.views import Views
from livechat_customer.waiters import ConnectWaiters, destroyed
from livechat_customer.web_methods import WebMethods

if TYPE_CHECKING:
    from livechat_customer.auth import Auth
    from livechat_customer.connector import Connector
    from livechat_customer.http_calls import HttpCalls
    from livechat_customer.pump import Pump
    from livechat_customer.store import EventLog, Stream

logger = logging.getLogger(__name__)

_RECORD: Final = "record"


def init(**options: Any) -> CustomerSDK:
    """Make a customer SDK. It checks the options (`Options` lists them) and does nothing else.

    Raises ConfigError, with the option's name.
    """
    return CustomerSDK(Options.checked(**options))


class CustomerSDK(Views, TypedEvents, Methods, WebMethods):
    """A LiveChat customer. Make it with `init()`, use it as `async with`.

    `open()` opens the log and fills the views from it, so that they are ready with no network; it
    then connects in the background unless `auto_connect=False`. On leaving, nothing of it is left:
    no task, no thread, no open file.
    """

    def __init__(self, options: Options) -> None:
        self._options = options
        self._emitter = Emitter(EVENT_PAYLOADS)
        self._raw = Emitter({_RECORD})
        self._folding = Folding(self._emitter.failed, options.clock)
        self._hub = self._folding.hub
        self._outage = Outage(self._hub.connection, self._emitter.failed)
        self._calls = Calls()
        self._added = Added(self._emitter)
        self._page = CurrentPage(options.page, self._send_page)
        self._waiters = ConnectWaiters()
        self._sneak_peeks = SneakPeeks(
            self._may_peek, self.call, lambda work: self._running().start(work)
        )
        self._turn = asyncio.Lock()
        self._closing: asyncio.Task[None] | None = None
        self._destroyed: SDKDestroyedError | None = None
        self._log: EventLog | None = None
        self._stream: Stream | None = None
        self._pump: Pump | None = None
        self._connector: Connector | None = None
        self._auth: Auth | None = None
        self._http_calls: HttpCalls | None = None

    # Life.

    async def open(self) -> Self:
        """Open the log, fill the views from it, start connecting. Idempotent.

        Raises `LogError` and its children (`StreamLockedError`: another SDK has this stream).
        """
        async with self._turn:
            if self._closing is not None:
                raise SDKDestroyedError("This SDK was closed. Make a new one with init().")
            if self._pump is None:
                await self._open()
        return self

    async def connect(self) -> Connected:
        """Connect, and return when logged in. Idempotent: all callers share one attempt.

        Raises `LoginError`, `AuthError` or `IdentityMismatchError` when refused,
        `SDKDestroyedError` after `destroy()`, `NoConnectionError` if `disconnect()` comes between.
        If the log has failed, it is tried again first: `LogError` while it still fails.
        What can be retried is retried meanwhile: see `connection.value.last_error`. Cancelling
        this does not stop the connecting.
        """
        await self.open()
        self._running()
        await _recovered(self.log)
        pump = self._running()
        if self._waiters.connected is not None and not self._outage.lasts:
            return self._waiters.connected
        waiting = self._waiters.wait()
        pump.feed(inputs.Connect())
        return await waiting

    async def disconnect(self) -> None:
        """Go offline until the next `connect()`. Requests in flight end with an error.

        Idempotent. No `disconnected` event is emitted.
        """
        if self._pump is not None and self._destroyed is None:
            self._pump.feed(inputs.Disconnect())
            await self._pump.flushed()

    async def destroy(self) -> None:
        """End for good: disconnect, end all requests (code `SDK_DESTROYED`), forget handlers.

        Idempotent. The log and the credentials stay, and so do the views until `aclose()`.
        """
        if self._pump is not None:
            self._pump.feed(inputs.Destroy())
            await self._pump.flushed()
        self._end("manual")
        self._emitter.off()

    async def aclose(self) -> None:
        """Destroy, and let go of the log: after this nothing of the SDK is left. Idempotent.

        Called from a handler it does not wait for that handler.
        """
        if self._closing is None:
            self._closing = asyncio.create_task(self._close(asyncio.current_task()))
        if asyncio.current_task() is not self._closing:
            await asyncio.shield(self._closing)

    async def __aenter__(self) -> Self:
        return await self.open()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    @property
    def connection(self) -> View[ConnectionState]:
        """Whether we are connected, and why not; `paused` from a failure of the log on."""
        return self._outage.view

    # Raw.

    @property
    def api_version(self) -> str:
        return self._options.api_version

    @property
    def log(self) -> EventLog:
        """The event log; `log.health` tells how it does. Raises NoConnectionError before open()."""
        if self._log is None:
            raise NoConnectionError("The log is not open. Await open() first.")
        return self._log

    @property
    def auth(self) -> Auth:
        """The customer's tokens, as the JavaScript SDK's `auth`; also without a connection.

        Raises NoConnectionError before open().
        """
        if self._auth is None:
            raise NoConnectionError("The SDK is not open. Await open() first.")
        return self._auth

    @property
    def records(self) -> Observable[Record]:
        """The records of this stream as they are committed."""
        return self._raw.observe(_RECORD)

    def root_digest(self) -> str:
        """SHA-256 of the root state: equal for equal logs, live or replayed."""
        return self._hub.root.digest()

    async def state_digest(self) -> str:
        """SHA-256 of the whole state, every chat's content too; reads the whole stream."""
        stream = self._owned()
        return (await whole_state(stream, self._hub.seq)).digest()

    async def shared_digest(self) -> str:
        """SHA-256 of what the views call current: equal for two clients of one customer, and for
        the server, at a quiet point. Reads the whole stream."""
        stream = self._owned()
        return (await whole_state(stream, self._hub.seq)).shared_digest()

    async def call(
        self,
        action: str,
        payload: Mapping[str, Any],
        *,
        timeout: float | None = None,  # noqa: ASYNC109 - counts from the socket's write
        version: str | None = None,
    ) -> Answer:
        pump = self._running()
        body = msgspec.json.encode(payload)
        return await pump.call(self._options.ids(), action, body, timeout=timeout, version=version)

    # Inside.

    def _running(self) -> Pump:
        if self._destroyed is not None:
            raise SDKDestroyedError(self._destroyed.message)
        if self._pump is None:
            raise NoConnectionError
        return self._pump

    def _http(self) -> HttpCalls:
        if self._http_calls is None and self._destroyed is None:
            raise NoConnectionError("The SDK is not open. Await open() first.")
        self._running()
        assert self._http_calls is not None  # made with the pump
        return self._http_calls

    def _own_group(self) -> int:
        return self._options.group_id or 0

    def _user_code_failed(self, where: str, error: Exception) -> None:
        self._emitter.failed(where, error)

    def _owned(self) -> Stream:
        if self._stream is None:
            raise NoConnectionError("The log is not open. Await open() first.")
        return self._stream

    async def _open(self) -> None:
        options = self._options
        location = options.log_location()
        log = open_log(location, clock=options.clock, synchronous=options.synchronous)
        async with contextlib.AsyncExitStack() as undo:
            await log.open()
            if log is not location:
                undo.push_async_callback(log.aclose)
            await _recovered(log)
            stream = await log.stream(options.stream_key)
            undo.push_async_callback(stream.aclose)
            self._added.seen = await self._folding.follow(stream)
            self._log, self._stream = log, stream
            await self._build(stream)
            undo.pop_all()

    async def _build(self, stream: Stream) -> None:
        # The drivers bring websockets and httpx: they are imported when there is use for them, and
        # not on the loop's thread.
        assembly = await asyncio.to_thread(import_module, "livechat_customer.assembly")
        built: tuple[Pump, Connector, Auth, HttpCalls] = assembly.assemble(
            self._options,
            stream,
            self._hub,
            self._page,
            self._calls,
            self._dispatch(),
            self._replaced,
            self._log_failed,
        )
        pump, self._connector, self._auth, self._http_calls = built
        self._pump = pump
        pump.fact(OPENED, {"epoch": stream.info.epoch})
        if self._options.auto_connect:
            pump.feed(inputs.Connect())

    def _dispatch(self) -> Dispatch:
        return Dispatch(
            self._hub,
            self._folding.publish,
            self._calls,
            self._emitter,
            self._waiters,
            self._added,
            self._page,
            self._record,
            self._refresh,
            self._end,
        )

    def _record(self, record: Record) -> None:
        self._raw.emit(_RECORD, record)
        if record.seq % SNAPSHOT_EVERY == 0 and self._pump is not None:
            self._pump.start(save_snapshot(self._hub, self._added.seen, self._owned()))

    def _refresh(self, login: LoginResponse) -> None:
        if self._pump is not None:
            self._pump.start(refresh(login, self._resync))

    async def _resync(self, action: str, payload: Mapping[str, Any]) -> Answer:
        request_id = self._options.ids()
        with self._added.resync(request_id):
            body = msgspec.json.encode(payload)
            return await self._running().call(request_id, action, body)

    def _send_page(self, page: Mapping[str, Any]) -> None:
        if self._pump is not None and self._destroyed is None:
            self._pump.start(self._told_page(page))

    async def _told_page(self, page: Mapping[str, Any]) -> None:
        try:
            await self.call("update_customer_page", page)
        except CustomerSDKError as error:
            logger.debug("the page was not taken: %s", error.code)

    def _replaced(self, stream: Stream) -> None:
        """Another customer's token came at the start: their stream begins."""
        self._stream = stream
        self._hub.restore(RootFold(), 0)
        self._added.seen = SeenFold()
        self._folding.stream = stream

    def _may_peek(self, chat_id: str) -> bool:
        """Connected, and the chat has an open thread as far as the views know."""
        chat = self.chat(chat_id).value if self.connection.value.status == "connected" else None
        return self._destroyed is None and chat is not None and chat.active

    def _log_failed(self, error: LogError) -> None:
        if self._pump is not None:
            self._outage.begin(self._pump.number, error)
        self._waiters.fail(error)

    def _end(self, reason: str) -> None:
        self._sneak_peeks.end()
        if self._destroyed is None:
            self._destroyed = destroyed(reason)
            self._waiters.fail(self._destroyed)
            if self._http_calls is not None:
                self._http_calls.end(self._destroyed)

    async def _close(self, caller: asyncio.Task[Any] | None) -> None:
        async with self._turn:
            if self._pump is not None:
                self._pump.feed(inputs.Destroy())
            self._end("manual")
            if self._http_calls is not None:
                await self._http_calls.aclose()
            if self._pump is not None and self._connector is not None:
                await self._connector.aclose()
                await self._pump.aclose(caller)
            if handlers := self._emitter.close(keep=caller):
                await asyncio.wait(handlers)
            self._raw.close()
            if self._stream is not None:
                with contextlib.suppress(LogError):
                    await save_snapshot(self._hub, self._added.seen, self._stream)
                await self._stream.aclose()
            await self._folding.aclose()
            if self._log is not None and self._log is not self._options.log:
                await self._log.aclose()


async def _recovered(log: EventLog) -> None:
    """Make a log that has failed take records again. LogError if it can't yet."""
    if log.health.status == "failed":
        await log.recover()
