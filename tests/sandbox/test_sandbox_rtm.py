"""The WebSocket endpoint: handshakes, and what becomes of connections."""

from __future__ import annotations

import gc

import pytest
from sandbox_kit import dialled, fetch_token, logged_in
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from livechat_customer.sandbox import Sandbox
from livechat_customer.sandbox.connection import Connection


@pytest.mark.parametrize("query", ["", "?license_id=7", "?organization_id="])
async def test_a_handshake_without_an_organization(sandbox: Sandbox, query: str) -> None:
    base = sandbox.api_url.replace("http", "ws", 1)
    async with connect(f"{base}/v3.5/customer/rtm/ws{query}", proxy=None) as socket:
        assert '"reason":"license_not_found"' in str(await socket.recv())
        await socket.wait_closed()
        assert socket.close_code == 1000


async def test_other_paths_are_no_websockets(sandbox: Sandbox) -> None:
    base = sandbox.api_url.replace("http", "ws", 1)
    for path in ("/", "/v3.5/agent/rtm/ws", "/v3.5/customer/rtm/ws/more"):
        with pytest.raises(InvalidStatus):
            await connect(base + path, proxy=None)


async def test_connections_are_listed_while_they_last(sandbox: Sandbox) -> None:
    token = await fetch_token(sandbox)
    async with dialled(sandbox) as raw:
        (one,) = sandbox.connections
        assert (one.number, one.version, one.customer_id) == (1, "3.5", None)
        async with logged_in(sandbox, token, "3.6"):
            assert [each.number for each in sandbox.connections] == [1, 2]
            assert sandbox.connections[1].customer_id == token.customer_id
            assert sandbox.connections[1].version == "3.6"
        await sandbox.wait_until(lambda: len(sandbox.connections) == 1)
        await raw.socket.close()
        await sandbox.wait_until(lambda: not sandbox.connections)
    async with dialled(sandbox):
        assert sandbox.connections[0].number == 3


async def test_nothing_is_left_of_connections(sandbox: Sandbox) -> None:
    token = await fetch_token(sandbox)

    def count() -> int:
        gc.collect()
        return sum(isinstance(one, Connection) for one in gc.get_objects())

    before = count()
    for _ in range(5):
        async with logged_in(sandbox, token):
            pass
        async with dialled(sandbox) as raw:
            await raw.refused("get_customer")
        async with logged_in(sandbox, token) as (raw, _):
            sandbox.disconnect(token.customer_id, "internal_error")
            await raw.closed()
        async with logged_in(sandbox, token) as (raw, _):
            sandbox.disconnect(token.customer_id)
            await raw.closed()
    await sandbox.wait_until(lambda: not sandbox.connections)
    # Of twenty; the task that served the last one may not be through with it.
    assert count() - before <= 1


async def test_frames_after_the_end_are_not_looked_at(sandbox: Sandbox) -> None:
    async with logged_in(sandbox) as (raw, token):
        before = len(sandbox.received)
        sandbox.disconnect(token.customer_id, "internal_error")
        await raw.send("get_customer")
        await raw.closed()
        await sandbox.wait_until(lambda: not sandbox.connections)
        assert len(sandbox.received) == before
