"""The fault proxy over real sockets: what only bytes can show, and a whole client behind it."""

from __future__ import annotations

import asyncio
import contextlib
import socket

import pytest
from front_kit import customer, texts, until
from hypothesis import given, settings
from hypothesis import strategies as st
from testing_kit import TCP, Ground, ask_all, ground, opened

import livechat_customer as lc
from livechat_customer.sandbox import Sandbox
from livechat_customer.testing.plan import CALM, FixedPlan, RandomPlan
from livechat_customer.testing.proxy import FaultProxy
from livechat_customer.testing.websocket_frames import RawFrame, read_raw_frame
from livechat_customer.testing.wire_faults import DOWN, UP, Fault
from livechat_customer.transport.socket import OpenError, SocketClosed

ALL = ["login", "1", "2", "3"]


@pytest.mark.parametrize("reset", [True, False])
@pytest.mark.parametrize("way", [UP, DOWN])
def test_a_cut_at_any_byte(way: str, reset: bool) -> None:
    """Wherever it is, in the handshake, in a header, in a text: a beginning arrives, or all."""

    @settings(max_examples=15)
    @given(st.integers(0, 2_500))
    def cut_at(byte: int) -> None:
        asyncio.run(cut(byte))

    async def cut(byte: int) -> None:
        fault = Fault(kind="cut_at_byte", way=way, byte=byte, reset=reset)
        async with ground(TCP, FixedPlan(fault)) as place:
            came, ends = await life(place)
            assert came == ALL[: len(came)]
            assert (came == ALL) is (ends == [])
            assert place.fired() == ([] if came == ALL else [(1, fault)])
            assert ends in ([], [1006], ["not open"])
            async with opened(place) as client:
                await ask_all(client, place.token)
                assert await client.until("3") == ALL

    cut_at()


async def life(place: Ground) -> tuple[list[str], list[object]]:
    """What came over the first connection, and how it ended, if it did."""
    try:
        async with opened(place) as client:
            try:
                await ask_all(client, place.token)
                await client.until("3")
            except SocketClosed as end:
                return client.came, [end.code]
            return client.came, []
    except OpenError:
        return [], ["not open"]


@pytest.mark.parametrize("reset", [True, False])
async def test_a_reset_is_told_from_a_close(reset: bool) -> None:
    """By a raw socket: reading ends with ECONNRESET, or with the end of the stream."""
    plan = FixedPlan(Fault(kind="cut_at_byte", byte=20, reset=reset))
    async with Sandbox() as sandbox, FaultProxy(sandbox.api_url, plan) as proxy:
        port = int(proxy.url.rpartition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(handshake(sandbox))
        if reset:
            with pytest.raises(ConnectionResetError):
                await reader.read()
        else:
            assert len(await reader.read()) == 20
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def handshake(sandbox: Sandbox) -> bytes:
    lines = [
        f"GET /v3.5/customer/rtm/ws?organization_id={sandbox.organization_id} HTTP/1.1",
        "Host: 127.0.0.1",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ]
    return "\r\n".join([*lines, "", ""]).encode()


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536, 1_000_000])
@pytest.mark.parametrize("mask", [b"", b"\x01\x02\xff\x80"])
async def test_where_a_frame_ends(size: int, mask: bytes) -> None:
    text = bytes(at * 7 % 251 for at in range(size))
    length = (
        bytes([size | (0x80 if mask else 0)])
        if size < 126
        else bytes([(126 if size < 65_536 else 127) | (0x80 if mask else 0)])
        + size.to_bytes(2 if size < 65_536 else 8)
    )
    payload = bytes(byte ^ mask[at % 4] for at, byte in enumerate(text)) if mask else text
    raw = b"\x81" + length + mask + payload
    reader = asyncio.StreamReader(limit=2 * len(raw))
    reader.feed_data(raw + b"\x89\x00" + raw[:-1])
    reader.feed_eof()
    assert await read_raw_frame(reader) == RawFrame(raw, text)
    assert await read_raw_frame(reader) == RawFrame(b"\x89\x00", None)
    with pytest.raises(asyncio.IncompleteReadError) as raised:
        await read_raw_frame(reader)
    assert raised.value.partial == raw[:-1]


async def test_tokens_pass_and_a_client_lives_on() -> None:
    """A refusal, a cut between two pushes: the client comes back, and nothing is lost or doubled."""
    plan = FixedPlan(
        Fault(kind="refuse"),
        others={2: [Fault(kind="cut_before", of="incoming_event", at=2)]},
    )
    async with Sandbox() as sandbox, FaultProxy(sandbox.api_url, plan) as proxy:
        async with customer(sandbox, **proxy.options()) as sdk:
            assert proxy.opened == 2
            chat = await sdk.start_chat(continuous=True)
            jane = sandbox.agent("Jane")
            jane.send_event(chat.id, "one")
            jane.send_event(chat.id, "two")
            history = sdk.history(chat.id)
            await until(history, lambda items: texts(items) == ["one", "two"])
            await until(sdk.connection, lambda it: it.status == "connected")
            me = (await sdk.get_customer()).id
            assert await sdk.shared_digest() == sandbox.digest(me)
            assert proxy.opened == 3
        assert [number for number, _ in proxy.fired] == [1, 2]
        assert not sandbox.connections


async def test_no_network_for_anybody() -> None:
    async with Sandbox() as sandbox, FaultProxy(sandbox.api_url) as proxy:
        proxy.go_offline()
        options = {"log": ":memory:", "random": lambda: 0.0, **sandbox.options()}
        async with lc.init(**options | proxy.options()) as sdk:
            await until(sdk.connection, lambda it: it.last_error is not None)
            assert sandbox.received == type(sandbox.received)()
            proxy.go_online()
            await sdk.connect()
            proxy.cut(reset=False)
            await until(sdk.connection, lambda it: it.status != "connected")
            await sdk.connect()


async def test_a_server_that_is_not_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        gone = f"http://127.0.0.1:{listener.getsockname()[1]}"
    async with FaultProxy(gone, RandomPlan(1, rate=0)) as proxy:
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", int(proxy.url.rpartition(":")[2])
        )
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize("target", ["ws://127.0.0.1:1", "http://127.0.0.1", "somewhere"])
def test_a_wrong_target(target: str) -> None:
    with pytest.raises(ValueError, match="target"):
        FaultProxy(target, CALM)
