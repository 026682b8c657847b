"""Real servers on 127.0.0.1 for the drivers: a scripted HTTP one, a WebSocket one, a raw TCP one."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import msgspec
from websockets.asyncio.server import Server, ServerConnection, serve

CERTIFICATE = Path(__file__).parent / "transport" / "data" / "localhost.pem"
"""A self-signed certificate with its key, for 127.0.0.1 and localhost, of these tests only."""


def server_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


def trusting_context() -> ssl.SSLContext:
    """A client's context that trusts the certificate of these tests."""
    return ssl.create_default_context(cafile=str(CERTIFICATE))


class Answer(msgspec.Struct, frozen=True):
    """What the HTTP server says. Without a body to parse: `raw`."""

    body: object = None
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    raw: bytes | None = None
    silent: bool = False
    """Read the request and say nothing."""
    deaf: bool = False
    """Read nothing but the head, and say nothing."""
    hasty: bool = False
    """Answer when the head is read, and close: the body goes unread."""
    cut: bool = False
    """Read the request and end the connection."""

    def encode(self) -> bytes:
        content = self.raw if self.raw is not None else json.dumps(self.body).encode()
        lines = [f"HTTP/1.1 {self.status} X", f"Content-Length: {len(content)}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        return "\r\n".join([*lines, "Connection: close", "", ""]).encode() + content


class Asked(msgspec.Struct, frozen=True):
    """A request as the server got it; header names in lower case."""

    line: str
    headers: dict[str, str]
    body: bytes


class HttpServer:
    """Answers each request with the next of `answers`, the last one again and again."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.asked: list[Asked] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.arrived = asyncio.Event()
        self.ending = asyncio.Event()
        self.handlers: set[asyncio.Task[None] | None] = set()
        self.port = 0

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.origin}/v2/customer/token"

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.handlers.add(asyncio.current_task())
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {
                name.lower(): value.strip()
                for name, _, value in (line.partition(":") for line in head[1:] if line)
            }
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            body = b""
            if not answer.deaf and not answer.hasty:
                body = await reader.readexactly(int(headers.get("content-length", "0")))
            self.asked.append(Asked(head[0], headers, body))
            self.arrived.set()
            await self.gate.wait()
            if answer.silent:
                await reader.read()
            elif answer.deaf:
                await self.ending.wait()
            elif not answer.cut:
                writer.write(answer.encode())
                await writer.drain()
        except (OSError, EOFError):
            pass  # the client has gone
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()


@asynccontextmanager
async def http_server(
    *answers: Answer, context: ssl.SSLContext | None = None
) -> AsyncGenerator[HttpServer, None]:
    server = HttpServer(*answers)
    listening = await asyncio.start_server(server.answer, "127.0.0.1", 0, ssl=context)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        server.gate.set()
        server.ending.set()
        listening.close()
        for handler in server.handlers:
            assert handler is not None
            await handler


@asynccontextmanager
async def websocket_server(
    handler: Callable[[ServerConnection], Awaitable[None]],
    *,
    context: ssl.SSLContext | None = None,
    **options: object,
) -> AsyncGenerator[str, None]:
    """A WebSocket server; gives its URL."""
    server: Server
    async with serve(
        handler,
        "127.0.0.1",
        0,
        ssl=context,
        max_size=None,
        compression=None,
        close_timeout=1,
        **options,  # type: ignore[arg-type]
    ) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        yield f"{'wss' if context else 'ws'}://127.0.0.1:{port}/"


class Peer(asyncio.Protocol):
    """A raw TCP peer. With `shakes` it accepts any WebSocket, then reads nothing until told to;
    else it says nothing at all."""

    def __init__(self, shakes: bool) -> None:
        self.lost: asyncio.Future[Exception | None] = asyncio.get_running_loop().create_future()
        self.received = bytearray()
        self._shakes = shakes

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.received += data
        if self._shakes and b"\r\n\r\n" in self.received:
            self._shakes = False
            key = self.received.split(b"Sec-WebSocket-Key: ")[1].split(b"\r\n")[0]
            digest = hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
            self.transport.write(
                b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                b"Sec-WebSocket-Accept: " + base64.b64encode(digest) + b"\r\n\r\n"
            )
            self.transport.pause_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost.set_result(exc)


@asynccontextmanager
async def tcp_server(*, shakes: bool) -> AsyncGenerator[tuple[str, list[Peer]], None]:
    """A raw TCP server; gives a WebSocket URL and the peers that connected."""
    peers: list[Peer] = []

    def accept() -> Peer:
        peers.append(Peer(shakes))
        return peers[-1]

    server = await asyncio.get_running_loop().create_server(accept, "127.0.0.1", 0)
    try:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/", peers
    finally:
        server.close()
        for peer in peers:
            peer.transport.abort()
            await peer.lost


async def until(holds: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait for a condition."""
    end = asyncio.get_running_loop().time() + seconds
    while not holds():
        assert asyncio.get_running_loop().time() < end, "it never came true"
        await asyncio.sleep(0.001)
