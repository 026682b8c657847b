"""The built-in grants over real HTTP: what is asked, what is kept, and what is never lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from transport_kit import CUSTOMER, SECRET, token
from transport_net_kit import Answer, HttpServer, http_server

from livechat_customer.errors import AuthError
from livechat_customer.records import StreamKey
from livechat_customer.transport.credential_file import CredentialFile
from livechat_customer.transport.credentials import (
    CREDENTIALS_FAILED,
    Credentials,
    CredentialStore,
    MemoryCredentials,
)
from livechat_customer.transport.grants import (
    TRANSFER_ENDED,
    AgentTokenGrant,
    CookieGrant,
)

KEY = StreamKey("org", "client")
COOKIES = (("Set-Cookie", "__lc_cid=id; Secure"), ("Set-Cookie", "__lc_cst=cookie-secret; Secure"))


def answer(
    number: int = 1, *, headers: tuple[tuple[str, str], ...] = COOKIES, entity_id: str = "e"
) -> Answer:
    return Answer(
        {"access_token": f"dal:{number}", "entity_id": entity_id, "expires_in": 28_800},
        headers=headers,
    )


class Clock:
    """Wall time in µs, set in ms."""

    def __init__(self) -> None:
        self.ms = 1_700_000_000_000

    def __call__(self) -> int:
        return self.ms * 1_000


def given(server: HttpServer, store: CredentialStore, clock: Clock | None = None) -> dict[str, Any]:
    return {
        "url": server.url,
        "organization_id": "org",
        "client_id": "client",
        "key": KEY,
        "store": store,
        "clock": clock or Clock(),
    }


def body(server: HttpServer, number: int = -1) -> dict[str, Any]:
    return msgspec.json.decode(server.asked[number].body, type=dict[str, Any])


def grant(server: HttpServer, clock: Clock, store: CredentialStore, **more: Any) -> CookieGrant:
    return CookieGrant(redirect_uri="https://app.example", **given(server, store, clock), **more)


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


async def test_half_an_identity_is_not_sent() -> None:
    """An agent's customer has an id and no secret: with the id alone a new one would be made."""
    store = MemoryCredentials()
    await store.save(KEY, Credentials(cid="id"))
    async with http_server(answer()) as server:
        await grant(server, Clock(), store).get_token()

    assert "cookie" not in server.asked[0].headers


# A store that fails.


class Failing(MemoryCredentials):
    """Keeps nothing while it is `broken`."""

    broken = True

    async def save(self, key: StreamKey, credentials: Credentials) -> None:
        if self.broken:
            raise OSError(SECRET)
        await super().save(key, credentials)


async def test_an_identity_that_could_not_be_kept_is_not_made_twice() -> None:
    store = Failing()
    async with http_server(answer(1), answer(2)) as server:
        provider = grant(server, Clock(), store)
        for _ in range(2):
            with pytest.raises(AuthError, match="OSError") as failed:
                await provider.get_token()
            assert (failed.value.code, failed.value.retryable) == (CREDENTIALS_FAILED, True)
            assert SECRET not in str(failed.value)
        store.broken = False
        assert (await provider.get_token()).access_token == "dal:1"

    assert len(server.asked) == 1
    kept = await store.load(KEY)
    assert kept is not None
    assert kept.cst == "cookie-secret"


async def test_a_renewed_token_that_can_not_be_kept_is_used_all_the_same(
    caplog: pytest.LogCaptureFixture,
) -> None:
    store = Failing()
    store.broken = False
    async with http_server(answer(1), answer(2), answer(3)) as server:
        provider = grant(server, Clock(), store)
        await provider.get_token()
        store.broken = True
        assert (await provider.get_fresh_token()).access_token == "dal:2"
        assert (await provider.get_token()).access_token == "dal:2"
        assert "could not be saved" in caplog.text
        assert SECRET not in caplog.text
        store.broken = False
        await provider.get_token()

    kept = await store.load(KEY)
    assert kept is not None
    assert kept.token is not None
    assert kept.token.access_token == "dal:2"


async def test_a_damaged_file_makes_no_new_customer(tmp_path: Path) -> None:
    path = tmp_path / "credentials.json"
    path.write_text("{")
    path.chmod(0o600)
    async with http_server(answer()) as server:
        with pytest.raises(AuthError, match="damaged") as failed:
            await grant(server, Clock(), CredentialFile(path)).get_token()

    assert not failed.value.retryable
    assert server.asked == []
    assert path.read_text() == "{"


# The agent token.


def agent(server: HttpServer, store: CredentialStore, **more: Any) -> AgentTokenGrant:
    return AgentTokenGrant(**{"agent_token": "dal:agent"} | given(server, store) | more)


async def test_the_agents_first_token_makes_a_customer_whom_the_next_one_keeps() -> None:
    store = MemoryCredentials()
    async with http_server(answer(1, headers=()), answer(2, headers=())) as server:
        await agent(server, store).get_token()
        await agent(server, store).get_fresh_token()
        assert (await agent(server, store).get_token()).access_token == "dal:2"

    assert [asked.headers["authorization"] for asked in server.asked] == ["Bearer dal:agent"] * 2
    assert body(server, 0) == {
        "response_type": "token",
        "grant_type": "agent_token",
        "client_id": "client",
        "organization_id": "org",
    }
    assert body(server, 1)["entity_id"] == "e"
    kept = await store.load(KEY)
    assert kept is not None
    assert (kept.cid, kept.cst) == ("e", None)


