"""Redirect URIs (protocol: customer accounts API, redirect URI matching)."""

from __future__ import annotations

import pytest
from sandbox_kit import http

from livechat_customer.sandbox import Sandbox
from livechat_customer.sandbox.redirects import is_allowed

APP = "https://shop.example:8443/chat"


@pytest.mark.parametrize(
    ("uri", "allowed", "expected"),
    [
        (APP, (APP,), True),
        (APP + "/help", (APP,), True),
        ("https://SHOP.example:8443/chat", (APP,), True),
        (APP, ("https://other.example", "https://shop.example:8443"), True),
        ("https://shop.example:8443", ("https://shop.example:8443/",), True),
        (APP, (), True),
        ("https://shop.example:8443", (APP,), False),
        ("https://shop.example:8443/", (APP,), False),
        ("https://shop.example:8443/cha", (APP,), False),
        ("http://shop.example:8443/chat", (APP,), False),
        ("https://shop.example/chat", (APP,), False),
        ("https://evil.example:8443/chat", (APP,), False),
        ("https://shop.example.evil:8443/chat", (APP,), False),
        (APP + "/../admin", (APP,), False),
        (APP + "/%2e%2E/admin", (APP,), False),
        (APP + "/..\\admin", (APP,), False),
        (APP + "?a=1", (APP,), False),
        (APP + "?", (APP,), False),
        (APP + "#", (APP,), False),
        (APP, (APP + "?a=1",), False),
        ("shop.example/chat", (), False),
        ("https://", (), False),
        ("https://[", (), False),
        ("https://a.example/?q", (), False),
    ],
)
def test_is_allowed(uri: str, allowed: tuple[str, ...], expected: bool) -> None:
    assert is_allowed(uri, allowed) is expected


async def test_a_strict_sandbox_keeps_to_the_list() -> None:
    async with Sandbox(strict=True, redirect_uris=[APP]) as sandbox, http(sandbox) as client:

        async def post(uri: str | None, origin: str | None = None) -> object:
            given = {
                "grant_type": "cookie",
                "client_id": sandbox.client_id,
                "organization_id": sandbox.organization_id,
            }
            answer = await client.post(
                "/v2/customer/token",
                json=given if uri is None else given | {"redirect_uri": uri},
                headers={} if origin is None else {"Origin": origin},
            )
            return answer.json().get("exception_details", answer.status_code)

        assert await post(APP + "/help") == 200
        assert await post("https://evil.example/chat") == "invalid_redirect_uri"
        assert await post(None) == "redirect_uri_not_set"
        assert await post(None, "https://shop.example:8443") == "invalid_redirect_uri"
        sandbox.set_redirect_uris(["https://shop.example:8443"])
        assert await post(None, "https://shop.example:8443") == 200
        sandbox.reset()
        assert await post(None, "https://shop.example:8443") == "invalid_redirect_uri"
