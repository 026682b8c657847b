"""From `init()` to the end: nothing happens before `open()`, and nothing is left after the end."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import socket
import threading
from pathlib import Path

import pytest
from front_kit import customer, until

import livechat_customer as lc
from livechat_customer.sandbox import Sandbox
from livechat_customer.transport.credentials import MemoryCredentials


def open_files() -> list[str]:
    """What the process has open, by the kernel's names."""
    gc.collect()
    found: list[str] = []
    for descriptor in os.listdir("/proc/self/fd"):
        try:
            found.append(os.readlink(f"/proc/self/fd/{descriptor}"))
        except OSError:
            continue
    return sorted(found)


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*"))


def contents(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in folder.iterdir()]


@pytest.fixture(scope="module", autouse=True)
def everything_is_imported() -> None:
    """So that no test counts what the first import of a library keeps open."""

    async def once() -> None:
        async with Sandbox() as sandbox, customer(sandbox):
            pass

    asyncio.run(once())


async def test_init_builds_and_does_nothing_else(tmp_path: Path) -> None:
    before, tasks, threads = open_files(), asyncio.all_tasks(), threading.enumerate()
    async with Sandbox() as sandbox:
        listening = open_files()
        sdk = lc.init(**sandbox.options(), log=tmp_path / "new" / "a.db")
        for _ in range(5):
            await asyncio.sleep(0)
        assert files(tmp_path) == []
        assert open_files() == listening
        assert not sandbox.received
        assert not sandbox.connections
        assert sdk.connection.value.status == "disconnected"
        with pytest.raises(lc.NoConnectionError):
            await sdk.get_customer()
        await sdk.aclose()
        assert files(tmp_path) == []
    assert (open_files(), asyncio.all_tasks()) == (before, tasks)
    assert [one for one in threading.enumerate() if one not in threads] == []


async def test_each_step_of_its_life_may_be_taken_again(tmp_path: Path) -> None:
    async with Sandbox() as sandbox:
        sdk = lc.init(**sandbox.options(), log=tmp_path / "a.db", auto_connect=False)
        await asyncio.gather(sdk.open(), sdk.open(), sdk.open())
        await sdk.open()
        first, second = await asyncio.gather(sdk.connect(), sdk.connect())
        assert first is second
        assert len(sandbox.connections) == 1
        await asyncio.gather(sdk.disconnect(), sdk.disconnect())
        await sdk.destroy()
        await asyncio.gather(sdk.destroy(), sdk.destroy())
        await asyncio.gather(sdk.aclose(), sdk.aclose())
        await sdk.aclose()
        for use in (sdk.open, sdk.connect, sdk.get_customer, sdk.list_chats):
            with pytest.raises(lc.SDKDestroyedError):
                await use()
        await sdk.disconnect()
        await sdk.destroy()
        assert sdk.customer.value is not None, "values stay readable"


@pytest.mark.parametrize("end", ["leave", "raise", "destroy", "server gone", "in flight"])
async def test_no_file_and_no_socket_stays_open(end: str, tmp_path: Path) -> None:
    before = open_files()
    async with Sandbox() as sandbox:
        listening = open_files()
        try:
            async with customer(sandbox, log=tmp_path / "a.db") as sdk:
                chat = await sdk.start_chat(continuous=True)
                assert str(tmp_path / "a.db") in open_files()
                history = sdk.history(chat.id)
                await history.ready()
                match end:
                    case "raise":
                        raise KeyboardInterrupt
                    case "destroy":
                        await sdk.destroy()
                    case "server gone":
                        sandbox.fault("refuse", count=None)
                        sandbox.disconnect()
                        await until(sdk.connection, lambda it: it.status == "reconnecting")
                    case "in flight":
                        sandbox.fault("lost_answer", action="get_chat")
                        lost = asyncio.create_task(sdk.get_chat(chat_id=chat.id))
                        await sandbox.wait_until(
                            lambda: any(it.action == "get_chat" for it in sandbox.received)
                        )
                        await sdk.aclose()
                        with pytest.raises(lc.CustomerSDKError):
                            await lost
                    case _:
                        pass
        except KeyboardInterrupt:
            assert end == "raise"
        await sandbox.wait_until(lambda: not sandbox.connections)
        left = [name for name in open_files() if name not in listening]
        assert left == []
        assert [name for name in files(tmp_path) if name.endswith(("-wal", "-shm"))] == []
    assert open_files() == before


