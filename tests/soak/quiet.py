"""Quiet points: how one is reached."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from soak.device import Device
from soak.telling import Broken, described
from soak.world import World

import livechat_customer as lc
from livechat_customer.projections.values import OutboxEntry
from livechat_customer.resync.plan import REFUSED


async def reach_quiet(world: World) -> None:
    """Nothing goes wrong any more; wait until nothing is under way. Broken if that never comes."""
    world.heal()
    for device in world.devices:
        if device.sdk is None:
            await device.open()
    within = world.ground.patience
    try:
        async with asyncio.timeout(within):
            for device in world.devices:
                await connected(device)
                await device.settled()
            # What the server does for connections that are gone.
            await asyncio.sleep(world.latest)
            world.latest = 0.0
            # What is under way has no one event for its end.
            while not await still(world):  # noqa: ASYNC110
                await asyncio.sleep(world.ground.seconds(1.0))
    except TimeoutError:
        raise Broken(f"no quiet point within {within} s\n{await described(world)}") from None


async def connected(device: Device) -> None:
    """Connect, however often it takes: what went wrong before may still have its consequences."""
    while True:
        try:
            await device.live.connect()
        except lc.SDKDestroyedError as error:
            raise Broken(f"device {device.number} was destroyed: {error.message}") from None
        except lc.CustomerSDKError:
            await asyncio.sleep(device.ground.seconds(1.0))
        else:
            return


async def still(world: World) -> bool:
    """Whether nothing is under way, and a ping brings nothing."""
    for device in world.devices:
        sdk = device.live
        connection = sdk.connection.value
        if connection.status != "connected":
            # A pause that was decided before the healing.
            await connected(device)
            return False
        sync = sdk.sync.value
        if sync.status != "idle" or sync.connection != connection.number:
            return False
        if sync.report is not None and any(end.why == REFUSED for end in sync.report.unresolved):
            # It said so: the app has it asked for again.
            device.start(sdk.resync())
            return False
        for entry in device.outbox:
            if entry.state == "unknown" and device.parks:
                sdk.outbox.handle(entry.custom_id).retry()
        if device.tasks or any(True for _ in unsettled(device)):
            return False
    before = [await last_record(device) for device in world.devices]
    try:
        for device in world.devices:
            await device.live.request("ping")
    except lc.CustomerSDKError:
        return False
    after = [await last_record(device) for device in world.devices]
    # The request of the ping is a record itself.
    return all(now - then <= 1 for then, now in zip(before, after, strict=True))


async def last_record(device: Device) -> int:
    (info,) = await device.live.log.streams()
    return info.last_seq


def unsettled(device: Device) -> Iterator[OutboxEntry]:
    """The entries that still go somewhere: all but failed ones and those they block."""
    blocked: set[str] = set()
    for entry in device.outbox:
        if entry.state == "failed":
            blocked.add(entry.chat_id)
        elif entry.chat_id not in blocked:
            yield entry
