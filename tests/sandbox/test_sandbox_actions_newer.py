"""What 3.6 brought, over a 3.6 connection and over a 3.5 one by the frame's `version`."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sandbox_kit import Json, Raw, Token, http, logged_in, message, started

from livechat_customer.sandbox import Sandbox

ADDRESS = {"city": "Riga", "postal_code": "LV-1050"}


@pytest.fixture
async def newer(sandbox: Sandbox, token: Token) -> AsyncIterator[Raw]:
    """The same customer over 3.6, beside `raw` over 3.5."""
    async with logged_in(sandbox, token, "3.6") as (one, _):
        yield one


async def test_contacts(sandbox: Sandbox, raw: Raw, newer: Raw, token: Token) -> None:
    given = {
        "address": ADDRESS | {"planet": "Earth"},
        "phone_number": "+371 1",
        "name_is_default": False,
        "omnichannel": {
            "fbmessenger": {"id": "9", "first_name": "Ann", "is_verified_user": True},
            "twilio": {"phone_number": "+1"},
        },
    }
    shown = {
        "address": ADDRESS,
        "phone_number": "+371 1",
        "omnichannel": {
            "fb_messenger": [{"ID": "9", "FirstName": "Ann", "IsVerifiedUser": True}],
            "twilio": [{"PhoneNumber": "+1"}],
        },
    }
    assert await newer.ok("update_customer", given) == {}
    assert await newer.pushes() == [("customer_updated", {"id": token.customer_id} | shown)]
    # 3.5 could tell nothing of it.
    assert await raw.pushes() == []
    assert shown.items() <= (await newer.ok("get_customer")).items()
    assert not shown.keys() & (await raw.ok("get_customer")).keys()
    assert shown.items() <= (await raw.ok("get_customer", version="3.6")).items()
    assert shown.items() <= (await newer.log_in(token))["customer"].items()
    await newer.settled()
    second = {"fbmessenger": {"id": "10"}, "twilio": {"phone_number": "+1"}}
    await newer.ok("update_customer", {"omnichannel": second, "name": "Ann"})
    found = (await newer.ok("get_customer"))["omnichannel"]
    assert [one["ID"] for one in found["fb_messenger"]] == ["9", "10"]
    assert found["twilio"] == [{"PhoneNumber": "+1"}]
    assert await raw.pushes() == [("customer_updated", {"id": token.customer_id, "name": "Ann"})]
    await newer.settled()
    await newer.ok("update_customer", given | {"omnichannel": {}})
    assert await newer.pushes() == []
    users = (await started(newer))[0]
    for one, known in ((raw, False), (newer, True)):
        (user,) = (await one.ok("get_chat", {"chat_id": users}))["users"]
        assert ("address" in user) is known


async def test_contacts_at_login(sandbox: Sandbox, token: Token) -> None:
    customer = {"name": "Ann", "address": ADDRESS}
    async with logged_in(sandbox, token, customer=customer):
        assert sandbox.customers[token.customer_id].address is None
    async with logged_in(sandbox, token, "3.6", customer=customer, tab_id="t"):
        assert sandbox.customers[token.customer_id].address == ADDRESS


WRONG_CONTACTS: list[Json] = [
    {"address": "Riga"},
    {"address": {"city": 1}},
    {"phone_number": 1},
    {"name_is_default": "no"},
    {"omnichannel": []},
    {"omnichannel": {"fbmessenger": {}}},
    {"omnichannel": {"fbmessenger": {"id": 7}}},
    {"omnichannel": {"fbmessenger": {"id": "7", "is_verified_user": "yes"}}},
    {"omnichannel": {"twilio": {}}},
    {"name_is_default": True},
]


@pytest.mark.parametrize("payload", WRONG_CONTACTS)
async def test_wrong_contacts(newer: Raw, payload: Json) -> None:
    assert await newer.refused("update_customer", payload) == "validation"
    assert await newer.pushes() == []


async def test_3_5_does_not_look_at_contacts(raw: Raw) -> None:
    assert await raw.refused("update_customer", {"address": ADDRESS}) == "validation"
    assert await raw.ok("update_customer", {"name": "Ann", "address": 7}) == {}


async def test_a_welcome_message(sandbox: Sandbox, raw: Raw, newer: Raw, token: Token) -> None:
    assert await newer.refused("request_welcome_message") == "group_unavailable"
    jane = sandbox.agent("Jane")
    sandbox.set_welcome_text("Good morning!")
    request_id = await newer.send("request_welcome_message")
    answer, push = await newer.next(), await newer.next()
    agent = answer["payload"]["predicted_agent"]
    assert (agent["id"], answer["payload"]["queue"]) == (jane.id, False)
    assert push["action"] == "incoming_welcome_message"
    assert push["request_id"] == answer["request_id"] == request_id
    assert push["payload"]["id"] == answer["payload"]["id"]
    event = push["payload"]["event"]
    assert (event["text"], event["author_id"]) == ("Good morning!", jane.id)
    assert "id" not in event
    assert event["properties"]["lc2"] == {"welcome_message": True}
    assert await raw.pushes() == []
    same = await newer.ok("request_welcome_message", {"id": "mine", "group_id": 0})
    assert same["id"] == "mine"
    await newer.settled()
    shown = sandbox.show_welcome(token.customer_id)
    ((_, payload),) = await newer.pushes()
    assert payload["id"] == shown


async def test_a_chat_that_begins_from_its_welcome_message(sandbox: Sandbox, newer: Raw) -> None:
    jane = sandbox.agent("Jane")
    welcome = (await newer.ok("request_welcome_message"))["id"]
    await newer.settled()
    chat = {"thread": {"events": [message("hi")]}}
    given: Json = {"chat": chat, "continuous": True, "welcome_message_id": welcome}
    answer = await newer.ok("start_chat", given)
    ((_, payload),) = await newer.pushes()
    first, second = payload["chat"]["thread"]["events"]
    assert (first["author_id"], first["id"]) == (jane.id, f"{answer['thread_id']}_1")
    assert first["created_at"] < second["created_at"]
    # Only what the customer sent is named.
    assert answer["event_ids"] == [second["id"]]
    users = {user["id"]: user["present"] for user in payload["chat"]["users"]}
    assert users[jane.id] is False
    await newer.ok("deactivate_chat", {"id": answer["chat_id"]})
    await newer.settled()
    await newer.ok("resume_chat", {"chat": {"id": answer["chat_id"]}, "welcome_message_id": "NOPE"})
    ((_, payload),) = await newer.pushes()
    assert payload["chat"]["thread"]["events"] == []


WELCOME_REFUSALS = [
    ({"group_id": 9}, "group_not_found"),
    ({"group_id": 3}, "group_offline"),
    ({"group_id": 4}, "group_unavailable"),
    ({"group_id": "0"}, "validation"),
    ({"id": 1}, "validation"),
]


@pytest.mark.parametrize(("payload", "error"), WELCOME_REFUSALS)
async def test_no_welcome(sandbox: Sandbox, newer: Raw, payload: Json, error: str) -> None:
    sandbox.agent("Jane")
    sandbox.set_availability(3, "offline")
    sandbox.set_availability(4, "online")
    await newer.settled()
    assert await newer.refused("request_welcome_message", payload) == error
    assert await newer.pushes() == []


@pytest.mark.parametrize("action", ["request_welcome_message", "get_predicted_agent"])
async def test_who_is_not_connected_has_no_predicted_agent(
    sandbox: Sandbox, token: Token, action: str
) -> None:
    sandbox.agent("Jane")
    async with http(sandbox) as client:

        async def ask() -> int:
            answer = await client.post(
                f"/v3.6/customer/action/{action}",
                params={"organization_id": sandbox.organization_id},
                headers={"Authorization": f"Bearer {token.value}"},
                json={},
            )
            return answer.status_code

        # `token` comes with a connection of its own.
        assert await ask() == 200
        sandbox.disconnect(token.customer_id)
        await sandbox.wait_until(lambda: not sandbox.connections)
        assert await ask() == 403


BUTTON: Json = {"text": "Yes", "postback_id": "yes", "user_ids": []}
CARD: Json = {
    "type": "rich_message",
    "template_id": "cards",
    "elements": [{"title": "Help?", "buttons": [BUTTON]}],
}


async def test_buttons_of_greetings(sandbox: Sandbox, newer: Raw, token: Token) -> None:
    _, unique_id = sandbox.show_greeting(token.customer_id, event=CARD)
    await newer.settled()
    click = {"greeting_unique_id": unique_id, "button_id": "yes"}
    assert await newer.ok("send_greeting_button_clicked", click) == {}
    assert await newer.pushes() == []
    assert sandbox.customers[token.customer_id].greetings[-1].clicked == ["yes"]
    for payload, error in (
        (click | {"button_id": "no"}, "not_found"),
        (click | {"greeting_unique_id": "NOPE"}, "greeting_not_found"),
        ({"button_id": "yes"}, "validation"),
        ({"greeting_unique_id": unique_id}, "validation"),
    ):
        assert await newer.refused("send_greeting_button_clicked", payload) == error
    await newer.ok("cancel_greeting", {"unique_id": unique_id})
    assert await newer.refused("send_greeting_button_clicked", click) == "greeting_not_found"


async def test_the_focus_of_the_page(newer: Raw) -> None:
    for action in ("activate_customer_page", "deactivate_customer_page"):
        assert await newer.ok(action) == {}
    assert await newer.pushes() == []


async def test_postbacks(sandbox: Sandbox, raw: Raw, newer: Raw, token: Token) -> None:
    chat_id, thread_id = await started(raw)
    event_id = sandbox.agent("Jane").send_event(chat_id, CARD).event_id
    await raw.settled()
    await newer.settled()
    place = {"chat_id": chat_id, "thread_id": thread_id, "event_id": event_id}
    postback = {"id": "yes", "toggled": True}
    more: Json = {
        "button_type": "message",
        "button_value": "v",
        "ecommerce": {"product_id": "1", "option_id": "2", "quantity": 3},
    }
    await newer.ok("send_rich_message_postback", place | {"postback": postback | more})
    ((_, shown),) = await newer.pushes()
    assert shown == place | {"user_id": token.customer_id, "postback": postback | more}
    ((_, shown),) = await raw.pushes()
    assert shown["postback"] == postback
    # 3.5 does not look at what it does not know.
    ignored = {"postback": postback | {"ecommerce": 7}}
    await raw.ok("send_rich_message_postback", place | ignored)
    ((_, shown),) = await newer.pushes()
    assert shown["postback"] == postback
    mistakes: list[Json] = [{"button_type": 1}, {"ecommerce": {}}, {"ecommerce": {"product_id": 1}}]
    for wrong in mistakes:
        given = place | {"postback": postback | wrong}
        assert await newer.refused("send_rich_message_postback", given) == "validation"


async def test_products_in_events(raw: Raw, newer: Raw) -> None:
    chat_id, _ = await started(raw)
    await newer.settled()
    product = {"product_id": "1", "view_type": "tags", "label": "Size", "options": ["S"]}
    cards: Json = {
        "type": "rich_message",
        "template_id": "ecommerce",
        "elements": [{"title": "Shirt", "ecommerce": product}],
    }
    chosen = {"product_id": "1", "quantity": 2}
    link = {"id": "p", "thread_id": "t", "event_id": "e"}
    for event, path in (
        (cards, ("elements", 0)),
        (message("two", postback=link | {"ecommerce": chosen}), ("postback",)),
    ):
        await newer.ok("send_event", {"chat_id": chat_id, "event": event})
        for one, expected in ((raw, False), (newer, True)):
            ((_, pushed),) = await one.pushes()
            found = pushed["event"]
            for step in path:
                found = found[step]
            assert ("ecommerce" in found) is expected
    wrong = cards | {"elements": [{"ecommerce": {"product_id": "1", "view_type": "wheel"}}]}
    given = {"chat_id": chat_id, "event": wrong}
    assert await newer.refused("send_event", given) == "validation"
    assert await raw.ok("send_event", given)


async def test_deleting_ones_own_event(sandbox: Sandbox, raw: Raw, newer: Raw) -> None:
    chat_id, thread_id = await started(raw, message("one"), message("two"))
    await newer.settled()
    place = {"chat_id": chat_id, "thread_id": thread_id, "event_id": f"{thread_id}_1"}
    # Over 3.5 with the frame's version; the push is not for 3.5.
    assert await raw.ok("delete_event", place, version="3.6") == {}
    assert await raw.pushes() == []
    assert await newer.pushes() == [("event_deleted", place)]
    for one in (raw, newer):
        thread = (await one.ok("get_chat", {"chat_id": chat_id}))["thread"]
        assert [event["text"] for event in thread["events"]] == ["two"]
    for payload, error in (
        (place, "not_found"),
        (place | {"thread_id": "NOPE"}, "not_found"),
        (place | {"chat_id": "NOPE"}, "not_found"),
        ({"chat_id": chat_id, "thread_id": thread_id}, "validation"),
    ):
        assert await newer.refused("delete_event", payload) == error
    sent = sandbox.agent("Jane").send_event(chat_id, "mine")
    theirs = place | {"event_id": sent.event_id}
    assert await newer.refused("delete_event", theirs) == "not_allowed"


async def test_mixed_pushes(sandbox: Sandbox, token: Token) -> None:
    """A 3.5 connection that wants some pushes of 3.6, one of them in both."""
    chosen = {"3.5": ["incoming_event", "incoming_chat"], "3.6": ["event_deleted", "incoming_chat"]}
    async with logged_in(sandbox, token, pushes=chosen) as (raw, _):
        chat_id, thread_id = await started(raw)
        jane = sandbox.agent("Jane")
        sent = jane.send_event(chat_id, "oops")
        jane.delete_event(chat_id, thread_id, sent.event_id)
        jane.preview_event(chat_id, "hm")
        await raw.ok("deactivate_chat", {"id": chat_id})
        await raw.ok("resume_chat", {"chat": {"id": chat_id}})
        frames = [frame for frame in await raw.settled() if frame["type"] == "push"]
    assert [(frame["version"], frame["action"]) for frame in frames] == [
        ("3.5", "incoming_event"),
        ("3.6", "event_deleted"),
        ("3.5", "incoming_event"),
        ("3.6", "incoming_chat"),
    ]
