"""Where a run takes place: in process and in virtual time, or over sockets with logs in files."""

from __future__ import annotations

import asyncio
import copy
import logging
import random
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import livechat_customer as lc
from livechat_customer.options import OutboxLimits, Timeouts
from livechat_customer.sandbox import Sandbox
from livechat_customer.sandbox.backoffice import Backoffice
from livechat_customer.sandbox.world import World as SandboxWorld
from livechat_customer.store.memory import Memory, MemoryLog
from livechat_customer.testing.memory import MemorySandbox
from livechat_customer.testing.plan import CALM, RandomPlan
from livechat_customer.testing.proxy import FaultProxy
from livechat_customer.testing.virtual_time import wall_clock
from livechat_customer.transport.credentials import MemoryCredentials

if TYPE_CHECKING:
    from soak.device import Device

HASTE: Final = 0.02
"""Over sockets every wait is this much shorter: nobody wants to sit out half a minute."""

QUICK: Final = ("refuse", "cut_before", "cut_after", "cut_at_byte", "duplicate")
"""The kinds of faults of a network that need no waiting."""


class Ground(Protocol):
    """What a run stands on."""

    sandbox: Backoffice
    world: SandboxWorld
    """The sandbox's own state."""
    patience: float
    """Seconds within which a quiet point must be reached."""
    is_patient: bool
    """Whether waiting costs nothing, so that what only time-outs end may happen."""

    def seconds(self, given: float) -> float:
        """What so many seconds are here."""
        ...

    def options(self, device: Device) -> dict[str, Any]:
        """For `init()`."""
        ...

    def network(self, device: Device, *, on: bool, silently: bool = False) -> None:
        """The device's network comes, or goes: connections are cut, or fall silent."""
        ...

    async def crash(self, device: Device, sdk: lc.CustomerSDK) -> None:
        """End the client as a dying process would: the log stays as it is now, what was written
        and did not arrive never does, and nobody says goodbye."""
        ...

    def calm(self) -> None:
        """Networks are on, and nothing goes wrong with them."""
        ...


class InProcess:
    """Frames in memory, logs in memory, and a clock that jumps. Run it by `virtual_time.run()`."""

    def __init__(self, sandbox: MemorySandbox, seed: str) -> None:
        self.sandbox: Backoffice = sandbox
        self.world = sandbox._core.world  # pyright: ignore[reportPrivateUsage]
        self.patience = 900.0
        self.is_patient = True
        self._server = sandbox
        self._seed = seed
        self._identity = sandbox.identity()
        self._plans: dict[int, RandomPlan] = {}
        self._logs: dict[int, MemoryLog] = {}
        self._all_logs: list[MemoryLog] = []

    def seconds(self, given: float) -> float:
        return given

    def options(self, device: Device) -> dict[str, Any]:
        number = device.number
        if number not in self._plans:
            # Some devices have a good network for a whole run: others must not hide its defects.
            rate = random.Random(f"{self._seed}/{number}").choice((0.0, 0.4, 0.8, 1.6))
            self._plans[number] = RandomPlan(f"{self._seed}/{number}", rate=rate)
            self._keep(number, Memory())
        place = self._server.device(
            f"device-{number}", plan=self._plans[number], identity=self._identity
        )
        return place.options() | {"log": self._logs[number]}

    def network(self, device: Device, *, on: bool, silently: bool = False) -> None:
        place = self._server.devices[f"device-{device.number}"]
        if on:
            place.go_online()
        else:
            place.go_offline(silently=silently)

    async def crash(self, device: Device, sdk: lc.CustomerSDK) -> None:
        kept = _copied(self._logs[device.number].memory)
        place = self._server.devices[f"device-{device.number}"]
        was_online = place.online
        place.go_offline()
        await sdk.aclose()
        if was_online:
            place.go_online()
        self._keep(device.number, kept)

    def calm(self) -> None:
        for number, plan in self._plans.items():
            plan.calm()
            place = self._server.devices[f"device-{number}"]
            place.go_online()
            # What a connection is still to meet it would meet at some time; a good one goes on.
            if plan.faults_of(place.opened):
                place.cut()

    async def aclose(self) -> None:
        """Close the logs; the clients are closed already."""
        for log in self._all_logs:
            await log.aclose()

    def _keep(self, number: int, memory: Memory) -> None:
        self._logs[number] = log = MemoryLog(clock=wall_clock, memory=memory)
        self._all_logs.append(log)


