"""The WebSocket driver against real servers on 127.0.0.1."""

from __future__ import annotations

import asyncio
import logging
import socket as raw_socket
import sys
from collections.abc import Awaitable, Callable

import pytest
from transport_kit import SECRET, token
from transport_net_kit import (
    server_context,
    tcp_server,
    trusting_context,
    until,
    websocket_server,
)
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from livechat_customer.transport.codec import encode_request
from livechat_customer.transport.login import login_payload
from livechat_customer.transport.socket import OpenError, SocketClosed, open_socket

Handler = Callable[[ServerConnection], Awaitable[None]]


async def echo(connection: ServerConnection) -> None:
    try:
        async for message in connection:
            await connection.send(message)
    except ConnectionClosed:
        pass


def sends(*frames: str | bytes, code: int = 1000, reason: str = "") -> Handler:
    """A server that sends `frames` and closes."""

    async def handler(connection: ServerConnection) -> None:
        for frame in frames:
            await connection.send(frame)
        await connection.close(code, reason)

    return handler


async def free_port() -> int:
    with raw_socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


async def test_text_frames_there_and_back() -> None:
    kinds: list[type] = []

    async def handler(connection: ServerConnection) -> None:
        message = await connection.recv()
        kinds.append(type(message))
        await connection.send(message)
        await connection.wait_closed()

    async with websocket_server(handler) as url:
        socket = await open_socket(url, {"X-Region": "fra"})
        await socket.send('{"text":"Grüße"}'.encode())
        assert await socket.recv() == '{"text":"Grüße"}'.encode()
        await socket.close()
    assert kinds == [str]


async def test_headers_are_sent_and_no_compression_is_offered() -> None:
    seen: dict[str, str | None] = {}

    async def handler(connection: ServerConnection) -> None:
        assert connection.request is not None
        headers = connection.request.headers
        seen.update({name: headers.get(name) for name in ("X-Region", "Sec-WebSocket-Extensions")})
        await connection.wait_closed()

    async with websocket_server(handler) as url:
        socket = await open_socket(url, {"X-Region": "fra"})
        await socket.close()
    assert seen == {"X-Region": "fra", "Sec-WebSocket-Extensions": None}


async def test_a_large_frame_arrives_whole() -> None:
    frame = b'{"x":"' + b"y" * 5_000_000 + b'"}'
    async with websocket_server(sends(frame.decode())) as url:
        socket = await open_socket(url)
        assert await socket.recv() == frame
        await socket.close()


async def test_a_frame_that_is_too_large_ends_the_connection_with_1009() -> None:
    async with websocket_server(echo) as url:
        socket = await open_socket(url, max_size=1_000)
        await socket.send(b"x" * 1_001)
        with pytest.raises(SocketClosed) as closed:
            await socket.recv()
        assert closed.value.code == 1009


async def test_what_was_received_is_read_before_the_end_is_told() -> None:
    async with websocket_server(sends("1", "2", code=4000, reason="enough")) as url:
        socket = await open_socket(url)
        assert [await socket.recv(), await socket.recv()] == [b"1", b"2"]
        for _ in range(2):
            with pytest.raises(SocketClosed) as closed:
                await socket.recv()
            end = closed.value
            assert (end.code, end.reason, end.clean) == (4000, "enough", True)
        with pytest.raises(SocketClosed):
            await socket.send(b"too late")


async def test_a_cut_connection_is_1006() -> None:
    async def cut(connection: ServerConnection) -> None:
        connection.transport.abort()

    async with websocket_server(cut) as url:
        socket = await open_socket(url)
        with pytest.raises(SocketClosed) as closed:
            await socket.recv()
        assert (closed.value.code, closed.value.clean) == (1006, False)
        await socket.close()


