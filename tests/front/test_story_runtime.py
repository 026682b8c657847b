"""Stories about a client as a guest of an event loop: it ends when told to, and lives on otherwise.

Each docstring names the issue it answers.
"""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import pytest
from front_kit import customer
from story_kit import Scene, history, offline, story

import livechat_customer as lc
from livechat_customer.sandbox import Sandbox


@pytest.mark.parametrize("how", ["nobody listens", "it is silent", "it is refused"])
@story
async def test_ending_while_reconnecting(scene: Scene, how: str) -> None:
    """miguelgrinberg/python-socketio#1333, #482, #821, #263: it can't be ended while it
    reconnects, and tests never finish."""
    async with scene.phone() as sdk:
        await scene.begun(sdk)
        if how == "it is refused":
            scene.sandbox.fault("refuse", count=None)
            scene.device().cut()
        else:
            scene.device().go_offline(silently=how == "it is silent")
        await offline(sdk)
        await asyncio.sleep(100)
        waiting = asyncio.create_task(sdk.connect())
        await asyncio.sleep(1)
        await sdk.aclose()
        with pytest.raises(lc.SDKDestroyedError):
            await waiting
    # `story` sees to it that no task is left.


@story
async def test_a_failing_listener_leaves_a_living_client(scene: Scene) -> None:
    """slackapi/python-slack-sdk#1446, #1110, #1379, #1462: an error inside a listener at a
    reconnect leaves a dead client that says it is connected."""
    async with scene.phone() as sdk:
        chat_id = await scene.begun(sdk)

        def fail(_: object) -> None:
            raise RuntimeError("the app's own mistake")

        async def fail_later(_: object) -> None:
            raise RuntimeError("the app's own mistake")

        reported: list[object] = []
        sdk.on("error", reported.append)
        sdk.on("disconnected", fail)
        sdk.on("connected", fail_later)
        sdk.connection.subscribe(fail)
        sdk.history(chat_id).subscribe(fail)
        for number in range(3):
            await scene.flap(sdk)
            scene.says(chat_id, f"{number}")
        await sdk.request("ping")
        assert await history(sdk, chat_id) == ["0", "1", "2"]
        assert reported


@story
async def test_silence_is_noticed_and_said(scene: Scene) -> None:
    """python-websockets/websockets#868, #1620: a ping that is not answered shows at DEBUG only."""
    async with scene.phone() as sdk:
        chat_id = await scene.begun(sdk)
        told: list[str] = []
        sdk.on("connection_unstable", lambda _: told.append("unstable"))
        sdk.on("disconnected", lambda event: told.append(event.reason))
        scene.device().go_offline(silently=True)
        scene.says(chat_id, "hello?")
        await offline(sdk)
        assert told == ["unstable", "connection_lost"]
        await scene.back(sdk)
        assert await history(sdk, chat_id) == ["hello?"]


async def test_two_users_of_a_file_get_a_clear_answer(tmp_path: Path) -> None:
    """LonamiWebs/Telethon#637, #861: `database is locked` with more than one user of a session
    file."""
    path = tmp_path / "log.db"
    async with (
        Sandbox() as sandbox,
        customer(sandbox, log=path, credentials=tmp_path / "c.json") as sdk,
    ):
        options = {**sandbox.options(), "log": path, "credentials": tmp_path / "c.json"}
        with pytest.raises(lc.StreamLockedError):
            await lc.init(**options).open()
        async with customer(sandbox, log=path, profile="another", credentials=tmp_path / "d.json"):
            chat = await sdk.start_chat(continuous=True)
            assert sdk.chat(chat.id).value is not None


@pytest.mark.parametrize("turns", [0, 1, 3, 10, 40])
async def test_cancelling_leaves_nothing(turns: int, tmp_path: Path) -> None:
    """omnilib/aiosqlite#259, sqlalchemy/sqlalchemy#8145: cancelling while it connects, or works,
    leaks a thread and a connection; omnilib/aiosqlite#241, #290, #371: a hang at exit.

    The test's surroundings fail it if a task, a thread or a socket is left.
    """
    async with Sandbox() as sandbox:
        sdk = lc.init(**sandbox.options(), log=tmp_path / "log.db", credentials=tmp_path / "c.json")
        opening = asyncio.create_task(sdk.connect())
        for _ in range(turns):
            await asyncio.sleep(0)
        opening.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await opening
        await sdk.aclose()
