"""What pages in a browser may call (the vendor's JavaScript SDK runs in pages)."""

from __future__ import annotations

import pytest
from sandbox_kit import fetch_token, http

from livechat_customer.sandbox import Sandbox

ORIGIN = {"Origin": "https://shop.example"}
ASKING = ORIGIN | {
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization, content-type, x-region",
}
OPEN = [
    "/v3.5/customer/action/list_chats",
    "/v3.6/customer/action/upload_file",
    "/v2/customer/token",
    "/v2/customer/org/0/token",
    "/customer/token",
    "/v2/customer/identity_transfer",
]


@pytest.mark.parametrize("path", OPEN)
async def test_a_page_may_ask(sandbox: Sandbox, path: str) -> None:
    async with http(sandbox) as client:
        answer = await client.options(path, headers=ASKING)
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == "https://shop.example"
        assert answer.headers["access-control-allow-credentials"] == "true"
        assert "POST" in answer.headers["access-control-allow-methods"]
        allowed = answer.headers["access-control-allow-headers"].lower()
        assert all(name in allowed for name in ("authorization", "content-type", "x-region"))
        assert int(answer.headers["access-control-max-age"]) > 0
        # The call itself, also when it is refused; the answer differs from page to page.
        called = await client.post(path, headers=ORIGIN, json={})
        assert called.status_code >= 400
        assert called.headers["access-control-allow-origin"] == "https://shop.example"
        assert called.headers["access-control-allow-credentials"] == "true"
        assert "origin" in called.headers["vary"].lower()


async def test_a_pages_token_comes_with_its_cookies(sandbox: Sandbox) -> None:
    token = await fetch_token(sandbox)
    cookies = "; ".join(f"{name}={value}" for name, value in token.cookies.items())
    given = {
        "grant_type": "cookie",
        "client_id": sandbox.client_id,
        "organization_id": sandbox.organization_id,
    }
    async with http(sandbox) as client:
        answer = await client.post(
            "/v2/customer/token", json=given, headers=ORIGIN | {"Cookie": cookies}
        )
        assert answer.json()["entity_id"] == token.customer_id
        assert answer.headers["access-control-allow-origin"] == "https://shop.example"
        assert len(answer.headers.get_list("set-cookie")) == 2


async def test_files_and_pages_are_for_everybody(sandbox: Sandbox) -> None:
    async with http(sandbox) as client:
        for path, status in (("/_pages/welcome.png", 200), ("/nonsense", 404)):
            answer = await client.get(path, headers=ORIGIN)
            assert answer.status_code == status
            assert answer.headers["access-control-allow-origin"] == "https://shop.example"
        assert "access-control-allow-origin" not in (await client.get("/_pages/welcome")).headers


@pytest.mark.parametrize("path", ["/_sandbox/state", "/_sandbox/reset", "/_sandbox", "/_sandbox/"])
@pytest.mark.parametrize("origin", ["https://shop.example", "http://127.0.0.1:9"])
async def test_no_page_may_control(sandbox: Sandbox, path: str, origin: str) -> None:
    async with http(sandbox) as client:
        for verb in ("OPTIONS", "GET", "POST"):
            answer = await client.request(verb, path, headers=ASKING | {"Origin": origin})
            assert not any(name.startswith("access-control") for name in answer.headers)
            assert verb != "OPTIONS" or answer.status_code >= 400 or answer.is_redirect
