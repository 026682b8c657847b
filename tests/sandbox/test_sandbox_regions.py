"""Two regions, one of which the organization lives in (protocol: regions and hosts)."""

from __future__ import annotations

import pytest
from sandbox_kit import Raw, dialled, fetch_token, http, logged_in

from livechat_customer.sandbox import Sandbox

FRA = {"X-Region": "fra"}
DAL = {"X-Region": "dal"}


async def rtm_is_told(sandbox: Sandbox, headers: dict[str, str]) -> dict[str, object]:
    async with dialled(sandbox, additional_headers=headers) as raw:
        code, (push,) = await raw.closed()
        assert (code, push["action"]) == (1000, "customer_disconnected")
        return dict(push["payload"])


async def web(sandbox: Sandbox, headers: dict[str, str]) -> tuple[int, object]:
    token = await fetch_token(sandbox)
    given = headers | {"Authorization": f"Bearer {token.value}"}
    async with http(sandbox) as client:
        answer = await client.post(
            "/v3.5/customer/action/get_customer",
            params={"organization_id": sandbox.organization_id},
            headers=given,
            json={},
        )
    error = answer.json().get("error")
    return answer.status_code, error and (error["type"], error["data"])


@pytest.mark.parametrize(
    ("home", "wrong", "right"), [("fra", [{}, DAL], [FRA]), ("dal", [FRA], [{}, DAL])]
)
async def test_the_other_region_says_where_to_go(
    home: str, wrong: list[dict[str, str]], right: list[dict[str, str]]
) -> None:
    async with Sandbox(region=home) as sandbox:
        token = await fetch_token(sandbox)
        assert token.value.startswith(f"{home}:")
        for headers in wrong:
            told = await rtm_is_told(sandbox, headers)
            assert told == {"reason": "misdirected_connection", "data": {"region": home}}
            assert await web(sandbox, headers) == (421, ("misdirected_request", {"region": home}))
        for headers in right:
            async with dialled(sandbox, additional_headers=headers) as raw:
                await raw.log_in(token)
            assert await web(sandbox, headers) == (200, None)


async def test_without_a_region_every_place_is_right(sandbox: Sandbox) -> None:
    for headers in ({}, DAL, FRA):
        assert await web(sandbox, headers) == (200, None)
        async with dialled(sandbox, additional_headers=headers) as raw:
            await raw.log_in(await fetch_token(sandbox))


async def test_a_move_is_told_at_once(sandbox: Sandbox, raw: Raw) -> None:
    token = await fetch_token(sandbox)
    sandbox.set_region("fra")
    code, (push,) = await raw.closed()
    assert (code, push["payload"]["data"]) == (1000, {"region": "fra"})
    # Tokens of before the move stay good.
    async with dialled(sandbox, additional_headers=FRA) as moved:
        await moved.log_in(token)
        sandbox.set_region("fra")
        assert await moved.ok("ping") == {}
    sandbox.set_region(None)
    async with logged_in(sandbox, token) as (back, _):
        assert await back.ok("ping") == {}