async def test_closing_tells_the_server_once() -> None:
    ends: list[int | None] = []

    async def handler(connection: ServerConnection) -> None:
        await connection.wait_closed()
        ends.append(connection.close_code)

    async with websocket_server(handler) as url:
        socket = await open_socket(url)
        await socket.close(1000)
        await socket.close(1001)
        await socket.close(reset=True)
    assert ends == [1000]


@pytest.mark.parametrize("reset", [True, False])
async def test_a_reset_throws_away_what_is_unsent(reset: bool) -> None:
    async with tcp_server(shakes=True) as (url, peers):
        socket = await open_socket(url, close_timeout=0.2)
        await socket.send(b"the message in doubt")

        await socket.close(reset=reset)
        peers[0].transport.resume_reading()
        end = await asyncio.shield(peers[0].lost)

    assert isinstance(end, ConnectionResetError) is reset


DIES = """
import asyncio, os, signal, sys
from livechat_customer.transport.socket import open_socket

async def main(url):
    socket = await open_socket(url)
    await socket.send(b"the message in doubt")
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main(sys.argv[1]))
"""


async def test_a_killed_process_throws_away_what_is_unsent() -> None:
    async with tcp_server(shakes=True) as (url, peers):
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", DIES, url)
        await process.wait()
        peers[0].transport.resume_reading()

        end = await asyncio.shield(peers[0].lost)

    assert isinstance(end, ConnectionResetError)


async def test_a_peer_that_takes_no_part_in_closing_is_left_after_the_close_time_out() -> None:
    async with tcp_server(shakes=True) as (url, _):
        socket = await open_socket(url, close_timeout=0.05)

        await socket.close()

        with pytest.raises(SocketClosed):
            await socket.recv()


async def test_a_cancelled_close_still_ends_the_connection() -> None:
    async with tcp_server(shakes=True) as (url, _):
        socket = await open_socket(url, close_timeout=60)
        closing = asyncio.create_task(socket.close())
        await asyncio.sleep(0)

        closing.cancel()
        await asyncio.wait([closing])

        async with asyncio.timeout(5):
            with pytest.raises(SocketClosed):
                await socket.recv()


async def test_who_does_not_read_makes_the_peer_wait() -> None:
    frame = "x" * 262_144
    count = 200
    connections: list[ServerConnection] = []

    async def handler(connection: ServerConnection) -> None:
        connections.append(connection)
        for _ in range(count):
            await connection.send(frame)
        await connection.wait_closed()

    async with websocket_server(handler) as url:
        socket = await open_socket(url)
        await until(lambda: bool(connections) and connections[0].paused)

        # Nothing was lost meanwhile.
        for _ in range(count):
            assert len(await socket.recv()) == len(frame)
        await socket.close()


async def test_nobody_listens() -> None:
    with pytest.raises(OpenError) as failed:
        await open_socket(f"ws://127.0.0.1:{await free_port()}/")

    assert not failed.value.final
    assert failed.value.message


async def test_a_peer_that_says_nothing() -> None:
    async with tcp_server(shakes=False) as (url, _):
        with pytest.raises(OpenError) as failed:
            await open_socket(url, open_timeout=0.05)

    assert not failed.value.final


async def test_a_peer_that_is_no_websocket() -> None:
    async def rude(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"220 smtp.example\r\n")
        writer.close()

    server = await asyncio.start_server(rude, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]

    with pytest.raises(OpenError) as failed:
        await open_socket(f"ws://127.0.0.1:{port}/")

    assert not failed.value.final
    server.close()
    await server.wait_closed()


@pytest.mark.parametrize("status", [400, 403, 404, 503])
async def test_a_refused_handshake_is_tried_again(status: int) -> None:
    async def refuse(connection: ServerConnection, request: Request) -> Response:
        return connection.respond(status, "no")

    async with websocket_server(echo, process_request=refuse) as url:
        with pytest.raises(OpenError, match=str(status)) as failed:
            await open_socket(url)
    assert not failed.value.final


