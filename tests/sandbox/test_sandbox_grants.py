"""Tokens by an agent's token and by identity transfer (protocol: customer accounts API)."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import httpx
import pytest
from sandbox_kit import Json, fetch_token, http, logged_in, message, started

from livechat_customer.sandbox import Limits, Sandbox, SteppingClock

NOBODY = "00000000-0000-4000-8000-000000000000"
VERIFIER = "a-verifier_of~characters.that-are-allowed-0123456789"
S256 = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


def authorized(value: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {value}"}


class Backend:
    """A program with an agent's token."""

    def __init__(self, sandbox: Sandbox, client: httpx.AsyncClient, agent: str = "any") -> None:
        self.sandbox = sandbox
        self.client = client
        self.headers = authorized(agent)

    async def ask(self, path: str = "/v2/customer/token", **more: Any) -> Json:
        """Success: the token; failure: the error's object."""
        given = {"grant_type": "agent_token", "client_id": self.sandbox.client_id} | more
        body = {name: value for name, value in given.items() if value is not None}
        answer = await self.client.post(path, json=body, headers=self.headers)
        assert answer.status_code == (200 if "access_token" in answer.json() else 401)
        assert "set-cookie" not in answer.headers
        return dict(answer.json())

    async def mint(self, path: str = "/v2/customer/identity_transfer", **more: Any) -> Json:
        given = {"bearer_type": "agent", "client_id": self.sandbox.client_id} | more
        answer = await self.client.post(path, json=given, headers=self.headers)
        return dict(answer.json())


async def test_an_agents_token_gives_a_new_customer_or_one_that_is_known(sandbox: Sandbox) -> None:
    async with http(sandbox) as client:
        backend = Backend(sandbox, client, sandbox.agent_token())
        new = await backend.ask(expires_in=60)
        assert new["entity_id"] in sandbox.customers
        assert new | {"access_token": "", "entity_id": ""} == {
            "access_token": "",
            "token_type": "Bearer",
            "entity_id": "",
            "expires_in": 60,
            "organization_id": sandbox.organization_id,
            "client_id": sandbox.client_id,
        }
        again = await backend.ask(entity_id=new["entity_id"])
        assert again["entity_id"] == new["entity_id"]
        assert again["access_token"] != new["access_token"]
        assert (await backend.ask())["entity_id"] != new["entity_id"]

        # Two customers in one program, and both talk.
        for one in (again, await backend.ask()):
            answer = await client.post(
                "/v3.5/customer/action/get_customer",
                params={"organization_id": sandbox.organization_id},
                headers=authorized(one["access_token"]),
                json={},
            )
            assert answer.json()["id"] == one["entity_id"]


@pytest.mark.parametrize("organization", [True, False])
async def test_a_customer_with_cookies_can_be_acted_as(
    sandbox: Sandbox, organization: bool
) -> None:
    token = await fetch_token(sandbox)
    async with logged_in(sandbox, token) as (raw, _), http(sandbox) as client:
        chat_id, _ = await started(raw)
        named = {"organization_id": sandbox.organization_id} if organization else {}
        given = await Backend(sandbox, client).ask(entity_id=token.customer_id, **named)
        sent = await client.post(
            "/v3.5/customer/action/send_event",
            params={"organization_id": sandbox.organization_id},
            headers=authorized(given["access_token"]),
            json={"chat_id": chat_id, "event": message("from a backend")},
        )
        assert sent.status_code == 200
        ((action, payload),) = await raw.pushes()
        assert (action, payload["event"]["author_id"]) == ("incoming_event", token.customer_id)
        # The cookies still prove the same identity.
        assert (await fetch_token(sandbox, token.cookies)).customer_id == token.customer_id


