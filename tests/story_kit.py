"""Scenes for the stories: a sandbox in process, virtual time, and devices of one customer.

A story is told by an `async def test_…(scene)`; hours in it take no time.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import livechat_customer as lc
from livechat_customer.models import Event
from livechat_customer.projections.values import Gap, PendingEvent
from livechat_customer.sandbox.agents import Agent
from livechat_customer.sandbox.world import Thread
from livechat_customer.store.memory import Memory, MemoryLog
from livechat_customer.testing import virtual_time
from livechat_customer.testing.memory import Device, MemorySandbox


class Scene:
    """What a story is made of."""

    def __init__(self, sandbox: MemorySandbox) -> None:
        self.sandbox = sandbox
        self.jane: Agent = sandbox.agent("Jane")
        self.identity = sandbox.identity()

    @property
    def customer_id(self) -> str:
        return self.identity.customer_id

    def device(self, name: str = "phone") -> Device:
        """One of the customer's devices: its network can go and come."""
        return self.sandbox.device(name, identity=self.identity)

    async def away(self, sdk: lc.CustomerSDK, *, silently: bool = False) -> None:
        """The phone loses its network, and notices."""
        self.device().go_offline(silently=silently)
        await offline(sdk)

    async def back(self, sdk: lc.CustomerSDK) -> None:
        """The network returns, and the phone catches up."""
        self.device().go_online()
        await sdk.connect()
        await synced(sdk)

    async def flap(self, sdk: lc.CustomerSDK) -> None:
        """The connection is cut; another one is made."""
        self.device().cut()
        await offline(sdk)
        await self.back(sdk)

    @asynccontextmanager
    async def phone(
        self, memory: Memory | None = None, *, name: str = "phone", **options: Any
    ) -> AsyncGenerator[lc.CustomerSDK]:
        """The app on a device, connected unless `auto_connect=False`. `memory` is its disk: a
        second phone with the same one is the app started again."""
        log = MemoryLog(clock=virtual_time.wall_clock, memory=memory)
        try:
            async with lc.init(**self.device(name).options() | {"log": log} | options) as sdk:
                if sdk_connects(options):
                    await sdk.connect()
                    await synced(sdk)
                yield sdk
        finally:
            await log.aclose()

    async def begun(self, sdk: lc.CustomerSDK) -> str:
        """An open chat; its id."""
        chat = await sdk.start_chat(continuous=True)
        return chat.id

    def says(self, chat_id: str, *words: str) -> None:
        """Jane does, in a thread of its own if none is open."""
        if self.sandbox.chats[chat_id].open_thread is None:
            self.jane.start_chat(self.customer_id)
        for word in words:
            self.jane.send_event(chat_id, word)

    def conversation(self, chat_id: str, *words: str) -> Thread:
        """A thread that is opened, filled and closed."""
        self.says(chat_id, *words)
        self.jane.deactivate_chat(chat_id)
        return self.sandbox.chats[chat_id].threads[-1]

    def texts(self, chat_id: str) -> list[str]:
        """What the server holds of the customer's and Jane's words, oldest first."""
        return [
            event["text"]
            for thread in self.sandbox.chats[chat_id].threads
            for event in thread.events
            if event["type"] == "message"
        ]

    def asked(self, action: str) -> int:
        """How often the server was asked for it."""
        return sum(received.action == action for received in self.sandbox.received)

    def agrees(self, sdk: lc.CustomerSDK) -> Awaitable[bool]:
        """Whether the client's views are the server's state."""

        async def agreed() -> bool:
            await sdk.request("ping")
            digest = self.sandbox.digest(self.customer_id, sdk.api_version)
            return await sdk.shared_digest() == digest

        return agreed()


def sdk_connects(options: dict[str, Any]) -> bool:
    return bool(options.get("auto_connect", True))


async def synced(sdk: lc.CustomerSDK) -> None:
    """The connection that stands has been caught up with."""
    async for state in sdk.sync:
        if state.status == "idle" and state.connection == sdk.connection.value.number:
            return


async def offline(sdk: lc.CustomerSDK) -> None:
    """It has noticed that there is no connection."""
    async for state in sdk.connection:
        if state.status != "connected":
            return


async def delivered(sdk: lc.CustomerSDK) -> None:
    """Nothing is left in the outbox."""
    async for entries in sdk.outbox:
        if not entries:
            return


async def history(sdk: lc.CustomerSDK, chat_id: str) -> list[str]:
    """What is shown: messages' texts, `<text>` while they wait, `…` for a gap; not the notices."""
    view = sdk.history(chat_id)
    await view.ready()
    return shown(view.value or ())


def shown(items: Any) -> list[str]:
    """The items as `history()` gives them."""
    found: list[str] = []
    for item in items:
        match item:
            case Gap():
                found.append("…")
            case PendingEvent():
                found.append(f"<{getattr(item.entry.event, 'text', '')}>")
            case lc.Message() as event:
                found.append(event.text)
            case _:
                assert isinstance(item, Event)
    return found


def story(test: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """Tells it in virtual time; fails if it leaves a task behind. Parameters after the scene are
    pytest's."""

    async def tell(given: dict[str, Any]) -> None:
        async with MemorySandbox() as sandbox:
            await test(Scene(sandbox), **given)
        left = asyncio.all_tasks() - {asyncio.current_task()}
        assert not left, f"tasks left behind: {left}"

    def told(**given: Any) -> None:
        virtual_time.run(tell(given))

    told.__name__, told.__doc__, told.__module__ = test.__name__, test.__doc__, test.__module__
    _, *rest = inspect.signature(test).parameters.values()
    told.__signature__ = inspect.Signature(rest)  # type: ignore[attr-defined]
    return told
