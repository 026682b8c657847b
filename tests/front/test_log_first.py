"""Law 1: a crash loses nothing that was seen.

The log's commit is held back. Meanwhile nothing built on what waits there may be seen anywhere:
not in a view, not by a handler, not in a result, and a request not by the server.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from front_kit import customer, texts, until

import livechat_customer as lc
from livechat_customer.sandbox import Sandbox
from livechat_customer.store import wall_clock
from livechat_customer.store.memory import MemoryLog


@dataclass
class Disk:
    """A disk that can be held. `reached` is set when a commit waits for it."""

    open: asyncio.Event = field(default_factory=asyncio.Event)
    reached: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.open.set()

    async def commit(self) -> None:
        if not self.open.is_set():
            self.reached.set()
            await self.open.wait()

    @asynccontextmanager
    async def held(self) -> AsyncGenerator[None]:
        """Nothing is committed in here."""
        self.reached.clear()
        self.open.clear()
        try:
            yield
        finally:
            self.open.set()


@asynccontextmanager
async def scene() -> AsyncGenerator[tuple[Sandbox, lc.CustomerSDK, Disk, str]]:
    """A client with a chat, on a disk that can be held."""
    disk = Disk()
    log = MemoryLog(clock=wall_clock, before_commit=disk.commit)
    async with Sandbox() as sandbox:
        async with customer(sandbox, log=log) as sdk:
            chat = await sdk.start_chat(continuous=True)
            yield sandbox, sdk, disk, chat.id
        await log.aclose()


async def a_while(sandbox: Sandbox) -> None:
    """Time in which what was sent would have arrived: round trips over another socket."""
    async with lc.init(**sandbox.options(), log=":memory:") as other:
        await other.connect()
        for _ in range(3):
            await other.get_customer()


async def test_a_push_is_seen_by_nobody_before_its_commit() -> None:
    async with scene() as (sandbox, sdk, disk, chat_id):
        history = sdk.history(chat_id)
        await history.ready()
        seen: list[str] = []
        note: Callable[[str], Callable[[object], None]] = lambda name: lambda _: seen.append(name)
        sdk.chats.subscribe(note("chats"))
        sdk.chat(chat_id).subscribe(note("chat"))
        history.subscribe(note("history"))
        history.changes.subscribe(note("changes"))
        sdk.records.subscribe(note("records"))
        sdk.observe("incoming_event").subscribe(note("observe"))
        sdk.on("incoming_event", note("on"))

        called = asyncio.Event()

        async def later(_: object) -> None:
            seen.append("coroutine")
            called.set()

        sdk.on("incoming_event", later)
        waiting = asyncio.create_task(sdk.wait_for("incoming_event", timeout=20))
        await a_while(sandbox)
        seen.clear()
        before = sdk.root_digest()
        async with disk.held():
            sandbox.agent("Jane").send_event(chat_id, "Hello")
            await disk.reached.wait()
            await a_while(sandbox)
            assert seen == []
            assert not waiting.done()
            assert texts(history.value) == []
            assert sdk.root_digest() == before
        assert (await waiting).chat_id == chat_id
        await until(history, lambda items: texts(items) == ["Hello"])
        await called.wait()
        assert {*seen} >= {
            "chats",
            "chat",
            "history",
            "changes",
            "records",
            "observe",
            "on",
            "coroutine",
        }


async def test_an_answer_resolves_its_request_after_its_commit() -> None:
    async with scene() as (sandbox, sdk, disk, chat_id):
        answer = sandbox.fault("delay", action="get_chat")
        waiting = asyncio.create_task(sdk.get_chat(chat_id=chat_id))
        await sandbox.wait_until(lambda: answer.fired == 1)
        async with disk.held():
            answer.release()
            await disk.reached.wait()
            await a_while(sandbox)
            assert not waiting.done()
        assert (await waiting).id == chat_id


async def test_a_request_is_sent_after_its_commit() -> None:
    async with scene() as (sandbox, sdk, disk, chat_id):

        def arrived() -> list[str]:
            return [it.action for it in sandbox.received if it.action == "send_event"]

        async with disk.held():
            waiting = asyncio.create_task(sdk.send_event(chat_id=chat_id, event=lc.Message("Hi")))
            await disk.reached.wait()
            await a_while(sandbox)
            assert arrived() == []
        assert isinstance(await waiting, lc.Message)
        assert arrived() == ["send_event"]


async def test_a_connection_stands_and_ends_for_users_after_its_commit() -> None:
    async with scene() as (sandbox, sdk, disk, _):
        statuses: list[str] = []
        sdk.on("disconnected", lambda payload: statuses.append(payload.reason))
        sdk.connection.subscribe(lambda state: statuses.append(state.status))
        statuses.clear()
        async with disk.held():
            sandbox.disconnect(reason="inactivity_timeout")
            await disk.reached.wait()
            await a_while(sandbox)
            assert statuses == []
        await until(sdk.connection, lambda state: state.status == "paused")
        assert "inactivity_timeout" in statuses


@pytest.mark.parametrize("cancel", [False, True])
async def test_cancelling_who_waits_cancels_no_commit(cancel: bool) -> None:
    async with scene() as (sandbox, sdk, disk, chat_id):
        found: list[str] = []
        sdk.records.subscribe(lambda record: found.append(record.action))
        async with disk.held():
            waiting = asyncio.create_task(sdk.get_chat(chat_id=chat_id))
            await disk.reached.wait()
            if cancel:
                waiting.cancel()
                await asyncio.wait([waiting])
            assert found == []
        await asyncio.wait([waiting])
        await sdk.get_customer()
        assert found.count("get_chat") == (1 if cancel else 2)
        asked = [it.action for it in sandbox.received]
        assert asked.count("get_chat") == (0 if cancel else 1)
