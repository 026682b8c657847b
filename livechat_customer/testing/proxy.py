"""A proxy over real sockets that does what a plan says: between a client and a sandbox, or any
other server on this machine.

    async with Sandbox() as sandbox, FaultProxy(sandbox.api_url, plan) as proxy:
        async with lc.init(**sandbox.options() | proxy.options()) as sdk:
            ...

WebSockets are counted from 1 and meet the faults of `plan`; everything else (tokens, uploads)
passes, unless the proxy is offline.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urlsplit

from livechat_customer.testing.plan import CALM, Plan
from livechat_customer.testing.proxy_ends import End, Gone
from livechat_customer.testing.websocket_frames import read_raw_frame
from livechat_customer.testing.wire_faults import (
    DOWN,
    UP,
    Cut,
    Deliver,
    FallSilent,
    Fault,
    Frame,
    Judge,
    Part,
    Refuse,
    Step,
    Wait,
    read_frame,
)

BUFFER: Final = 64 * 1024
"""Bytes a kernel buffer of the proxy holds: who sends to a slow reader soon has to wait."""

_REFUSAL: Final = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class FaultProxy:
    """Listens on a free port of 127.0.0.1 for the time of an `async with` block."""

    def __init__(self, target: str, plan: Plan = CALM) -> None:
        parts = urlsplit(target)
        if parts.scheme != "http" or parts.hostname is None or parts.port is None:
            raise ValueError("target must be such as http://127.0.0.1:8000")
        self._target = (parts.hostname, parts.port)
        self.plan = plan
        """What happens to the connections; may be replaced at any time."""
        self.online = True
        """False: whoever comes is reset."""
        self._judges: list[Judge] = []
        self._ends: set[End] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.url = ""
        """Where it listens, such as `http://127.0.0.1:8001`."""

    @property
    def opened(self) -> int:
        """How many WebSockets came."""
        return len(self._judges)

    @property
    def fired(self) -> list[tuple[int, Fault]]:
        """The faults that took place, with the number of their connection."""
        return [
            (number, fault)
            for number, judge in enumerate(self._judges, start=1)
            for fault in judge.fired
        ]

    def options(self) -> dict[str, Any]:
        """Keyword arguments for `init()`, beside those of the sandbox."""
        return {"api_url": self.url, "accounts_url": self.url}

    def cut(self, *, reset: bool = True) -> None:
        """Cuts every connection there is."""
        for end in list(self._ends):
            end.end(reset=reset)

    def go_offline(self) -> None:
        """Cuts every connection, and lets nobody in."""
        self.online = False
        self.cut()

    def go_online(self) -> None:
        """Connections can be opened again."""
        self.online = True

    async def __aenter__(self) -> Self:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        # Those it accepts inherit it.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        listener.bind(("127.0.0.1", 0))
        self._server = await asyncio.start_server(self._accept, sock=listener, limit=BUFFER)
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._server is not None
        self._server.close()
        self.go_offline()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(End(reader, writer)), name="fault proxy")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, client: End) -> None:
        async with contextlib.AsyncExitStack() as stack:
            await stack.enter_async_context(client)
            self._ends.add(client)
            stack.callback(self._ends.discard, client)
            with contextlib.suppress(Gone):
                if not self.online:
                    client.end(reset=True)
                    return
                head = await client.head()
                if b"\r\nupgrade: websocket\r\n" not in head.lower():
                    server = await stack.enter_async_context(await self._dial())
                    await server.write(head)
                    await _pass_through(client, server)
                    return
                judge = Judge(self.plan.faults_of(self.opened + 1))
                self._judges.append(judge)
                if await _is_let_in(judge, client):
                    server = await stack.enter_async_context(await self._dial())
                    self._ends.add(server)
                    stack.callback(self._ends.discard, server)
                    await _WebSocket(judge, client, server).run(head)

    async def _dial(self) -> End:
        raw = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
            raw.setblocking(False)
            await asyncio.get_running_loop().sock_connect(raw, self._target)
            return End(*await asyncio.open_connection(sock=raw, limit=BUFFER))
        except OSError as error:
            raw.close()
            raise Gone(reset=True) from error


async def _is_let_in(judge: Judge, client: End) -> bool:
    """What goes wrong with the opening."""
    for step in judge.opening():
        match step:
            case Wait(seconds):
                await asyncio.sleep(seconds)
            case FallSilent():
                await client.swallow()
                return False
            case Refuse():
                await client.write(_REFUSAL)
                return False
            case _:
                client.end(reset=not isinstance(step, Cut) or step.reset)
                return False
    return True


async def _pass_through(client: End, server: End) -> None:
    """Both ways, whatever it is, until both have said all."""

    async def one_way(source: End, target: End) -> None:
        while data := await source.some():
            await target.write(data)
        target.say_goodbye()

    await _both(one_way(client, server), one_way(server, client), (client, server))


async def _both(up: Any, down: Any, ends: tuple[End, End]) -> None:
    """Runs both; a reset on one side becomes one on the other."""
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(up)
            group.create_task(down)
    except* Gone:
        for end in ends:
            end.end(reset=True)


class _WebSocket:
    """One WebSocket after its opening."""

    def __init__(self, judge: Judge, client: End, server: End) -> None:
        self._judge = judge
        self._from = {UP: client, DOWN: server}
        self._to = {UP: server, DOWN: client}
        self._silent = False

    async def run(self, head: bytes) -> None:
        await self._raw(UP, head)
        await self._raw(DOWN, await self._from[DOWN].head())
        ends = (self._from[UP], self._from[DOWN])
        await _both(self._carry(UP), self._carry(DOWN), ends)

    async def _carry(self, way: str) -> None:
        source = self._from[way]
        coming: asyncio.Task[Any] | None = None
        try:
            while True:
                coming = coming or asyncio.create_task(read_raw_frame(source.reader))
                await asyncio.wait({coming}, timeout=self._judge.held(way))
                if not coming.done():
                    await self._take(way, self._judge.idle(way))
                    continue
                done, coming = coming, None
                raw, text = done.result()
                if self._silent:
                    continue
                if text is None:
                    await self._raw(way, raw)
                else:
                    await self._take(way, self._judge.frame(way, read_frame(text, raw)))
        except asyncio.IncompleteReadError as end:
            await self._finish(way, end.partial)
        except ConnectionError:
            if not self._silent:
                raise Gone(reset=True) from None
        finally:
            if coming is not None:
                coming.cancel()

    async def _finish(self, way: str, rest: bytes) -> None:
        """The sender has said its last."""
        await self._take(way, self._judge.idle(way))
        if not self._silent:
            await self._to[way].write(rest)
            self._to[way].say_goodbye()

    async def _take(self, way: str, steps: list[Step]) -> None:
        for step in steps:
            match step:
                case Deliver(frame):
                    await self._deliver(way, frame, frame.size)
                case Part(frame, size):
                    await self._deliver(way, frame, size)
                case Wait(seconds):
                    await asyncio.sleep(seconds)
                case Cut(reset):
                    self._cut(reset=reset)
                    raise Gone(reset=reset)
                case FallSilent() | Refuse():
                    self._silent = True

    async def _deliver(self, way: str, frame: Frame, size: int) -> None:
        # A reset throws away what is still on its way.
        if self._from[way].was_reset:
            raise Gone(reset=True)
        if not self._silent:
            await self._to[way].write(frame.raw[:size])

    async def _raw(self, way: str, data: bytes) -> None:
        """Bytes that are no text frame: handshakes, pings, pongs, closes."""
        room = self._judge.room(way, len(data))
        await self._to[way].write(data[:room])
        if room < len(data):
            reset = self._judge.fired[-1].reset
            self._cut(reset=reset)
            raise Gone(reset=reset)

    def _cut(self, *, reset: bool) -> None:
        for end in self._from.values():
            end.end(reset=reset)
