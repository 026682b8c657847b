"""Timers, silence and back-pressure of one connection, on real sockets."""

from __future__ import annotations

import asyncio
import base64
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from sandbox_kit import dialled, fetch_token, logged_in, message, started

from livechat_customer.sandbox import Limits, Sandbox
from livechat_customer.sandbox.connection import Subscription, answer_frame, push_frame
from livechat_customer.sandbox.pushes import Push

FOR_EVER = 60.0
PING = b"\x89\x04"
"""The first bytes of a control ping with four bytes of its own."""


def test_envelopes() -> None:
    assert list(push_frame("a", {}, "3.5")) == ["version", "action", "type", "payload"]
    assert push_frame("a", {}, "3.5", "7")["request_id"] == "7"
    assert list(answer_frame("a", None, {}, ok=True)) == ["action", "type", "success", "payload"]
    assert answer_frame("a", "", {}, ok=False)["request_id"] == ""


def test_the_highest_wanted_version_is_used() -> None:
    push = Push("incoming_event", {})
    assert Subscription().version_for(push, "3.5") == "3.5"
    assert Subscription().version_for(Push("event_deleted", {}), "3.5") is None
    chosen = Subscription({"3.5": frozenset({"all"}), "3.6": frozenset({"incoming_event"})})
    assert chosen.version_for(push, "3.5") == "3.6"
    assert chosen.version_for(Push("chat_deactivated", {}), "3.5") == "3.5"
    assert chosen.version_for(Push("event_deleted", {}), "3.5") is None


async def test_the_login_window_closes() -> None:
    limits = Limits(login_window=0.05, idle=FOR_EVER)
    async with Sandbox(limits=limits) as sandbox, dialled(sandbox) as raw:
        # A ping is answered and prolongs nothing.
        assert await raw.ok("ping") == {}
        code, (push,) = await raw.closed()
    assert (code, push["payload"]) == (1000, {"reason": "connection_timeout"})


async def test_the_window_is_for_those_who_do_not_log_in() -> None:
    async with Sandbox(limits=Limits(login_window=0.05)) as sandbox, logged_in(sandbox) as (raw, _):
        async with dialled(sandbox) as other:
            await other.closed()
        assert await raw.ok("ping") == {}


Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def bare_client(sandbox: Sandbox) -> AsyncGenerator[Streams]:
    """A WebSocket without a library: after its handshake it sends nothing by itself."""
    host, port = sandbox.api_url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    key = base64.b64encode(os.urandom(16)).decode()
    writer.write(
        f"GET /v3.5/customer/rtm/ws?organization_id=x HTTP/1.1\r\nHost: {host}:{port}\r\n"
        f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Key: {key}\r\n\r\n".encode()
    )
    assert (await reader.readline()).startswith(b"HTTP/1.1 101")
    while await reader.readline() != b"\r\n":
        pass
    try:
        yield reader, writer
    finally:
        writer.close()
        await writer.wait_closed()


async def test_who_answers_nothing_is_cut() -> None:
    limits = Limits(idle=0.1, server_ping=0.03)
    async with Sandbox(limits=limits) as sandbox, bare_client(sandbox) as (reader, _):
        received = b""
        while b"connection_timeout" not in received:
            chunk = await reader.read(4096)
            assert chunk, received
            received += chunk
        assert received.startswith(PING)


async def test_pongs_count_as_life() -> None:
    limits = Limits(idle=0.1, server_ping=0.02)
    async with Sandbox(limits=limits) as sandbox, bare_client(sandbox) as (reader, writer):
        start = asyncio.get_running_loop().time()
        for _ in range(12):
            ping = await reader.readexactly(6)
            assert ping.startswith(PING)
            # A pong with the same four bytes, masked with zeros.
            writer.write(b"\x8a\x84\0\0\0\0" + ping[2:])
        assert asyncio.get_running_loop().time() - start > limits.idle
        assert len(sandbox.connections) == 1


async def test_a_clients_control_ping_is_answered(sandbox: Sandbox) -> None:
    async with dialled(sandbox) as raw:
        await (await raw.socket.ping())


async def test_large_frames_are_refused() -> None:
    async with Sandbox(limits=Limits(frame=1_000)) as sandbox, logged_in(sandbox) as (raw, _):
        await raw.send("get_customer", {"x": "y" * 2_000})
        code, _ = await raw.closed()
    assert code == 1009


async def test_bad_utf_8_ends_the_connection(sandbox: Sandbox) -> None:
    async with dialled(sandbox) as raw:
        await raw.socket.send(b"\xff\xfe", text=True)
        code, _ = await raw.closed()
    assert code == 1007


async def test_a_client_that_does_not_read_is_cut_in_the_end() -> None:
    limits = Limits(unsent=2_000_000)
    async with Sandbox(limits=limits) as sandbox:
        token = await fetch_token(sandbox)
        # Its library stops reading once a few messages wait.
        async with dialled(sandbox, max_queue=1) as raw:
            await raw.log_in(token)
            chat_id, _ = await started(raw)
            jane = sandbox.agent("Jane")
            (connection,) = sandbox.connections
            text = "x" * 16_000
            while not connection.ending:
                jane.send_event(chat_id, text)
                await asyncio.sleep(0)
            assert connection.unsent > 1_900_000
            await sandbox.wait_until(lambda: not sandbox.connections)
            code, _ = await raw.closed()
            assert code is None


async def test_unsent_frames_and_pending_requests_are_counted_down(sandbox: Sandbox) -> None:
    async with logged_in(sandbox) as (raw, _):
        (connection,) = sandbox.connections
        chat_id, _ = await started(raw, message())
        sandbox.agent("Jane").send_event(chat_id, "hello")
        assert connection.unsent > 0
        await sandbox.wait_until(lambda: connection.unsent == 0 and connection.pending == 0)


async def test_a_repr_shows_no_secrets(sandbox: Sandbox) -> None:
    async with logged_in(sandbox) as (raw, token):
        await raw.ok("update_customer", {"name": "Ann", "email": "ann@a.example"})
        await started(raw, message("my secret"))
        shown = repr((sandbox.connections, sandbox.customers, sandbox.chats, sandbox.received))
        for secret in (token.value, "Ann", "ann@a.example", "my secret"):
            assert secret not in shown
