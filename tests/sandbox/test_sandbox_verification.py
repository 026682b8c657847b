"""E-mail verification (protocol: request_email_verification)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import httpx
import pytest
from sandbox_kit import Json, Raw, Token, fetch_token, http, logged_in

from livechat_customer.sandbox import Sandbox, SteppingClock

EMAIL = "ann@shop.example"
DAY = 86_400


@asynccontextmanager
async def listener(status: int = 200) -> AsyncGenerator[tuple[str, list[Json]]]:
    """A little HTTP server: its URL, and the JSON bodies it was sent."""
    bodies: list[Json] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.split("content-length:")[1].split("\r\n")[0])
        bodies.append(json.loads(await reader.readexactly(length)))
        assert head.startswith("post /confirmed?shop=1 ")
        writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}/confirmed?shop=1", bodies


async def request(sandbox: Sandbox, token: Token, uri: object) -> httpx.Response:
    async with http(sandbox) as client:
        return await client.post(
            "/v3.5/customer/action/request_email_verification",
            params={"organization_id": sandbox.organization_id},
            headers={"Authorization": f"Bearer {token.value}"},
            json={"callback_uri": uri},
        )


async def made(sandbox: Sandbox) -> list[int | None]:
    """The statuses of the callbacks, once none is on its way."""
    await sandbox.wait_until(lambda: all(one.done for one in sandbox.callbacks))
    return [one.status for one in sandbox.callbacks]


async def test_the_link_is_clicked(sandbox: Sandbox, raw: Raw, token: Token) -> None:
    await raw.ok("update_customer", {"email": EMAIL})
    await raw.settled()
    async with listener() as (uri, bodies):
        answer = await request(sandbox, token, uri)
        assert (answer.status_code, answer.json()) == (200, {})
        assert (await raw.pushes(), sandbox.callbacks) == ([], [])
        assert sandbox.verify_email() == 1
        assert await made(sandbox) == [200]
        assert bodies == [{"email": EMAIL}]
        ((action, payload),) = await raw.pushes()
        assert action == "customer_updated"
        assert payload == {"id": token.customer_id, "email_verified": True}
        # The link is good once; who is verified needs no mail.
        assert sandbox.verify_email() == 0
        await request(sandbox, token, uri)
        assert await made(sandbox) == [200, 200]
        assert bodies == [{"email": EMAIL}] * 2
        assert await raw.pushes() == []


async def test_another_address_is_not_verified(sandbox: Sandbox, raw: Raw, token: Token) -> None:
    await raw.ok("update_customer", {"email": EMAIL})
    await request(sandbox, token, "http://127.0.0.1:1/")
    await raw.ok("update_customer", {"email": "other@shop.example"})
    await raw.settled()
    assert sandbox.verify_email(token.customer_id) == 0
    assert await raw.pushes() == []
    sandbox.customers[token.customer_id].email_verified = True
    await raw.ok("update_customer", {"email": EMAIL})
    ((_, payload),) = await raw.pushes()
    assert payload == {"id": token.customer_id, "email": EMAIL, "email_verified": False}


async def test_callbacks_are_not_repeated(sandbox: Sandbox, raw: Raw, token: Token) -> None:
    await raw.ok("update_customer", {"email": EMAIL})
    async with listener(500) as (uri, bodies):
        await request(sandbox, token, uri)
        await request(sandbox, token, "http://127.0.0.1:1/nobody-listens")
        # Nothing leaves this machine.
        await request(sandbox, token, "https://shop.example/hook")
        assert sandbox.verify_email(token.customer_id) == 3
        assert [one.done for one in sandbox.callbacks] == [False, False, True]
        assert await made(sandbox) == [500, None, None]
        assert len(bodies) == 1


async def test_only_the_newest_count_and_only_for_a_week() -> None:
    clock = SteppingClock(step=0)
    async with Sandbox(clock=clock) as sandbox:
        token = await fetch_token(sandbox, expires_in=100 * DAY)
        sandbox.customers[token.customer_id].email = EMAIL
        for number in range(12):
            await request(sandbox, token, f"https://shop.example/{number}")
        clock.advance(7 * DAY - 1)
        assert sandbox.verify_email(token.customer_id) == 10
        called = [one.uri.rpartition("/")[2] for one in sandbox.callbacks]
        assert called == [str(number) for number in range(2, 12)]

        sandbox.customers[token.customer_id].email_verified = None
        await request(sandbox, token, "https://shop.example/a")
        clock.advance(7 * DAY - 1)
        await request(sandbox, token, "https://shop.example/b")
        clock.advance(7 * DAY - 1)
        # The last one keeps those before it.
        assert sandbox.verify_email(token.customer_id) == 2
        sandbox.customers[token.customer_id].email_verified = None
        await request(sandbox, token, "https://shop.example/c")
        clock.advance(7 * DAY)
        assert sandbox.verify_email(token.customer_id) == 0


async def _say_nothing(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await writer.wait_closed()


async def test_the_end_waits_for_no_callback() -> None:
    silent = await asyncio.start_server(_say_nothing, "127.0.0.1", 0)
    async with silent:
        uri = f"http://127.0.0.1:{silent.sockets[0].getsockname()[1]}/"
        async with Sandbox() as sandbox:
            token = await fetch_token(sandbox)
            sandbox.customers[token.customer_id].email = EMAIL
            await request(sandbox, token, uri)
            assert sandbox.verify_email() == 1
        assert [task for task in asyncio.all_tasks() if "_post" in repr(task)] == []
        assert EMAIL not in repr(sandbox.callbacks)


@pytest.mark.parametrize(
    "uri",
    [
        None,
        "",
        5,
        "shop.example",
        "ftp://shop.example/",
        "http://",
        "http://:80/",
        "http://[/",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:x/",
        "http://127.0.0.1/\0",
    ],
)
async def test_is_refused(sandbox: Sandbox, token: Token, uri: object) -> None:
    sandbox.customers[token.customer_id].email = EMAIL
    answer = await request(sandbox, token, uri)
    assert (answer.status_code, answer.json()["error"]["type"]) == (400, "validation")


async def test_without_an_address_there_is_no_mail(sandbox: Sandbox, token: Token) -> None:
    answer = await request(sandbox, token, "https://shop.example/hook")
    assert (answer.status_code, answer.json()["error"]["type"]) == (400, "validation")
    async with logged_in(sandbox, token) as (raw, _):
        given = {"callback_uri": "https://shop.example/hook"}
        assert await raw.refused("request_email_verification", given) == "validation"
