"""Killed, or without power, while a snapshot is written: the older one stays, and nothing is lost."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from crash_kit import Nursery, Place
from msgspec.structs import replace
from power_kit import Disk
from snapshot_kit import Opened, opened

from livechat_customer.projections.root import PROJECTOR
from livechat_customer.projections.seen import SEEN
from livechat_customer.sandbox import Sandbox
from livechat_customer.store import open_log


def snapshots(log: Path) -> dict[str, int]:
    """The seq of each."""
    with closing(sqlite3.connect(log)) as connection:
        return dict(connection.execute("SELECT projector, seq FROM snapshots"))


def forget_snapshots(log: Path) -> None:
    with closing(sqlite3.connect(log)) as connection, connection:
        connection.execute("DELETE FROM snapshots")


async def state(place: Place) -> Opened:
    log = open_log(place.log)
    await log.open()
    try:
        (info,) = await log.streams()
        return await opened(await log.follow(info.key))
    finally:
        await log.aclose()


@pytest.mark.parametrize("nth", [1, 2], ids=["the root's", "that of the events seen"])
async def test_killed_while_it_is_written(nth: int, nursery: Nursery, tmp_path: Path) -> None:
    async with Sandbox() as sandbox:
        place = Place(sandbox, tmp_path)
        chat_id = await place.begun()
        before = await asyncio.to_thread(snapshots, place.log)
        plan = place.plan(chat_id, then=("a",), leave=True, snapshot_stop=nth)
        async with nursery.running(plan) as run:
            await run.dead()
        assert run.heard("delivered") == ["a"]
        after = await asyncio.to_thread(snapshots, place.log)
        assert after.keys() == before.keys() == {PROJECTOR, SEEN}
        assert after[SEEN] == before[SEEN]
        assert (after[PROJECTOR] == before[PROJECTOR]) is (nth == 1)
        await place.goes_on(chat_id, ["a"], run)


@pytest.mark.parametrize("seed", [None, 1, 2])
async def test_the_power_fails_right_after_it(
    seed: int | None, nursery: Nursery, tmp_path: Path
) -> None:
    """A snapshot never outlives the records it is of."""
    for name in ("disk", "shadow"):
        (tmp_path / name).mkdir()
    disk = Disk(tmp_path / "disk", tmp_path / "shadow")
    async with Sandbox() as sandbox:
        place = Place(sandbox, disk.folder)
        chat_id = await place.begun()
        disk.settle()
        plan = replace(place.plan(chat_id, then=("a",), leave=True), snapshot_stop=2)
        async with nursery.running(replace(plan, shadow=str(disk.shadow))) as run:
            await run.dead()
        disk.cut(seed)
        found = await state(place)
        await asyncio.to_thread(forget_snapshots, place.log)
        without = await state(place)
        assert found.state == without.state
        assert found.read <= without.read
        await place.goes_on(chat_id, ["a"])
