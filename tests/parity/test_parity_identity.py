"""Who the customer is: kept, shared, handed on, refused; and the tokens that say so."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from front_kit import customer, texts, until

import livechat_customer as lc
from livechat_customer.options import default_credentials
from livechat_customer.sandbox import Sandbox
from livechat_customer.store import wall_clock

HOUR = 3_600_000_000
"""In microseconds."""


def token_calls(sandbox: Sandbox, grant: str | None = None) -> list[Mapping[str, Any]]:
    """The bodies of the token calls as the server got them."""
    found = [one.payload for one in sandbox.received if one.action == "token"]
    return [body for body in found if grant in (None, body["grant_type"])]


def logins(sandbox: Sandbox) -> list[str]:
    """The tokens of the logins as the server got them."""
    return [one.payload["token"] for one in sandbox.received if one.action == "login"]


def modes(path: Path) -> tuple[int, int]:
    """Of the file and of its folder."""
    return stat.S_IMODE(path.stat().st_mode), stat.S_IMODE(path.parent.stat().st_mode)


# Kept.


@pytest.mark.shows("identity kept across restarts", by="sandbox")
@pytest.mark.shows("identity in a file of mode 0600", by="sandbox")
async def test_the_next_run_is_the_same_customer(tmp_path: Path) -> None:
    ids: list[str] = []
    async with Sandbox() as sandbox:
        for _ in range(3):
            async with customer(sandbox, log=tmp_path / "a.db") as sdk:
                await sdk.auth.invalidate()
                ids.append((await sdk.get_customer()).id)
                assert len(await sdk.log.streams()) == 1
        assert len(set(ids)) == 1
        assert len(token_calls(sandbox, "cookie")) == 3, "the cookies, not the token"
    assert modes(default_credentials()) == (0o600, 0o700)


async def test_a_token_that_is_still_good_is_used_again(tmp_path: Path) -> None:
    async with Sandbox() as sandbox:
        for _ in range(2):
            async with customer(sandbox, log=tmp_path / "a.db", credentials=tmp_path / "c.json"):
                pass
        assert len(token_calls(sandbox)) == 1
        first, second = logins(sandbox)
        assert first == second
    assert not default_credentials().exists()


async def test_with_the_log_in_memory_nothing_is_left_on_the_disk() -> None:
    async with Sandbox() as sandbox:
        ids: set[str] = set()
        for _ in range(2):
            async with customer(sandbox) as sdk:
                ids.add((await sdk.get_customer()).id)
        assert len(ids) == 2
    assert not default_credentials().parent.exists()


@pytest.mark.shows("identity per group", by="sandbox")
@pytest.mark.shows("option unique_groups", by="sandbox")
async def test_each_group_has_a_customer_of_its_own(tmp_path: Path) -> None:
    log = tmp_path / "a.db"
    async with Sandbox() as sandbox:
        sandbox.set_availability(1, "online")
        ids: list[list[str]] = []
        for _ in range(2):
            async with (
                customer(sandbox, log=log, unique_groups=True, group_id=0) as zero,
                customer(sandbox, log=log, unique_groups=True, group_id=1) as one,
                customer(sandbox, log=log, group_id=1) as shared,
            ):
                ids.append([(await sdk.get_customer()).id for sdk in (zero, one, shared)])
        assert ids[0] == ids[1]
        assert len(set(ids[0])) == 3
        groups = {found.id: found.group_id for found in sandbox.customers.values()}
        assert [groups[id] for id in ids[0]] == [0, 1, None]


# A backend's customers.


@pytest.mark.shows("identity by agent token", by="sandbox")
async def test_one_backend_speaks_for_many_customers(tmp_path: Path) -> None:
    async with Sandbox(strict=True) as sandbox:
        agent = sandbox.agent_token()
        common: dict[str, Any] = {"log": tmp_path / "a.db", "agent_token": lambda: agent}
        ids: list[list[str]] = []
        for _ in range(2):
            async with (
                customer(sandbox, profile="ann", **common) as ann,
                customer(sandbox, profile="joe", **common) as joe,
            ):
                for sdk in (ann, joe):
                    await sdk.auth.get_fresh_token()
                ids.append([(await sdk.get_customer()).id for sdk in (ann, joe)])
        assert ids[0] == ids[1]
        assert len(set(ids[0])) == 2
        asked = [body.get("entity_id") for body in token_calls(sandbox, "agent_token")]
        assert asked[:2] == [None, None]
        assert set(asked[2:]) == set(ids[0])

        # Another machine knows the customer from the app's own data.
        elsewhere = {"log": ":memory:", "agent_token": agent, "customer_id": ids[0][0]}
        async with customer(sandbox, profile="ann", **elsewhere) as sdk:
            assert (await sdk.get_customer()).id == ids[0][0]


async def test_an_agent_without_the_scope_is_refused() -> None:
    async with Sandbox() as sandbox:
        given = {"agent_token": sandbox.agent_token(scopes=["chats--all:ro"]), "profile": "ann"}
        async with lc.init(**sandbox.options(), **given, log=":memory:") as sdk:
            with pytest.raises(lc.AuthError, match="customers:own") as failed:
                await sdk.connect()
    assert failed.value.reason == "access_denied"
    assert given["agent_token"] not in str(failed.value)


# Handed on.


@pytest.mark.shows("identity transfer", by="sandbox")
async def test_another_device_becomes_the_same_customer(tmp_path: Path) -> None:
    there = lc.Pkce.new()
    async with Sandbox() as sandbox, customer(sandbox) as here:
        chat = await here.start_chat(continuous=True)
        handed = await here.auth.transfer_identity(there.challenge)
        assert handed.expires_in == 3_600
        given: dict[str, Any] = {"log": tmp_path / "b.db", "credentials": tmp_path / "c.json"}
        code = {"identity_token": handed.token, "code_verifier": there.verifier}
        for more in (code, code, {}):
            async with customer(sandbox, **given, **more) as other:
                assert (await other.get_customer()).id == (await here.get_customer()).id
                assert (await other.get_chat(chat_id=chat.id)).id == chat.id
        assert len(token_calls(sandbox, "identity_token")) == 1

        # Without cookies there is no way to a new token: say so, and make no other customer.
        later = {"clock": lambda: wall_clock() + 9 * HOUR}
        before = len(sandbox.customers)
        async with lc.init(**{**sandbox.options(), **given, **later}) as other:
            with pytest.raises(lc.LoginError, match="identity_token") as failed:
                await other.connect()
            assert failed.value.code == "IDENTITY_TRANSFER_ENDED"
        assert len(sandbox.customers) == before


async def test_who_does_not_know_the_verifier_does_not_become_the_customer() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as here:
        handed = await here.auth.transfer_identity(lc.Pkce.new().challenge)
        thief = {"identity_token": handed.token, "code_verifier": lc.Pkce.new().verifier}
        async with lc.init(**sandbox.options(), **thief, log=":memory:") as sdk:
            with pytest.raises(lc.AuthError) as failed:
                await sdk.connect()
        assert failed.value.reason == "invalid_grant"
        assert handed.token not in str(failed.value)


async def test_a_transfer_with_a_token_that_was_revoked_meanwhile() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as here:
        await here.disconnect()
        sandbox.fault("expire_token")
        assert (await here.auth.transfer_identity()).token
        assert len(token_calls(sandbox)) == 2


async def test_the_challenge_is_checked_before_anything_is_sent() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as here:
        wrong: list[dict[str, Any]] = [
            {"code_challenge": ""},
            {"code_challenge": 5},
            {"code_challenge": "x", "code_challenge_method": "md5"},
        ]
        for given in wrong:
            with pytest.raises(lc.InvalidArgumentError, match="code_challenge"):
                await here.auth.transfer_identity(**given)
        assert "identity_transfer" not in {one.action for one in sandbox.received}


# An identity provider of the app's own.


class Ported:
    """The seed's provider, as an app would port it: its own calls of the token endpoint, and the
    JavaScript SDK's token objects."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._options = sandbox.options()
        self._token: dict[str, Any] | None = None
        self.cookies: dict[str, str] = {}
        self.calls: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def get_token(self) -> dict[str, Any]:
        self.calls.append("get_token")
        return self._token or await self._fetch()

    async def get_fresh_token(self) -> dict[str, Any]:
        self.calls.append("get_fresh_token")
        await self.gate.wait()
        return await self._fetch()

    async def has_token(self) -> bool:
        self.calls.append("has_token")
        return self._token is not None

    async def invalidate(self) -> None:
        self.calls.append("invalidate")
        self._token = None

    async def _fetch(self) -> dict[str, Any]:
        body = {
            "grant_type": "cookie",
            "client_id": self._options["client_id"],
            "organization_id": self._options["organization_id"],
        }
        url = f"{self._options['accounts_url']}/v2/customer/token"
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.post(url, json=body, headers={"Cookie": cookie})
        for header in answer.headers.get_list("set-cookie"):
            name, _, value = header.partition(";")[0].partition("=")
            self.cookies[name] = value
        given = answer.json()
        self._token = {
            "accessToken": given["access_token"],
            "entityId": given["entity_id"],
            "tokenType": given["token_type"],
            "expiresIn": given["expires_in"] * 1000,
            "creationDate": wall_clock() // 1000,
            "licenseId": 1,
        }
        return self._token


