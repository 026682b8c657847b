"""The client against the sandbox, over real sockets."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from front_kit import customer, texts, until

import livechat_customer as lc
from livechat_customer.errors import (
    ChatInactiveError,
    ConnectionLostError,
    LoginError,
    NotFoundError,
)
from livechat_customer.sandbox import Sandbox
from livechat_customer.transport.credentials import MemoryCredentials


async def test_it_logs_in_and_says_who_it_is_first() -> None:
    async with Sandbox() as sandbox:
        heard: list[str] = []
        sdk = lc.init(**sandbox.options(), log=":memory:")
        sdk.on("customer_id", lambda payload: heard.append(f"customer_id {payload}"))
        sdk.on("connected", lambda payload: heard.append(f"connected {payload.availability}"))
        async with sdk:
            connected = await sdk.connect()
            assert heard == [f"customer_id {connected.customer.id}", "connected online"]
            assert sdk.connection.value.status == "connected"
            assert sdk.customer.value is not None
            assert sdk.customer.value.id == connected.customer.id
            assert await sdk.connect() is connected


async def test_a_conversation_is_in_the_results_the_events_and_the_views() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        heard: list[Any] = []
        sdk.on("incoming_event", heard.append)
        chat = await sdk.start_chat(chat={"thread": {"events": [{"type": "message", "text": "a"}]}})
        assert chat.thread is not None
        assert texts(chat.thread.events) == ["a"]
        history = sdk.history(chat.id)
        await history.ready()
        sent = await sdk.send_event(chat_id=chat.id, event=lc.Message("b", custom_id="c-1"))
        assert isinstance(sent, lc.Message)
        assert (sent.text, sent.custom_id, sent.thread_id) == ("b", "c-1", chat.thread.id)
        jane = sandbox.agent("Jane")
        jane.send_event(chat.id, {"type": "message", "text": "c"})
        await until(history, lambda items: texts(items)[-1:] == ["c"])
        assert texts(history.value) == ["a", "b", "c"]
        assert [push.event.text for push in heard] == ["c"], "own events are not emitted"
        assert history.value is not None
        assert history.value[-1] is not None
        (item,) = sdk.chats.value
        assert (item.unread, item.active) == (1, True)
        await sdk.mark_events_as_seen(chat_id=chat.id, seen_up_to=heard[0].event.created_at)
        await until(sdk.chat(chat.id), lambda it: it is not None and it.unread == 0)
        await sdk.deactivate_chat(id=chat.id)
        await until(sdk.chat(chat.id), lambda it: it is not None and not it.active)
        with pytest.raises(ChatInactiveError):
            await sdk.send_event(chat_id=chat.id, event=lc.Message("too late"))
        resumed = await sdk.resume_chat(chat={"id": chat.id})
        assert resumed.thread is not None
        assert resumed.thread.previous_thread_id == chat.thread.id


async def test_reading_methods() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        chat = await sdk.start_chat(chat={"thread": {"events": [{"type": "message", "text": "a"}]}})
        page = await sdk.list_chats()
        assert [summary.id for summary in page.chats_summary] == [chat.id]
        assert texts([page.chats_summary[0].last_event]) == ["a"]
        threads = await sdk.list_threads(chat_id=chat.id)
        assert [texts(thread.events) for thread in threads.threads] == [["a"]]
        assert (await sdk.get_chat(chat_id=chat.id)).id == chat.id
        await sdk.update_customer(name="Ann", session_fields={"plan": "pro"})
        me = await sdk.get_customer()
        assert (me.name, dict(me.session_fields)) == ("Ann", {"plan": "pro"})
        assert me.statistics is not None
        await until(sdk.customer, lambda it: it is not None and it.name == "Ann")
        assert (await sdk.request("get_customer"))["name"] == "Ann"
        with pytest.raises(NotFoundError):
            await sdk.get_chat(chat_id="NOSUCHCHAT")


async def test_history_pages_come_newest_first_and_all_of_them() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        chat = await sdk.start_chat(chat={"thread": {"events": [{"type": "message", "text": "0"}]}})
        for number in range(1, 4):
            for one in range(20):
                await sdk.send_event(chat_id=chat.id, event=lc.Message(f"{number}.{one}"))
            await sdk.deactivate_chat(id=chat.id)
            await sdk.resume_chat(chat={"id": chat.id})
        pages = [page async for page in sdk.get_chat_history(chat_id=chat.id)]
        assert [page.done for page in pages] == [False] * (len(pages) - 1) + [True]
        threads = [thread for page in reversed(pages) for thread in page.threads]
        assert len(threads) == 4
        assert [thread.created_at for thread in threads] == sorted(
            thread.created_at for thread in threads
        )
        history = sdk.get_chat_history(chat_id=chat.id)
        first, second, *rest = await asyncio.gather(*(history.next() for _ in range(9)))
        assert first == pages[0]
        assert second == pages[1]
        assert rest[-1] is None, "calls beyond the end return, too"
        view = sdk.history(chat.id)
        await view.ready()
        assert view.value is not None
        assert view.value.start_reached
        assert not view.value.gaps


async def test_a_cut_connection_is_made_again_and_what_was_missed_is_fetched() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        heard: list[lc.Disconnected] = []
        sdk.on("disconnected", heard.append)
        chat = await sdk.start_chat(continuous=True)
        history = sdk.history(chat.id)
        sandbox.fault("refuse", action="connect")
        sandbox.disconnect()
        await until(sdk.connection, lambda state: state.status == "reconnecting")
        jane = sandbox.agent("Jane")
        jane.send_event(chat.id, {"type": "message", "text": "while you were out"})
        await until(sdk.connection, lambda state: state.status == "connected")
        await until(history, lambda items: "while you were out" in texts(items))
        assert [payload.reason for payload in heard] == ["connection_lost"]
        assert sdk.connection.value.number == 3
        await sdk.request("get_customer")
        me = sdk.customer.value
        assert me is not None
        assert await sdk.shared_digest() == sandbox.digest(me.id)


@pytest.mark.parametrize("kind", ["drop", "cut"])
async def test_a_request_in_flight_on_a_lost_connection_ends_as_unknown(kind: str) -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        chat = await sdk.start_chat(continuous=True)
        sandbox.fault(kind, action="send_event")
        with pytest.raises(ConnectionLostError) as caught:
            await sdk.send_event(chat_id=chat.id, event=lc.Message("lost?"))
        assert caught.value.code == "CONNECTION_LOST"
        await until(sdk.connection, lambda state: state.status == "connected")


@pytest.mark.parametrize(
    ("reason", "status", "again"),
    [
        ("customer_banned", "destroyed", lc.SDKDestroyedError),
        ("inactivity_timeout", "paused", None),
        ("internal_error", "connected", None),
        ("access_token_expired", "connected", None),
    ],
)
async def test_what_the_server_says_at_the_end_decides(
    reason: str, status: str, again: type[Exception] | None
) -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        ended = asyncio.create_task(sdk.wait_for("disconnected", timeout=10))
        await asyncio.sleep(0)
        sandbox.disconnect(reason=reason)
        assert (await ended).reason == reason
        await until(sdk.connection, lambda state: state.status == status)
        if again is not None:
            with pytest.raises(again, match=reason):
                await sdk.connect()
            with pytest.raises(lc.SDKDestroyedError):
                await sdk.get_customer()
            assert sdk.customer.value is not None, "views stay readable"
        else:
            await sdk.connect()
            assert sdk.connection.value.status == "connected"


async def test_a_refused_login_is_raised_with_the_servers_code() -> None:
    async with Sandbox() as sandbox:
        sandbox.fault("error", action="login", error={"type": "license_expired", "message": "x"})
        async with lc.init(**sandbox.options(), log=":memory:", auto_connect=False) as sdk:
            with pytest.raises(LoginError) as caught:
                await sdk.connect()
            assert caught.value.code == "LICENSE_EXPIRED"
            assert sdk.connection.value.status == "paused"
            assert sdk.connection.value.last_error is not None
            await sdk.connect()


async def test_disconnect_sticks_and_connect_works_again() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        heard: list[lc.Disconnected] = []
        sdk.on("disconnected", heard.append)
        await sdk.disconnect()
        await sdk.disconnect()
        with pytest.raises(lc.NoConnectionError):
            await sdk.get_customer()
        await sandbox.wait_until(lambda: not sandbox.connections)
        assert heard == [], "it was asked for"
        await sdk.connect()
        assert (await sdk.get_customer()).id


async def test_destroy_ends_what_waits_and_forgets_the_handlers() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        heard: list[object] = []
        sdk.on("disconnected", heard.append)
        chat = await sdk.start_chat(continuous=True)
        sandbox.fault("lost_answer", action="get_chat")
        waiting = asyncio.create_task(sdk.get_chat(chat_id=chat.id))
        await sandbox.wait_until(lambda: any(it.action == "get_chat" for it in sandbox.received))
        await sdk.destroy()
        with pytest.raises(lc.CustomerSDKError) as caught:
            await waiting
        assert caught.value.code == "SDK_DESTROYED" or isinstance(
            caught.value, lc.OutcomeUnknownError
        )
        await sdk.destroy()
        with pytest.raises(lc.SDKDestroyedError):
            await sdk.connect()
        assert heard == []
        assert [item.id for item in sdk.chats.value] == [chat.id]


@pytest.mark.parametrize("end", ["destroy", "aclose", "disconnect"])
async def test_ending_it_from_a_handler_returns(end: str) -> None:
    async with Sandbox() as sandbox:
        returned = asyncio.Event()
        async with lc.init(**sandbox.options(), log=":memory:") as sdk:

            async def stop(_: lc.Connected) -> None:
                await getattr(sdk, end)()
                returned.set()

            sdk.on("connected", stop)
            async with asyncio.timeout(10):
                await returned.wait()


async def test_a_cancelled_caller_leaves_nothing_behind() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        chat = await sdk.start_chat(continuous=True)
        held = sandbox.fault("delay", action="get_chat")
        waiting = asyncio.create_task(sdk.get_chat(chat_id=chat.id))
        await sandbox.wait_until(lambda: held.fired == 1)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        held.release()
        assert (await sdk.get_chat(chat_id=chat.id)).id == chat.id


async def test_the_log_alone_gives_the_same_views(tmp_path: Path) -> None:
    path = tmp_path / "support.db"
    async with Sandbox(bot=True) as sandbox:
        async with customer(sandbox, log=path) as sdk:
            chat = await sdk.start_chat(continuous=True)
            await sdk.send_event(chat_id=chat.id, event=lc.Message("Hello"))
            view = sdk.history(chat.id)
            await until(view, lambda items: len(items or ()) >= 2)
            live = list(view.value or ())
            chats = [(item.id, item.last_event) for item in sdk.chats.value]
        options = sandbox.options()
    async with lc.init(**options, log=path, auto_connect=False) as offline:
        assert offline.connection.value.status != "connected"
        view = offline.history(chat.id)
        await view.ready()
        assert list(view.value or ())[: len(live)] == live
        assert [(item.id, item.last_event) for item in offline.chats.value] == chats
        assert offline.chats.value.from_log


async def test_two_clients_of_one_stream_are_refused(tmp_path: Path) -> None:
    async with Sandbox() as sandbox, customer(sandbox, log=tmp_path / "a.db"):
        with pytest.raises(lc.StreamLockedError):
            async with customer(sandbox, log=tmp_path / "a.db"):
                pass


async def test_nothing_secret_is_in_the_log(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    credentials = MemoryCredentials()
    async with Sandbox() as sandbox, customer(sandbox, log=path, credentials=credentials) as sdk:
        (key,) = [info.key for info in await sdk.log.streams()]
        kept = await credentials.load(key)
        assert kept is not None
        assert kept.token is not None
        assert kept.cst is not None
        seen: list[bytes] = []
        async for page in (await sdk.log.follow(key)).read():
            seen.extend(record.payload for record in page)
        await sdk.disconnect()
    everything = b"".join(seen) + path.read_bytes()
    assert b'"login"' in everything
    assert kept.token.access_token.encode() not in everything
    assert kept.cst.encode() not in everything


async def test_arguments_are_checked_before_anything_is_sent() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        before = len(sandbox.received)
        with pytest.raises(lc.InvalidArgumentError, match=r"event\.text"):
            await sdk.send_event(chat_id="x", event={"type": "message", "text": 5})
        with pytest.raises(lc.InvalidArgumentError, match=r"chat\.thread\.events\[0\]"):
            await sdk.start_chat(chat={"thread": {"events": [{"type": "message"}]}})
        with pytest.raises(lc.InvalidArgumentError, match="limit"):
            await sdk.list_chats(limit=26)
        with pytest.raises(lc.InvalidArgumentError):
            await sdk.update_customer()
        assert len(sandbox.received) == before


async def test_records_are_told_of_in_order() -> None:
    async with Sandbox() as sandbox:
        sdk = lc.init(**sandbox.options(), log=":memory:")
        seqs: list[int] = []
        kinds: list[str] = []
        sdk.records.subscribe(lambda record: seqs.append(record.seq))
        sdk.records.subscribe(lambda record: kinds.append(record.kind))
        async with sdk:
            await sdk.connect()
            await sdk.get_customer()
        assert seqs == list(range(1, len(seqs) + 1))
        assert {"lifecycle", "request", "response", "http"} <= set(kinds)