async def test_identities_of_groups(sandbox: Sandbox) -> None:
    third, fourth = (f"/v2/customer/{sandbox.organization_id}/{group}/token" for group in (3, 4))
    async with http(sandbox) as client:
        backend = Backend(sandbox, client)
        own = await backend.ask(third)
        assert sandbox.customers[own["entity_id"]].group_id == 3
        same = await backend.ask(third, entity_id=own["entity_id"])
        assert same["entity_id"] == own["entity_id"]
        other = await backend.ask(fourth, entity_id=own["entity_id"])
        assert other == {"oauth_exception": "resource_not_found"}
        # Who does not say which group acts as any.
        assert (await backend.ask(entity_id=own["entity_id"]))["entity_id"] == own["entity_id"]


async def test_version_one(sandbox: Sandbox) -> None:
    async with http(sandbox) as client:
        backend = Backend(sandbox, client)
        old = await backend.ask("/customer/token", license_id=7)
        assert (old["license_id"], "organization_id" in old) == (7, False)
        assert sandbox.customers[old["entity_id"]].organization_id == "7"
        code = await backend.mint("/customer/identity_transfer", customer_id=old["entity_id"])
        moved = await backend.ask(
            "/customer/token",
            grant_type="identity_token",
            code=code["identity_transfer_token"],
        )
        assert moved["entity_id"] == old["entity_id"]


async def test_agents_tokens_that_will_not_do(sandbox: Sandbox) -> None:
    customer = await fetch_token(sandbox)
    unknown = {"identity_exception": "unauthorized"}
    async with http(sandbox) as client:
        for header in ("", "Basic eDp5", "bare", f"Bearer {customer.value}"):
            backend = Backend(sandbox, client)
            backend.headers = {"Authorization": header}
            assert await backend.ask() == unknown, header
            assert await backend.mint(customer_id=customer.customer_id) == unknown, header
        weak = Backend(sandbox, client, sandbox.agent_token(scopes=["customers:ro"]))
        assert await weak.ask() == {"oauth_exception": "access_denied"}
        assert list(sandbox.customers) == [customer.customer_id]
        # An agent's token is none for the Customer API.
        answer = await client.post(
            "/v3.5/customer/action/get_customer",
            params={"organization_id": sandbox.organization_id},
            headers=authorized(sandbox.agent_token()),
            json={},
        )
        assert answer.json()["error"]["type"] == "authentication"


async def test_a_strict_sandbox_knows_its_agents() -> None:
    async with Sandbox(strict=True) as sandbox, http(sandbox) as client:
        given = await Backend(sandbox, client, sandbox.agent_token()).ask()
        assert given["entity_id"] in sandbox.customers
        stranger = await Backend(sandbox, client, "dal:stranger").ask()
        assert stranger == {"identity_exception": "unauthorized"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"entity_id": NOBODY}, "resource_not_found"),
        ({"entity_id": 5}, "invalid_request"),
        ({"client_id": None}, "invalid_request"),
        ({"response_type": "code"}, "unsupported_response_type"),
        ({"expires_in": -1}, "invalid_request"),
        ({"organization_id": 7}, "invalid_request"),
    ],
)
async def test_what_an_agent_may_not_ask(sandbox: Sandbox, changes: Json, expected: str) -> None:
    async with http(sandbox) as client:
        answer = await Backend(sandbox, client).ask(**changes)
    assert answer == {"oauth_exception": expected}
    assert sandbox.customers == {}


async def test_a_banned_customer_gets_no_token(sandbox: Sandbox) -> None:
    token = await fetch_token(sandbox)
    async with http(sandbox) as client:
        backend = Backend(sandbox, client)
        code = (await backend.mint(customer_id=token.customer_id))["identity_transfer_token"]
        sandbox.customers[token.customer_id].banned = True
        denied = {"identity_exception": "access_denied"}
        assert await backend.ask(entity_id=token.customer_id) == denied
        transfer: Json = {"grant_type": "identity_token", "code": code}
        assert await backend.ask(**transfer) == denied
        cookies = "; ".join(f"{name}={value}" for name, value in token.cookies.items())
        backend.headers = {"Cookie": cookies}
        named = {"organization_id": sandbox.organization_id}
        assert await backend.ask(grant_type="cookie", **named) == denied
        sandbox.customers[token.customer_id].banned = False
        assert (await backend.ask(**transfer))["entity_id"] == token.customer_id


