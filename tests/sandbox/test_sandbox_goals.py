"""Goals and the greetings they bring (protocol: check_goals, incoming_greeting)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from sandbox_kit import Json, Raw, Token, fetch_token, http, logged_in

from livechat_customer.sandbox import ApiError, Sandbox

PAGE = "https://shop.example/checkout?step=2"


def call(**changes: Any) -> Json:
    given: Json = {"session_fields": [{"cart": "12 EUR"}], "group_id": 0, "page_url": PAGE}
    return {name: value for name, value in (given | changes).items() if value is not None}


async def check(sandbox: Sandbox, token: Token, payload: Json) -> httpx.Response:
    async with http(sandbox) as client:
        return await client.post(
            "/v3.5/customer/action/check_goals",
            params={"organization_id": sandbox.organization_id},
            headers={"Authorization": f"Bearer {token.value}"},
            json=payload,
        )


async def test_a_goal_that_is_reached_shows_its_greeting_once(
    sandbox: Sandbox, raw: Raw, token: Token
) -> None:
    event = {"type": "message", "text": "Anything unclear about the payment?"}
    jane = sandbox.add_agent("Jane")
    greeting: Json = {"id": 17, "event": event, "agent_id": jane.id, "addon": "email"}
    sandbox.set_goal(url="/checkout", session_fields={"cart": "12 EUR"}, greeting=greeting)
    answer = await check(sandbox, token, call())
    assert (answer.status_code, answer.json()) == (200, {})
    ((action, payload),) = await raw.pushes()
    assert (action, payload["id"], payload["addon"]) == ("incoming_greeting", 17, "email")
    assert event.items() <= payload["event"].items()
    assert payload["agent"]["id"] == jane.id
    assert (await check(sandbox, token, call())).status_code == 200
    assert await raw.pushes() == []
    async with logged_in(sandbox) as (other, another):
        await check(sandbox, another, call())
        ((action, payload),) = await other.pushes()
        assert (action, payload["displayed_first_time"]) == ("incoming_greeting", True)
    assert await raw.pushes() == []


@pytest.mark.parametrize(
    ("goal", "reached"),
    [
        ({"url": "checkout"}, True),
        ({"url": PAGE}, True),
        ({"url": "/basket"}, False),
        ({"session_fields": {"cart": "12 EUR"}}, True),
        ({"session_fields": {"cart": "0 EUR"}}, False),
        ({"session_fields": {"plan": "pro"}}, False),
        ({"group_id": 0}, True),
        ({"group_id": 3}, False),
        ({"url": "checkout", "group_id": 3}, False),
        ({"url": "checkout", "session_fields": {"cart": "12 EUR"}, "group_id": 0}, True),
    ],
)
async def test_every_condition_counts(
    sandbox: Sandbox, raw: Raw, token: Token, goal: Json, reached: bool
) -> None:
    sandbox.set_availability(3, "online")
    await raw.settled()
    sandbox.set_goal(**goal)
    await check(sandbox, token, call())
    assert [action for action, _ in await raw.pushes()] == ["incoming_greeting"] * reached


async def test_who_is_not_connected_finds_the_greeting_at_the_login(sandbox: Sandbox) -> None:
    token = await fetch_token(sandbox)
    sandbox.set_goal(url="checkout", greeting={"id": 5})
    assert (await check(sandbox, token, call(session_fields=[]))).status_code == 200
    async with logged_in(sandbox, token) as (raw, _):
        answer = await raw.log_in(token)
        assert (answer["greeting"]["id"], answer["greeting"]["accepted"]) == (5, False)


async def test_a_page_reaches_goals_too(sandbox: Sandbox, raw: Raw) -> None:
    sandbox.set_goal(url="checkout")
    number = sandbox.set_goal(url="help", session_fields={"plan": "pro"}, greeting={"id": 8})
    await raw.ok("update_customer_page", {"url": "https://shop.example/help"})
    assert await raw.pushes() == []
    await raw.ok("set_customer_session_fields", {"session_fields": [{"plan": "pro"}]})
    await raw.settled()
    await raw.ok("update_customer_page", {"url": "https://shop.example/help"})
    ((_, payload),) = await raw.pushes()
    assert payload["id"] == 8
    # The next one cancels it.
    await raw.ok("update_customer_page", {"url": PAGE})
    pushed = await raw.pushes()
    assert [action for action, _ in pushed] == ["greeting_canceled", "incoming_greeting"]
    assert pushed[0][1] == {"unique_id": payload["unique_id"]}
    assert sandbox.remove_goal(number)
    assert not sandbox.remove_goal(number)


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"session_fields": None}, 400, "validation"),
        ({"session_fields": {"a": "b"}}, 400, "validation"),
        ({"session_fields": [{"a": 1}]}, 400, "validation"),
        ({"group_id": None}, 400, "validation"),
        ({"group_id": "0"}, 400, "validation"),
        ({"group_id": 9}, 404, "group_not_found"),
        ({"page_url": None}, 400, "validation"),
        ({"page_url": ""}, 400, "validation"),
    ],
)
async def test_is_refused(
    sandbox: Sandbox, token: Token, changes: Json, status: int, error: str
) -> None:
    answer = await check(sandbox, token, call(**changes))
    assert (answer.status_code, answer.json()["error"]["type"]) == (status, error)


async def test_rtm_has_no_check_goals(raw: Raw) -> None:
    assert await raw.refused("check_goals", call()) == "validation"


@pytest.mark.parametrize(
    ("goal", "error"),
    [
        ({}, "validation"),
        ({"group_id": 9}, "group_not_found"),
        ({"url": "x", "greeting": {"event": {"type": "file"}}}, "validation"),
        ({"url": "x", "greeting": {"nonsense": 1}}, "validation"),
        ({"url": "x", "greeting": {"agent_id": "nobody"}}, "not_found"),
    ],
)
def test_goals_that_can_not_be(goal: Json, error: str) -> None:
    with pytest.raises(ApiError) as refused:
        Sandbox().set_goal(**goal)
    assert refused.value.type == error