@pytest.mark.shows("option identity_provider", by="sandbox")
async def test_an_identity_provider_of_the_apps_own() -> None:
    async with Sandbox() as sandbox:
        provider = Ported(sandbox)
        async with customer(sandbox, identity_provider=lambda: provider, profile="ann") as sdk:
            assert (await sdk.get_customer()).id == provider.cookies["__lc_cid"]
            sandbox.fault("expire_token")
            await until(sdk.connection, lambda it: it.status != "connected")
            await sdk.connect()
            assert provider.calls.count("get_fresh_token") == 1
            await sdk.auth.invalidate()
            assert provider.calls[-1] == "invalidate"
            assert not await sdk.auth.has_token()
    assert not default_credentials().exists()


async def test_an_object_that_is_no_provider_is_refused() -> None:
    async with Sandbox() as sandbox:
        sdk = lc.init(
            **sandbox.options(), log=":memory:", profile="ann", identity_provider=lambda: object()
        )
        with pytest.raises(lc.ConfigError, match="get_token"):
            await sdk.open()
        await sdk.aclose()


# Somebody else.


@pytest.mark.shows("identity mismatch in a session", by="fault")
@pytest.mark.shows("reason identity_mismatch", by="fault")
async def test_another_customer_in_a_session_ends_it() -> None:
    async with Sandbox() as sandbox:
        provider = Ported(sandbox)
        async with customer(sandbox, identity_provider=lambda: provider, profile="ann") as sdk:
            was = (await sdk.get_customer()).id
            told: list[lc.Disconnected] = []
            sdk.on("disconnected", told.append)
            provider.cookies.clear()
            provider.gate.clear()
            sandbox.fault("expire_token")
            await until(sdk.connection, lambda it: it.status != "connected")
            waiting = asyncio.create_task(sdk.connect())
            await asyncio.sleep(0)
            provider.gate.set()

            with pytest.raises(lc.IdentityMismatchError):
                await waiting
            assert [it.reason for it in told] == ["access_token_expired", "identity_mismatch"]
            with pytest.raises(lc.SDKDestroyedError, match="identity_mismatch"):
                await sdk.get_customer()
            with pytest.raises(lc.SDKDestroyedError):
                await sdk.connect()
            assert sdk.customer.value is not None
            assert sdk.customer.value.id == was, "the views stay readable"
            assert len(await sdk.log.streams()) == 1
        assert len(logins(sandbox)) == 1, "the other one never logged in"


