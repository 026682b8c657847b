"""What happens to a device: its network, its app, its process."""

from __future__ import annotations

import asyncio

from soak.steps import Step
from soak.world import World

PAUSES = (0.0, 0.0, 0.001, 0.05, 0.5, 2.0, 5.0, 12.0, 21.0, 40.0)
"""Seconds: from one turn of the loop to beyond every time-out."""


async def device_act(world: World, step: Step) -> None:
    device = world.devices[step.who % len(world.devices)]
    if step.kind == "online":
        world.ground.network(device, on=True)
    if device.sdk is None:
        await device.open()
        return
    match step.kind:
        case "offline" if step.a % 3 == 0:
            await device.sdk.disconnect()
        case "offline":
            world.ground.network(device, on=False, silently=step.a % 3 == 1)
        case "online":
            device.start(device.sdk.connect())
        case "restart":
            await device.close()
            if step.a % 2:
                await device.open()
        case "crash":
            await device.crash()
            if step.a % 3:
                await device.open()
        case _:
            raise AssertionError(f"no such step: {step.kind}")


async def pause(world: World, step: Step) -> None:
    await asyncio.sleep(world.ground.seconds(PAUSES[step.a % len(PAUSES)]))


KINDS = frozenset({"online", "offline", "restart", "crash"})