async def test_an_existing_customer_is_acted_as() -> None:
    store = MemoryCredentials()
    await store.save(KEY, Credentials(cid="another", token=token("another")))
    async with http_server(answer(entity_id=CUSTOMER)) as server:
        provider = agent(server, store, customer_id=CUSTOMER)
        assert not await provider.has_token(), "the one held is another customer's"
        assert (await provider.get_token()).entity_id == CUSTOMER

    assert body(server)["entity_id"] == CUSTOMER


async def test_another_customer_than_the_one_asked_for_is_refused_and_not_kept() -> None:
    store = MemoryCredentials()
    async with http_server(answer(entity_id="somebody")) as server:
        with pytest.raises(AuthError) as failed:
            await agent(server, store, customer_id=CUSTOMER).get_token()

    assert (failed.value.code, failed.value.retryable) == ("IDENTITY_MISMATCH", False)
    assert await store.load(KEY) is None


async def from_a_vault() -> str:
    return "Bearer dal:agent"


@pytest.mark.parametrize("agent_token", [lambda: "dal:agent", from_a_vault, " dal:agent "])
async def test_the_agents_token_comes_from_a_function_or_a_coroutine(agent_token: Any) -> None:
    async with http_server(answer()) as server:
        await agent(server, MemoryCredentials(), agent_token=agent_token).get_token()

    assert server.asked[0].headers["authorization"] == "Bearer dal:agent"


async def fails() -> str:
    raise RuntimeError(SECRET)


@pytest.mark.parametrize(
    ("agent_token", "retryable", "says"),
    [
        (fails, True, "RuntimeError"),
        (lambda: "", False, "gave no token"),
        (lambda: None, False, "gave no token"),
        (lambda: "a\r\nCookie: b", False, "gave no token"),
    ],
)
async def test_an_agents_token_that_does_not_come(
    agent_token: Any, retryable: bool, says: str
) -> None:
    async with http_server(answer()) as server:
        with pytest.raises(AuthError, match=says) as failed:
            await agent(server, MemoryCredentials(), agent_token=agent_token).get_token()

    assert (failed.value.code, failed.value.retryable) == ("AGENT_TOKEN", retryable)
    assert SECRET not in str(failed.value)
    assert server.asked == []


async def test_a_refused_agents_token_is_what_the_error_names() -> None:
    refusal = Answer({"identity_exception": "unauthorized"}, 401)
    async with http_server(refusal) as server:
        with pytest.raises(AuthError, match="agent_token") as failed:
            await agent(server, MemoryCredentials()).get_token()

    assert failed.value.code == "SSO_IDENTITY_EXCEPTION"
    assert "dal:agent" not in str(failed.value)


# An identity from another device.


async def test_a_transfer_token_is_redeemed_once() -> None:
    store, clock = MemoryCredentials(), Clock()
    await store.save(KEY, Credentials(cid="old", cst="c", token=token("old")))
    async with http_server(answer(1, headers=()), answer(2)) as server:
        more = {"identity_token": "dal:code", "code_verifier": "v" * 43}
        provider = grant(server, clock, store, **more)
        assert not await provider.has_token(), "the one held is another identity's"
        assert (await provider.get_token()).entity_id == "e"
        again = grant(server, clock, store, **more)
        assert (await again.get_token()).access_token == "dal:1"
        # The option need not be given again.
        assert (await grant(server, clock, store).get_token()).access_token == "dal:1"

        clock.ms += 28_800_000
        for ended in (again, grant(server, clock, store)):
            with pytest.raises(AuthError, match="identity_token") as failed:
                await ended.get_token()
            assert (failed.value.code, failed.value.retryable) == (TRANSFER_ENDED, False)
        assert len(server.asked) == 1, "without cookies a new customer would be made"

        # A new transfer goes on.
        more = {"identity_token": "dal:another code"}
        assert (await grant(server, clock, store, **more).get_token()).access_token == "dal:2"

    assert "cookie" not in server.asked[0].headers
    assert body(server, 0) == {
        "response_type": "token",
        "grant_type": "identity_token",
        "client_id": "client",
        "organization_id": "org",
        "code": "dal:code",
        "code_verifier": "v" * 43,
    }
    assert "code_verifier" not in body(server, 1)


async def test_an_identity_that_came_with_cookies_is_renewed_by_them() -> None:
    store = MemoryCredentials()
    async with http_server(answer(1), answer(2)) as server:
        provider = grant(server, Clock(), store, identity_token="dal:code")
        await provider.get_token()
        assert (await provider.get_fresh_token()).access_token == "dal:2"

    assert body(server)["grant_type"] == "cookie"
    assert server.asked[1].headers["cookie"] == "__lc_cid=id; __lc_cst=cookie-secret"


async def test_a_transfer_token_that_is_refused_is_what_the_error_names() -> None:
    async with http_server(Answer({"oauth_exception": "invalid_grant"}, 401)) as server:
        with pytest.raises(AuthError, match="identity_token") as failed:
            await grant(server, Clock(), MemoryCredentials(), identity_token="dal:code").get_token()

    assert failed.value.reason == "invalid_grant"
    assert "dal:code" not in str(failed.value)


async def test_what_is_kept_names_no_transfer_token() -> None:
    store = MemoryCredentials()
    async with http_server(answer()) as server:
        await grant(server, Clock(), store, identity_token="dal:code").get_token()

    kept = await store.load(KEY)
    assert kept is not None
    assert kept.transfer is not None
    assert "dal:code" not in kept.transfer
