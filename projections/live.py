"""Views as observables: the one module that knows reactivex.

A view emits only when the hub refreshes it, which the pump does after a commit. Every delivery is
guarded: what a subscriber raises is reported, and neither the other subscribers nor the pump
notice.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Generator, Sequence
from typing import Any, ClassVar, Generic, Protocol, TypeVar, cast, overload

import reactivex
from reactivex import abc
from reactivex.disposable import Disposable

from livechat_customer.callbacks import Report, guarded
from livechat_customer.projections.changes import Change, Reset
from livechat_customer.projections.streams import (
    Buffer,
    Lag,
    Lagged,
    Latest,
    Mailbox,
    Overflow,
    Stream,
)

T = TypeVar("T")
I = TypeVar("I")
R_contra = TypeVar("R_contra", contravariant=True)

Hold = Callable[[Any, bool], None]
"""Told when the first subscriber of an emitter has come, and when the last has gone: a view must
live as long as somebody is subscribed to it."""


class Receiver(Protocol[R_contra]):
    """What an emission goes to; reactivex's observers and our mailboxes are such."""

    def on_next(self, value: R_contra, /) -> None: ...
    def on_completed(self) -> None: ...


class Emitter(reactivex.Observable[T], Generic[T]):
    """An observable that gives each subscriber the current value, then what `send` says."""

    __iter__: ClassVar[None] = None
    __contains__: ClassVar[None] = None

    def __init__(self, name: str, report: Report, hold: Hold) -> None:
        super().__init__()
        self._name = name
        self._where = f"subscriber of {name}"
        self._report = report
        self._hold = hold
        self._receivers: dict[Receiver[T], object] = {}
        """Each with the value it was given last."""
        self._closed = False

    def _first(self) -> tuple[object, T]:
        """The current value, and what is emitted for it to a new subscriber."""
        raise NotImplementedError

    def __await__(self) -> Generator[Any, None, T]:
        raise TypeError(f"{self._name} never ends; read {self._name}.value, or use `async for`")

    def __repr__(self) -> str:
        return f"<view {self._name}>"

    def subscribe(
        self,
        on_next: abc.ObserverBase[T] | abc.OnNext[T] | None = None,
        on_error: abc.OnError | None = None,
        on_completed: abc.OnCompleted | None = None,
        *,
        scheduler: abc.SchedulerBase | None = None,
    ) -> abc.DisposableBase:
        """As reactivex's; the current value comes at once. A plain function or an observer."""
        if _is_coroutine_function(getattr(on_next, "on_next", on_next)):
            raise TypeError(
                f"{self._name}: a coroutine function can't subscribe; use `async for` in a task"
            )
        return super().subscribe(on_next, on_error, on_completed, scheduler=scheduler)

    def _subscribe_core(
        self, observer: abc.ObserverBase[T], scheduler: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        return Disposable(self._attach(observer))

    def _attach(self, receiver: Receiver[T]) -> Callable[[], None]:
        """Subscribes; gives what ends the subscription."""
        value, emission = self._first()
        if not self._closed:
            self._receivers[receiver] = value
            if len(self._receivers) == 1:
                self._hold(self, True)
        self._deliver(receiver, emission)
        if self._closed:
            receiver.on_completed()

        def detach() -> None:
            if self._receivers.pop(receiver, None) is not None and not self._receivers:
                self._hold(self, False)

        return detach

    def _deliver(self, receiver: Receiver[T], emission: T) -> None:
        guarded(self._where, self._report, receiver.on_next, emission)

    def _close(self) -> None:
        """No more will come."""
        self._closed = True
        receivers, self._receivers = self._receivers, {}
        if receivers:
            self._hold(self, False)
        for receiver in receivers:
            guarded(self._where, self._report, receiver.on_completed)


class View(Emitter[T], Generic[T]):
    """A part of the state: `.value` now, and an observable of every later value.

    A subscriber gets the current value at once. `async for` gives the latest value, the current
    one first; `stream` has other policies. All of it runs on the event loop's thread.
    """

    def __init__(
        self,
        name: str,
        read: Callable[[], T],
        ready: Callable[[], Awaitable[None]] | None,
        report: Report,
        hold: Hold,
    ) -> None:
        super().__init__(name, report, hold)
        self._read = read
        self._ready = ready

    @property
    def value(self) -> T:
        """The snapshot as of the last committed record. An unchanged one is the same object."""
        return self._read()

    async def ready(self) -> None:
        """Waits until what the log holds of it has been read. LogError if that failed."""
        if self._ready is not None:
            await self._ready()

    def __aiter__(self) -> Stream[T]:
        return self.stream()

    @overload
    def stream(self, overflow: Lagged) -> Stream[T | Lag]: ...
    @overload
    def stream(self, overflow: Latest | Buffer = ...) -> Stream[T]: ...
    def stream(self, overflow: Overflow = Latest()) -> Stream[T] | Stream[T | Lag]:  # noqa: B008
        """Values for `async for`, the current one first; `overflow` says what a slow reader
        gets."""
        mailbox = Mailbox(overflow)
        return Stream(mailbox, self._attach(mailbox))

    def _first(self) -> tuple[object, T]:
        value = self._read()
        return value, value

    def _refresh(self) -> None:
        if self._receivers:
            self._emit(self._read())

    def _emit(self, value: T) -> None:
        """Emits the value to those who have another one."""
        for receiver, known in list(self._receivers.items()):
            if known is not value and receiver in self._receivers:
                self._receivers[receiver] = value
                self._deliver(receiver, value)


class ListView(View[T], Generic[T, I]):
    """A view whose value is a sequence; `.changes` tells what changed in it."""

    def __init__(
        self,
        name: str,
        read: Callable[[], T],
        between: Callable[[T, T], tuple[Change[I], ...]],
        ready: Callable[[], Awaitable[None]] | None,
        report: Report,
        hold: Hold,
    ) -> None:
        super().__init__(name, read, ready, report, hold)
        self._between = between
        self._patches: set[Patches[Any, Any]] = set()
        """Those somebody is subscribed to."""

    @property
    def changes(self) -> reactivex.Observable[tuple[Change[I], ...]]:
        """What leads from each list to the next: `(Reset(current),)` first, then a tuple for each
        batch that changed something. See `changes.applied`."""
        return Patches(self, self._between)

    def _refresh(self) -> None:
        if self._receivers or self._patches:
            value = self._read()
            self._emit(value)
            for patches in list(self._patches):
                patches._emit(value)  # pyright: ignore[reportPrivateUsage]

    def _close(self) -> None:
        super()._close()
        for patches in list(self._patches):
            patches._close()

    def _patched(self, patches: Patches[Any, Any], held: bool) -> None:
        if held:
            self._patches.add(patches)
        else:
            self._patches.discard(patches)
        self._hold(self, held)


class Patches(Emitter[tuple[Change[I], ...]], Generic[T, I]):
    """The changes of a list view."""

    def __init__(
        self, view: ListView[T, I], between: Callable[[T, T], tuple[Change[I], ...]]
    ) -> None:
        super().__init__(f"{view._name}.changes", view._report, view._patched)  # pyright: ignore[reportPrivateUsage]
        self._closed = view._closed
        self._view = view
        self._between = between

    def _first(self) -> tuple[object, tuple[Change[I], ...]]:
        value = self._view.value
        items = cast("Sequence[I]", () if value is None else value)
        return value, (Reset(items),)

    def _emit(self, value: T) -> None:
        """Emits what leads to this value from the one each has."""
        made: dict[int, tuple[Change[I], ...]] = {}
        for receiver, known in list(self._receivers.items()):
            if known is value or receiver not in self._receivers:
                continue
            changes = made.get(id(known))
            if changes is None:
                changes = made[id(known)] = self._between(cast(T, known), value)
            self._receivers[receiver] = value
            if changes:
                self._deliver(receiver, changes)


def refresh(view: View[Any]) -> None:
    """Lets the view emit what is new. For the hub: nobody else may."""
    view._refresh()  # pyright: ignore[reportPrivateUsage]


def close(view: View[Any]) -> None:
    """Completes the view's subscribers. Its value stays readable."""
    view._close()  # pyright: ignore[reportPrivateUsage]


def _is_coroutine_function(callback: object) -> bool:
    call = getattr(type(callback), "__call__", None)  # noqa: B004
    return inspect.iscoroutinefunction(callback) or inspect.iscoroutinefunction(call)
