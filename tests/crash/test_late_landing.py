"""What a dead process has written: it is thrown away, or the server acts on it late."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from crash_kit import Nursery, Place, Run, Valve, valve
from front_kit import until

import livechat_customer as lc
from livechat_customer.options import OutboxLimits
from livechat_customer.projections.live import View
from livechat_customer.sandbox import Sandbox

LONG = "x" * 12_000
"""More than a valve that does not read lets out of the sender's machine."""


def messages(history: View[Any]) -> list[lc.Message]:
    return [item for item in history.value or () if isinstance(item, lc.Message)]


async def dead_with_it_held(run: Run, way: Valve, place: Place) -> None:
    """The process has written the request, and is killed; the valve holds it back."""
    await run.until("waiting")
    way.shut()
    run.go()
    await run.until("written", "send_event")
    await way.arrived.wait()
    await run.kill()
    await way.gone.wait()
    way.open()
    assert place.on_server() == []


@pytest.mark.parametrize("linger", [True, False])
async def test_what_the_kernel_has_not_sent_dies_with_the_process(
    linger: bool, nursery: Nursery, tmp_path: Path
) -> None:
    """Without the reset that the client sets on its sockets the kernel would go on sending."""
    async with Sandbox() as sandbox, valve(sandbox) as way:
        place = Place(sandbox, tmp_path, way.url)
        chat_id = await place.begun()
        plan = place.plan(chat_id, then=(LONG,), wait=True, linger=linger)
        async with nursery.running(plan) as run:
            await run.until("waiting")
            way.shut()
            way.stop_reading()
            run.go()
            written = await run.until("written", "send_event")
            assert written.number > 0, "the kernel holds a part of it"
            await run.kill()
        way.read_on()
        await way.gone.wait()
        assert (len(way.held) < len(LONG)) is linger
        await way.release()
        way.hang_up()
        await sandbox.wait_until(lambda: not sandbox.connections)
        assert place.on_server() == ([] if linger else [LONG])
        way.open()
        await place.goes_on(chat_id, [LONG])


async def test_the_server_acts_within_the_wait(nursery: Nursery, tmp_path: Path) -> None:
    """The new run has looked for the message, did not find it, and waits."""
    async with Sandbox() as sandbox, valve(sandbox) as way:
        place = Place(sandbox, tmp_path, way.url)
        chat_id = await place.begun()
        async with nursery.running(place.plan(chat_id, then=("a", "b"), wait=True)) as run:
            await dead_with_it_held(run, way, place)
        async with place.sdk(outbox=OutboxLimits(in_doubt_wait=60.0)) as sdk:
            last = sdk.sync.value.connection
            await until(sdk.sync, lambda it: it.status == "idle" and it.connection > last)
            first, second = sdk.outbox.value
            assert (first.state, second.state) == ("unknown", "queued")
            await way.release()
            await until(sdk.outbox, lambda entries: not entries)
        assert place.on_server() == ["a", "b"]
        await place.goes_on(chat_id, ["a", "b"], run)


async def test_the_server_acts_after_the_wait(nursery: Nursery, tmp_path: Path) -> None:
    """The residue: it is there twice. It is shown once, and the other one is reported."""
    async with Sandbox() as sandbox, valve(sandbox) as way:
        place = Place(sandbox, tmp_path, way.url)
        chat_id = await place.begun()
        assert chat_id is not None
        async with nursery.running(place.plan(chat_id, then=("a", "b"), wait=True)) as run:
            await dead_with_it_held(run, way, place)
        async with place.sdk() as sdk:
            announced: list[str] = []
            sdk.on("event_added", lambda added: announced.append(added.event.id))
            history = sdk.history(chat_id)
            await until(sdk.outbox, lambda entries: not entries)
            assert place.on_server() == ["a", "b"]
            doubled = asyncio.create_task(sdk.wait_for("doubled", timeout=30))
            await asyncio.sleep(0)
            await way.release()
            told = await doubled
            assert place.on_server() == ["a", "b", "a"]
            shown = messages(history)
            assert [item.text for item in shown] == ["a", "b"]
            assert told.custom_id == shown[0].custom_id
            assert len(set(announced)) == len(announced)
            (customer,) = sandbox.customers
            assert await sdk.shared_digest() == sandbox.digest(customer), "it knows of both"
        async with place.sdk(auto_connect=False) as sdk:
            history = sdk.history(chat_id)
            await history.ready()
            assert [item.text for item in messages(history)] == ["a", "b"], "and it stays so"
