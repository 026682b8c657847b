"""`CustomerRTM` of `lc-sdk-python`, unchanged, over TLS."""

from __future__ import annotations

from typing import Any

import pytest
from foreign_kit import Foreign, Json, Raised

from livechat_customer.sandbox import Sandbox

pytestmark = [
    pytest.mark.slow,
    # Each of the foreign client's calls takes a fifth of a second.
    pytest.mark.parametrize("version", ["3.5", "3.6"]),
]

HELLO: Json = {"type": "message", "text": "hello", "custom_id": "c-1"}
CARD: Json = {
    "type": "rich_message",
    "template_id": "cards",
    "elements": [
        {"title": "Sure?", "buttons": [{"text": "Yes", "postback_id": "yes", "user_ids": []}]}
    ],
}
FORM: Json = {
    "id": "1",
    "fields": [{"id": "2", "type": "name", "label": "Your name:", "required": True}],
}


async def started(client: Foreign) -> tuple[str, str]:
    """(chat, thread) of a chat with one message; its push is read."""
    chat: Json = {"thread": {"events": [HELLO]}}
    answer = await client.rtm("start_chat", chat=chat, continuous=True)
    await client.pushes("incoming_chat")
    return answer["chat_id"], answer["thread_id"]


def actions(pushes: list[tuple[str, Any]]) -> list[str]:
    return [action for action, _ in pushes]


async def test_a_conversation(client: Foreign, sandbox: Sandbox, version: str) -> None:
    jane = sandbox.agent("Jane")
    token = await client.token()
    bearer = f"Bearer {token['access_token']}"
    assert token["token_type"] == "Bearer"
    await client.step("open", version=version)
    login = await client.rtm("login", token=bearer)
    assert (login["customer"]["id"], login["chats"]) == (token["entity_id"], [])

    response = await client.response("start_chat", chat={"thread": {"events": [HELLO]}})
    chat_id, thread_id = response["payload"]["chat_id"], response["payload"]["thread_id"]
    [push] = await client.step("pushes", until="incoming_chat")
    assert (push["version"], push["request_id"]) == (version, response["request_id"])
    shown = push["payload"]["chat"]
    assert (shown["id"], shown["thread"]["id"]) == (chat_id, thread_id)
    assert [event["text"] for event in shown["thread"]["events"]] == ["hello"]

    sent = jane.send_event(chat_id, "Good day")
    added, event = await client.pushes("incoming_event")
    assert (added[0], added[1]["user"]["id"]) == ("user_added_to_chat", jane.id)
    assert event[1]["event"]["text"] == "Good day"
    assert (
        await client.rtm("mark_events_as_seen", chat_id=chat_id, seen_up_to=sent.created_at) == {}
    )
    [(_, seen)] = await client.pushes("events_marked_as_seen")
    assert (seen["user_id"], seen["seen_up_to"]) == (token["entity_id"], sent.created_at)

    assert await client.rtm("send_sneak_peek", chat_id=chat_id, sneak_peek_text="Than") == {}
    assert sandbox.chats[chat_id].sneak_peek == "Than"
    thanks: Json = {"type": "message", "text": "Thanks"}
    response = await client.response("send_event", chat_id=chat_id, event=thanks)
    [push] = await client.step("pushes", until="incoming_event")
    assert push["request_id"] == response["request_id"]
    assert push["payload"]["event"]["id"] == response["payload"]["event_id"]

    assert await client.rtm("deactivate_chat", id=chat_id) == {}
    pushes = await client.pushes("chat_deactivated")
    assert actions(pushes) == ["incoming_event", "chat_deactivated"]
    assert pushes[0][1]["event"]["system_message_type"] == "manual_archived_customer"
    assert await client.rtm_refused("send_event", chat_id=chat_id, event=thanks) == "chat_inactive"
    late = await client.rtm("send_event", chat_id=chat_id, event=thanks, attach_to_last_thread=True)
    assert late["event_id"].startswith(thread_id)

    again = await client.rtm("resume_chat", chat={"id": chat_id, "thread": {"events": [HELLO]}})
    pushed = (await client.pushes("incoming_chat"))[-1][1]
    assert pushed["chat"]["thread"]["previous_thread_id"] == thread_id
    [first, second] = sandbox.chats[chat_id].threads
    assert (first.id, first.active) == (thread_id, False)
    assert (second.id, second.active) == (again["thread_id"], True)

    listed = await client.rtm("list_chats", limit=5, sort_order="asc")
    assert [(it["id"], it["active"]) for it in listed["chats_summary"]] == [(chat_id, True)]
    page = await client.rtm("list_threads", chat_id=chat_id, limit=1, sort_order="asc")
    assert ([it["id"] for it in page["threads"]], page["found_threads"]) == ([first.id], 2)
    rest = await client.rtm("list_threads", chat_id=chat_id, page_id=page["next_page_id"])
    assert [it["id"] for it in rest["threads"]] == [second.id]
    old = await client.rtm("get_chat", chat_id=chat_id, thread_id=first.id)
    said = [event.get("text") for event in old["thread"]["events"] if "author_id" in event]
    assert said == ["hello", "Good day", "Thanks", "Thanks"]

    assert await client.step("close") is None
    await sandbox.wait_until(lambda: not sandbox.connections)
    with pytest.raises(Raised, match="WebSocketConnectionClosed"):
        await client.rtm("get_customer")


