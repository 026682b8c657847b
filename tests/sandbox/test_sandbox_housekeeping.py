"""What ends as the server's clock goes on; nobody waits for it."""

from __future__ import annotations

import asyncio

import pytest
from sandbox_kit import Raw, Token, dialled, fetch_token, logged_in, message, started

from livechat_customer.sandbox import ApiError, Limits, Sandbox, SteppingClock

HALF_AN_HOUR = 1_800


async def reason(raw: Raw) -> str:
    code, (push,) = await raw.closed()
    assert (code, push["action"]) == (1000, "customer_disconnected")
    return str(push["payload"]["reason"])


async def test_the_login_window(sandbox: Sandbox) -> None:
    async with dialled(sandbox) as raw:
        # A ping prolongs nothing.
        sandbox.advance(20)
        await raw.ok("ping")
        sandbox.advance(20)
        assert await reason(raw) == "connection_timeout"


async def test_a_login_in_time(sandbox: Sandbox) -> None:
    async with dialled(sandbox) as raw:
        sandbox.advance(29)
        await raw.log_in(await fetch_token(sandbox))
        sandbox.advance(29)
        assert await raw.ok("ping") == {}


async def test_a_token_runs_out(sandbox: Sandbox, raw: Raw, token: Token) -> None:
    await started(raw)
    sandbox.advance(28_000)
    # Chatting keeps the connection, and nothing keeps the token.
    await raw.settled()
    sandbox.advance(801)
    assert await reason(raw) == "access_token_expired"
    async with dialled(sandbox) as again:
        given = {"token": f"Bearer {token.value}"}
        assert await again.refused("login", given) == "authentication"


async def test_half_an_hour_without_a_chat_or_another_page(sandbox: Sandbox, raw: Raw) -> None:
    sandbox.advance(HALF_AN_HOUR - 10)
    assert await raw.ok("update_customer_page", {"url": "https://a.example/"}) == {}
    sandbox.advance(HALF_AN_HOUR - 10)
    # Asking changes nothing, and pinging does not either.
    await raw.ok("list_chats")
    assert await raw.ok("ping") == {}
    sandbox.advance(10)
    assert await reason(raw) == "inactivity_timeout"


async def test_all_connections_of_a_customer_are_inactive_together(
    sandbox: Sandbox, raw: Raw, token: Token
) -> None:
    sandbox.advance(HALF_AN_HOUR - 10)
    async with logged_in(sandbox, token) as (other, _), logged_in(sandbox) as (stranger, _):
        sandbox.advance(20)
        # The second login was a sign of life.
        assert await raw.ok("ping") == await other.ok("ping") == {}
        sandbox.advance(HALF_AN_HOUR - 20)
        assert await reason(raw) == await reason(other) == "inactivity_timeout"
        assert await reason(stranger) == "inactivity_timeout"


async def test_an_idle_thread_is_archived(sandbox: Sandbox, raw: Raw) -> None:
    chat_id, thread_id = await started(raw, message())
    sandbox.advance(HALF_AN_HOUR - 10)
    sandbox.agent("Jane").send_event(chat_id, "still there?")
    await raw.settled()
    sandbox.advance(HALF_AN_HOUR - 10)
    assert await raw.pushes() == []
    sandbox.advance(10)
    (_, told), (action, payload) = await raw.pushes()
    assert told["event"]["text_vars"] == {"duration": "30"}
    assert (action, payload) == (
        "chat_deactivated",
        {"chat_id": chat_id, "thread_id": thread_id},
    )
    # The chat was a sign of life: inactivity begins with its end.
    assert await raw.ok("ping") == {}
    sandbox.advance(HALF_AN_HOUR)
    assert await reason(raw) == "inactivity_timeout"


async def test_an_empty_thread_is_archived_too(sandbox: Sandbox, raw: Raw) -> None:
    chat_id, _ = await started(raw)
    sandbox.advance(HALF_AN_HOUR)
    assert sandbox.chats[chat_id].open_thread is None
    sandbox.advance(5)
    assert len(sandbox.chats[chat_id].threads[-1].events) == 1


async def test_a_clock_of_ones_own() -> None:
    clock = SteppingClock()
    limits = Limits(inactivity=60)
    async with Sandbox(clock=clock, limits=limits) as sandbox, logged_in(sandbox) as (raw, _):
        clock.advance(61)
        assert await raw.ok("ping") == {}
        sandbox.advance()
        assert await reason(raw) == "inactivity_timeout"


async def test_it_happens_without_being_asked_for() -> None:
    """The server looks around by itself as long as somebody is connected."""
    limits = Limits(inactivity=0.0, housekeeping=0.01)
    async with Sandbox(limits=limits) as sandbox, logged_in(sandbox) as (raw, _):
        async with asyncio.timeout(5):
            code, frames = await raw.closed()
    assert (code, frames[-1]["payload"]) == (1000, {"reason": "inactivity_timeout"})


async def test_time_never_goes_back(sandbox: Sandbox) -> None:
    with pytest.raises(ApiError, match="validation"):
        sandbox.advance(-1)