def _copied(memory: Memory) -> Memory:
    """What was committed; nothing that is committed later shows in it."""
    twin = copy.copy(memory)
    twin.locked = set()
    twin.streams = []
    for stream in memory.streams:
        same = copy.copy(stream)
        same.records = list(stream.records)
        same.by_chat = {key: list(found) for key, found in stream.by_chat.items()}
        same.by_request = {key: list(found) for key, found in stream.by_request.items()}
        same.snapshots = dict(stream.snapshots)
        same.cursors = dict(stream.cursors)
        twin.streams.append(same)
    return twin


class OverSockets:
    """Real sockets through a proxy for each device, logs in files, the machine's clock."""

    def __init__(
        self, sandbox: Sandbox, proxies: Sequence[FaultProxy], folder: Path, seed: str
    ) -> None:
        self.sandbox: Backoffice = sandbox
        self.world = sandbox._core.world  # pyright: ignore[reportPrivateUsage]
        self.patience = 60.0
        self.is_patient = False
        self._server = sandbox
        self._proxies = proxies
        self._folder = folder
        self._agent_token = sandbox.agent_token()
        self._credentials = MemoryCredentials()
        self._random = random.Random(seed)

    def seconds(self, given: float) -> float:
        return given * HASTE

    def options(self, device: Device) -> dict[str, Any]:
        whose: dict[str, Any] = {"credentials": self._credentials}
        if device.customer_id is not None:
            whose |= {
                "agent_token": self._agent_token,
                "customer_id": device.customer_id,
                "profile": "second",
            }
        return {
            **self._server.options(),
            **self._proxies[device.number].options(),
            **whose,
            "log": self._folder / f"device-{device.number}.db",
            "random": self._random.random,
            "timeouts": Timeouts(request=2.0, close=0.2),
            "outbox": OutboxLimits(in_doubt_wait=self.seconds(20.0)),
        }

    def network(self, device: Device, *, on: bool, silently: bool = False) -> None:
        proxy = self._proxies[device.number]
        if on:
            proxy.go_online()
        else:
            proxy.go_offline()

    async def crash(self, device: Device, sdk: lc.CustomerSDK) -> None:
        path = self._folder / f"device-{device.number}.db"
        parts = [path, path.with_name(f"{path.name}-wal")]
        # What is posted and not committed would be lost, or not: here it is not.
        while sdk.log.health.queued:  # noqa: ASYNC110
            await asyncio.sleep(0.001)
        kept = {part: part.read_bytes() for part in parts if part.exists()}
        proxy = self._proxies[device.number]
        was_online = proxy.online
        proxy.go_offline()
        await sdk.aclose()
        if was_online:
            proxy.go_online()
        for part, content in kept.items():
            # Into the same file: a log that is another file counts as a copy, and never sends.
            with part.open("r+b" if part.exists() else "wb") as file:
                file.truncate()
                file.write(content)

    def calm(self) -> None:
        for proxy in self._proxies:
            proxy.plan = CALM
            proxy.go_online()


@asynccontextmanager
async def in_process(seed: str) -> AsyncGenerator[InProcess]:
    async with MemorySandbox(seed=random.Random(seed).getrandbits(32)) as sandbox:
        ground = InProcess(sandbox, seed)
        try:
            yield ground
        finally:
            await ground.aclose()


@asynccontextmanager
async def over_sockets(seed: str, folder: Path) -> AsyncGenerator[OverSockets]:
    plans = [
        RandomPlan(f"{seed}/{number}", rate=0.6, kinds=QUICK, longest=6) for number in range(2)
    ]
    async with (
        Sandbox(seed=random.Random(seed).getrandbits(32)) as sandbox,
        FaultProxy(sandbox.api_url, plans[0]) as first,
        FaultProxy(sandbox.api_url, plans[1]) as second,
    ):
        yield OverSockets(sandbox, (first, second), folder, seed)


class Complaints(logging.Handler):
    """What the library logs as an error: it is one, whatever the views show."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(self.format(record))
