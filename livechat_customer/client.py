"""The front door: `init()` and `CustomerSDK`."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from reactivex import Observable

from livechat_customer.calls import Answer
from livechat_customer.engine import RECORD, Engine
from livechat_customer.errors import NoConnectionError
from livechat_customer.hydrate import whole_state
from livechat_customer.methods import Methods
from livechat_customer.models import Connected
from livechat_customer.models.sync import ResyncReport
from livechat_customer.options import Options
from livechat_customer.projections.live import View
from livechat_customer.projections.values import ConnectionState
from livechat_customer.records import Record
from livechat_customer.typed_events import TypedEvents
from livechat_customer.views import Views
from livechat_customer.web_methods import WebMethods

if TYPE_CHECKING:
    from livechat_customer.auth import Auth
    from livechat_customer.http_calls import HttpCalls
    from livechat_customer.store import EventLog


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
        self._engine = engine = Engine(options)
        self._source = engine
        self._emitter = engine.emitter
        self._hub = engine.hub
        self._page = engine.page
        self._sneak_peeks = engine.sneak_peeks

    # Life.

    async def open(self) -> Self:
        """Open the log, fill the views from it, start connecting. Idempotent.

        Raises `LogError` and its children (`StreamLockedError`: another SDK has this stream).
        """
        await self._engine.open()
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
        return await self._engine.connect()

    async def disconnect(self) -> None:
        """Go offline until the next `connect()`. Requests in flight end with an error.

        Idempotent. No `disconnected` event is emitted.
        """
        await self._engine.disconnect()

    async def destroy(self) -> None:
        """End for good: disconnect, end all requests (code `SDK_DESTROYED`), forget handlers.

        Idempotent. The log and the credentials stay, and so do the views until `aclose()`.
        """
        await self._engine.destroy()

    async def aclose(self) -> None:
        """Destroy, and let go of the log: after this nothing of the SDK is left. Idempotent.

        Called from a handler it does not wait for that handler.
        """
        await self._engine.aclose()

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
        return self._engine.outage.view

    async def resync(self, deep: bool = False) -> ResyncReport:
        """Ask for what may have been missed, as after a login: each chat with its newest thread,
        and from there back to what is known for good. `deep`: every known thread of every chat
        again, so that edits and deletions in old ones show.

        Its `verdict` is `interrupted` where the connection ended in between. Raises
        NoConnectionError without one, SDKDestroyedError after the end.
        """
        self._engine.running()
        return await self._engine.resyncs.resync(deep)

    # Raw.

    @property
    def api_version(self) -> str:
        return self._engine.options.api_version

    @property
    def log(self) -> EventLog:
        """The event log; `log.health` tells how it does. Raises NoConnectionError before open()."""
        if self._engine.log is None:
            raise NoConnectionError("The log is not open. Await open() first.")
        return self._engine.log

    @property
    def auth(self) -> Auth:
        """The customer's tokens, as the JavaScript SDK's `auth`; also without a connection.

        Raises NoConnectionError before open().
        """
        if self._engine.auth is None:
            raise NoConnectionError("The SDK is not open. Await open() first.")
        return self._engine.auth

    @property
    def records(self) -> Observable[Record]:
        """The records of this stream as they are committed."""
        return self._engine.raw.observe(RECORD)

    def root_digest(self) -> str:
        """SHA-256 of the root state: equal for equal logs, live or replayed."""
        return self._hub.root.digest()

    async def state_digest(self) -> str:
        """SHA-256 of the whole state, every chat's content too; reads the whole stream."""
        stream = self._engine.owned()
        return (await whole_state(stream, self._hub.seq)).digest()

    async def shared_digest(self) -> str:
        """SHA-256 of what the views call current: equal for two clients of one customer, and for
        the server, at a quiet point. Reads the whole stream."""
        stream = self._engine.owned()
        return (await whole_state(stream, self._hub.seq)).shared_digest()

    async def call(
        self,
        action: str,
        payload: Mapping[str, Any],
        *,
        timeout: float | None = None,  # noqa: ASYNC109 - counts from the socket's write
        version: str | None = None,
    ) -> Answer:
        return await self._engine.call(action, payload, timeout=timeout, version=version)

    # Inside.

    def _http(self) -> HttpCalls:
        return self._engine.http()

    def _own_group(self) -> int:
        return self._engine.options.group_id or 0

    def _user_code_failed(self, where: str, error: Exception) -> None:
        self._emitter.failed(where, error)
