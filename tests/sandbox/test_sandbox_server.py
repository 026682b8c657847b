from __future__ import annotations

import asyncio
import signal
import socket
import threading
from typing import Any, cast

import pytest
from sandbox_kit import dialled, http
from starlette.applications import Starlette

from livechat_customer.sandbox import Limits, Sandbox
from livechat_customer.sandbox.server import Server


async def test_signals_and_threads_stay_the_callers() -> None:
    before = [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)]
    threads = threading.active_count()
    async with Sandbox() as sandbox, dialled(sandbox) as raw:
        assert await raw.ok("ping") == {}
        assert [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)] == before
        assert threading.active_count() == threads


async def test_answers_bear_no_servers_name() -> None:
    async with Sandbox() as sandbox, http(sandbox) as client:
        answer = await client.get("/_sandbox/state")
        assert "server" not in answer.headers


async def test_frames_are_not_compressed() -> None:
    async with Sandbox() as sandbox, dialled(sandbox) as raw:
        assert raw.socket.response is not None
        assert "sec-websocket-extensions" not in raw.socket.response.headers


async def test_an_idle_server_has_no_timers() -> None:
    async with Sandbox():
        loop = asyncio.get_running_loop()
        assert not getattr(loop, "_scheduled", [])


async def test_keep_alive_connections_do_not_hold_up_the_end() -> None:
    async with http(Sandbox()) if False else Sandbox() as sandbox, http(sandbox) as client:
        await client.get("/_sandbox/state")
        await sandbox.__aexit__(None, None, None)
        with pytest.raises(Exception, match="connect"):
            await client.get("/_sandbox/state")


async def test_stopping_twice_is_no_error() -> None:
    server = Server(Starlette(), Limits(), None)
    await server.stop()
    await server.stop()


async def test_small_frames_are_not_held_back() -> None:
    async with Sandbox() as sandbox, dialled(sandbox):
        (connection,) = sandbox.connections
        accepted = cast(Any, connection.wire).transport.get_extra_info("socket")
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0
