"""Event handlers: who is called when something happens, and what keeps them from hurting anybody.

Plain functions run in line, in the order of registration. Coroutine functions run as tasks, each
handler's calls one after the other. A handler that raises is logged and reported as `error`; the
others are still called. The emitter never waits for anybody.
"""

from __future__ import annotations

import asyncio
import difflib
import inspect
import logging
from collections import deque
from collections.abc import Callable, Collection, Coroutine
from typing import Any, Final

from reactivex import Observable
from reactivex.abc import DisposableBase, ObserverBase, SchedulerBase
from reactivex.disposable import Disposable

from livechat_customer.callbacks import guarded
from livechat_customer.errors import CustomerSDKError, HandlerLagged

logger = logging.getLogger(__name__)

Handler = Callable[[Any], Any]

HANDLER_QUEUE: Final = 1_000
"""Payloads that wait for one coroutine handler; beyond it the oldest are lost."""
ERROR: Final = "error"


class Emitter:
    """Handlers by event name. `names` are all that exist; `seq` is the record being told of."""

    def __init__(self, names: Collection[str]) -> None:
        self._names = frozenset(names) | {ERROR}
        self._handlers: dict[str, list[_Subscription]] = {}
        self._awaited: set[asyncio.Future[Any]] = set()
        self._ended: CustomerSDKError | None = None

    def on(self, name: str, handler: Handler, *, once: bool = False) -> DisposableBase:
        """Call `handler(payload)` at each event `name` (at the next one only, with `once`)."""
        self.check(name)
        if not callable(handler):
            raise TypeError(f"handler of {name!r} must be a function of one argument")
        return self._add(_Subscription(self, name, handler, once))

    def off(self, name: str | None = None, handler: Handler | None = None) -> None:
        """Forget `handler` of `name`, all of `name`, or all there are, of those given to `on`."""
        if name is not None:
            self.check(name)
        for known in [name] if name is not None else list(self._handlers):
            for subscription in list(self._handlers.get(known, ())):
                if subscription.listens and handler in (None, subscription.handler):
                    self.remove(subscription)

    def forget(self) -> None:
        """Nobody is told any more."""
        self._handlers.clear()

    def observe(self, name: str) -> Observable[Any]:
        """The payloads of `name` as an observable; it neither replays nor completes."""
        self.check(name)

        def subscribe(
            observer: ObserverBase[Any], scheduler: SchedulerBase | None = None
        ) -> DisposableBase:
            return self._add(_Subscription(self, name, observer.on_next, listens=False))

        return Observable(subscribe)

    async def wait_for(
        self,
        name: str,
        predicate: Callable[[Any], bool] | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - part of the public signature
    ) -> Any:
        """The payload of the next `name` that `predicate` takes.

        Raises the built-in TimeoutError after `timeout` seconds, what `predicate` raises, and what
        `end()` is given.
        """
        self.check(name)
        if self._ended is not None:
            raise self._ended
        arrived: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

        def look(payload: Any) -> None:
            if arrived.done():
                return
            try:
                if predicate is None or predicate(payload):
                    arrived.set_result(payload)
            except Exception as error:  # noqa: BLE001 - the caller's predicate
                arrived.set_exception(error)

        subscription = self._add(_Subscription(self, name, look, listens=False))
        self._awaited.add(arrived)
        try:
            async with asyncio.timeout(timeout):
                return await arrived
        finally:
            self._awaited.discard(arrived)
            subscription.dispose()

    def end(self, error: CustomerSDKError) -> None:
        """Nothing more is to be waited for: who waits gets `error`."""
        self._ended = error
        for arrived in self._awaited:
            if not arrived.done():
                arrived.set_exception(error)

    def emit(self, name: str, payload: object, seq: int = 0) -> None:
        """Tell the handlers of `name`; those added or removed meanwhile count from the next."""
        handlers = self._handlers.get(name)
        if handlers:
            for subscription in tuple(handlers):
                subscription.deliver(payload, seq)

    def wanted(self, name: str) -> bool:
        """Whether anybody listens to `name`."""
        return bool(self._handlers.get(name))

    def report(self, error: CustomerSDKError) -> None:
        """Give `error` to the handlers of `error`."""
        self.emit(ERROR, error)

    def failed(self, where: str, error: BaseException) -> None:
        """User code raised: log it with its traceback, report it, go on."""
        logger.error("%s raised %s", where, type(error).__name__, exc_info=error)
        if not where.endswith(f"of {ERROR}"):
            report = CustomerSDKError(
                f"{where} raised {type(error).__name__}; see the log for the traceback.",
                code="HANDLER_FAILED",
            )
            report.__cause__ = error
            self.report(report)

    def check(self, name: str) -> None:
        """Raise ValueError for a name that is no event, with the nearest that is."""
        if name not in self._names:
            near = difflib.get_close_matches(name, self._names, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise ValueError(f"there is no event {name!r}{hint}")

    def close(self, keep: asyncio.Task[Any] | None = None) -> list[asyncio.Task[None]]:
        """Forget all handlers and cancel their tasks, but for `keep`: a handler may close us.

        Returns the cancelled tasks, for the caller to wait for.
        """
        subscriptions = [one for handlers in self._handlers.values() for one in handlers]
        self._handlers.clear()
        tasks = [one.task for one in subscriptions if one.task is not None]
        cancelled = [task for task in tasks if task is not keep]
        for task in cancelled:
            task.cancel()
        return cancelled

    def _add(self, subscription: _Subscription) -> DisposableBase:
        self._handlers.setdefault(subscription.name, []).append(subscription)
        return Disposable(lambda: self.remove(subscription))

    def remove(self, subscription: _Subscription) -> None:
        """Forget one registration."""
        handlers = self._handlers.get(subscription.name, [])
        if subscription in handlers:
            handlers.remove(subscription)


class _Subscription:
    """One handler of one event, with the queue and the task of a coroutine handler."""

    def __init__(
        self,
        emitter: Emitter,
        name: str,
        handler: Handler,
        once: bool = False,
        listens: bool = True,
    ) -> None:
        self.emitter = emitter
        self.listens = listens
        self.name = name
        self.handler = handler
        self.once = once
        self.task: asyncio.Task[None] | None = None
        label = getattr(handler, "__qualname__", repr(type(handler)))
        self.where = f"handler {label} of {name}"
        self._coroutine = inspect.iscoroutinefunction(handler) or inspect.iscoroutinefunction(
            getattr(handler, "__call__", None)  # noqa: B004 - an object whose __call__ is async
        )
        self._waiting: deque[tuple[int, object]] = deque()
        self._lost: tuple[int, int] | None = None

    def deliver(self, payload: object, seq: int) -> None:
        if self.once:
            self.emitter.remove(self)
        if self._coroutine:
            self._queue(payload, seq)
            return
        guarded(self.where, self.emitter.failed, self.handler, payload)

    def _queue(self, payload: object, seq: int) -> None:
        if len(self._waiting) >= HANDLER_QUEUE:
            lost, _ = self._waiting.popleft()
            self._lost = (self._lost[0] if self._lost else lost, lost)
        self._waiting.append((seq, payload))
        if self.task is None:
            self.task = asyncio.get_running_loop().create_task(self._run(), name=self.where)

    async def _run(self) -> None:
        try:
            while self._waiting:
                if self._lost is not None:
                    first, last = self._lost
                    self._lost = None
                    lagged = HandlerLagged(self.name, first, last)
                    logger.warning("%s", lagged)
                    self.emitter.report(lagged)
                _, payload = self._waiting.popleft()
                call: Coroutine[Any, Any, Any] = self.handler(payload)
                try:
                    await call
                except Exception as error:  # noqa: BLE001 - user code
                    self.emitter.failed(self.where, error)
        finally:
            self.task = None
