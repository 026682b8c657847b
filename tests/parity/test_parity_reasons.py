"""Every reason why a connection ends: what is told, what requests get, and what comes next."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from events_kit import Heard
from front_kit import customer, until
from parity_kit import asked
from parity_rows import ROWS

import livechat_customer as lc
from livechat_customer.sandbox import Sandbox

DESTROY = [
    "customer_banned",
    "customer_temporarily_blocked",
    "license_not_found",
    "logged_out_remotely",
    "product_version_changed",
    "too_many_connections",
    "unsupported_version",
]
PAUSE = ["inactivity_timeout", "license_expired", "users_limit_reached"]
FRESH = ["access_token_expired", "access_token_revoked"]
BACK_OFF = [
    "connection_evicted",
    "connection_timeout",
    "internal_error",
    "service_temporarily_unavailable",
    "too_many_unauthorized_connections",
    "something_new",
]
CODES = {
    "service_temporarily_unavailable": "SERVICE_TEMPORARILY_UNAVAILABLE",
    "too_many_unauthorized_connections": "TOO_MANY_UNAUTHORIZED_CONNECTIONS",
    "misdirected_connection": "MISDIRECTED_CONNECTION",
}
"""What requests in flight get; for all others CONNECTION_LOST."""


def rows(reasons: list[str]) -> list[object]:
    found: list[object] = []
    for reason in reasons:
        row = f"reason {'unknown' if reason == 'something_new' else reason}"
        mark = [pytest.mark.shows(row, by="fault")] if row in ROWS else []
        found.append(pytest.param(reason, marks=mark))
    return found


@asynccontextmanager
async def in_flight(sandbox: Sandbox, sdk: lc.CustomerSDK, reason: str) -> AsyncGenerator[Heard]:
    """Two requests that are never answered; afterwards each has ended, as `reason` says."""
    heard = Heard(sdk)
    ended: list[str] = []
    sdk.on("disconnected", lambda told: ended.append(told.reason))

    async def one(name: str) -> None:
        with pytest.raises(lc.ConnectionLostError) as caught:
            await sdk.request(name)
        ended.append(caught.value.code)

    names = ("get_customer", "list_chats")
    for name in names:
        sandbox.fault("lost_answer", action=name)
    calls = [asyncio.create_task(one(name)) for name in names]
    await sandbox.wait_until(lambda: all(asked(sandbox, name) for name in names))
    yield heard
    await asyncio.gather(*calls)
    code = CODES.get(reason, "CONNECTION_LOST")
    assert ended[:3] == [reason, code, code], "the event comes first"


@pytest.mark.parametrize("reason", rows(DESTROY))
async def test_it_destroys(reason: str) -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        chat = await sdk.start_chat()
        async with in_flight(sandbox, sdk, reason) as heard:
            sandbox.disconnect(reason=reason, data={"timeout": 60})
            told = await heard.until("disconnected")
            assert told == lc.Disconnected(reason, data={"timeout": 60})
        assert sdk.connection.value.status == "destroyed"
        assert sdk.connection.value.reason == reason
        for call in (sdk.get_customer, sdk.connect, sdk.list_chats):
            with pytest.raises(lc.SDKDestroyedError, match=reason):
                await call()
        await sandbox.wait_until(lambda: not sandbox.connections)
        assert [item.id for item in sdk.chats.value] == [chat.id], "still readable"
        assert sdk.log.health.status == "ok"
        assert heard.names.count("disconnected") == 1
        assert len(asked(sandbox, "login")) == 1


@pytest.mark.parametrize("reason", rows(PAUSE))
async def test_it_pauses(reason: str) -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        async with in_flight(sandbox, sdk, reason) as heard:
            sandbox.disconnect(reason=reason)
            assert await heard.until("disconnected") == lc.Disconnected(reason)
        assert sdk.connection.value.status == "paused"
        with pytest.raises(lc.NoConnectionError):
            await sdk.get_customer()
        assert len(asked(sandbox, "login")) == 1
        await sdk.connect()
        assert (await sdk.get_customer()).id
        assert heard.names == ["disconnected", "connected"]


@pytest.mark.parametrize("reason", rows(FRESH))
async def test_it_fetches_a_fresh_token_and_reconnects(reason: str) -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        async with in_flight(sandbox, sdk, reason) as heard:
            assert len(asked(sandbox, "token")) == 1
            sandbox.disconnect(reason=reason)
            assert await heard.until("disconnected") == lc.Disconnected(reason)
        await heard.until("connected")
        assert heard.names == ["disconnected", "connected"]
        first, second = asked(sandbox, "login")
        assert first["token"] != second["token"]
        assert len(asked(sandbox, "token")) == 2


@pytest.mark.parametrize("reason", rows(BACK_OFF))
async def test_it_reconnects_with_the_same_token(reason: str) -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        async with in_flight(sandbox, sdk, reason) as heard:
            sandbox.disconnect(reason=reason, data={"hint": 1})
            assert await heard.until("disconnected") == lc.Disconnected(reason, data={"hint": 1})
            with pytest.raises(lc.NoConnectionError):
                await sdk.get_customer()
            assert sdk.connection.value.status == "reconnecting"
        await heard.until("connected")
        assert heard.names == ["disconnected", "connected"]
        first, second = asked(sandbox, "login")
        assert first["token"] == second["token"]


@pytest.mark.shows("reason connection_lost", by="fault")
async def test_the_connection_is_cut() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        async with in_flight(sandbox, sdk, "connection_lost") as heard:
            sandbox.disconnect()
            assert await heard.until("disconnected") == lc.Disconnected("connection_lost")
            assert sdk.connection.value.status == "reconnecting"
        await heard.until("connected")
        assert heard.names == ["disconnected", "connected"]


@pytest.mark.shows("reason misdirected_connection", "option region", by="fault")
async def test_the_organization_moves_to_another_region() -> None:
    async with Sandbox(region="dal") as sandbox, customer(sandbox) as sdk:
        async with in_flight(sandbox, sdk, "misdirected_connection") as heard:
            sandbox.set_region("fra")
            told = await heard.until("disconnected")
            assert told == lc.Disconnected("misdirected_connection", data={"region": "fra"})
        await heard.until("connected")
        assert heard.names == ["disconnected", "connected"]
        sandbox.disconnect()
        await heard.until("connected", 2)
        assert heard.names == ["disconnected", "connected"] * 2, "it stays there"


@pytest.mark.shows("reason misdirected_connection", "option region", by="sandbox")
async def test_a_wrong_region_from_the_start() -> None:
    async with Sandbox(region="dal") as sandbox:
        options = sandbox.options() | {"log": ":memory:", "region": "fra", "random": lambda: 0.0}
        async with lc.init(**options) as sdk:
            heard = Heard(sdk)
            await sdk.connect()
            assert heard.names == ["customer_id", "disconnected", "connected"]
            told = heard.of("disconnected")[0]
            assert told == lc.Disconnected("misdirected_connection", data={"region": "dal"})
        options["region"] = "dal"
        async with lc.init(**options) as sdk:
            heard = Heard(sdk)
            await sdk.connect()
            assert heard.names == ["customer_id", "connected"]


@pytest.mark.parametrize("region", ["evil.example", "", None, ["fra"]])
async def test_a_region_that_is_none_is_not_gone_to(region: object) -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        heard = Heard(sdk)
        sandbox.disconnect(reason="misdirected_connection", data={"region": region})
        told = await heard.until("disconnected")
        assert told == lc.Disconnected("misdirected_connection", data={"region": region})
        await heard.until("connected")
        assert len(sandbox.connections) == 1


@pytest.mark.parametrize("reason", [*BACK_OFF, *FRESH])
async def test_a_reason_before_the_login_is_answered(reason: str) -> None:
    async with Sandbox() as sandbox:
        options = sandbox.options() | {"log": ":memory:", "random": lambda: 0.0}
        sandbox.fault("disconnect", action="login", reason=reason)
        async with lc.init(**options) as sdk:
            heard = Heard(sdk)
            await sdk.connect()
            assert heard.names == ["customer_id", "disconnected", "connected"]
            assert heard.of("disconnected") == [lc.Disconnected(reason)]
            tokens = 2 if reason in FRESH else 1
            assert len(asked(sandbox, "token")) == tokens


@pytest.mark.parametrize("reason", [*DESTROY, *PAUSE])
async def test_a_reason_that_refuses_the_login(reason: str) -> None:
    async with Sandbox() as sandbox:
        options = sandbox.options() | {"log": ":memory:", "random": lambda: 0.0}
        sandbox.fault("disconnect", action="login", reason=reason, data={"a": 1})
        async with lc.init(**options) as sdk:
            heard = Heard(sdk)
            with pytest.raises(lc.LoginError) as caught:
                await sdk.connect()
            assert caught.value.code == reason.upper()
            assert heard.of("disconnected") == [lc.Disconnected(reason, data={"a": 1})]
            status = "paused" if reason in PAUSE else "destroyed"
            assert sdk.connection.value.status == status
            assert len(asked(sandbox, "login")) == 1


@pytest.mark.shows("recipe hard_limit", "reason users_limit_reached", by="sandbox")
async def test_the_hard_limit_recipe() -> None:
    async with Sandbox() as sandbox:
        sandbox.fault("error", action="login", error="users_limit_reached")
        async with lc.init(**sandbox.options(), log=":memory:") as sdk:
            shown: list[str] = []

            @sdk.on("disconnected")
            def tell(told: lc.Disconnected) -> None:
                if told.reason == "users_limit_reached":
                    shown.append("Our agents are not available at the moment.")

            assert callable(tell)
            await until(sdk.connection, lambda state: state.status == "paused")
            with pytest.raises(lc.NoConnectionError):
                await sdk.start_chat()
            assert len(shown) == 1
            await sdk.connect()
            assert (await sdk.start_chat()).id