async def test_properties_and_a_rating(client: Foreign, sandbox: Sandbox, version: str) -> None:
    await client.log_in(version)
    chat_id, thread_id = await started(client)
    thread = sandbox.chats[chat_id].threads[0]
    places: dict[str, Json] = {
        "chat": {"id": chat_id},
        "thread": {"chat_id": chat_id, "thread_id": thread_id},
        "event": {"chat_id": chat_id, "thread_id": thread_id, "event_id": f"{thread_id}_1"},
    }
    values = {"test": {"string_property": "s", "int_property": 1}}
    for place, ids in places.items():
        pushed_ids = {"chat_id": chat_id} if place == "chat" else ids
        assert await client.rtm(f"update_{place}_properties", **ids, properties=values) == {}
        [(_, pushed)] = await client.pushes(f"{place}_properties_updated")
        assert pushed == pushed_ids | {"properties": values}
        gone = {"test": ["int_property"]}
        assert await client.rtm(f"delete_{place}_properties", **ids, properties=gone) == {}
        [(_, pushed)] = await client.pushes(f"{place}_properties_deleted")
        assert pushed == pushed_ids | {"properties": gone}
    left = {"string_property": "s"}
    assert sandbox.chats[chat_id].properties["test"] == left
    assert thread.properties["test"] == left
    assert thread.events[0]["properties"]["test"] == left

    rating: Json = {"rating": {"score": 1, "comment": "nice"}}
    await client.rtm("update_thread_properties", **places["thread"], properties=rating)
    pushes = await client.pushes("thread_properties_updated")
    while len(pushes) < 3:
        pushes += await client.pushes("incoming_event")
    assert [pushed["properties"] for _, pushed in pushes if "properties" in pushed] == [rating]
    assert {
        pushed["event"]["system_message_type"] for _, pushed in pushes if "event" in pushed
    } == {
        "rating.chat_rated",
        "rating.chat_commented",
    }
    await client.rtm(
        "delete_thread_properties", **places["thread"], properties={"rating": ["score"]}
    )
    assert thread.properties["rating"] == {"comment": "nice"}
    wrong: Json = {"test": {"int_property": "1"}}
    refused = await client.rtm_refused(
        "update_thread_properties", **places["thread"], properties=wrong
    )
    assert refused == "validation"


