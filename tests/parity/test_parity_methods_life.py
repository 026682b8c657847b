"""connect, disconnect, destroy; on, once, off."""

from __future__ import annotations

import asyncio

import pytest
from front_kit import customer, until
from parity_kit import asked

import livechat_customer as lc
from livechat_customer.sandbox import Sandbox
from livechat_customer.store import wall_clock
from livechat_customer.store.memory import MemoryLog


@pytest.mark.shows("method connect", by="sandbox")
async def test_connect_without_auto_connect() -> None:
    async with Sandbox() as sandbox:
        options = {**sandbox.options(), "log": ":memory:", "auto_connect": False}
        async with lc.init(**options) as sdk:
            heard: list[lc.Connected] = []
            sdk.on("connected", heard.append)
            with pytest.raises(lc.NoConnectionError):
                await sdk.get_customer()
            assert not sandbox.received

            first, second = await asyncio.gather(sdk.connect(), sdk.connect())

            assert first is second, "all callers share one attempt"
            assert first.availability == "online"
            assert [payload.customer.id for payload in heard] == [first.customer.id]
            assert await sdk.connect() is first
            assert len(asked(sandbox, "login")) == 1
            assert (await sdk.get_customer()).id == first.customer.id


@pytest.mark.shows("method connect", by="fault")
async def test_connect_after_a_reason_that_pauses() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        sandbox.disconnect(reason="inactivity_timeout")
        await until(sdk.connection, lambda state: state.status == "paused")
        assert not sandbox.connections
        await sdk.connect()
        assert len(asked(sandbox, "login")) == 2


@pytest.mark.shows("method disconnect", by="sandbox")
async def test_disconnect() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        heard: list[lc.Disconnected] = []
        sdk.on("disconnected", heard.append)
        sandbox.fault("lost_answer", action="get_customer")
        pending = asyncio.create_task(sdk.get_customer())
        await sandbox.wait_until(lambda: asked(sandbox, "get_customer"))

        await sdk.disconnect()
        await sdk.disconnect()

        with pytest.raises(lc.ConnectionLostError):
            await pending
        with pytest.raises(lc.NoConnectionError):
            await sdk.get_customer()
        await sandbox.wait_until(lambda: not sandbox.connections)
        assert sdk.connection.value.status == "disconnected"
        assert heard == [], "it was asked for"
        await sdk.connect()
        assert sdk.connection.value.status == "connected"


@pytest.mark.shows("method destroy", by="sandbox")
async def test_destroy() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        heard: list[object] = []
        sdk.on("disconnected", heard.append)
        chat = await sdk.start_chat()
        sandbox.fault("lost_answer", action="get_customer")
        pending = asyncio.create_task(sdk.get_customer())
        await sandbox.wait_until(lambda: asked(sandbox, "get_customer"))

        await sdk.destroy()
        await sdk.destroy()

        with pytest.raises(lc.OutcomeUnknownError) as caught:
            await pending
        assert caught.value.code == "SDK_DESTROYED"
        for call in (sdk.get_customer, sdk.connect):
            with pytest.raises(lc.SDKDestroyedError):
                await call()
        await sandbox.wait_until(lambda: not sandbox.connections)
        assert heard == []
        assert sdk.connection.value.status == "destroyed"
        assert [item.id for item in sdk.chats.value] == [chat.id], "views stay readable"


async def test_destroy_before_and_during_open() -> None:
    async with Sandbox() as sandbox:
        for early in (True, False):
            sdk = lc.init(**sandbox.options(), log=":memory:")
            opening = None if early else asyncio.create_task(sdk.open())
            await asyncio.sleep(0)
            await sdk.destroy()
            if opening is not None:
                await opening
            else:
                with pytest.raises(lc.SDKDestroyedError):
                    await sdk.open()
            with pytest.raises(lc.SDKDestroyedError):
                await sdk.connect()
            await sdk.aclose()
        assert not sandbox.received


