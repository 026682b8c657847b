"""A sandbox in process: the same server code, reached without a socket.

    async with MemorySandbox(seed=7) as sandbox:
        phone = sandbox.device("phone", plan=RandomPlan(7))
        async with lc.init(**phone.options(), log=":memory:") as sdk:
            ...

Frames pass through the lines of `memory_line`, which do what a device's plan says. Under
`virtual_time.run()` a run of hours takes no time and is the same each time.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urlsplit

from livechat_customer.sandbox.app import make_app
from livechat_customer.sandbox.backoffice import Backoffice
from livechat_customer.sandbox.core import Core
from livechat_customer.sandbox.limits import Limits
from livechat_customer.testing.asgi import App, Served, serve_socket
from livechat_customer.testing.memory_identity import MemoryIdentity
from livechat_customer.testing.memory_line import Line
from livechat_customer.testing.plan import CALM, Plan
from livechat_customer.testing.virtual_time import wall_clock
from livechat_customer.testing.wire_faults import DOWN, UP, Cut, FallSilent, Fault, Judge, Wait
from livechat_customer.transport.socket import OpenError, Socket, SocketClosed

ORIGIN: Final = "http://127.0.0.1:9"
"""What a client in process is told as `api_url`. Nothing listens there (port 9 discards)."""

CLOSE_TIMEOUT: Final = 2.0
"""Seconds a client's goodbye waits for the server's."""


class MemorySandbox(Backoffice):
    """A `Sandbox` without a network: what it can do besides is the same.

    `clock` gives µs since the epoch; by default the running loop's, virtual or not.
    """

    def __init__(
        self,
        seed: int | None = 0,
        clock: Callable[[], int] | None = None,
        *,
        bot: bool = False,
        strict: bool = False,
        limits: Limits | None = None,
    ) -> None:
        core = Core(seed=seed, clock=clock or wall_clock, limits=limits or Limits(), strict=strict)
        super().__init__(core, bot=bot)
        self._seed = seed
        self._app: App = make_app(core, self)
        self._served: set[Served] = set()
        self.devices: dict[str, Device] = {}

    def device(
        self, name: str = "device", *, plan: Plan = CALM, identity: MemoryIdentity | None = None
    ) -> Device:
        """A device that a client runs on, with what its network does; `identity` is whose it is,
        by default a new customer's. Asking for it again gives the same."""
        found = self.devices.get(name)
        if found is None:
            rng = random.Random(f"{self._seed}/{name}")
            found = Device(self, name, plan, identity or self.identity(), rng)
            self.devices[name] = found
        return found

    def identity(self) -> MemoryIdentity:
        """A new customer, made at the first token. Devices may share it."""
        return MemoryIdentity(self._app, self.organization_id, self.client_id)

    async def serve(self, line: Line, url: str, headers: Mapping[str, str]) -> None:
        """Hands a line to the server. OpenError when it is refused."""
        parts = urlsplit(url)
        served = Served(line)
        self._served.add(served)
        served.start(serve_socket(self._app, served, parts.path, parts.query, headers))
        served.task.add_done_callback(lambda _: self._served.discard(served))
        if not await served.accepted:
            raise OpenError("The server refused the WebSocket with HTTP 403.")

    async def __aenter__(self) -> Self:
        self._core.listen_at(ORIGIN)
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._core.wind_down()
        self._core.listen_at("")
        for served in list(self._served):
            served.line.forget()
        await asyncio.gather(*(served.task for served in list(self._served)))
        for device in self.devices.values():
            await device.aclose()
        await self._core.callbacks.close()


class Device:
    """Where a client runs: its network, its identity, its randomness."""

    def __init__(
        self,
        sandbox: MemorySandbox,
        name: str,
        plan: Plan,
        identity: MemoryIdentity,
        rng: random.Random,
    ) -> None:
        self._sandbox = sandbox
        self.name = name
        self.plan = plan
        """What happens to its connections; may be replaced at any time."""
        self.identity = identity
        self._rng = rng
        self._lines: set[Line] = set()
        self._judges: list[Judge] = []
        self.online = True
        """False: no connection can be opened."""
        self.opened = 0
        """How many connections were tried."""

    @property
    def fired(self) -> list[tuple[int, Fault]]:
        """The faults that took place, with the number of their connection."""
        return [
            (number, fault)
            for number, judge in enumerate(self._judges, start=1)
            for fault in judge.fired
        ]

    def options(self) -> dict[str, Any]:
        """Keyword arguments for `init()`. Random numbers and ids go on where they stopped."""
        return {
            "organization_id": self._sandbox.organization_id,
            "client_id": self._sandbox.client_id,
            "api_url": ORIGIN,
            "accounts_url": ORIGIN,
            "profile": self.name,
            "identity_provider": lambda: self.identity,
            "open_socket": self.open_socket,
            "clock": wall_clock,
            "random": self._rng.random,
            "ids": lambda: f"{self._rng.getrandbits(128):032x}",
        }

    def go_offline(self, *, silently: bool = False) -> None:
        """The network is gone: connections are cut, or fall silent; none can be opened."""
        self.online = False
        for line in list(self._lines):
            if silently:
                line.fall_silent()
            else:
                line.cut()

    def go_online(self) -> None:
        """Connections can be opened again."""
        self.online = True

    def cut(self) -> None:
        """Cut its connections; others can be opened at once."""
        for line in list(self._lines):
            line.cut()

    async def open_socket(self, url: str, headers: Mapping[str, str]) -> Socket:
        """The option `open_socket`. Raises OpenError."""
        self.opened += 1
        judge = Judge(self.plan.faults_of(self.opened))
        self._judges.append(judge)
        if not self.online:
            raise OpenError("No connection: the device is offline.")
        line = Line(judge)
        await self._meet(judge)
        self._lines.add(line)
        line.begin(lambda: self._lines.discard(line))
        try:
            await self._sandbox.serve(line, url, headers)
        except BaseException:
            line.forget()
            raise
        return MemorySocket(line)

    async def _meet(self, judge: Judge) -> None:
        """What goes wrong with the opening."""
        for step in judge.opening():
            match step:
                case Wait(seconds):
                    await asyncio.sleep(seconds)
                case FallSilent():
                    # Who opens gives up; until then nobody answers.
                    await asyncio.get_running_loop().create_future()
                case Cut():
                    raise OpenError("No connection: it was cut.")
                case _:
                    raise OpenError("The server refused the WebSocket with HTTP 403.")
        if not self.online:
            raise OpenError("No connection: the device is offline.")

    async def aclose(self) -> None:
        """Leaves no task."""
        for line in list(self._lines):
            await line.aclose()
        self._lines.clear()


class MemorySocket:
    """A client's end of a line: a `Socket`."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._closing = False

    async def recv(self) -> bytes:
        return await self._line.receive(DOWN)

    async def send(self, frame: bytes) -> None:
        await self._line.send(UP, frame)

    async def close(self, code: int = 1000, *, reset: bool = False) -> None:
        if not reset:
            self._line.finish(UP, SocketClosed(code, clean=True))
            try:
                async with asyncio.timeout(CLOSE_TIMEOUT):
                    await self._line.gone.wait()
            except TimeoutError:
                pass
            except asyncio.CancelledError:
                self._line.leave(UP, drop=True)
                raise
        self._line.leave(UP, drop=reset)
