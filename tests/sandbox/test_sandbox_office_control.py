"""The back office over HTTP."""

from __future__ import annotations

import pytest
from sandbox_kit import Json, Raw, Token, http

from livechat_customer.sandbox import Sandbox


async def control(sandbox: Sandbox, path: str, given: Json | None = None) -> Json:
    async with http(sandbox) as client:
        answer = await client.post(f"/_sandbox/{path}", json=given or {})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_agents_tokens() -> None:
    async with Sandbox(strict=True) as sandbox, http(sandbox) as client:
        good = await control(sandbox, "agent_token")
        weak = await control(sandbox, "agent_token", {"scopes": ["chats:ro"]})
        given = {"grant_type": "agent_token", "client_id": sandbox.client_id}
        statuses: list[int] = []
        for token in (good, weak):
            headers = {"Authorization": f"Bearer {token['access_token']}"}
            answer = await client.post("/v2/customer/token", json=given, headers=headers)
            statuses.append(answer.status_code)
        assert statuses == [200, 401]


async def test_apps_regions_properties_phrases_and_pages(sandbox: Sandbox, raw: Raw) -> None:
    tenant = sandbox._core.world.tenant  # pyright: ignore[reportPrivateUsage]
    await control(sandbox, "redirect_uris", {"uris": ["https://shop.example"]})
    assert tenant.redirect_uris == ("https://shop.example",)
    await control(sandbox, "properties", {"properties": {"app": {"a": 1}}})
    await control(sandbox, "properties", {"group_id": 0, "properties": {"app": {"b": 2}}})
    await control(sandbox, "localization", {"language": "pl", "phrases": {"Welcome": "Witamy"}})
    async with http(sandbox) as client:

        async def get(action: str, **query: str) -> Json:
            params = {"organization_id": sandbox.organization_id} | query
            answer = await client.get(f"/v3.5/customer/action/{action}", params=params)
            return dict(answer.json())

        assert await get("list_license_properties") == {"app": {"a": 1}}
        assert await get("list_group_properties", id="0") == {"app": {"b": 2}}
        phrases = await get("get_localization", group_id="0", version="1", language="pl")
        assert phrases == {"Welcome": "Witamy"}
    page = await control(sandbox, "pages", {"name": "shoes", "title": "Shoes"})
    assert await raw.ok("get_url_info", page) == page | {"title": "Shoes"}
    await control(sandbox, "region", {"region": "fra"})
    _, frames = await raw.closed()
    assert frames[-1]["payload"]["data"] == {"region": "fra"}
    await control(sandbox, "region")
    assert tenant.region is None


async def test_goals(sandbox: Sandbox, raw: Raw) -> None:
    greeting = {"event": {"type": "message", "text": "Hi"}, "subtype": "announcement"}
    given: Json = {"url": "help", "session_fields": {}, "greeting": greeting}
    first = await control(sandbox, "goals", given)
    assert await control(sandbox, "goals", {"group_id": 0}) == {"id": first["id"] + 1}
    async with http(sandbox) as client:
        removed = [
            (await client.delete(f"/_sandbox/goals/{first['id'] + 1}")).status_code
            for _ in range(2)
        ]
    assert removed == [200, 404]
    await raw.ok("update_customer_page", {"url": "https://shop.example/help"})
    ((_, payload),) = await raw.pushes()
    assert (payload["event"]["text"], payload["subtype"]) == ("Hi", "announcement")


async def test_verified_addresses(sandbox: Sandbox, raw: Raw, token: Token) -> None:
    assert await control(sandbox, "verify_email") == {"callbacks": 0}
    sandbox.customers[token.customer_id].email = "ann@shop.example"
    async with http(sandbox) as client:
        await client.post(
            "/v3.5/customer/action/request_email_verification",
            params={"organization_id": sandbox.organization_id},
            headers={"Authorization": f"Bearer {token.value}"},
            json={"callback_uri": "https://shop.example"},
        )
    given = {"customer_id": token.customer_id}
    assert await control(sandbox, "verify_email", given) == {"callbacks": 1}
    ((_, payload),) = await raw.pushes()
    assert payload["email_verified"] is True


@pytest.mark.parametrize(
    ("path", "given", "status"),
    [
        ("agent_token", {"scopes": "all"}, 400),
        ("redirect_uris", {}, 400),
        ("region", {"region": "mars"}, 400),
        ("goals", {}, 400),
        ("goals", {"url": "x", "greeting": {"id": "one"}}, 400),
        ("goals", {"url": "x", "session_fields": {"a": 1}}, 400),
        ("goals", {"group_id": 9}, 404),
        ("properties", {}, 400),
        ("properties", {"properties": {"a": 1}}, 400),
        ("properties", {"properties": {}, "group_id": 9}, 404),
        ("localization", {"language": "pl"}, 400),
        ("pages", {"name": "a"}, 400),
        ("verify_email", {"customer_id": "nobody"}, 404),
    ],
)
async def test_mistakes(sandbox: Sandbox, path: str, given: Json, status: int) -> None:
    async with http(sandbox) as client:
        answer = await client.post(f"/_sandbox/{path}", json=given)
        assert (answer.status_code, set(answer.json())) == (status, {"error"})
        evil = await client.post(f"/_sandbox/{path}", json=given, headers={"Host": "evil.example"})
        assert evil.status_code == 403
