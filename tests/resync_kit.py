"""A customer who goes away and comes back, and what the server heard of it."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, ParamSpec

from front_kit import settled

import livechat_customer as lc
from livechat_customer.sandbox import Sandbox
from livechat_customer.sandbox.backoffice import Backoffice
from livechat_customer.testing import virtual_time
from livechat_customer.testing.memory import Device, MemorySandbox

P = ParamSpec("P")

HELLO: dict[str, Any] = {"thread": {"events": [{"type": "message", "text": "Hello"}]}}


def in_virtual_time(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Runs the test in process, where hours of back-off pass at once."""

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        virtual_time.run(test(*args, **kwargs))

    return run


@asynccontextmanager
async def client(where: Sandbox | Device, **options: Any) -> AsyncGenerator[lc.CustomerSDK]:
    """A connected client whose log is in memory unless told otherwise."""
    given = {"log": ":memory:", **where.options(), "random": lambda: 0.0, **options}
    async with lc.init(**given) as sdk:
        await sdk.connect()
        yield sdk


class Scene:
    """A customer with a chat of one thread, connected and settled."""

    def __init__(self, sandbox: Backoffice, sdk: lc.CustomerSDK, me: str, chat: lc.Chat) -> None:
        assert chat.thread is not None
        self.sandbox = sandbox
        self.sdk = sdk
        self.me = me
        self.chat_id = chat.id
        self.first = chat.thread.id
        self.jane = sandbox.agent("Jane")

    @property
    def truth(self) -> list[str]:
        """Ids of the chat's threads on the server, oldest first."""
        return [thread.id for thread in self.sandbox.chats[self.chat_id].threads]

    def open_thread(self, *texts: str) -> None:
        """An agent opens a thread and writes these."""
        self.jane.start_chat(self.me, texts[0] if texts else None)
        for text in texts[1:]:
            self.jane.send_event(self.chat_id, text)

    def whole_threads(self, count: int) -> None:
        """Threads opened, filled and closed."""
        if self.sandbox.chats[self.chat_id].open_thread is not None:
            self.jane.deactivate_chat(self.chat_id)
        for number in range(count):
            self.open_thread(f"{number} a", f"{number} b")
            self.jane.deactivate_chat(self.chat_id)

    async def away(self) -> None:
        """Without a connection from here on, the outside world goes on."""
        await self.sdk.disconnect()

    async def back(self, seconds: float = 10.0) -> lc.ResyncReport:
        """Connected again; what came of it."""
        self.sandbox.received.clear()
        await self.sdk.connect()
        return await settled(self.sdk, seconds)

    def asked(self, *but: str) -> list[str]:
        """The actions the server heard, but for those of every login."""
        skipped = {"login", "token", "ping", *but}
        return [one.action for one in self.sandbox.received if one.action not in skipped]

    async def agree(self, sdk: lc.CustomerSDK | None = None) -> None:
        """Client and server say the same of all that is current."""
        assert await (sdk or self.sdk).shared_digest() == self.sandbox.digest(self.me)

    async def events(self, sdk: lc.CustomerSDK | None = None) -> list[str]:
        """The ids of the history's events; `gap` where something is missing."""
        history = (sdk or self.sdk).history(self.chat_id)
        await history.ready()
        assert history.value is not None
        return [getattr(item, "id", "gap") for item in history.value]

    @property
    def known(self) -> list[str]:
        """All events that the server shows, oldest thread first."""
        return [
            event["id"]
            for thread in self.sandbox.chats[self.chat_id].threads
            for event in thread.events
            if event.get("recipients") != "agents"
        ]


@asynccontextmanager
async def scene(
    sandbox: Sandbox | MemorySandbox,
    begin: Callable[[Scene], object] | None = None,
    **options: Any,
) -> AsyncGenerator[Scene]:
    """A customer of `sandbox` whose chat has begun; `begin` adds to it while connected."""
    where = sandbox if isinstance(sandbox, Sandbox) else sandbox.device()
    async with client(where, **options) as sdk:
        chat = await sdk.start_chat(chat=HELLO, continuous=True)
        me = (await sdk.get_customer()).id
        made = Scene(sandbox, sdk, me, chat)
        if begin is not None:
            begin(made)
            await sdk.request("ping")
        await settled(sdk)
        # So that the next one has something solid to come back to.
        await sdk.resync()
        yield made


def next_event(sdk: lc.CustomerSDK, name: str) -> asyncio.Future[Any]:
    """The payload of the next event of this name."""
    future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    def take(payload: object) -> None:
        if not future.done():
            future.set_result(payload)

    sdk.once(name, take)  # type: ignore[call-overload]
    return future