async def test_the_customer_and_what_is_shown(
    client: Foreign, sandbox: Sandbox, version: str
) -> None:
    jane = sandbox.agent("Jane")
    own = (await client.log_in(version))["customer"]["id"]
    fields = [{"plan": "pro"}, {"cart": "12 EUR"}]
    ann = {"name": "Ann", "email": "ann@example.org", "session_fields": fields}
    assert await client.rtm("update_customer", **ann) == {}
    [(_, pushed)] = await client.pushes("customer_updated")
    assert pushed == {"id": own} | ann
    assert await client.rtm("set_customer_session_fields", session_fields=[{"plan": "team"}]) == {}
    [(_, pushed)] = await client.pushes("customer_updated")
    assert pushed == {"id": own, "session_fields": [{"plan": "team"}]}
    customer = await client.rtm("get_customer")
    assert (customer["id"], customer["name"]) == (own, "Ann")
    assert customer["session_fields"] == [{"plan": "team"}]
    page = {"url": "https://example.org/a", "title": "A"}
    assert await client.rtm("update_customer_page", **page) == {}
    seen = sandbox.customers[own].page
    assert seen is not None
    assert seen["url"] == page["url"]

    sandbox.set_availability(3, "online_for_queue")
    [(_, pushed)] = await client.pushes("groups_status_updated")
    assert pushed == {"groups": [{"id": 3, "status": "online_for_queue"}]}
    statuses = await client.rtm("list_group_statuses", all=True)
    assert statuses == {"groups_status": {"0": "online", "3": "online_for_queue"}}
    statuses = await client.rtm("list_group_statuses", group_ids=[3, 99])
    assert statuses == {"groups_status": {"3": "online_for_queue"}}
    assert await client.rtm("get_form", group_id=0, type="prechat") == {"enabled": False}
    sandbox.set_form(0, "prechat", FORM)
    assert await client.rtm("get_form", group_id=0, type="prechat") == {
        "enabled": True,
        "form": FORM,
    }
    predicted = await client.rtm("get_predicted_agent")
    assert (predicted["agent"]["id"], predicted["queue"]) == (jane.id, False)
    url = sandbox.add_page("offers", "Our offers")
    assert await client.rtm("get_url_info", url=url) == {"url": url, "title": "Our offers"}

    for verb, past in ("accept", "accepted"), ("cancel", "canceled"):
        number, unique_id = sandbox.show_greeting(own)
        shown = (await client.pushes("incoming_greeting"))[-1][1]
        assert (shown["id"], shown["unique_id"]) == (number, unique_id)
        more: Json = {"greeting_id": number} if verb == "accept" else {}
        assert await client.rtm(f"{verb}_greeting", unique_id=unique_id, **more) == {}
        assert await client.pushes(f"greeting_{past}")
    first, second = sandbox.customers[own].greetings
    assert (first.accepted, second.canceled) == (True, True)


async def test_rich_messages_and_forms(client: Foreign, sandbox: Sandbox, version: str) -> None:
    jane = sandbox.agent("Jane")
    own = (await client.log_in(version))["customer"]["id"]
    chat_id, thread_id = await started(client)
    card = jane.send_event(chat_id, CARD)
    shown = (await client.pushes("incoming_event"))[-1][1]["event"]
    assert shown["elements"][0]["buttons"][0]["user_ids"] == []
    place = {"chat_id": chat_id, "thread_id": thread_id, "event_id": card.event_id}
    for toggled in True, False, True:
        postback = {"id": "yes", "toggled": toggled}
        assert await client.rtm("send_rich_message_postback", **place, postback=postback) == {}
        [(_, pushed)] = await client.pushes("incoming_rich_message_postback")
        assert pushed == place | {"user_id": own, "postback": postback}
    stored = sandbox.chats[chat_id].threads[0].event(card.event_id)
    assert stored is not None
    assert stored["elements"][0]["buttons"][0]["user_ids"] == [own]

    asked = {"type": "form", "form_id": "1", "fields": FORM["fields"]}
    jane.send_event(chat_id, asked)
    await client.pushes("incoming_event")
    field = {"type": "name", "id": "2", "label": "Your name:", "answer": "Ann"}
    filled = {"type": "filled_form", "form_id": "1", "fields": [field]}
    await client.rtm("send_event", chat_id=chat_id, event=filled)
    [(_, pushed)] = await client.pushes("incoming_event")
    assert pushed["event"]["fields"] == [field]


async def test_who_is_not_let_in(client: Foreign, sandbox: Sandbox, version: str) -> None:
    token = (await client.token())["access_token"]
    await client.step("open", version=version)
    assert await client.rtm_refused("list_chats") == "authentication"
    assert await client.rtm_refused("login", token="Bearer dal:nobodys") == "authentication"
    assert await client.rtm_refused("login", token=token) == "authentication", "no scheme"
    assert await client.rtm_refused("login") == "validation"
    assert sandbox.connections[0].customer is None
    await client.rtm("login", token=f"Bearer {token}")
    assert sandbox.connections[0].customer is not None