async def test_an_open_that_fails_or_is_cancelled_leaves_nothing_open(tmp_path: Path) -> None:
    before = open_files()
    (tmp_path / "text.db").write_text("Dear diary, this is no database at all. " * 30)
    for _ in range(2):
        with pytest.raises(lc.LogError):
            await lc.init(organization_id="o", client_id="c", log=tmp_path / "text.db").open()
    for turns in range(0, 60, 3):
        sdk = lc.init(organization_id="o", client_id="c", log=tmp_path / "a.db", auto_connect=False)
        opening = asyncio.create_task(sdk.open())
        for _ in range(turns):
            await asyncio.sleep(0)
        opening.cancel()
        await asyncio.wait([opening])
        await sdk.aclose()
        assert [name for name in open_files() if str(tmp_path) in name] == []
    assert open_files() == before
    async with lc.init(
        organization_id="o", client_id="c", log=tmp_path / "a.db", auto_connect=False
    ):
        pass


async def test_auto_connect_false_opens_no_socket(tmp_path: Path) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        async with lc.init(
            organization_id="o",
            client_id="c",
            api_url=url,
            accounts_url=url,
            log=tmp_path / "a.db",
            auto_connect=False,
        ) as sdk:
            await sdk.disconnect()  # what was posted so far is committed
            assert sdk.connection.value.status == "disconnected"
            stream = await sdk.log.follow((await sdk.log.streams())[0].key)
            kinds = [
                (record.kind, record.action) async for page in stream.read() for record in page
            ]
            assert kinds == [("lifecycle", "opened")]


async def test_no_logger_and_no_output_shows_a_secret_or_what_was_written(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    credentials = MemoryCredentials()
    written = "my mother's maiden name is Smith"
    async with Sandbox() as sandbox:
        path = tmp_path / "a.db"
        async with customer(sandbox, log=path, credentials=credentials) as sdk:
            chat = await sdk.start_chat(
                chat={"thread": {"events": [{"type": "message", "text": written}]}}
            )
            await sdk.update_customer(name=written)
            sandbox.push("incoming_event", {"chat_id": chat.id, "thread_id": 7, "event": written})
            sandbox.push("unheard_of", {"text": written})
            await sdk.wait_for("unknown_push", timeout=10)

            def broken(_: object) -> None:
                raise RuntimeError("boom")

            sdk.on("incoming_event", broken)
            sandbox.agent("Jane").send_event(chat.id, written)
            await until(sdk.chat(chat.id), lambda it: it is not None and it.unread == 1)
            sandbox.fault("error", action="get_chat", error={"type": "validation", "message": "x"})
            with pytest.raises(lc.ServerError) as refused:
                await sdk.get_chat(chat_id=chat.id)
            (key,) = [info.key for info in await sdk.log.streams()]
            kept = await credentials.load(key)
            sandbox.disconnect()
            await until(sdk.connection, lambda it: it.status == "reconnecting")
        assert kept is not None
        assert kept.token is not None
        assert kept.cst is not None
        secrets = [kept.token.access_token, kept.cst, written]
        shown = capfd.readouterr()
        ours = [it for it in caplog.records if it.name.partition(".")[0] == "livechat_customer"]
        assert ours, "something was logged"
        told = [caplog.text, shown.out, shown.err, repr(sdk), repr(refused.value), repr(kept)]
        for secret in secrets:
            assert not [text for text in told if secret in text]
        assert (shown.out, shown.err) == ("", "")
    everything = b"".join(await asyncio.to_thread(contents, tmp_path))
    assert written.encode() in everything
    for secret in secrets[:2]:
        assert secret.encode() not in everything
