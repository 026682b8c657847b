"""The power fails: ordinary records of the last moments are lost, what was queued never is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from crash_kit import Nursery, Place, valve
from crash_plan import Plan, Stop
from front_kit import texts
from msgspec.structs import replace
from power_kit import Disk

from livechat_customer.projections.values import PendingEvent
from livechat_customer.sandbox import Sandbox

SEEDS = [None, 1, 2]
"""Of what was not safe all is lost, or each sector or none, as the seed says."""

STOPS = {
    "queued": Stop("after", "command", "outbox_queued", 2),
    "attempted": Stop("after", "command", "outbox_attempted", 2),
    "pushed": Stop("after", "push", "incoming_event", 2),
    "answered": Stop("after", "response", "send_event", 2),
}


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    for name in ("disk", "shadow"):
        (tmp_path / name).mkdir()
    return Disk(tmp_path / "disk", tmp_path / "shadow")


def on(disk: Disk, plan: Plan) -> Plan:
    """The plan for a process whose disk this is. What is there already is safe."""
    disk.settle()
    return replace(plan, shadow=str(disk.shadow))


async def known(place: Place, chat_id: str) -> tuple[list[str], list[str]]:
    """What the log alone knows: the texts of the chat's events, and of what is to be sent."""
    async with place.sdk(auto_connect=False) as sdk:
        history = sdk.history(chat_id)
        await history.ready()
        events = [item for item in history.value or () if not isinstance(item, PendingEvent)]
        return texts(events), texts(entry.event for entry in sdk.outbox.value)


@pytest.mark.parametrize("durable", [True, False])
async def test_what_was_called_queued_is_there(durable: bool, nursery: Nursery, disk: Disk) -> None:
    """Without FULL it would be lost: that is what the cut does to a commit that was not synced."""
    async with Sandbox() as sandbox:
        place = Place(sandbox, disk.folder)
        chat_id = await place.begun()
        assert chat_id is not None
        plan = on(disk, place.plan(chat_id, then=("mine",), durable=durable, offline=True))
        async with nursery.running(plan) as run:
            await run.until("queued")
            await run.kill()
        disk.cut()
        kept = ["mine"] if durable else []
        assert await known(place, chat_id) == ([], kept)
        await place.goes_on(chat_id, kept)


@pytest.mark.parametrize("seed", SEEDS)
async def test_ordinary_records_after_the_last_word_of_the_outbox_are_lost(
    seed: int | None, nursery: Nursery, disk: Disk
) -> None:
    async with Sandbox() as sandbox:
        place = Place(sandbox, disk.folder)
        chat_id = await place.begun()
        assert chat_id is not None
        jane = sandbox.agent("Jane")
        plan = on(disk, place.plan(chat_id, then=("mine",), wait=True))
        async with nursery.running(plan) as run:
            await run.until("waiting")
            await run.until("added", jane.send_event(chat_id, "before").event_id)
            run.go()
            await run.until("delivered")
            await run.until("added", jane.send_event(chat_id, "after").event_id)
            await run.kill()
        lost = disk.cut(seed)
        assert "log.db-wal" in lost
        if seed is None:
            events, waiting = await known(place, chat_id)
            assert (events[-1:], waiting) == (["before"], ["mine"]), "the answer is lost, too"
        await place.goes_on(chat_id, ["mine"])


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("where", STOPS)
async def test_the_power_fails_at_a_commit(
    where: str, seed: int | None, nursery: Nursery, disk: Disk
) -> None:
    async with Sandbox() as sandbox:
        place = Place(sandbox, disk.folder)
        chat_id = await place.begun()
        plan = place.plan(chat_id, first=("a",), then=("b", "c"), stop=STOPS[where])
        async with nursery.running(on(disk, plan)) as run:
            await run.dead()
        disk.cut(seed)
        await place.goes_on(chat_id, ["a", "b", "c"])


@pytest.mark.parametrize("seed", SEEDS)
async def test_the_power_fails_while_a_request_is_on_its_way(
    seed: int | None, nursery: Nursery, disk: Disk
) -> None:
    async with Sandbox() as sandbox, valve(sandbox) as way:
        place = Place(sandbox, disk.folder, way.url)
        chat_id = await place.begun()
        plan = on(disk, place.plan(chat_id, then=("a", "b"), wait=True))
        async with nursery.running(plan) as run:
            await run.until("waiting")
            way.shut()
            run.go()
            await way.arrived.wait()
            await run.kill()
        disk.cut(seed)
        way.open()
        await place.goes_on(chat_id, ["a", "b"])


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("chat", "action", "push"),
    [("active", "send_event", "incoming_event"), ("none", "start_chat", "incoming_chat")],
)
async def test_the_power_fails_when_the_server_has_it(
    chat: Any, action: str, push: str, seed: int | None, nursery: Nursery, disk: Disk
) -> None:
    async with Sandbox() as sandbox:
        place = Place(sandbox, disk.folder)
        chat_id = await place.begun(chat)
        sandbox.fault("lost_answer", action=action)
        sandbox.fault("lost_push", action=push)
        plan = place.plan(chat_id, then=("a", "b"))
        async with nursery.running(on(disk, plan)) as run:
            await sandbox.wait_until(place.on_server)
            await run.kill()
        disk.cut(seed)
        await place.goes_on(chat_id, ["a", "b"])


@pytest.mark.parametrize("seed", SEEDS)
async def test_the_power_fails_in_the_first_run_of_all(
    seed: int | None, nursery: Nursery, disk: Disk
) -> None:
    """Log and identity are new: they are on the disk when a message is called queued."""
    async with Sandbox() as sandbox:
        place = Place(sandbox, disk.folder)
        async with nursery.running(on(disk, place.plan(None, then=("a",)))) as run:
            await run.until("queued")
            await run.kill()
        disk.cut(seed)
        customers = set(sandbox.customers)
        await place.goes_on(None, ["a"])
        assert set(sandbox.customers) == customers, "it is the same customer"