@pytest.mark.parametrize("reason", [None, "customer_banned"], ids=["destroy", "a fatal reason"])
async def test_who_waits_for_an_event_is_told_of_the_end(reason: str | None) -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        waiting = [
            asyncio.create_task(sdk.wait_for("incoming_event")),
            asyncio.create_task(sdk.wait_for("incoming_event", timeout=60)),
        ]
        await asyncio.sleep(0)
        if reason is None:
            await sdk.destroy()
        else:
            last = asyncio.create_task(sdk.wait_for("disconnected"))
            await asyncio.sleep(0)
            sandbox.disconnect(reason=reason)
            assert (await last).reason == reason, "the last event is still heard"
        for one in waiting:
            with pytest.raises(lc.SDKDestroyedError):
                await one
        with pytest.raises(lc.SDKDestroyedError):
            await sdk.wait_for("incoming_event")


async def test_connect_after_an_end_that_is_not_recorded_yet() -> None:
    go_on = asyncio.Event()
    go_on.set()

    async def commit() -> None:
        await go_on.wait()

    log = MemoryLog(clock=wall_clock, before_commit=commit)
    async with Sandbox() as sandbox, customer(sandbox, log=log) as sdk:
        first = await sdk.connect()
        go_on.clear()
        sandbox.disconnect(reason="inactivity_timeout")
        await sandbox.wait_until(lambda: not sandbox.connections)
        connecting = asyncio.create_task(sdk.connect())
        await asyncio.sleep(0)
        go_on.set()
        assert await connecting is not first, "that one is over"
        assert len(asked(sandbox, "login")) == 2
        assert (await sdk.get_customer()).id

        go_on.clear()
        asking = asyncio.create_task(sdk.get_customer())
        connecting = asyncio.create_task(sdk.connect())
        await asyncio.sleep(0)
        leaving = asyncio.create_task(sdk.disconnect())
        await asyncio.sleep(0)
        go_on.set()
        await leaving
        for one in (asking, connecting):
            with pytest.raises(lc.NoConnectionError):
                await one
        assert sdk.connection.value.status == "disconnected", "who disconnects has the last word"
    await log.aclose()


async def test_off_leaves_alone_who_waits_and_who_observes() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        seen: list[lc.ChatDeactivated] = []
        sdk.observe("chat_deactivated").subscribe(seen.append)
        waiting = asyncio.create_task(sdk.wait_for("chat_deactivated", timeout=10))
        await asyncio.sleep(0)
        sdk.off("chat_deactivated")
        sdk.off()
        chat = await sdk.start_chat()
        await sdk.deactivate_chat(id=chat.id)
        assert (await waiting).chat_id == chat.id
        assert [one.chat_id for one in seen] == [chat.id]


@pytest.mark.shows("method on", "method once", "method off", by="sandbox")
async def test_on_once_and_off() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        chat = await sdk.start_chat()
        heard: list[str] = []

        def note(payload: lc.IncomingEvent) -> None:
            heard.append("note")

        def dropped(payload: lc.IncomingEvent) -> None:
            heard.append("dropped")

        @sdk.on("incoming_event")
        def decorated(payload: lc.IncomingEvent) -> None:
            heard.append("decorated")

        subscription = sdk.on("incoming_event", lambda _: heard.append("disposed of"))
        sdk.on("incoming_event", note)
        sdk.on("incoming_event", dropped)
        sdk.once("incoming_event", lambda _: heard.append("once"))
        sdk.once("incoming_event", dropped)
        jane = sandbox.agent("Jane")

        async def event() -> list[str]:
            """What is heard of one more event."""
            heard.clear()
            unread = len(jane_s) + 1
            jane_s.append(jane.send_event(chat.id, "hi").event_id)
            await until(sdk.chat(chat.id), lambda it: it is not None and it.unread == unread)
            await sdk.get_customer()
            return list(heard)

        jane_s: list[str] = []
        sdk.off("incoming_event", dropped)
        assert await event() == ["decorated", "disposed of", "note", "once"]
        subscription.dispose()
        assert await event() == ["decorated", "note"], "a handler that heard it once is gone"
        sdk.off("incoming_event", decorated)
        assert await event() == ["note"]
        sdk.off("incoming_event")
        assert await event() == []
        sdk.on("incoming_event", note)
        sdk.off()
        assert await event() == []
        with pytest.raises(ValueError, match="incoming_event"):
            sdk.on("incoming_evnt", note)  # type: ignore[call-overload]
