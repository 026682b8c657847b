"""The outbox over several runs on real files: closed in the middle, copied, put back, taken over."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import Any

import pytest
from front_kit import until

import livechat_customer as lc
from livechat_customer.errors import EntryParkedError
from livechat_customer.models.commands import Parked, command_of
from livechat_customer.options import OutboxLimits
from livechat_customer.outbox import Handle
from livechat_customer.sandbox import Sandbox
from livechat_customer.store import open_log
from livechat_customer.transport.credentials import MemoryCredentials

SOON = OutboxLimits(in_doubt_wait=0.2)


class Install:
    """A program with its files, started again and again."""

    def __init__(self, sandbox: Sandbox, path: Path) -> None:
        self.sandbox = sandbox
        self.path = path
        self.credentials = MemoryCredentials()

    def start(self, **options: Any) -> lc.CustomerSDK:
        given = {
            "log": str(self.path),
            "credentials": self.credentials,
            "outbox": SOON,
            "random": lambda: 0.0,
        }
        return lc.init(**given | self.sandbox.options() | options)

    def copied(self, name: str) -> Install:
        """Its files in another place."""
        other = Install(self.sandbox, self.path.with_name(name))
        other.credentials = self.credentials
        shutil.copy(self.path, other.path)
        return other

    def put_back(self, backup: Install) -> None:
        """The older state in its place; the file keeps its number."""
        with self.path.open("r+b") as file:
            file.truncate()
            file.write(backup.path.read_bytes())


def held(sandbox: Sandbox) -> list[str]:
    return [
        event["text"]
        for chat in sandbox.chats.values()
        for thread in chat.threads
        for event in thread.events
        if event["type"] == "message"
    ]


async def done(handle: Handle[Any]) -> Any:
    async with asyncio.timeout(10):
        return await handle


async def emptied(sdk: lc.CustomerSDK) -> None:
    await until(sdk.outbox, lambda entries: not entries)


def again(sdk: lc.CustomerSDK) -> list[Handle[Any]]:
    """Handles of what earlier runs left."""
    return [sdk.outbox.handle(entry.custom_id) for entry in sdk.outbox.value]


async def test_what_was_queued_offline_goes_out_in_a_later_run(tmp_path: Path) -> None:
    async with Sandbox() as sandbox:
        install = Install(sandbox, tmp_path / "log.db")
        for text in "12":
            async with install.start(auto_connect=False) as sdk:
                await sdk.outbox.send_event(None, lc.Message(text)).queued
        async with install.start() as sdk:
            await emptied(sdk)
        assert held(sandbox) == ["1", "2"]


@pytest.mark.parametrize(
    ("faults", "sent"),
    [
        # The server has not read it.
        ([("half_open", "send_event")], 2),
        # It has the message, and could not say so.
        ([("delay", "send_event"), ("lost_push", "incoming_event")], 1),
    ],
    ids=["not read", "not answered"],
)
async def test_closed_in_the_middle_of_an_attempt(
    tmp_path: Path, faults: list[tuple[str, str]], sent: int
) -> None:
    async with Sandbox() as sandbox:
        install = Install(sandbox, tmp_path / "log.db")
        async with install.start() as sdk:
            await sdk.connect()
            chat = await sdk.start_chat(continuous=True)
            first, *_ = [sandbox.fault(kind, action=action) for kind, action in faults]
            handle = sdk.outbox.send_event(chat.id, lc.Message("1"))
            behind = sdk.outbox.send_event(chat.id, lc.Message("2"))
            await behind.queued
            await sandbox.wait_until(lambda: first.fired)
            assert (handle.state, behind.state) == ("sending", "queued")
        async with install.start() as sdk:
            (entry, _) = sdk.outbox.value
            assert (entry.custom_id, entry.attempts) == (handle.custom_id, 1)
            await emptied(sdk)
        assert held(sandbox) == ["1", "2"]
        assert sum(one.action == "send_event" for one in sandbox.received) == sent + 1


async def test_a_copy_of_the_log_sends_nothing_by_itself(tmp_path: Path) -> None:
    async with Sandbox() as sandbox:
        install = Install(sandbox, tmp_path / "log.db")
        async with install.start(auto_connect=False) as sdk:
            handles = [sdk.outbox.send_event(None, lc.Message(text)) for text in "123"]
            await handles[-1].queued
        copy = install.copied("copy.db")
        async with install.start() as sdk:
            await emptied(sdk)

        async with copy.start() as sdk:
            await sdk.connect()
            await until(sdk.sync, lambda sync: sync.report is not None)
            # What the original has sent by now is found, though not sent here.
            assert not sdk.outbox.value
        assert held(sandbox) == ["1", "2", "3"]


async def test_a_copy_whose_original_sent_nothing_waits_for_the_user(tmp_path: Path) -> None:
    async with Sandbox() as sandbox:
        install = Install(sandbox, tmp_path / "log.db")
        async with install.start(auto_connect=False) as sdk:
            handles = [sdk.outbox.send_event(None, lc.Message(text)) for text in "12"]
            await handles[-1].queued
        copy = install.copied("copy.db")
        for _ in range(2):  # and goes on waiting
            async with copy.start() as sdk:
                await sdk.connect()
                await until(sdk.sync, lambda sync: sync.report is not None)
                for handle in again(sdk):
                    assert handle.state == "failed"
                    with pytest.raises(EntryParkedError) as parked:
                        await done(handle)
                    assert parked.value.code == "RESTORED"
        assert held(sandbox) == []
        async with copy.start() as sdk:
            first, second = again(sdk)
            assert first.retry()
            assert second.cancel()
            await done(first)
            await emptied(sdk)
        assert held(sandbox) == ["1"]


async def test_an_older_state_put_back_sends_nothing_by_itself(tmp_path: Path) -> None:
    async with Sandbox() as sandbox:
        install = Install(sandbox, tmp_path / "log.db")
        async with install.start(auto_connect=False) as sdk:
            await sdk.outbox.send_event(None, lc.Message("1")).queued
        backup = install.copied("backup.db")
        async with install.start() as sdk:
            await emptied(sdk)
            (chat_id,) = sandbox.chats
            chat = sandbox.chats[chat_id]
            # So far back that no answer shows it any more.
            chat.threads[-1].events.clear()
        install.put_back(backup)

        async with install.start() as sdk:
            await sdk.connect()
            await until(sdk.sync, lambda sync: sync.report is not None)
            (handle,) = again(sdk)
            assert handle.state == "failed"
        assert held(sandbox) == []


async def test_another_customer_sends_nothing_of_the_one_before(tmp_path: Path) -> None:
    async with Sandbox() as sandbox:
        install = Install(sandbox, tmp_path / "log.db")
        async with install.start() as sdk:
            await sdk.connect()
            await sdk.disconnect()
            await sdk.outbox.send_event(None, lc.Message("not theirs")).queued
        install.credentials = MemoryCredentials()
        async with install.start(auto_connect=False) as sdk:
            (handle,) = again(sdk)
            late = sdk.outbox.send_event(None, lc.Message("not theirs either"))
            await sdk.connect()
            for parked in (handle, late):
                with pytest.raises(EntryParkedError) as error:
                    await done(parked)
                assert error.value.code == "IDENTITY_CHANGED"
                assert not parked.retry()
            assert not sdk.outbox.value
            await done(sdk.outbox.send_event(None, lc.Message("theirs")))
            assert held(sandbox) == ["theirs"]

        log = open_log(str(install.path))
        await log.open()
        old, new = await log.streams()
        assert (old.generation, new.generation) == (1, 2)
        await log.aclose()


async def test_a_replay_shows_what_waits_and_sends_nothing(tmp_path: Path) -> None:
    async with Sandbox() as sandbox:
        install = Install(sandbox, tmp_path / "log.db")
        async with install.start(auto_connect=False) as sdk:
            handle = sdk.outbox.send_event(None, lc.Message("1"))
            await handle.queued
        async with lc.replay(install.path) as replay:
            await replay.run()
            (entry,) = replay.outbox.value
            assert (entry.custom_id, entry.state) == (handle.custom_id, "queued")
        assert sandbox.received == type(sandbox.received)()


async def test_the_parking_is_the_first_thing_in_a_restored_log(tmp_path: Path) -> None:
    async with Sandbox() as sandbox:
        install = Install(sandbox, tmp_path / "log.db")
        async with install.start(auto_connect=False) as sdk:
            await sdk.outbox.send_event(None, lc.Message("1")).queued
            seq = sdk.log.health.committed
        copy = install.copied("copy.db")
        async with copy.start(auto_connect=False):
            pass
        log = open_log(str(copy.path))
        await log.open()
        (info,) = await log.streams()
        reader = await log.follow(info.key)
        pages = [page async for page in reader.read(seq)]
        found = [record for page in pages for record in page if record.kind != "lifecycle"]
        await log.aclose()
        assert [command_of(record) for record in found] == [Parked("restored")]
