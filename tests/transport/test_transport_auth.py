"""Tokens: the cookie grant over real HTTP, providers of one's own, one fetch for all who ask."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
from transport_kit import SECRET, token
from transport_net_kit import Answer, HttpServer, http_server

from livechat_customer.errors import AuthError
from livechat_customer.records import StreamKey
from livechat_customer.transport.auth import CookieGrant, IdentityProvider, TokenSource
from livechat_customer.transport.credentials import Credentials, MemoryCredentials
from livechat_customer.transport.token import Token

HOUR = 3_600_000
KEY = StreamKey("org", "client")
COOKIES = (("Set-Cookie", "__lc_cid=id; Secure"), ("Set-Cookie", "__lc_cst=cookie-secret; Secure"))


def answer(number: int = 1, *, headers: tuple[tuple[str, str], ...] = COOKIES) -> Answer:
    return Answer(
        {"access_token": f"dal:{number}", "entity_id": "e", "expires_in": 28_800}, headers=headers
    )


class Clock:
    """Wall time in µs, set in ms."""

    def __init__(self) -> None:
        self.ms = 1_700_000_000_000

    def __call__(self) -> int:
        return self.ms * 1_000


def grant(server: HttpServer, clock: Clock, store: MemoryCredentials) -> CookieGrant:
    return CookieGrant(
        url=server.url,
        organization_id="org",
        client_id="client",
        key=KEY,
        store=store,
        clock=clock,
        redirect_uri="https://app.example",
    )


async def test_the_first_token_makes_an_identity_that_the_next_one_keeps() -> None:
    clock, store = Clock(), MemoryCredentials()
    async with http_server(answer(1), answer(2, headers=())) as server:
        provider = grant(server, clock, store)
        assert not await provider.has_token()
        first = await provider.get_token()
        assert await provider.has_token()
        assert await provider.get_token() == first, "it is still valid"
        second = await provider.get_fresh_token()

    assert [one.access_token for one in (first, second)] == ["dal:1", "dal:2"]
    assert first.creation_date == clock.ms
    assert "cookie" not in server.asked[0].headers
    assert server.asked[1].headers["cookie"] == "__lc_cid=id; __lc_cst=cookie-secret"
    assert json.loads(server.asked[0].body) == {
        "response_type": "token",
        "grant_type": "cookie",
        "client_id": "client",
        "organization_id": "org",
        "redirect_uri": "https://app.example",
    }
    assert await store.load(KEY) == Credentials(cid="id", cst="cookie-secret", token=second)


async def test_an_expired_token_is_replaced_and_a_stored_one_is_used() -> None:
    clock, store = Clock(), MemoryCredentials()
    stored = token(creation_date=clock.ms)
    await store.save(KEY, Credentials(cid="id", cst="c", token=stored))
    async with http_server(answer(1)) as server:
        provider = grant(server, clock, store)
        assert await provider.get_token() == stored
        clock.ms += stored.expires_in

        assert (await provider.get_token()).access_token == "dal:1"
    assert len(server.asked) == 1


async def test_invalidate_forgets_the_token_and_keeps_the_identity() -> None:
    store = MemoryCredentials()
    await store.save(KEY, Credentials(cid="id", cst="c", token=token()))
    async with http_server(answer()) as server:
        provider = grant(server, Clock(), store)
        await provider.invalidate()
        await provider.invalidate()

    assert await store.load(KEY) == Credentials(cid="id", cst="c")


async def test_an_answer_without_a_token_is_never_kept_as_one() -> None:
    store = MemoryCredentials()
    async with http_server(Answer({"hello": "world"}, headers=COOKIES)) as server:
        with pytest.raises(AuthError) as failed:
            await grant(server, Clock(), store).get_token()

    assert failed.value.retryable
    assert await store.load(KEY) is None


class Provider:
    """An identity provider of an app: what it gives, and how often it was asked."""

    def __init__(self, held: Token | None = None, fresh: object = None) -> None:
        self.held = held
        self.fresh = token(access_token="fresh") if fresh is None else fresh
        self.asked: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def get_token(self) -> Token | Mapping[str, Any]:
        self.asked.append("get_token")
        return self.held or await self.get_fresh_token()

    async def get_fresh_token(self) -> Token | Mapping[str, Any]:
        self.asked.append("get_fresh_token")
        await self.gate.wait()
        if isinstance(self.fresh, Exception):
            raise self.fresh
        return self.fresh  # type: ignore[return-value]

    async def has_token(self) -> bool:
        return self.held is not None

    async def invalidate(self) -> None:
        self.held = None


def source(provider: IdentityProvider, clock: Clock | None = None) -> TokenSource:
    return TokenSource(provider, clock or Clock())


async def test_all_who_ask_share_one_fetch() -> None:
    provider = Provider()
    provider.gate.clear()
    tokens = source(provider)
    asking = [asyncio.create_task(tokens.token()) for _ in range(5)]
    await asyncio.sleep(0)

    provider.gate.set()
    got = await asyncio.gather(*asking)

    assert {one.access_token for one in got} == {"fresh"}
    assert provider.asked == ["get_token", "get_fresh_token"]
    await tokens.token()
    assert len(provider.asked) == 4, "the next one asks again"


async def test_who_needs_any_token_joins_a_fetch_of_a_fresh_one() -> None:
    provider = Provider(held=token())
    provider.gate.clear()
    tokens = source(provider)
    asking = [asyncio.create_task(tokens.fresh_token()), asyncio.create_task(tokens.token())]
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    provider.gate.set()

    assert [one.access_token for one in await asyncio.gather(*asking)] == ["fresh", "fresh"]
    assert provider.asked == ["get_fresh_token"]


async def test_cancelling_one_who_asks_does_not_stop_the_fetch() -> None:
    provider = Provider()
    provider.gate.clear()
    tokens = source(provider)
    leaving, staying = (asyncio.create_task(tokens.token()) for _ in range(2))
    await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.wait([leaving])

    provider.gate.set()

    assert (await staying).access_token == "fresh"
    assert provider.asked.count("get_fresh_token") == 1


async def test_a_fetch_that_fails_when_nobody_waits_any_more_is_silent() -> None:
    provider = Provider(fresh=AuthError("no", retryable=True))
    provider.gate.clear()
    tokens = source(provider)
    leaving = asyncio.create_task(tokens.token())
    await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.wait([leaving])

    provider.gate.set()
    with pytest.raises(AuthError):
        await tokens.token()


async def test_aclose_ends_a_fetch_under_way() -> None:
    provider = Provider()
    provider.gate.clear()
    tokens = source(provider)
    asking = asyncio.create_task(tokens.token())
    await asyncio.sleep(0)

    await tokens.aclose()

    await asyncio.wait([asking])
    assert asking.cancelled()


@pytest.mark.parametrize(("left", "expected"), [(HOUR, "held"), (HOUR - 1, "fresh"), (1, "fresh")])
async def test_a_token_with_less_than_an_hour_left_is_replaced(left: int, expected: str) -> None:
    clock = Clock()
    held = token(access_token="held", creation_date=clock.ms - 8 * HOUR + left)

    assert (await source(Provider(held), clock).token()).access_token == expected


@pytest.mark.parametrize(
    ("error", "left", "expected"),
    [
        (AuthError("offline", retryable=True), 1, "held"),
        (RuntimeError("offline"), 1, "held"),
        (AuthError("offline", retryable=True), 0, None),
        (AuthError("banned", retryable=False), 1, None),
    ],
)
async def test_renewing_ahead_may_fail_while_the_token_is_valid(
    error: Exception, left: int, expected: str | None
) -> None:
    clock = Clock()
    held = token(access_token="held", creation_date=clock.ms - 8 * HOUR + left)
    tokens = source(Provider(held, fresh=error), clock)

    if expected is None:
        with pytest.raises(AuthError):
            await tokens.token()
    else:
        assert (await tokens.token()).access_token == expected


async def test_a_provider_may_give_dicts() -> None:
    given = msgspec.to_builtins(token(access_token="from a dict"))

    assert (await source(Provider(fresh=given)).token()).access_token == "from a dict"


@pytest.mark.parametrize("given", [{"access_token": "x"}, {}, 5, "dal:x", [1]])
async def test_what_is_no_token_is_refused_for_good(given: object) -> None:
    with pytest.raises(AuthError, match="from_endpoint") as failed:
        await source(Provider(fresh=given)).token()

    assert not failed.value.retryable
    assert failed.value.code == "IDENTITY_PROVIDER"


async def test_what_a_provider_raises_is_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    provider = Provider(fresh=RuntimeError(SECRET))

    with pytest.raises(AuthError, match="RuntimeError") as failed:
        await source(provider).fresh_token()

    assert failed.value.retryable
    assert SECRET not in str(failed.value)
    assert SECRET not in caplog.text


async def test_invalidate_reaches_the_provider() -> None:
    provider = Provider(held=token())

    await source(provider).invalidate()

    assert provider.held is None
