"""What an app holds of an entry of the outbox."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Awaitable, Callable, Generator
from typing import Any, Final, Generic, Protocol, TypeVar

from livechat_customer.errors import (
    CustomerSDKError,
    EntryCancelledError,
    EntryExpiredError,
    EntryParkedError,
    LogError,
    SDKDestroyedError,
    ServerError,
)
from livechat_customer.models import Event, Success
from livechat_customer.projections.outbox_facts import CANCELLED, FAILED, SENT, EntryFacts, Failure

T = TypeVar("T")

_OWN: Final[dict[str, type[CustomerSDKError]]] = {
    "EXPIRED": EntryExpiredError,
    "RESTORED": EntryParkedError,
    "IDENTITY_CHANGED": EntryParkedError,
}


def error_of(failure: Failure | None) -> CustomerSDKError:
    """What awaiting an entry that failed raises."""
    if failure is None:
        return CustomerSDKError("The entry failed. Retry it, or cancel it.")
    own = _OWN.get(failure.code.upper())
    if own is not None:
        return own(failure.message, code=failure.code)
    return ServerError.of(failure.code, failure.message or "", failure.data)


class Owner(Protocol):
    """What a handle asks of the outbox."""

    def entry(self, custom_id: str) -> EntryFacts | None: ...
    def resolve(self, chat_id: str) -> str: ...
    def retry(self, custom_id: str) -> bool: ...
    def cancel(self, custom_id: str) -> bool: ...


class Handle(Generic[T]):
    """An entry of the outbox. `await handle.queued`: it is durable; `await handle`: it is
    delivered, which gives the event as the server made it (of a seen mark `Success`).

    Awaiting raises when the entry fails (the server's refusal as a `ServerError`,
    `EntryExpiredError`, `EntryParkedError`), is cancelled (`EntryCancelledError`), or when the SDK
    ends first (`SDKDestroyedError`; a later run goes on with it). After `retry()` it may be awaited
    anew. Cancelling who awaits cancels nothing here, and nothing is lost if nobody awaits.
    """

    def __init__(self, owner: Owner, custom_id: str, chat_id: str, is_mark: bool) -> None:
        loop = asyncio.get_running_loop()
        self._owner = owner
        self._custom_id = custom_id
        self._chat_id = chat_id
        self._is_mark = is_mark
        self._ended: str | None = None
        self._lost: LogError | None = None
        self._queued: asyncio.Future[None] = _quiet(loop.create_future())
        self._outcome: asyncio.Future[Any] = _quiet(loop.create_future())

    def __repr__(self) -> str:
        return f"<outbox entry {self._custom_id} {self.state}>"

    def __await__(self) -> Generator[Any, None, T]:
        return self._delivered().__await__()

    async def _delivered(self) -> T:
        outcome: T = await asyncio.shield(self._outcome)
        return outcome

    @property
    def queued(self) -> Awaitable[None]:
        """Await it to know that the entry survives a crash and a power cut. Raises `LogError`: it
        was not written down, and is not sent."""
        return _quiet(asyncio.shield(self._queued))

    @property
    def custom_id(self) -> str:
        """Of an event also its `custom_id`."""
        return self._custom_id

    @property
    def chat_id(self) -> str:
        """While the chat is not started a local id, `local:…`."""
        return self._owner.resolve(self._chat_id)

    @property
    def state(self) -> str:
        """`queued`, `waiting`, `sending`, `unknown`, `failed`, `sent` or `cancelled`."""
        if self._ended is not None:
            return self._ended
        entry = self._owner.entry(self._custom_id)
        return "queued" if entry is None else entry.state

    @property
    def error(self) -> CustomerSDKError | None:
        """Why it waits, is unknown or failed."""
        entry = self._owner.entry(self._custom_id)
        if entry is None:
            return self._lost
        return None if entry.error is None else error_of(entry.error)

    def retry(self) -> bool:
        """Try it again: at once if it had failed or waits; what is in doubt is searched for first.

        False if there is nothing to retry: it is queued, on its way, sent or cancelled.
        """
        return self._owner.retry(self._custom_id)

    def cancel(self) -> bool:
        """Never send it (again). What is in doubt may have been delivered all the same. Who awaits
        the handle hears `EntryCancelledError` once that is written down.

        False if it is being sent, sent or cancelled already.
        """
        return self._owner.cancel(self._custom_id)

    # For the outbox.

    def written(self) -> None:
        if not self._queued.done():
            self._queued.set_result(None)

    def lost(self, error: LogError) -> None:
        """The log failed before it was written down."""
        if not self._queued.done():
            self._queued.set_exception(error)
            self.fail(error)
            self._ended, self._lost = FAILED, error

    def sent(self, event: Event | None) -> None:
        """The server has it; `event` is None while it has not shown it, and of a mark."""
        if self._ended in (None, FAILED):
            self._ended = SENT
        if self._ended != SENT or (event is None and not self._is_mark):
            return
        if self._outcome.done() and self._outcome.exception() is not None:
            self.retried()
        if not self._outcome.done():
            self._outcome.set_result(Success() if self._is_mark else event)

    def fail(self, error: CustomerSDKError) -> None:
        """It will not be sent unless it is retried."""
        if self._ended is None:
            self.retried()
            self._outcome.set_exception(error)

    def cancelled(self) -> None:
        if self._ended is None:
            self.fail(EntryCancelledError())
            self._ended = CANCELLED

    def retried(self) -> None:
        """Who awaits from now on hears of the next attempt."""
        if self._outcome.done():
            self._outcome = _quiet(self._outcome.get_loop().create_future())

    def end(self, error: SDKDestroyedError) -> None:
        """It will not be delivered in this run. What is being written down still is."""
        if not self._outcome.done():
            self._outcome.set_exception(error)


class Handles:
    """The handles that somebody holds, by custom id."""

    def __init__(self) -> None:
        self._held: weakref.WeakValueDictionary[str, Handle[Any]] = weakref.WeakValueDictionary()

    def get(self, custom_id: str) -> Handle[Any] | None:
        return self._held.get(custom_id)

    def make(self, owner: Owner, custom_id: str, chat_id: str, is_mark: bool) -> Handle[Any]:
        """For an entry that is being queued."""
        handle: Handle[Any] = Handle(owner, custom_id, chat_id, is_mark)
        self._held[custom_id] = handle
        return handle

    def of(self, owner: Owner, entry: EntryFacts) -> Handle[Any]:
        """The one there is, or one for an entry that is in the log already."""
        handle = self._held.get(entry.custom_id)
        if handle is None:
            handle = self.make(owner, entry.custom_id, entry.chat_id, entry.is_mark)
            handle.written()
            if entry.state == FAILED:
                handle.fail(error_of(entry.error))
        return handle

    def each(self, tell: Callable[[Handle[Any]], None]) -> None:
        for handle in list(self._held.values()):
            tell(handle)


def _quiet(future: asyncio.Future[T]) -> asyncio.Future[T]:
    """Nobody need await it."""
    future.add_done_callback(lambda done: done.cancelled() or done.exception())
    return future
