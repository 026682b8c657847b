"""One run: the steps, one after the other, and what is checked at its quiet points."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from soak import acts_customer, acts_device, acts_server
from soak.acts_device import pause
from soak.acts_faults import set_fault
from soak.checks import check_quiet
from soak.grounds import Complaints, Ground, in_process, over_sockets
from soak.quiet import reach_quiet
from soak.steps import PAUSE, QUIET, WEIGHTS, Step
from soak.telling import Broken, described
from soak.world import Scenario, World

from livechat_customer.testing import virtual_time

ACTS: Final = {
    **dict.fromkeys(acts_customer.KINDS, acts_customer.customer_act),
    **dict.fromkeys(acts_server.KINDS, acts_server.server_act),
    **dict.fromkeys(acts_device.KINDS, acts_device.device_act),
    "fault": set_fault,
    PAUSE: pause,
}
assert {*ACTS, QUIET} == set(WEIGHTS), "each kind of step has one act"


class Run:
    """A world and the steps it takes. `complaints` are what the library logged as errors."""

    def __init__(self, ground: Ground) -> None:
        self.world = World(ground)
        self.complaints = Complaints()
        self.unnoticed: list[str] = []
        """Errors that nobody but the event loop has seen."""
        asyncio.get_running_loop().set_exception_handler(self._unnoticed)
        logging.getLogger("livechat_customer").addHandler(self.complaints)

    async def begin(self, scenario: Scenario) -> None:
        await self.world.begin(scenario)
        self.world.note()

    async def step(self, step: Step) -> None:
        """Raises Broken at a quiet point where something does not hold."""
        if step.kind == QUIET:
            try:
                await reach_quiet(self.world)
                self.world.note()
                await check_quiet(self.world)
            except Broken as broken:
                raise Broken("\n".join([str(broken), *self.said])) from None
            if self.said:
                raise Broken("\n".join(self.said))
        else:
            await ACTS[step.kind](self.world, step)
            self.world.note()

    @property
    def said(self) -> list[str]:
        """What was complained about."""
        return self.complaints.said + self.unnoticed

    def _unnoticed(self, _: object, context: dict[str, object]) -> None:
        error = context.get("exception")
        trace = traceback.format_exception(error) if isinstance(error, BaseException) else ()
        self.unnoticed.append("".join((f"{context.get('message')}\n", *trace)))

    async def end(self) -> None:
        logging.getLogger("livechat_customer").removeHandler(self.complaints)
        for device in self.world.devices:
            if device.sdk is not None:
                await device.close()


async def take(ground: Ground, scenario: Scenario, steps: Iterable[Step]) -> None:
    """All of them. Broken says at which step, and where everybody stood."""
    run = Run(ground)
    try:
        await run.begin(scenario)
        for number, step in enumerate(steps):
            try:
                await run.step(step)
            except Broken as broken:
                raise Broken(f"step {number} ({step.kind}): {broken}") from None
            except Exception as error:
                where = await described(run.world)
                raise Broken(f"step {number} ({step}): {error!r}\n{where}") from error
    finally:
        await run.end()


def run_in_process(seed: str, scenario: Scenario, steps: Iterable[Step]) -> None:
    """In virtual time. Raises Broken."""

    async def main() -> None:
        async with in_process(seed) as ground:
            await take(ground, scenario, steps)

    virtual_time.run(main())


async def run_over_sockets(
    seed: str, scenario: Scenario, steps: Iterable[Step], folder: Path
) -> None:
    """In the machine's time. Raises Broken."""
    async with over_sockets(seed, folder) as ground:
        await take(ground, scenario, steps)
