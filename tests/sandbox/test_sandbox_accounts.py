"""Tokens over HTTP (protocol: customer accounts API)."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
from sandbox_kit import Json, Raw, Token, dialled, fetch_token, http, logged_in

from livechat_customer.sandbox import Sandbox


def body(sandbox: Sandbox, **changes: Any) -> Json:
    given = {
        "grant_type": "cookie",
        "response_type": "token",
        "client_id": sandbox.client_id,
        "organization_id": sandbox.organization_id,
    }
    return {name: value for name, value in (given | changes).items() if value is not None}


async def test_a_token_and_its_cookies(sandbox: Sandbox) -> None:
    async with http(sandbox) as client:
        answer = await client.post("/v2/customer/token", json=body(sandbox))
    given = answer.json()
    assert answer.status_code == 200
    assert re.fullmatch(r"dal:[0-9a-f]{40}", given.pop("access_token"))
    customer_id = given.pop("entity_id")
    assert customer_id in sandbox.customers
    assert given == {
        "token_type": "Bearer",
        "expires_in": 28_800,
        "organization_id": sandbox.organization_id,
    }
    cid, secret = answer.headers.get_list("set-cookie")
    assert cid.startswith(f"__lc_cid={customer_id};")
    assert re.match(r"__lc_cst=[0-9a-f]{76};", secret)
    for cookie in (cid, secret):
        parts = cookie.lower().split("; ")
        assert {"httponly", "secure", "samesite=none", "path=/v2/customer"} <= set(parts)
        assert "max-age=63072000" in parts
        assert any(part.startswith("expires=") for part in parts)


async def test_cookies_keep_the_identity(sandbox: Sandbox) -> None:
    first = await fetch_token(sandbox)
    again = await fetch_token(sandbox, first.cookies)
    assert again.customer_id == first.customer_id
    assert again.value != first.value
    assert again.cookies == first.cookies
    half = {"__lc_cid": first.cookies["__lc_cid"]}
    forged = first.cookies | {"__lc_cst": "0" * 76}
    foreign = {"organization_id": "11111111-2222-3333-4444-555555555555"}
    others = [
        await fetch_token(sandbox),
        await fetch_token(sandbox, half),
        await fetch_token(sandbox, forged),
        await fetch_token(sandbox, first.cookies, **foreign),
        await fetch_token(sandbox, {"__lc_cid": "nobody", "__lc_cst": "nothing"}),
    ]
    ids = {first.customer_id, *(other.customer_id for other in others)}
    assert len(ids) == 1 + len(others) == len(sandbox.customers)


async def test_paths(sandbox: Sandbox) -> None:
    async with http(sandbox) as client:

        async def post(path: str, given: Json, cookies: str = "") -> tuple[Json, str]:
            answer = await client.post(path, json=given, headers={"Cookie": cookies})
            assert answer.status_code == 200, (path, answer.text)
            set_cookies = answer.headers.get_list("set-cookie")
            pairs = "; ".join(cookie.split(";")[0] for cookie in set_cookies)
            return answer.json() | {"cookie": set_cookies[0]}, pairs

        await post("/v2/customer/token/", body(sandbox))
        old, _ = await post("/customer/token", body(sandbox))
        assert "Path=/customer;" in old["cookie"]
        legacy, _ = await post("/customer/token", body(sandbox, organization_id=None, license_id=7))
        assert legacy["license_id"] == 7
        assert "organization_id" not in legacy
        assert sandbox.customers[legacy["entity_id"]].organization_id == "7"

        # An identity for each group: the path says which organization and group.
        base = f"/v2/customer/{sandbox.organization_id}"
        given = body(sandbox, organization_id=None)
        third, cookies = await post(f"{base}/3/token", given)
        assert third["organization_id"] == sandbox.organization_id
        again, _ = await post(f"{base}/3/token", given, cookies)
        assert again["entity_id"] == third["entity_id"]
        fourth, _ = await post(f"{base}/4/token", given, cookies)
        assert fourth["entity_id"] != third["entity_id"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"grant_type": None}, {"oauth_exception": "invalid_request"}),
        ({"grant_type": "magic"}, {"oauth_exception": "unsupported_grant_type"}),
        ({"grant_type": "identity_token"}, {"oauth_exception": "invalid_request"}),
        ({"grant_type": "agent_token"}, {"identity_exception": "unauthorized"}),
        ({"response_type": "code"}, {"oauth_exception": "unsupported_response_type"}),
        ({"client_id": None}, {"oauth_exception": "invalid_request"}),
        ({"client_id": 5}, {"oauth_exception": "invalid_request"}),
        ({"organization_id": None}, {"oauth_exception": "invalid_request"}),
        ({"organization_id": ""}, {"oauth_exception": "invalid_request"}),
        ({"expires_in": 0}, {"oauth_exception": "invalid_request"}),
        ({"expires_in": "long"}, {"oauth_exception": "invalid_request"}),
        *(
            (
                {"redirect_uri": uri},
                {
                    "oauth_exception": "unauthorized_client",
                    "exception_details": "invalid_redirect_uri",
                },
            )
            for uri in ("here", "https://a.example/?q", "https://a.example/#f", "https://a.b/../c")
        ),
    ],
)
async def test_is_refused(sandbox: Sandbox, changes: Json, expected: Json) -> None:
    async with http(sandbox) as client:
        answer = await client.post("/v2/customer/token", json=body(sandbox, **changes))
    assert (answer.status_code, answer.json()) == (401, expected)
    assert sandbox.customers == {}


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff"])
async def test_undecodable_bodies(sandbox: Sandbox, content: bytes) -> None:
    async with http(sandbox) as client:
        answer = await client.post("/v2/customer/token", content=content)
    assert (answer.status_code, answer.json()) == (401, {"oauth_exception": "invalid_request"})


async def test_lifetimes(sandbox: Sandbox) -> None:
    async with http(sandbox) as client:
        answer = await client.post("/v2/customer/token", json=body(sandbox, expires_in=60))
        assert answer.json()["expires_in"] == 60


async def test_a_strict_sandbox_knows_one_organization_and_one_app() -> None:
    async with Sandbox(strict=True) as sandbox, http(sandbox) as client:

        async def post(**changes: Any) -> Json:
            answer = await client.post("/v2/customer/token", json=body(sandbox, **changes))
            return dict(answer.json())

        uri = {"redirect_uri": "https://shop.example/chat"}
        assert "access_token" in await post(**uri)
        assert await post(**uri, client_id="f" * 32) == {
            "oauth_exception": "unauthorized_client",
            "exception_details": "client_id_not_found",
        }
        assert await post(**uri, organization_id="x") == {"oauth_exception": "invalid_request"}
        assert await post() == {
            "oauth_exception": "invalid_request",
            "exception_details": "redirect_uri_not_set",
        }
        answer = await client.post(
            "/v2/customer/token", json=body(sandbox), headers={"Origin": "https://shop.example"}
        )
        assert answer.status_code == 200
        async with dialled(sandbox, organization_id="x") as raw:
            _, (push,) = await raw.closed()
            assert push["payload"] == {"reason": "license_not_found"}


async def test_info(sandbox: Sandbox) -> None:
    token = await fetch_token(sandbox)
    async with http(sandbox) as client:
        by_header = await client.get(
            "/v2/customer/info", headers={"Authorization": f"Bearer {token.value}"}
        )
        by_query = await client.get("/v2/customer/info", params={"code": token.value})
        unknown = await client.get("/v2/customer/info", params={"code": "dal:nonsense"})
        nothing = await client.get("/v2/customer/info")
    for answer in (by_header, by_query):
        assert answer.json() | {"expires_in": 0} == {
            "access_token": token.value,
            "client_id": sandbox.client_id,
            "entity_id": token.customer_id,
            "expires_in": 0,
            "organization_id": sandbox.organization_id,
            "token_type": "Bearer",
        }
        assert 0 < answer.json()["expires_in"] <= 28_800
    for answer in (unknown, nothing):
        assert answer.status_code == 401
        assert answer.json() == {"identity_exception": "unauthorized"}


async def test_revoking_ends_the_connection_of_that_token(
    sandbox: Sandbox, raw: Raw, token: Token
) -> None:
    other = await fetch_token(sandbox, token.cookies)
    async with logged_in(sandbox, other) as (second, _), http(sandbox) as client:
        headers = {"Authorization": f"Bearer {token.value}"}
        answer = await client.delete("/v2/customer/token", headers=headers)
        assert (answer.status_code, answer.content) == (200, b"")
        code, frames = await raw.closed()
        assert (code, frames[-1]["payload"]) == (1000, {"reason": "access_token_revoked"})
        assert await second.ok("ping") == {}
        again = await client.delete("/v2/customer/token", headers=headers)
        assert again.status_code == 401
    async with dialled(sandbox) as fresh:
        login = {"token": f"Bearer {token.value}"}
        assert await fresh.refused("login", login) == "authentication"


async def test_faults_of_the_token_call(sandbox: Sandbox) -> None:
    sandbox.fault("refuse", action="token")
    sandbox.fault("error", action="token", error="server_error")
    sandbox.fault("error", action="token", error={"identity_exception": "access_denied"})
    async with http(sandbox) as client:
        answers = [await client.post("/v2/customer/token", json=body(sandbox)) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [503, 401, 401, 200]
    assert answers[1].json() == {"oauth_exception": "server_error"}
    assert answers[2].json() == {"identity_exception": "access_denied"}


async def test_a_token_call_can_be_held(sandbox: Sandbox) -> None:
    fault = sandbox.fault("delay", action="token")
    fetching = asyncio.create_task(fetch_token(sandbox))
    await sandbox.wait_until(lambda: fault.fired)
    assert not fetching.done()
    fault.release()
    assert (await fetching).customer_id in sandbox.customers


async def test_token_calls_are_on_record_without_showing_their_secrets(sandbox: Sandbox) -> None:
    token = await fetch_token(sandbox)
    await fetch_token(sandbox, token.cookies)
    calls = [one for one in sandbox.received if one.action == "token"]
    assert len(calls) == 2
    assert calls[0].payload["grant_type"] == "cookie"
    assert token.value not in repr((sandbox.received, sandbox.customers, sandbox.connections))