@pytest.mark.shows("identity mismatch at a start", by="sandbox")
async def test_another_customer_at_a_start_begins_a_stream_of_their_own(tmp_path: Path) -> None:
    log = tmp_path / "a.db"
    async with Sandbox() as sandbox:
        async with customer(sandbox, log=log, credentials=tmp_path / "c.json") as first:
            chat = await first.start_chat(continuous=True)
            was = (await first.get_customer()).id
        # The file with the cookies is lost.
        async with customer(sandbox, log=log, credentials=tmp_path / "d.json") as second:
            now = (await second.get_customer()).id
            assert now != was
            assert chat.id not in {item.id for item in second.chats.value}
            found = [(info.customer_id, info.last_seq > 0) for info in await second.log.streams()]
            assert found == [(was, True), (now, True)]


async def test_an_identity_that_the_server_forgot_is_replaced_at_the_start(tmp_path: Path) -> None:
    """The token kept is refused, and its cookies are unknown: as after a restart of a sandbox."""
    log = tmp_path / "a.db"
    async with Sandbox(seed=None) as sandbox:
        async with customer(sandbox, log=log) as first:
            was = (await first.get_customer()).id
        sandbox.reset()
        told: list[str] = []
        sdk = lc.init(**sandbox.options(), log=log, random=lambda: 0.0, auto_connect=False)
        sdk.on("customer_id", told.append)
        async with sdk:
            await sdk.connect()
            now = (await sdk.get_customer()).id
            assert now != was
            assert told == [was, now]
            assert [info.customer_id for info in await sdk.log.streams()] == [was, now]
        async with customer(sandbox, log=log) as third:
            assert (await third.get_customer()).id == now