async def test_an_identity_moves_to_another_device(sandbox: Sandbox) -> None:
    token = await fetch_token(sandbox)
    async with http(sandbox) as client:
        minted = await client.post(
            "/v2/customer/identity_transfer",
            json={"bearer_type": "customer", "client_id": sandbox.client_id},
            headers=authorized(token.value),
        )
        assert minted.status_code == 200
        assert minted.json().pop("expires_in") == 3_600
        code = minted.json()["identity_transfer_token"]
        given = {
            "grant_type": "identity_token",
            "client_id": sandbox.client_id,
            "code": code,
        }
        moved = await client.post("/v2/customer/token", json=given)
        assert moved.status_code == 200
        assert moved.json()["entity_id"] == token.customer_id
        assert moved.json()["access_token"] not in (token.value, code)
        again = await client.post("/v2/customer/token", json=given)
        assert (again.status_code, again.json()) == (401, {"oauth_exception": "invalid_grant"})
    calls = [one.action for one in sandbox.received]
    assert calls == ["token", "identity_transfer", "token", "token"]


async def test_an_agent_moves_any_customer(sandbox: Sandbox) -> None:
    token = await fetch_token(sandbox)
    async with http(sandbox) as client:
        backend = Backend(sandbox, client)
        code = (await backend.mint(customer_id=token.customer_id))["identity_transfer_token"]
        moved = await backend.ask(grant_type="identity_token", code=code)
        assert moved["entity_id"] == token.customer_id
        for changes, expected in (
            ({}, "invalid_request"),
            ({"customer_id": NOBODY}, "resource_not_found"),
            ({"customer_id": token.customer_id, "bearer_type": "bot"}, "invalid_request"),
            ({"customer_id": token.customer_id, "client_id": ""}, "invalid_request"),
        ):
            assert await backend.mint(**changes) == {"oauth_exception": expected}
        wrong_kind = await backend.mint(bearer_type="customer")
        assert wrong_kind == {"identity_exception": "unauthorized"}


@pytest.mark.parametrize(
    "challenge",
    [
        {"code_challenge": VERIFIER},
        {"code_challenge": VERIFIER, "code_challenge_method": "plain"},
        {"code_challenge": S256, "code_challenge_method": "S256"},
    ],
    ids=["assumed", "plain", "S256"],
)
async def test_proof_keys(sandbox: Sandbox, challenge: Json) -> None:
    token = await fetch_token(sandbox)
    async with http(sandbox) as client:
        backend = Backend(sandbox, client)
        minted = await backend.mint(customer_id=token.customer_id, **challenge)
        given = {"grant_type": "identity_token", "code": minted["identity_transfer_token"]}
        assert await backend.ask(**given) == {"oauth_exception": "invalid_request"}
        for wrong in ("short", VERIFIER + "x", S256):
            refused = await backend.ask(**given, code_verifier=wrong)
            assert refused == {"oauth_exception": "invalid_grant"}
        moved = await backend.ask(**given, code_verifier=VERIFIER)
        assert moved["entity_id"] == token.customer_id


@pytest.mark.parametrize(
    "challenge",
    [
        {"code_challenge": "short"},
        {"code_challenge": 5},
        {"code_challenge": VERIFIER, "code_challenge_method": "S256"},
        {"code_challenge": S256, "code_challenge_method": "S512"},
        {"code_challenge": S256, "code_challenge_method": ["S256"]},
    ],
)
async def test_what_is_no_challenge(sandbox: Sandbox, challenge: Json) -> None:
    token = await fetch_token(sandbox)
    async with http(sandbox) as client:
        refused = await Backend(sandbox, client).mint(customer_id=token.customer_id, **challenge)
    assert refused == {"oauth_exception": "invalid_request"}


