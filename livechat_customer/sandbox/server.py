"""uvicorn inside the caller's event loop: no signals taken, nothing logged that is a secret,
nothing left behind when it stops.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
import ssl
from collections.abc import Generator
from typing import Any, Final

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from livechat_customer.sandbox.limits import Limits
from livechat_customer.sandbox.rtm import WIRE

GRACE: Final = 1.0
"""Seconds that clients get to take the last bytes when the server stops."""


class _Http(H11Protocol):
    """Writes no access log: `?code=` of the token info is a token. It can be cut."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.access_log = False
        self.app_state = self.app_state | {WIRE: self}

    def abort(self) -> None:
        """Ends the TCP connection at once."""
        self.transport.abort()


class _WebSocket(WebSocketsSansIOProtocol):
    """Knows when it last heard from its client, and can be cut or silenced: a `Wire`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Frames, and with them tokens, would be printed at the level DEBUG.
        self.conn.debug = False
        self.app_state = self.app_state | {WIRE: self}
        self.heard = 0
        self.heard_at = self.loop.time()
        self._frozen = False

    def data_received(self, data: bytes) -> None:
        if self._frozen:
            return
        self.heard += 1
        self.heard_at = self.loop.time()
        super().data_received(data)

    def abort(self) -> None:
        self.transport.abort()

    def freeze(self) -> None:
        self._frozen = True
        self.stop_keepalive()


class Server(uvicorn.Server):
    """One listening socket, from `start()` to `stop()`."""

    def __init__(self, app: Starlette, limits: Limits, tls: ssl.SSLContext | None) -> None:
        config = uvicorn.Config(
            app,
            http=_Http,
            ws=_WebSocket,
            lifespan="off",
            log_config=None,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            ws_max_size=limits.frame,
            ws_ping_interval=limits.server_ping,
            # Idleness is ours to judge: other frames than pongs count, too.
            ws_ping_timeout=None,
            # Several frames may wait to be read; compression would only cost.
            ws_per_message_deflate=False,
        )
        config.load()
        config.ssl = tls
        super().__init__(config)
        self._started = asyncio.Event()
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self, host: str, port: int) -> tuple[str, int]:
        """Listens; gives the address. OSError when that can't be."""
        listener = await _listen(host, port)
        address = listener.getsockname()
        self._task = asyncio.create_task(self.serve(sockets=[listener]))
        started = asyncio.create_task(self._started.wait())
        await asyncio.wait({self._task, started}, return_when=asyncio.FIRST_COMPLETED)
        started.cancel()
        if self._task.done():
            listener.close()
            await self._task
        return address[0], address[1]

    async def stop(self) -> None:
        """Ends every connection and frees the port."""
        self._stopping.set()
        if self._task is not None:
            await self._task
            self._task = None

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Signals stay the caller's."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._started.set()

    async def main_loop(self) -> None:
        """Waits, where uvicorn's own loop ticks ten times a second."""
        await self.on_tick(0)
        await self._stopping.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Says goodbye to every client, then insists."""
        for server in self.servers:
            server.close()
        for each in sockets or ():
            each.close()
        connections = self.server_state.connections
        for connection in list(connections):
            connection.shutdown()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GRACE):
                await self._emptied()
        for connection in list(connections):
            connection.transport.abort()
        for task in self.server_state.tasks:
            task.cancel()
        await self._emptied()
        await asyncio.gather(*self.server_state.tasks, return_exceptions=True)
        for server in self.servers:
            await server.wait_closed()

    async def _emptied(self) -> None:
        """uvicorn has no event for it; a transport that closes needs a turn or two of the loop."""
        turns = 0
        while self.server_state.connections:
            turns += 1
            await asyncio.sleep(0 if turns < 20 else 0.01)


async def _listen(host: str, port: int) -> socket.socket:
    """A bound socket. Addresses need no look-up, which would take a thread."""
    try:
        family = socket.AF_INET6 if ipaddress.ip_address(host).version == 6 else socket.AF_INET
        address: Any = (host, port)
    except ValueError:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        family, _, _, _, address = found[0]
    # Naming the protocol makes asyncio set TCP_NODELAY on what is accepted: without it, each
    # push that follows an answer would wait 40 ms for the client's delayed acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setblocking(False)
        listener.bind(address)
    except OSError:
        listener.close()
        raise
    return listener