# Tokens.


@pytest.mark.shows("identity refresh is one flight", by="sandbox")
@pytest.mark.shows("method auth.get_token", by="sandbox")
async def test_all_who_need_a_token_share_one_fetch() -> None:
    async with (
        Sandbox() as sandbox,
        lc.init(**sandbox.options(), log=":memory:", auto_connect=False) as sdk,
    ):
        held = sandbox.fault("delay", action="token")
        asking = [asyncio.create_task(sdk.auth.get_token()) for _ in range(10)]
        connecting = asyncio.create_task(sdk.connect())
        await sandbox.wait_until(lambda: held.fired == 1)
        held.release()
        found = {token.access_token for token in await asyncio.gather(*asking)}
        await connecting
        assert len(token_calls(sandbox)) == 1
        assert logins(sandbox) == [f"Bearer {token}" for token in found]
        token = await sdk.auth.get_token()
        assert token.entity_id == (await sdk.get_customer()).id
        assert (token.token_type, token.expires_in) == ("Bearer", 28_800_000)
        assert token.access_token not in repr(token)


async def test_a_fresh_token_asked_for_at_the_first_start_makes_no_second_customer() -> None:
    async with (
        Sandbox() as sandbox,
        lc.init(**sandbox.options(), log=":memory:", auto_connect=False) as sdk,
    ):
        held = sandbox.fault("delay", action="token")
        asking = [
            asyncio.create_task(ask()) for ask in (sdk.auth.get_token, sdk.auth.get_fresh_token)
        ]
        await sandbox.wait_until(lambda: held.fired == 1)
        held.release()
        first, second = await asyncio.gather(*asking)
        assert first.access_token != second.access_token
        assert first.entity_id == second.entity_id
        assert len(sandbox.customers) == 1


@pytest.mark.shows("method auth.get_fresh_token", by="sandbox")
@pytest.mark.shows("method auth.has_token", by="sandbox")
@pytest.mark.shows("method auth.invalidate", by="sandbox")
async def test_the_tokens_four_functions() -> None:
    async with Sandbox() as sandbox:
        sdk = lc.init(**sandbox.options(), log=":memory:", auto_connect=False)
        with pytest.raises(lc.NoConnectionError, match="open"):
            _ = sdk.auth
        async with sdk:
            assert not await sdk.auth.has_token()
            first = await sdk.auth.get_token()
            assert await sdk.auth.has_token()
            assert await sdk.auth.get_token() == first
            second = await sdk.auth.get_fresh_token()
            assert second.access_token != first.access_token
            assert await sdk.auth.get_token() == second
            await sdk.auth.invalidate()
            assert not await sdk.auth.has_token()
            third = await sdk.auth.get_token()
            assert third.access_token not in (first.access_token, second.access_token)
            assert {first.entity_id, second.entity_id} == {third.entity_id}
            await sdk.destroy()
            assert await sdk.auth.get_token() == third, "as in the seed, in any state"
        with pytest.raises(lc.SDKDestroyedError):
            await sdk.auth.get_token()


