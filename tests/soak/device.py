"""A device of the customer: a client with its log, and what it is owed."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from reactivex.abc import DisposableBase

import livechat_customer as lc
from livechat_customer.projections.changes import Change, applied
from livechat_customer.projections.values import HistoryItem, OutboxEntry

if TYPE_CHECKING:
    from soak.grounds import Ground


@dataclass(eq=False)
class Given:
    """A message that was given to the outbox."""

    text: str
    custom_id: str = ""
    durable: bool = False
    """The outbox said that it is in the log."""
    lost: bool = False
    """The process died before it said so: it may be there or not."""
    cancelled: bool = False
    """From then on it may be at the server or not."""
    unsure: bool = False
    """The process died before the log had the cancellation: it may hold or not."""
    refused: bool = False
    """The outbox did not take it."""


@dataclass(eq=False)
class Mirror:
    """Somebody who shows a history and applies its changes, as a user interface does."""

    chat_id: str
    items: Sequence[HistoryItem] = ()
    subscription: DisposableBase | None = None

    def take(self, changes: tuple[Change[HistoryItem], ...]) -> None:
        self.items = applied(self.items, changes)


@dataclass(eq=False)
class Device:
    """One device. `number` 0 speaks API 3.6; 1 speaks 3.5, and subscribes to the pushes of 3.6
    that tell of deletions, which 3.5 keeps to itself."""

    ground: Ground
    number: int
    customer_id: str | None = None
    parks: bool = False
    """What is in doubt waits for the user."""
    sdk: lc.CustomerSDK | None = None
    given: list[Given] = field(default_factory=list[Given])
    """In the order the outbox got them."""
    told: Counter[str] = field(default_factory=Counter[str])
    """How often `event_added` told of each event, over all runs."""
    doubled: list[object] = field(default_factory=list[object])
    crashes: int = 0
    runs: int = 0
    dead: int = 0
    """The last run that crashed: what its client still does until it is gone never was."""
    mirror: Mirror | None = None
    tasks: set[asyncio.Task[Any]] = field(default_factory=set[asyncio.Task[Any]])
    """Requests under way."""
    owed: set[asyncio.Task[Any]] = field(default_factory=set[asyncio.Task[Any]])
    """Who waits for the outbox to deliver, which may take until the app ends."""
    surprises: list[BaseException] = field(default_factory=list[BaseException])
    """What requests ended with that is no error of the SDK's."""

    @property
    def version(self) -> str:
        return "3.5" if self.number else "3.6"

    @property
    def live(self) -> lc.CustomerSDK:
        assert self.sdk is not None, "the device is off"
        return self.sdk

    @property
    def outbox(self) -> Sequence[OutboxEntry]:
        return self.live.outbox.value

    async def open(self) -> None:
        """Start the app: it connects by itself."""
        self.runs += 1
        options = self.ground.options(self) | {"in_doubt": "park" if self.parks else "resend"}
        if self.number:
            options["pushes"] = {"3.5": "all", "3.6": ["event_deleted"]}
        sdk = lc.init(api_version=self.version, **options)
        sdk.on("event_added", self._while_alive(lambda added: self.told.update([added.event.id])))
        sdk.on("doubled", self._while_alive(self.doubled.append))
        sdk.on("error", self._while_alive(self.surprises.append))
        self.sdk = sdk
        await sdk.open()
        if self.mirror is not None:
            self.watch(self.mirror.chat_id)

    async def close(self) -> None:
        """End the app as it should be ended."""
        await self.live.aclose()
        await self._gone()

    async def crash(self) -> None:
        """The process dies: the log keeps what was committed by now, and that is all."""
        self.crashes += 1
        self.dead = self.runs
        old = self.live
        unwritten = {entry.custom_id for entry in self.outbox}
        for given in self.given:
            given.lost |= not given.durable and not given.refused
            if given.cancelled and given.custom_id in unwritten:
                given.cancelled, given.unsure = False, True
        await self.ground.crash(self, old)
        await self._gone()

    def watch(self, chat_id: str) -> None:
        """Show the chat's history from now on."""
        self.unwatch()
        self.mirror = mirror = Mirror(chat_id)
        mirror.subscription = self.live.history(chat_id).changes.subscribe(mirror.take)

    def unwatch(self) -> None:
        if self.mirror is not None and self.mirror.subscription is not None:
            self.mirror.subscription.dispose()
        self.mirror = None

    def start(
        self, work: Coroutine[Any, Any, object], among: set[asyncio.Task[Any]] | None = None
    ) -> None:
        """Have it run beside the rest; the SDK's errors are to be expected."""
        tasks = self.tasks if among is None else among

        async def guarded() -> None:
            try:
                await work
            except lc.CustomerSDKError:
                pass
            except Exception as error:  # noqa: BLE001 - told at the next quiet point
                self.surprises.append(error)

        task = asyncio.create_task(guarded())
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    def queue(
        self, chat_id: str | None, event: Mapping[str, Any], text: str, *, continuous: bool = True
    ) -> None:
        """Give a message to the outbox."""
        given = Given(text)
        self.given.append(given)
        try:
            handle = self.live.outbox.send_event(chat_id, event, continuous=continuous)
        except lc.CustomerSDKError:
            given.refused = True
            return
        given.custom_id = handle.custom_id

        async def durable() -> None:
            await handle.queued
            note(None)

        def durably(_: object) -> None:
            given.durable = True

        note = self._while_alive(durably)
        self.start(durable())
        self.start(_awaited(handle), self.owed)

    async def settled(self) -> None:
        """Every request has ended."""
        while self.tasks:
            await asyncio.wait(self.tasks)

    async def _gone(self) -> None:
        """The app is: nobody waits for anything any more."""
        while left := self.tasks | self.owed:
            await asyncio.wait(left)
        self.sdk = None

    def _while_alive(self, call: Callable[[Any], object]) -> Callable[[Any], None]:
        """The call, as long as the run of now has not crashed."""
        run = self.runs

        def guarded(given: Any) -> None:
            if run > self.dead:
                call(given)

        return guarded


async def _awaited(handle: Any) -> None:
    await handle
