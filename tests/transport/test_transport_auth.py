"""Tokens: providers of one's own, one fetch for all who ask, errors of one kind."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
from transport_kit import SECRET, token

from livechat_customer.errors import AuthError, SDKDestroyedError
from livechat_customer.transport.auth import IdentityProvider, TokenSource
from livechat_customer.transport.grants import TRANSFER_ENDED
from livechat_customer.transport.token import Token

HOUR = 3_600_000


class Clock:
    """Wall time in µs, set in ms."""

    def __init__(self) -> None:
        self.ms = 1_700_000_000_000

    def __call__(self) -> int:
        return self.ms * 1_000


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


async def test_a_fresh_one_is_fetched_after_what_is_under_way() -> None:
    provider = Provider()
    provider.gate.clear()
    tokens = source(provider)
    first = asyncio.create_task(tokens.token())
    await asyncio.sleep(0)
    second = asyncio.create_task(tokens.fresh_token())
    for _ in range(5):
        await asyncio.sleep(0)
    assert provider.asked == ["get_token", "get_fresh_token"], "one at a time"

    provider.gate.set()
    await asyncio.gather(first, second)

    assert provider.asked == ["get_token", "get_fresh_token", "get_fresh_token"]


async def test_a_provider_that_hangs_is_given_up_and_asked_again() -> None:
    provider = Provider()
    provider.gate.clear()
    tokens = TokenSource(provider, Clock(), timeout=0.01)
    for ask in (tokens.token, tokens.fresh_token):
        with pytest.raises(AuthError, match="in time") as failed:
            await ask()
        assert failed.value.retryable

    provider.gate.set()
    for ask in (tokens.token, tokens.fresh_token):
        assert (await ask()).access_token == "fresh"


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
    asked = list(provider.asked)
    with pytest.raises(SDKDestroyedError):
        await tokens.token()
    assert provider.asked == asked


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
        (AuthError("no way to a new one", code=TRANSFER_ENDED), 1, "held"),
        (AuthError("no way to a new one", code=TRANSFER_ENDED), 0, None),
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


async def test_a_provider_may_give_the_javascript_sdks_token_object() -> None:
    clock = Clock()
    given = {
        "accessToken": "ported",
        "entityId": "e",
        "tokenType": "Bearer",
        "expiresIn": 28_800_000,
        "creationDate": clock.ms,
        "licenseId": 12345,
    }

    found = await source(Provider(fresh=given), clock).token()

    assert found == Token(access_token="ported", entity_id="e", creation_date=clock.ms)


class Plain:
    """A provider without coroutines."""

    def __init__(self) -> None:
        self.held = True

    def get_token(self) -> Token:
        return token(access_token="plain", creation_date=Clock().ms)

    def get_fresh_token(self) -> Token:
        raise ValueError(SECRET)

    def has_token(self) -> bool:
        return self.held

    def invalidate(self) -> None:
        self.held = False


async def test_the_four_may_be_plain_functions() -> None:
    tokens = source(Plain())  # type: ignore[arg-type]

    assert (await tokens.token()).access_token == "plain"
    with pytest.raises(AuthError, match="ValueError") as failed:
        await tokens.fresh_token()
    assert SECRET not in str(failed.value)
    await tokens.invalidate()
    assert not await tokens.has_token()


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
