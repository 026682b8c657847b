"""A bare client behind a faulty network, in process or over TCP."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from sandbox_kit import fetch_token

from livechat_customer.sandbox import Sandbox, SteppingClock
from livechat_customer.sandbox.backoffice import Backoffice
from livechat_customer.testing.memory import ORIGIN, MemorySandbox
from livechat_customer.testing.plan import CALM, Plan
from livechat_customer.testing.proxy import FaultProxy
from livechat_customer.testing.wire_faults import Fault
from livechat_customer.transport.socket import Socket, SocketClosed, open_socket

MEMORY = "in process"
TCP = "over TCP"
GROUNDS = (MEMORY, TCP)


@dataclass
class Ground:
    """A sandbox, and a way to it that does what a plan says."""

    sandbox: Backoffice
    open: Callable[[], Awaitable[Socket]]
    token: str
    fired: Callable[[], list[tuple[int, Fault]]]

    @property
    def heard(self) -> list[str]:
        """The actions that reached the server over RTM."""
        return [one.action for one in self.sandbox.received if one.connection]


@asynccontextmanager
async def ground(kind: str, plan: Plan = CALM) -> AsyncGenerator[Ground]:
    if kind == MEMORY:
        async with MemorySandbox(clock=SteppingClock()) as server:
            device = server.device(plan=plan)
            url = _rtm(ORIGIN, server.organization_id)
            token = (await device.identity.get_token()).access_token
            yield Ground(server, lambda: device.open_socket(url, {}), token, lambda: device.fired)
    else:
        async with Sandbox(clock=SteppingClock()) as real, FaultProxy(real.api_url, plan) as proxy:
            url = _rtm(proxy.url, real.organization_id)
            token = (await fetch_token(real)).value
            yield Ground(real, lambda: open_socket(url), token, lambda: proxy.fired)


def _rtm(base: str, organization_id: str) -> str:
    rtm = base.replace("http", "ws", 1)
    return f"{rtm}/v3.5/customer/rtm/ws?organization_id={organization_id}"


@dataclass
class Client:
    """Requests go out in one go; what comes is kept by the ids of the answers."""

    socket: Socket
    came: list[str] = field(default_factory=list[str])

    async def ask(self, request_id: str, action: str, **payload: object) -> None:
        frame = {"request_id": request_id, "action": action, "payload": payload}
        await self.socket.send(json.dumps(frame).encode())

    async def next(self) -> str:
        """The id of the next answer, or a push's action."""
        frame = json.loads(await self.socket.recv())
        name = str(frame["request_id"] if frame["type"] == "response" else frame["action"])
        self.came.append(name)
        return name

    async def until(self, name: str) -> list[str]:
        """All that came, up to this."""
        while await self.next() != name:
            pass
        return self.came

    async def end(self) -> SocketClosed:
        """Reads to the end."""
        try:
            while True:
                await self.next()
        except SocketClosed as end:
            return end


@asynccontextmanager
async def opened(place: Ground) -> AsyncGenerator[Client]:
    socket = await place.open()
    try:
        yield Client(socket)
    finally:
        await socket.close(reset=True)


async def ask_all(client: Client, token: str) -> None:
    """A login and three more requests, without waiting for answers."""
    await client.ask("login", "login", token=f"Bearer {token}")
    for name in "123":
        await client.ask(name, "get_customer")