async def test_what_is_refused(client: Foreign, sandbox: Sandbox, version: str) -> None:
    await client.log_in(version)
    refused = client.rtm_refused
    assert await refused("start_chat", chat={"access": {"group_ids": [7]}}) == "group_not_found"
    sandbox.set_availability(0, "offline")
    assert await refused("start_chat", chat={}) == "groups_offline"
    chat_id, _ = await started(client)
    assert await refused("start_chat", continuous=True) == "limit_reached"
    assert await refused("resume_chat", chat={"id": chat_id}) == "chat_already_active"
    assert await refused("get_chat", chat_id="XXXXXXXXXX") == "not_found"
    assert await refused("get_chat", chat_id=1) == "validation"
    assert await refused("get_chat") == "validation"
    long: Json = {"type": "message", "text": "ä" * 8_193}
    assert await refused("send_event", chat_id=chat_id, event=long) == "validation"
    assert await refused("list_chats", limit=26) == "validation"
    both: Json = {"limit": 2, "min_events_count": 2}
    assert await refused("list_threads", chat_id=chat_id, **both) == "validation"
    assert await refused("accept_greeting", greeting_id=1, unique_id="X") == "greeting_not_found"
    assert await refused("get_form", group_id=7, type="prechat") == "group_not_found"
    assert await refused("get_predicted_agent") == "group_offline"
    answer = await client.step("send", frame={"action": "launch_rocket", "payload": {}})
    assert (answer["success"], answer["payload"]["error"]["type"]) == (False, "validation")


async def test_answers_after_and_before_their_pushes(
    client: Foreign, sandbox: Sandbox, version: str
) -> None:
    await client.log_in(version)
    chat_id, _ = await started(client)
    hello = {"chat_id": chat_id, "event": HELLO}
    orders: list[list[str]] = []
    for _ in range(2):
        response = await client.response("send_event", **hello)
        [push] = await client.step("pushes", until="incoming_event")
        assert push["request_id"] == response["request_id"]
        assert push["payload"]["event"]["id"] == response["payload"]["event_id"]
        orders.append(await client.step("order", request_id=response["request_id"]))
        sandbox.fault("reorder", action="send_event")
    assert sorted(orders) == [["push", "response"], ["response", "push"]]


async def test_what_only_the_newer_version_has(
    client: Foreign, sandbox: Sandbox, version: str
) -> None:
    """3.5 has no such methods in this client, and no such actions on the server."""
    jane = sandbox.agent("Jane")
    own = (await client.log_in(version))["customer"]["id"]
    chat_id, thread_id = await started(client)
    place = {"chat_id": chat_id, "thread_id": thread_id, "event_id": f"{thread_id}_1"}
    if version == "3.5":
        for action in "delete_event", "request_welcome_message", "activate_customer_page":
            with pytest.raises(Raised, match="AttributeError"):
                await client.rtm(action)
            answer = await client.step("send", frame={"action": action, "payload": place})
            assert answer["payload"]["error"]["type"] == "validation"
        frame = {"action": "delete_event", "payload": place, "version": "3.6"}
        assert (await client.step("send", frame=frame))["success"] is True
    else:
        assert await client.rtm("activate_customer_page") == {}
        assert await client.rtm("deactivate_customer_page") == {}
        assert await client.rtm("update_customer", name="Ann", phone_number="+4812345") == {}
        assert (await client.rtm("get_customer"))["phone_number"] == "+4812345"
        welcome = await client.rtm("request_welcome_message")
        assert welcome["predicted_agent"]["id"] == jane.id
        pushed = (await client.pushes("incoming_welcome_message"))[-1][1]
        assert pushed["id"] == welcome["id"]
        assert await client.rtm("delete_event", **place) == {}
        assert (await client.pushes("event_deleted"))[-1][1] == place
    assert sandbox.chats[chat_id].threads[0].events == []
    assert own in sandbox.customers


async def test_logging_out(client: Foreign, sandbox: Sandbox, version: str) -> None:
    """The token is revoked: the server says so, ends the connection, and knows it no more."""
    token = (await client.token())["access_token"]
    await client.step("open", version=version)
    await client.rtm("login", token=f"Bearer {token}")
    assert await client.step("revoke", token=token) == {"status": 200}
    assert await client.pushes("customer_disconnected") == [
        ("customer_disconnected", {"reason": "access_token_revoked"})
    ]
    await sandbox.wait_until(lambda: not sandbox.connections)
    await client.step("open", version=version)
    assert await client.rtm_refused("login", token=f"Bearer {token}") == "authentication"