@pytest.mark.shows("identity refresh ahead of expiry", by="sandbox")
async def test_a_token_with_half_an_hour_left_is_replaced_before_connecting(
    tmp_path: Path,
) -> None:
    async with Sandbox() as sandbox:
        async with customer(sandbox, log=tmp_path / "a.db") as sdk:
            was = await sdk.auth.get_token()
        later = {"clock": lambda: wall_clock() + 15 * HOUR // 2}
        async with customer(sandbox, log=tmp_path / "a.db", **later) as sdk:
            now = await sdk.auth.get_token()
        assert now.access_token != was.access_token
        assert now.entity_id == was.entity_id
        tokens = [was.access_token, now.access_token]
        assert logins(sandbox) == [f"Bearer {token}" for token in tokens]
        assert len(token_calls(sandbox)) == 2


@pytest.mark.shows("identity token expires while connected", by="fault")
async def test_a_token_that_expires_costs_one_reconnect_and_no_message() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        told: list[lc.Disconnected] = []
        sdk.on("disconnected", told.append)
        chat = await sdk.start_chat(continuous=True)
        agent = sandbox.agent("Jane")
        said: list[str] = []
        for number in range(3):
            agent.send_event(chat.id, {"type": "message", "text": f"before {number}"})
            own = await sdk.send_event(chat_id=chat.id, event=lc.Message(f"mine {number}"))
            assert own.confirmed
            said += [f"before {number}", f"mine {number}"]
        sandbox.fault("expire_token")
        for number in range(3):
            agent.send_event(chat.id, {"type": "message", "text": f"meanwhile {number}"})
            said.append(f"meanwhile {number}")
        await until(sdk.connection, lambda it: it.status != "connected")
        await sdk.connect()
        agent.send_event(chat.id, {"type": "message", "text": "after"})
        await sdk.send_event(chat_id=chat.id, event=lc.Message("mine, after"))
        said += ["after", "mine, after"]

        items = await until(
            sdk.history(chat.id), lambda items: texts(items)[-1:] == ["mine, after"]
        )
        assert [text for text in texts(items) if text in said] == said
        assert [it.reason for it in told] == ["access_token_expired"]
        first, second = logins(sandbox)
        assert first != second
        assert len(token_calls(sandbox)) == 2
        assert {body.get("grant_type") for body in token_calls(sandbox)} == {"cookie"}
        assert len(sandbox.customers) == 1


# Options that say who asks.


@pytest.mark.shows("option organization_id", by="sandbox")
@pytest.mark.shows("option client_id", by="sandbox")
@pytest.mark.shows("option redirect_uri", by="sandbox")
async def test_the_ids_and_the_redirect_uri_go_to_the_token_endpoint() -> None:
    async with Sandbox(strict=True) as sandbox:
        sandbox.set_redirect_uris(["https://app.example/chat"])
        good = {**sandbox.options(), "redirect_uri": "https://app.example/chat", "log": ":memory:"}
        async with customer(sandbox, **good):
            pass
        (asked,) = token_calls(sandbox)
        assert asked == {
            "response_type": "token",
            "grant_type": "cookie",
            "client_id": sandbox.client_id,
            "organization_id": sandbox.organization_id,
            "redirect_uri": "https://app.example/chat",
        }
        for option, wrong in (
            ("client_id", "0" * 32),
            ("organization_id", "0e7f7d4c-2c11-4b5e-9f3a-6a1d0c9b8e77"),
            ("redirect_uri", "https://elsewhere.example/"),
        ):
            async with lc.init(**{**good, option: wrong}) as sdk:
                with pytest.raises(lc.AuthError, match=option) as failed:
                    await sdk.connect()
            assert failed.value.code == "SSO_OAUTH_EXCEPTION"


@pytest.mark.parametrize("option", ["organization_id", "client_id"])
def test_the_two_ids_must_be_given(option: str) -> None:
    given = {"organization_id": "o", "client_id": "c"}
    with pytest.raises(lc.ConfigError, match=option):
        lc.init(**{**given, option: ""})