async def test_a_redirect_to_another_host_is_not_followed() -> None:
    reached: list[ServerConnection] = []

    async def other(connection: ServerConnection) -> None:
        reached.append(connection)

    async with websocket_server(other) as elsewhere:

        async def away(connection: ServerConnection, request: Request) -> Response:
            answer = connection.respond(302, "")
            answer.headers["Location"] = elsewhere
            return answer

        async with websocket_server(echo, process_request=away) as url:
            with pytest.raises(OpenError, match="302"):
                await open_socket(url)
    assert not reached


@pytest.mark.parametrize("url", ["http://127.0.0.1/", "ws:/nowhere", "no url", "wss://"])
async def test_a_wrong_url_is_final(url: str) -> None:
    with pytest.raises(OpenError) as failed:
        await open_socket(url)

    assert failed.value.final


async def test_a_proxy_that_is_none_is_final_and_its_password_is_not_shown() -> None:
    with pytest.raises(OpenError, match="Check the options") as failed:
        await open_socket("ws://api.example/", proxy="gopher://me:the-secret@proxy.example")
    assert failed.value.final
    assert "the-secret" not in str(failed.value)


async def test_a_certificate_that_is_not_trusted_is_final() -> None:
    async with websocket_server(echo, context=server_context()) as url:
        with pytest.raises(OpenError, match="certificate is not trusted") as failed:
            await open_socket(url)
    assert failed.value.final


async def test_a_certificate_of_one_s_own_authority() -> None:
    async with websocket_server(echo, context=server_context()) as url:
        socket = await open_socket(url, context=trusting_context())
        await socket.send(b"hello")
        assert await socket.recv() == b"hello"
        await socket.close(reset=True)


async def test_proxies_of_the_environment_are_not_asked_for_loopback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dead = f"http://127.0.0.1:{await free_port()}"
    for name in ("http_proxy", "https_proxy", "all_proxy", "ws_proxy"):
        monkeypatch.setenv(name, dead)
    monkeypatch.delenv("no_proxy", raising=False)

    async with websocket_server(echo) as url:
        socket = await open_socket(url, proxy=dead)
        await socket.close()


async def test_an_end_of_the_api_version_is_reported(caplog: pytest.LogCaptureFixture) -> None:
    async def announce(
        connection: ServerConnection, request: Request, response: Response
    ) -> Response:
        response.headers["Deprecation"] = "2027-01-01"
        return response

    async with websocket_server(echo, process_response=announce) as url:
        with caplog.at_level(logging.INFO):
            socket = await open_socket(url)
        await socket.close()
    assert "deprecation: 2027-01-01" in caplog.text


async def test_cancelling_the_opening_leaves_nothing() -> None:
    async with tcp_server(shakes=False) as (url, peers):
        opening = asyncio.create_task(open_socket(url))
        await until(lambda: bool(peers))

        opening.cancel()
        await asyncio.wait([opening])

        assert opening.cancelled()
        await asyncio.shield(peers[0].lost)


def silenced() -> logging.Logger:
    """The server's logger: what it shows is not ours."""
    logger = logging.getLogger("transport tests' server")
    logger.propagate = False
    return logger


async def test_no_logger_shows_the_token(caplog: pytest.LogCaptureFixture) -> None:
    """At DEBUG `websockets` logs every frame; the login holds the token."""
    caplog.set_level(logging.DEBUG)
    for name in (
        "websockets",
        "websockets.client",
        "livechat_customer.transport.socket.websockets",
    ):
        caplog.set_level(logging.DEBUG, name)

    async def handler(connection: ServerConnection) -> None:
        await connection.recv()
        connection.transport.abort()

    async with websocket_server(handler, logger=silenced()) as url:
        socket = await open_socket(url)
        await socket.send(encode_request("1", "login", login_payload(token())))
        with pytest.raises(SocketClosed):
            await socket.recv()

    assert SECRET not in caplog.text
    assert SECRET not in "".join(str(vars(record)) for record in caplog.records)
