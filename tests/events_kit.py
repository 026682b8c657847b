"""What a client's handlers were told, and a scene to have something told in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from front_kit import customer

import livechat_customer as lc
from livechat_customer.models.payloads import EVENT_PAYLOADS
from livechat_customer.sandbox import Sandbox


class Heard:
    """Every event of an SDK, in the order its handlers were called."""

    def __init__(self, sdk: lc.CustomerSDK) -> None:
        self.told: list[tuple[str, Any]] = []
        self._news = asyncio.Event()
        on: Callable[[str, Callable[[Any], None]], object] = getattr(sdk, "on")  # noqa: B009
        for name in EVENT_PAYLOADS:
            on(name, partial(self._take, name))

    def _take(self, name: str, payload: Any) -> None:
        self.told.append((name, payload))
        self._news.set()

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.told]

    def of(self, name: str) -> list[Any]:
        return [payload for told, payload in self.told if told == name]

    def clear(self) -> None:
        self.told.clear()

    async def until(self, name: str, count: int = 1) -> Any:
        """The payload of the `count`th event of this name, those told already among them."""
        async with asyncio.timeout(10):
            while len(found := self.of(name)) < count:
                self._news.clear()
                await self._news.wait()
        return found[count - 1]


@dataclass
class Scene:
    """A customer in an active chat with an agent, on two devices; `heard` is of `sdk`."""

    sandbox: Sandbox
    sdk: lc.CustomerSDK
    other: lc.CustomerSDK
    heard: Heard
    chat_id: str
    thread_id: str
    own_id: str

    async def settle(self) -> list[tuple[str, Any]]:
        """What was told by the time the server has answered a request made now."""
        await self.sdk.get_customer()
        return self.heard.told


@asynccontextmanager
async def scene(**options: Any) -> AsyncGenerator[Scene]:
    """Nothing is heard yet of what made the scene."""
    shared = {"credentials": lc.MemoryCredentials(), **options}
    async with (
        Sandbox() as sandbox,
        customer(sandbox, **shared) as sdk,
        customer(sandbox, **shared) as other,
    ):
        chat = await other.start_chat(
            chat={"thread": {"events": [{"type": "message", "text": "a"}]}}
        )
        assert chat.thread is not None
        own = sdk.customer.value
        assert own is not None
        await sdk.get_customer()
        heard = Heard(sdk)
        yield Scene(sandbox, sdk, other, heard, chat.id, chat.thread.id, own.id)
