"""What stands behind a `CustomerSDK`: it joins the rooms, and lets go of them again."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Coroutine, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import msgspec

from livechat_customer.announcements import Announcements
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
from livechat_customer.hydrate import SNAPSHOT_EVERY, save_snapshot
from livechat_customer.methods.sneak_peeks import SneakPeeks
from livechat_customer.models import Connected, commands
from livechat_customer.models.payloads import EVENT_PAYLOADS
from livechat_customer.options import Options
from livechat_customer.outage import Outage
from livechat_customer.outbox import Outbox
from livechat_customer.page import CurrentPage
from livechat_customer.projections.root import RootFold
from livechat_customer.projections.seen import SeenFold
from livechat_customer.records import COMMAND, OPENED, RESYNC_ID, Record
from livechat_customer.resync import Resyncs
from livechat_customer.store import open_log
from livechat_customer.transport import inputs
from livechat_customer.waiters import DISCONNECT_CALLED, ConnectWaiters, destroyed

if TYPE_CHECKING:
    from livechat_customer.auth import Auth
    from livechat_customer.connector import Connector
    from livechat_customer.http_calls import HttpCalls
    from livechat_customer.pump import Pump
    from livechat_customer.store import EventLog, Stream

logger = logging.getLogger(__name__)

RECORD: Final = "record"


class Engine:
    """The parts that are there from the beginning, and those that `open()` brings: log, stream,
    pump, tokens and HTTP calls, None before it."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.emitter = Emitter(EVENT_PAYLOADS)
        self.raw = Emitter({RECORD})
        self._folding = Folding(
            self.emitter.failed, options.clock, lambda: self.resyncs, lambda: self.outbox
        )
        self.hub = self._folding.hub
        self.outage = Outage(self.hub.connection, self.emitter.failed)
        self._calls = Calls()
        self._announcements = Announcements(self.emitter.wanted, SeenFold())
        self.page = CurrentPage(options.page, self._send_page)
        self._waiters = ConnectWaiters()
        self.sneak_peeks = SneakPeeks(
            self._may_peek, self.call, lambda work: self.running().start(work)
        )
        self.resyncs = Resyncs(
            self.hub,
            send=self._read,
            fact=lambda action, data, number: self.running().fact(action, data, number),
            start=self._beside,
            stream=self._readable,
            clock=options.clock,
            random=options.random,
        )
        self.outbox = Outbox(
            options,
            self.hub,
            self.running,
            self.sneak_peeks.forget,
            self._announcements.double,
        )
        self._turn = asyncio.Lock()
        self._disconnects = 0
        self._closing: asyncio.Task[None] | None = None
        self._destroyed: SDKDestroyedError | None = None
        self.log: EventLog | None = None
        self.stream: Stream | None = None
        self.pump: Pump | None = None
        self._connector: Connector | None = None
        self.auth: Auth | None = None
        self._http_calls: HttpCalls | None = None

    async def open(self) -> None:
        """Open the log, fill the views from it, start connecting; once."""
        async with self._turn:
            if self._closing is not None:
                raise SDKDestroyedError("This SDK was closed. Make a new one with init().")
            if self.pump is None:
                if self._destroyed is not None:
                    raise SDKDestroyedError(self._destroyed.message)
                await self._open()

    async def connect(self) -> Connected:
        """Wait for the login, after another try of a log that has failed."""
        self.running()
        assert self.log is not None  # opened with the pump
        await _recovered(self.log)
        pump = self.running()
        if self._waiters.connected is not None:
            # Its end may wait to be recorded. Who disconnects meanwhile has the last word.
            before = self._disconnects
            await pump.flushed()
            pump = self.running()
            if self._disconnects != before:
                raise NoConnectionError(DISCONNECT_CALLED)
        if self._waiters.connected is not None and not self.outage.lasts:
            return self._waiters.connected
        waiting = self._waiters.wait()
        pump.feed(inputs.Connect())
        return await waiting

    async def disconnect(self) -> None:
        """Go offline, unless it is destroyed."""
        if self.pump is not None and self._destroyed is None:
            self._disconnects += 1
            self.pump.feed(inputs.Disconnect())
            await self.pump.flushed()

    async def destroy(self) -> None:
        """End the session for good."""
        if self.pump is not None:
            self.pump.feed(inputs.Destroy())
            await self.pump.flushed()
        self._end("manual")
        self.emitter.forget()

    async def aclose(self) -> None:
        """Destroy, and let go of all there is; once."""
        if self._closing is None:
            self._closing = asyncio.create_task(self._close(asyncio.current_task()))
        if asyncio.current_task() is not self._closing:
            await asyncio.shield(self._closing)

    async def call(
        self,
        action: str,
        payload: Mapping[str, Any],
        *,
        timeout: float | None = None,  # noqa: ASYNC109 - counts from the socket's write
        version: str | None = None,
    ) -> Answer:
        """Send a request and return its answer."""
        pump = self.running()
        body = msgspec.json.encode(payload)
        return await pump.call(self.options.ids(), action, body, timeout=timeout, version=version)

    def running(self) -> Pump:
        """Raises SDKDestroyedError, or NoConnectionError before `open()`."""
        if self._destroyed is not None:
            raise SDKDestroyedError(self._destroyed.message)
        if self.pump is None:
            raise NoConnectionError
        return self.pump

    def http(self) -> HttpCalls:
        """Raises NoConnectionError before `open()`, SDKDestroyedError after the end."""
        if self._http_calls is None and self._destroyed is None:
            raise NoConnectionError("The SDK is not open. Await open() first.")
        self.running()
        assert self._http_calls is not None  # made with the pump
        return self._http_calls

    def owned(self) -> Stream:
        """Raises NoConnectionError before `open()`."""
        if self.stream is None:
            raise NoConnectionError("The log is not open. Await open() first.")
        return self.stream

    # What a consumer needs: `consume.Source`.

    @property
    def shown(self) -> int:
        """Seq of the last record that the views have shown."""
        return self.hub.seq

    @property
    def closed(self) -> bool:
        return self._closing is not None

    async def grown(self) -> None:
        """Return when a record was shown, or when this is closed."""
        with contextlib.suppress(SDKDestroyedError):
            await self.raw.wait_for(RECORD)

    async def _open(self) -> None:
        options = self.options
        location = options.log_location()
        log = open_log(location, clock=options.clock, synchronous=options.synchronous)
        async with contextlib.AsyncExitStack() as undo:
            await log.open()
            if log is not location:
                undo.push_async_callback(log.aclose)
            await _recovered(log)
            stream = await log.stream(options.stream_key)
            undo.push_async_callback(stream.aclose)
            if stream.restored:
                await _park(stream)
            self._announcements.begin(await self._folding.follow(stream))
            self.log, self.stream = log, stream
            await self._build(stream)
            undo.pop_all()

    async def _build(self, stream: Stream) -> None:
        # The drivers bring websockets and httpx: they are imported when there is use for them, and
        # not on the loop's thread.
        assembly = await asyncio.to_thread(import_module, "livechat_customer.assembly")
        built: tuple[Pump, Connector, Auth, HttpCalls] = assembly.assemble(
            self.options,
            stream,
            self.hub,
            self.page,
            self._calls,
            self._dispatch(),
            self._replaced,
            self._log_failed,
        )
        pump, self._connector, self.auth, self._http_calls = built
        self.pump = pump
        self.outbox.begin(pump, self._read, self.resyncs.chain)
        pump.fact(OPENED, {"epoch": stream.info.epoch})
        if self._destroyed is not None:  # meanwhile
            pump.feed(inputs.Destroy())
        elif self.options.auto_connect:
            pump.feed(inputs.Connect())

    def _dispatch(self) -> Dispatch:
        return Dispatch(
            self.hub,
            self._show,
            self._calls,
            self.emitter,
            self._waiters,
            self._announcements,
            self.page,
            self._record,
            self.resyncs.heard,
            self._end,
        )

    def _show(self) -> None:
        """Records were folded. What the outbox sends next need not wait for subscribers."""
        try:
            self.outbox.folded()
        except Exception as error:  # noqa: BLE001 - a clock or ids of the app's
            self.emitter.failed("the outbox", error)
        self._folding.publish()

    def _record(self, record: Record) -> None:
        self.raw.emit(RECORD, record)
        if record.seq % SNAPSHOT_EVERY == 0 and self.pump is not None:
            self.pump.start(save_snapshot(self.hub, self._announcements.seen, self.owned()))

    def _beside(self, work: Coroutine[Any, Any, None]) -> None:
        """Run it beside the rest, unless this is closing."""
        if self.pump is None or self.closed:
            work.close()
        else:
            self.pump.start(work)

    def _readable(self) -> Stream:
        """The stream, where something may be asked still. Raises as `running` and `owned`."""
        self.running()
        return self.owned()

    async def _read(self, action: str, payload: Mapping[str, Any]) -> Answer:
        body = msgspec.json.encode(payload)
        return await self.running().call(RESYNC_ID + self.options.ids(), action, body)

    def _send_page(self, page: Mapping[str, Any]) -> None:
        if self.pump is not None and self._destroyed is None:
            self.pump.start(self._told_page(page))

    async def _told_page(self, page: Mapping[str, Any]) -> None:
        try:
            await self.call("update_customer_page", page)
        except CustomerSDKError as error:
            logger.debug("the page was not taken: %s", error.code)

    def _replaced(self, stream: Stream) -> None:
        """Another customer's token came at the start: their stream begins."""
        self.stream = stream
        self.hub.restore(RootFold(), 0)
        self._announcements.begin(SeenFold())
        self._folding.stream = stream
        self.outbox.follow()

    def _may_peek(self, chat_id: str) -> bool:
        """Connected, and the chat has an open thread as far as the views know."""
        if self._destroyed is not None or self.outage.view.value.status != "connected":
            return False
        chat = self.hub.chat(chat_id).value
        return chat is not None and chat.active

    def _log_failed(self, error: LogError) -> None:
        if self.pump is not None:
            self.outage.begin(self.pump.number, error)
        self._waiters.fail(error)
        self.outbox.log_failed(error)

    def _end(self, reason: str) -> None:
        self.sneak_peeks.end()
        if self._destroyed is None:
            self._destroyed = destroyed(reason)
            self._waiters.fail(self._destroyed)
            self.emitter.end(self._destroyed)
            self.outbox.end(self._destroyed)
            if self._http_calls is not None:
                self._http_calls.end(self._destroyed)

    async def _close(self, caller: asyncio.Task[Any] | None) -> None:
        async with self._turn:
            if self.pump is not None:
                self.pump.feed(inputs.Destroy())
            self._end("manual")
            if self._http_calls is not None:
                await self._http_calls.aclose()
            if self.pump is not None and self._connector is not None:
                await self._connector.aclose()
                await self.pump.aclose(caller)
            if handlers := self.emitter.close(keep=caller):
                await asyncio.wait(handlers)
            self.raw.end(SDKDestroyedError())
            self.raw.close()
            if self.stream is not None:
                await save_snapshot(self.hub, self._announcements.seen, self.stream)
                await self.stream.aclose()
            await self._folding.aclose()
            if self.log is not None and self.log is not self.options.log:
                await self.log.aclose()


async def _park(stream: Stream) -> None:
    """The log was restored: what stands there as unsent may have been sent since."""
    action, payload = commands.encode(commands.Parked(commands.RESTORED))
    await stream.append(COMMAND, action, payload, durable=True)
    await stream.adopt()


async def _recovered(log: EventLog) -> None:
    """Make a log that has failed take records again. LogError if it can't yet."""
    if log.health.status == "failed":
        await log.recover()
