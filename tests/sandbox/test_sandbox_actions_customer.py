"""The customer's own data, pages and greetings."""

from __future__ import annotations

import pytest
from sandbox_kit import Json, Raw, Token, logged_in

from livechat_customer.sandbox import Sandbox


async def test_only_what_changed_is_pushed(raw: Raw, token: Token) -> None:
    given = {
        "name": "Ann",
        "email": "ann@a.example",
        "avatar": "https://a.example/ann.png",
        "session_fields": [{"plan": "pro"}, {"cart": "12 EUR"}],
    }
    assert await raw.ok("update_customer", given) == {}
    ((action, payload),) = await raw.pushes()
    assert action == "customer_updated"
    assert payload == {"id": token.customer_id} | given
    assert await raw.ok("update_customer", {"name": "Ann", "email": "b@b.example"}) == {}
    ((_, payload),) = await raw.pushes()
    assert payload == {"id": token.customer_id, "email": "b@b.example"}
    await raw.ok("update_customer", {"name": "Ann"})
    assert await raw.pushes() == []
    shown = await raw.ok("get_customer")
    assert (given | {"email": "b@b.example"}).items() <= shown.items()


async def test_session_fields_are_merged_or_replaced(raw: Raw) -> None:
    await raw.ok("update_customer", {"session_fields": [{"a": "1"}, {"b": "2"}]})
    await raw.ok("update_customer", {"session_fields": [{"a": "3"}, {"c": "4"}]})
    await raw.settled()
    assert (await raw.ok("get_customer"))["session_fields"] == [{"a": "3"}, {"b": "2"}, {"c": "4"}]
    await raw.ok("set_customer_session_fields", {"session_fields": [{"d": "5"}]})
    ((action, payload),) = await raw.pushes()
    assert (action, payload["session_fields"]) == ("customer_updated", [{"d": "5"}])
    await raw.ok("set_customer_session_fields", {"session_fields": [{"d": "5"}]})
    assert await raw.pushes() == []
    await raw.ok("set_customer_session_fields", {"session_fields": []})
    assert "session_fields" not in await raw.ok("get_customer")


REFUSED: list[tuple[str, Json, str]] = [
    ("update_customer", {}, "validation"),
    ("update_customer", {"nickname": "A"}, "validation"),
    ("update_customer", {"name": 1}, "validation"),
    ("update_customer", {"email": "nonsense"}, "validation"),
    ("update_customer", {"session_fields": {"a": "b"}}, "validation"),
    ("update_customer", {"session_fields": [{"a": "b", "c": "d"}]}, "validation"),
    ("update_customer", {"session_fields": [{}]}, "validation"),
    ("update_customer", {"session_fields": [{"a": 1}]}, "validation"),
    (
        "update_customer",
        {"session_fields": [{f"k{n}": ""} for n in range(101)]},
        "limit_reached",
    ),
    ("set_customer_session_fields", {}, "validation"),
    (
        "set_customer_session_fields",
        {"session_fields": [{f"k{n}": ""} for n in range(101)]},
        "limit_reached",
    ),
    ("update_customer_page", {}, "validation"),
    ("update_customer_page", {"url": "u", "title": 1}, "validation"),
    ("accept_greeting", {"unique_id": "NOPE"}, "validation"),
    ("accept_greeting", {"greeting_id": 1, "unique_id": "NOPE"}, "greeting_not_found"),
    ("cancel_greeting", {"unique_id": "NOPE"}, "greeting_not_found"),
    ("cancel_greeting", {}, "validation"),
]


@pytest.mark.parametrize(("action", "payload", "error"), REFUSED)
async def test_is_refused(raw: Raw, action: str, payload: Json, error: str) -> None:
    before = await raw.ok("get_customer")
    assert await raw.refused(action, payload) == error
    assert await raw.ok("get_customer") == before
    assert await raw.pushes() == []


async def test_the_limit_is_for_the_total(raw: Raw) -> None:
    many = [{f"k{n}": ""} for n in range(100)]
    await raw.ok("update_customer", {"session_fields": many})
    await raw.ok("update_customer", {"session_fields": [{"k0": "new"}]})
    one_more = {"session_fields": [{"one more": ""}]}
    assert await raw.refused("update_customer", one_more) == "limit_reached"


async def test_pages(sandbox: Sandbox, raw: Raw, token: Token) -> None:
    page = {"url": "https://a.example/", "title": "A"}
    assert await raw.ok("update_customer_page", page) == {}
    assert await raw.pushes() == []
    assert sandbox.customers[token.customer_id].page == page
    assert (await raw.ok("get_customer"))["statistics"]["page_views_count"] == 1


async def test_a_greetings_life(sandbox: Sandbox, raw: Raw, token: Token) -> None:
    number, unique_id = sandbox.show_greeting(token.customer_id)
    ((action, greeting),) = await raw.pushes()
    assert action == "incoming_greeting"
    assert (greeting["id"], greeting["unique_id"]) == (number, unique_id)
    accepted = {"greeting_id": number, "unique_id": unique_id}
    assert await raw.ok("accept_greeting", accepted) == {}
    assert await raw.pushes() == [("greeting_accepted", {"unique_id": unique_id})]
    async with logged_in(sandbox, token) as (other, _):
        login = await other.log_in(token)
        assert login["greeting"] == greeting | {"accepted": True}
    assert await raw.ok("cancel_greeting", {"unique_id": unique_id}) == {}
    assert await raw.pushes() == [("greeting_canceled", {"unique_id": unique_id})]
    assert "greeting" not in await raw.log_in(token)
    assert await raw.refused("cancel_greeting", {"unique_id": unique_id}) == "greeting_not_found"
    statistics = (await raw.ok("get_customer"))["statistics"]
    assert statistics["greetings_shown_count"] == statistics["greetings_accepted_count"] == 1