async def test_codes_that_are_worth_nothing(sandbox: Sandbox) -> None:
    token = await fetch_token(sandbox)
    async with http(sandbox) as client:
        backend = Backend(sandbox, client)
        code = (await backend.mint(customer_id=token.customer_id))["identity_transfer_token"]
        given: Json = {"grant_type": "identity_token", "code": code}
        void = {"oauth_exception": "invalid_grant"}
        assert await backend.ask(**given | {"code": "dal:unknown"}) == void
        assert await backend.ask(**given | {"code": token.value}) == void
        assert await backend.ask(**given, client_id="f" * 32) == void
        assert await backend.ask(**given, organization_id="another") == void
        path = f"/v2/customer/{sandbox.organization_id}/3/token"
        assert await backend.ask(path, **given) == void
        assert await backend.ask(grant_type="identity_token") == {
            "oauth_exception": "invalid_request"
        }
        # None of these used it up.
        assert (await backend.ask(**given))["entity_id"] == token.customer_id


async def test_codes_live_an_hour() -> None:
    clock = SteppingClock(step=0)
    async with Sandbox(clock=clock) as sandbox, http(sandbox) as client:
        token = await fetch_token(sandbox)
        backend = Backend(sandbox, client)
        for seconds, good in ((3_599, True), (3_600, False)):
            code = (await backend.mint(customer_id=token.customer_id))["identity_transfer_token"]
            clock.advance(seconds)
            answer = await backend.ask(grant_type="identity_token", code=code)
            assert ("access_token" in answer) is good


async def test_the_oldest_token_makes_room() -> None:
    async with Sandbox(limits=Limits(live_tokens=3)) as sandbox:
        first = await fetch_token(sandbox)
        others = [await fetch_token(sandbox, first.cookies) for _ in range(3)]
        elsewhere = await fetch_token(sandbox, first.cookies, client_id="f" * 32)
        async with http(sandbox) as client:

            async def status(value: str) -> int:
                answer = await client.get("/v2/customer/info", headers=authorized(value))
                return answer.status_code

            assert await status(first.value) == 401
            for token in (*others, elsewhere):
                assert await status(token.value) == 200


async def test_faults_of_the_transfer(sandbox: Sandbox) -> None:
    token = await fetch_token(sandbox)
    sandbox.fault("error", action="identity_transfer", error={"oauth_exception": "conflict"})
    sandbox.fault("refuse", action="identity_transfer")
    async with http(sandbox) as client:
        given = {"bearer_type": "customer", "client_id": sandbox.client_id}
        path, headers = "/v2/customer/identity_transfer", authorized(token.value)
        answers = [await client.post(path, json=given, headers=headers) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [503, 401, 200]
    assert answers[1].json() == {"oauth_exception": "conflict"}


OAUTH = (
    "bad_request",
    "invalid_request",
    "unauthorized_client",
    "access_denied",
    "server_error",
    "temporarily_unavailable",
    "unsupported_grant_type",
    "invalid_grant",
    "invalid_client",
    "forbidden",
    "conflict",
    "resource_not_found",
    "unsupported_response_type",
    "invalid_scope",
    "missing_grant",
)
IDENTITY = (
    "unauthorized",
    "invalid_request",
    "server_error",
    "access_denied",
    "identity_lost",
    "credentials_login_disabled",
)


@pytest.mark.parametrize(
    "error",
    [
        *({"oauth_exception": value} for value in OAUTH),
        *({"identity_exception": value} for value in IDENTITY),
        *(
            {"oauth_exception": "unauthorized_client", "exception_details": details}
            for details in (
                "client_id_not_found",
                "redirect_uri_not_set",
                "invalid_redirect_uri",
                "too_many_redirects",
            )
        ),
        {"oauth_exception": "invalid_request", "exception_description": "missing client_id"},
    ],
    ids=lambda error: "-".join(error.values()),
)
async def test_every_error_can_be_had(sandbox: Sandbox, error: Json) -> None:
    sandbox.fault("error", action="token", error=error)
    async with http(sandbox) as client:
        assert await Backend(sandbox, client).ask() == error
        assert "access_token" in await Backend(sandbox, client).ask()
