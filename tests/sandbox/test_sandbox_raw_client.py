"""A client of nothing but JSON and a WebSocket: the sequences of the API's description, frame by
frame, and everything that must be refused.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, TypeGuard, cast

import pytest
from sandbox_kit import Json, http
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from livechat_customer.sandbox import Limits, Sandbox

PATIENCE = 5.0


async def token_of(sandbox: Sandbox) -> tuple[str, str]:
    """The cookie grant: (access token, customer id)."""
    body = {
        "grant_type": "cookie",
        "client_id": sandbox.client_id,
        "organization_id": sandbox.organization_id,
        "response_type": "token",
        "redirect_uri": "https://shop.example/",
    }
    async with http(sandbox) as client:
        answer = await client.post("/v2/customer/token", json=body)
    found = answer.json()
    assert (found["token_type"], found["expires_in"]) == ("Bearer", 28_800)
    return found["access_token"], found["entity_id"]


@asynccontextmanager
async def opened(sandbox: Sandbox, version: str = "3.5") -> AsyncGenerator[ClientConnection]:
    url = sandbox.api_url.replace("http://", "ws://")
    path = f"/v{version}/customer/rtm/ws?organization_id={sandbox.organization_id}"
    async with connect(url + path, proxy=None) as socket:
        yield socket


async def received(socket: ClientConnection) -> Json:
    async with asyncio.timeout(PATIENCE):
        text = await socket.recv()
    assert isinstance(text, str)
    return cast(Json, json.loads(text))


async def asked(socket: ClientConnection, action: str, payload: Json | None, id: str) -> None:
    await socket.send(json.dumps({"request_id": id, "action": action, "payload": payload or {}}))


def response(action: str, id: str, payload: Json) -> Json:
    return {
        "request_id": id,
        "action": action,
        "type": "response",
        "success": True,
        "payload": payload,
    }


def push(action: str, payload: Json, id: str | None = None, version: str = "3.5") -> Json:
    frame: Json = {"version": version, "action": action, "type": "push", "payload": payload}
    return frame if id is None else frame | {"request_id": id}


async def logged_in(sandbox: Sandbox, socket: ClientConnection) -> str:
    token, customer_id = await token_of(sandbox)
    await asked(socket, "login", {"token": f"Bearer {token}"}, "login")
    assert (await received(socket))["success"] is True
    return customer_id


@pytest.mark.parametrize("version", ["3.5", "3.6"])
async def test_the_minimal_conversation(sandbox: Sandbox, version: str) -> None:
    """Every step, every frame, no field more and none less."""

    def pushed(action: str, payload: Json, id: str | None = None) -> Json:
        return push(action, payload, id, version)

    token, me = await token_of(sandbox)
    jane = sandbox.agent("Jane")
    async with opened(sandbox, version) as socket:
        await asked(socket, "login", {"token": f"Bearer {token}"}, "1")
        login = await received(socket)
        config = login["payload"].pop("__priv_dynamic_config")
        assert config["online_groups_ids"] == [0]
        assert config["customer_groups"]["monitoring"]["id"] == 0
        numbers = {"chats", "threads", "page_views", "greetings_shown", "greetings_accepted"}
        statistics = {f"{name}_count": 0 for name in numbers} | {"visits_count": 1}
        assert login == response(
            "login",
            "1",
            {
                "customer": {"id": me, "type": "customer", "statistics": statistics},
                "customer_id": me,
                "has_active_thread": False,
                "chats": [],
            },
        )

        event = {"type": "message", "custom_id": "c-1", "text": "hello"}
        start = {"continuous": True, "chat": {"thread": {"events": [event]}}}
        await asked(socket, "start_chat", start, "2")
        started = (await received(socket))["payload"]
        chat_id, thread_id = started["chat_id"], started["thread_id"]
        assert started["event_ids"] == [f"{thread_id}_1"]
        incoming = await received(socket)
        shown = incoming["payload"]["chat"]["thread"]
        first = shown["events"][0]
        mine = {"id": f"{thread_id}_1", "author_id": me, "created_at": first["created_at"]}
        assert incoming == pushed(
            "incoming_chat",
            {
                "requester_id": me,
                "chat": {
                    "id": chat_id,
                    "access": {"group_ids": [0]},
                    "properties": {"routing": {"continuous": True}},
                    "users": [
                        {
                            "id": me,
                            "type": "customer",
                            "present": True,
                            "events_seen_up_to": first["created_at"],
                        }
                    ],
                    "thread": {
                        "id": thread_id,
                        "active": True,
                        "created_at": shown["created_at"],
                        "user_ids": [me],
                        "access": {"group_ids": [0]},
                        "properties": {"routing": {"continuous": True}},
                        "events": [event | mine | {"recipients": "all"}],
                    },
                },
            },
            "2",
        )

        jane.join(chat_id)
        jane.typing(chat_id)
        sent = jane.send_event(chat_id, "How can I help?")
        place = {"chat_id": chat_id, "thread_id": thread_id}
        added = {
            "id": jane.id,
            "type": "agent",
            "name": "Jane",
            "avatar": "",
            "job_title": "Support Agent",
            "present": True,
        }
        joined = place | {"user": added, "reason": "assigned"}
        assert await received(socket) == pushed("user_added_to_chat", joined)
        typing = await received(socket)
        indicator = typing["payload"]["typing_indicator"]
        assert isinstance(indicator.pop("timestamp"), int)
        assert indicator == {"author_id": jane.id, "recipients": "all", "is_typing": True}
        theirs = {
            "id": f"{thread_id}_2",
            "type": "message",
            "created_at": sent.created_at,
            "author_id": jane.id,
            "recipients": "all",
            "text": "How can I help?",
        }
        assert await received(socket) == pushed("incoming_event", place | {"event": theirs})

        seen = {"chat_id": chat_id, "seen_up_to": sent.created_at}
        await asked(socket, "mark_events_as_seen", seen, "3")
        assert await received(socket) == response("mark_events_as_seen", "3", {})
        marked = pushed("events_marked_as_seen", seen | {"user_id": me}, "3")
        assert await received(socket) == marked

        reply = {"chat_id": chat_id, "event": {"type": "message", "text": "My order?"}}
        await asked(socket, "send_event", reply, "4")
        answer = response("send_event", "4", {"event_id": f"{thread_id}_3"})
        assert await received(socket) == answer
        echo = await received(socket)
        assert (echo["action"], echo["request_id"]) == ("incoming_event", "4")
        assert echo["payload"]["event"]["author_id"] == me

        await socket.send('{"action":"ping","payload":{}}')
        alive: Json = {"action": "ping", "type": "response", "success": True, "payload": {}}
        assert await received(socket) == alive

        await asked(socket, "deactivate_chat", {"id": chat_id}, "5")
        words = await received(socket)
        assert "request_id" not in words
        assert words["payload"]["event"]["system_message_type"] == "manual_archived_customer"
        assert words["payload"]["event"]["text_vars"] == {"customer": "Customer"}
        closed = pushed("chat_deactivated", place | {"user_id": me}, "5")
        assert await received(socket) == closed
        assert await received(socket) == response("deactivate_chat", "5", {})

        await asked(socket, "resume_chat", {"chat": {"id": chat_id}}, "6")
        resumed = (await received(socket))["payload"]
        assert list(resumed) == ["thread_id"]
        incoming = await received(socket)
        assert (incoming["action"], incoming["request_id"]) == ("incoming_chat", "6")
        thread = incoming["payload"]["chat"]["thread"]
        assert (thread["id"], thread["previous_thread_id"]) == (resumed["thread_id"], thread_id)
        assert (thread["active"], thread["events"]) == (True, [])


async def test_two_connections_of_one_customer(sandbox: Sandbox) -> None:
    """The same pushes; the request's id stays with the requester."""
    token, _ = await token_of(sandbox)
    async with opened(sandbox) as one, opened(sandbox) as two:
        for socket in (one, two):
            await asked(socket, "login", {"token": f"Bearer {token}"}, "login")
            await received(socket)
        await asked(one, "start_chat", {"continuous": True}, "a")
        chat_id = (await received(one))["payload"]["chat_id"]
        own, other = await received(one), await received(two)
        assert own.pop("request_id") == "a"
        assert own == other
        event = {"type": "message", "text": "from the second"}
        await asked(two, "send_event", {"chat_id": chat_id, "event": event}, "b")
        assert (await received(two))["type"] == "response"
        own, other = await received(two), await received(one)
        assert own.pop("request_id") == "b"
        assert own == other


# Frames that can't be read ------------------------------------------------------------------

UNREADABLE: list[str | bytes] = [
    "",
    "hello",
    "{",
    "[]",
    "[1]",
    '"text"',
    "7",
    "null",
    "true",
    "{'action':'ping'}",
    '{"action":"ping","payload":{"n":NaN}}',
    '{"action":"ping","payload":{"n":1e999}}',
    '{"action":"ping","payload":' + '{"a":' * 80 + "1" + "}" * 80 + "}",
    "{}",
    '{"payload":{}}',
    '{"action":null}',
    '{"action":7}',
    '{"action":["ping"]}',
    b"",
    b'{"action":"ping","payload":{}}',
    b"\x00\xff",
]


@pytest.mark.parametrize("frame", UNREADABLE, ids=lambda frame: repr(frame[:24]))
@pytest.mark.parametrize("login", [False, True], ids=["before", "after"])
async def test_what_can_t_be_read(sandbox: Sandbox, frame: str | bytes, login: bool) -> None:
    async with opened(sandbox) as socket:
        if login:
            await logged_in(sandbox, socket)
        await socket.send(frame)
        answer = await received(socket)
        error = answer["payload"].pop("error")
        assert error["type"] == "validation"
        assert error["message"]
        assert answer == {"action": "", "type": "response", "success": False, "payload": {}}
        await still_open(socket)


async def still_open(socket: ClientConnection) -> None:
    await asked(socket, "ping", None, "still open")
    assert (await received(socket))["request_id"] == "still open"


ENVELOPES: list[tuple[Json, Json]] = [
    ({"request_id": "9"}, {"request_id": "9", "action": ""}),
    ({"request_id": "9", "action": 1}, {"request_id": "9", "action": ""}),
    ({"request_id": 9, "action": "ping"}, {"action": "ping"}),
    ({"request_id": {}, "action": "ping"}, {"action": "ping"}),
    ({"request_id": "", "action": "ping", "payload": []}, {"request_id": "", "action": "ping"}),
    ({"action": "ping", "payload": "x"}, {"action": "ping"}),
    ({"action": "ping", "payload": 1}, {"action": "ping"}),
    ({"action": "ping", "version": 3.5}, {"action": "ping"}),
]


@pytest.mark.parametrize(("frame", "echoed"), ENVELOPES)
async def test_half_an_envelope(sandbox: Sandbox, frame: Json, echoed: Json) -> None:
    """What could be read of it is named in the answer."""
    async with opened(sandbox) as socket:
        await socket.send(json.dumps(frame))
        answer = await received(socket)
        assert answer.pop("payload")["error"]["type"] == "validation"
        assert answer == echoed | {"type": "response", "success": False}
        await still_open(socket)


IGNORED: list[Json] = [
    {"payload": None},
    {"request_id": None, "version": None},
    {"author_id": "somebody", "unknown": [1, {}]},
    {"version": "3.5"},
    {"version": "3.6"},
]


@pytest.mark.parametrize("more", IGNORED)
async def test_what_does_no_harm(sandbox: Sandbox, more: Json) -> None:
    async with opened(sandbox) as socket:
        await socket.send(json.dumps({"action": "ping"} | more))
        assert (await received(socket))["success"] is True


# Logging in ---------------------------------------------------------------------------------

BEFORE_LOGIN = [
    "list_chats",
    "start_chat",
    "send_event",
    "get_customer",
    "update_customer_page",
    "delete_event",
    "no_such_action",
    "",
]


@pytest.mark.parametrize("action", BEFORE_LOGIN)
async def test_nothing_goes_before_a_login(sandbox: Sandbox, action: str) -> None:
    async with opened(sandbox) as socket:
        await asked(socket, action, {}, "1")
        answer = await received(socket)
        assert answer["payload"]["error"]["type"] == "authentication"
        assert (answer["action"], answer["request_id"]) == (action, "1")
        await logged_in(sandbox, socket)


BAD_LOGINS: list[tuple[Json, str]] = [
    ({"token": None}, "validation"),
    ({"token": ""}, "validation"),
    ({"token": 7}, "validation"),
    ({"token": "{token}"}, "authentication"),
    ({"token": "bearer {token}"}, "authentication"),
    ({"token": "Basic {token}"}, "authentication"),
    ({"token": "Bearer "}, "authentication"),
    ({"token": "Bearer dal:nobody"}, "authentication"),
    ({"customer": []}, "validation"),
    ({"customer": {"name": 1}}, "validation"),
    ({"customer": {"email": "nonsense"}}, "validation"),
    ({"customer": {"session_fields": {"a": "b"}}}, "validation"),
    ({"customer": {"session_fields": [{f"k{n}": ""} for n in range(101)]}}, "limit_reached"),
    ({"customer_page": {"title": "no url"}}, "validation"),
    ({"customer_page": "https://a.example/"}, "validation"),
    ({"customer_side_storage": {"a": 1}}, "validation"),
    ({"customer_side_storage": []}, "validation"),
    ({"is_mobile": "yes"}, "validation"),
    ({"referrer": 1}, "validation"),
    ({"application": {"name": 1}}, "validation"),
    ({"group_id": "0"}, "validation"),
    ({"group_id": 0.5}, "validation"),
    ({"group_id": True}, "validation"),
    ({"group_id": 99}, "group_not_found"),
    ({"pushes": []}, "validation"),
    ({"pushes": {"3.5": "incoming_chat"}}, "validation"),
    ({"pushes": {"3.5": [1]}}, "validation"),
    ({"pushes": {"v3.5": []}}, "unsupported_version"),
    ({"pushes": {"3.7": ["all"]}}, "unsupported_version"),
]


@pytest.mark.parametrize(("changes", "error"), BAD_LOGINS)
async def test_a_login_that_fails(sandbox: Sandbox, changes: Json, error: str) -> None:
    """The connection stays open and not logged in; the next login may succeed."""
    token, me = await token_of(sandbox)
    async with opened(sandbox) as socket:
        payload: Json = {"token": f"Bearer {token}"} | changes
        if isinstance(payload["token"], str):
            payload["token"] = payload["token"].replace("{token}", token)
        await asked(socket, "login", payload, "1")
        assert (await received(socket))["payload"]["error"]["type"] == error
        await asked(socket, "list_chats", {}, "2")
        assert (await received(socket))["payload"]["error"]["type"] == "authentication"
        assert sandbox.customers[me].visits == 0
        await asked(socket, "login", {"token": f"Bearer {token}"}, "3")
        assert (await received(socket))["success"] is True


async def test_a_second_login_is_answered_again(sandbox: Sandbox) -> None:
    async with opened(sandbox) as socket:
        me = await logged_in(sandbox, socket)
        token, other = await token_of(sandbox)
        await asked(socket, "login", {"token": f"Bearer {token}"}, "2")
        assert (await received(socket))["payload"]["customer"]["id"] == other
        # A failing one changes nothing.
        await asked(socket, "login", {"token": "Bearer x"}, "3")
        assert (await received(socket))["success"] is False
        await asked(socket, "get_customer", {}, "4")
        assert (await received(socket))["payload"]["id"] == other != me


# Requests that must be refused --------------------------------------------------------------

E: Json = {"type": "message", "text": "x"}
CARD: Json = {"type": "rich_message", "template_id": "cards"}
FORM: Json = {"type": "filled_form", "form_id": "1"}
NAME: Json = {"type": "name", "id": "0", "label": "Name"}
BUTTON: Json = {"text": "Yes", "postback_id": "yes", "user_ids": []}
HERE: Json = {"chat_id": "<chat>"}
THREAD: Json = HERE | {"thread_id": "<thread>"}
EVENT: Json = THREAD | {"event_id": "<event>"}
SCORE: Json = {"properties": {"rating": {"score": 1}}}


def sending(event: Any) -> Json:
    return HERE | {"event": event}


def button(**more: Any) -> Json:
    return sending(CARD | {"elements": [{"buttons": [BUTTON | more]}]})


def starting(thread: Any = None, **chat: Any) -> Json:
    return {"chat": chat | ({} if thread is None else {"thread": thread}), "continuous": True}


REFUSED: list[tuple[str, Json, str]] = [
    # No such action, or not this way.
    ("no_such_action", {}, "validation"),
    ("", {}, "validation"),
    ("LOGIN", {}, "validation"),
    ("activate_chat", {}, "validation"),
    ("upload_file", {}, "validation"),
    ("check_goals", {}, "validation"),
    ("request_email_verification", {}, "validation"),
    ("get_dynamic_configuration", {}, "validation"),
    ("list_license_properties", {}, "validation"),
    # Of a newer version.
    ("delete_event", EVENT, "validation"),
    ("request_welcome_message", {}, "validation"),
    ("send_greeting_button_clicked", {}, "validation"),
    # list_chats, list_threads, get_chat
    ("list_chats", {"limit": 0}, "validation"),
    ("list_chats", {"limit": 26}, "validation"),
    ("list_chats", {"limit": "10"}, "validation"),
    ("list_chats", {"limit": 1.5}, "validation"),
    ("list_chats", {"limit": True}, "validation"),
    ("list_chats", {"sort_order": "up"}, "validation"),
    ("list_chats", {"page_id": "nonsense"}, "validation"),
    ("list_chats", {"page_id": 1}, "validation"),
    ("list_chats", {"page_id": "x", "limit": 1}, "validation"),
    ("list_threads", {}, "validation"),
    ("list_threads", {"chat_id": 7}, "validation"),
    ("list_threads", {"chat_id": "NOPE"}, "not_found"),
    ("list_threads", {"chat_id": "<foreign>"}, "not_found"),
    ("list_threads", HERE | {"limit": 0}, "validation"),
    ("list_threads", HERE | {"limit": 101}, "validation"),
    ("list_threads", HERE | {"min_events_count": 0}, "validation"),
    ("list_threads", HERE | {"min_events_count": 101}, "validation"),
    ("list_threads", HERE | {"min_events_count": 10, "limit": 3}, "validation"),
    ("list_threads", HERE | {"page_id": "x", "min_events_count": 3}, "validation"),
    ("list_threads", HERE | {"page_id": "x", "sort_order": "asc"}, "validation"),
    ("get_chat", {}, "validation"),
    ("get_chat", {"chat_id": ""}, "validation"),
    ("get_chat", {"chat_id": "<foreign>"}, "not_found"),
    ("get_chat", HERE | {"thread_id": "NOPE"}, "not_found"),
    ("get_chat", HERE | {"thread_id": 1}, "validation"),
    # start_chat, resume_chat, deactivate_chat
    ("start_chat", starting(), "limit_reached"),
    ("start_chat", {"chat": []}, "validation"),
    ("start_chat", {"active": "yes"}, "validation"),
    ("start_chat", {"continuous": 1}, "validation"),
    ("start_chat", starting({"events": {}}), "validation"),
    ("start_chat", starting({"events": [{"type": "message"}]}), "validation"),
    ("start_chat", starting({"properties": {"rating": {"score": 2}}}), "validation"),
    ("start_chat", starting(access={}), "validation"),
    ("start_chat", starting(access={"group_ids": []}), "validation"),
    ("start_chat", starting(access={"group_ids": ["0"]}), "validation"),
    ("start_chat", starting(access={"group_ids": [99]}), "group_not_found"),
    ("start_chat", starting(users=[{"id": "a"}]), "validation"),
    ("start_chat", starting(users=[{"id": "a", "type": "agent"}]), "validation"),
    ("start_chat", starting(users=[{"id": "a", "type": "customer"}]), "not_found"),
    ("start_chat", starting(users=[{}, {}]), "validation"),
    ("start_chat", starting(properties={"routing": {"continuous": True}}), "authorization"),
    ("resume_chat", {}, "validation"),
    ("resume_chat", {"chat": {}}, "validation"),
    ("resume_chat", {"chat": {"id": "NOPE"}}, "not_found"),
    ("resume_chat", {"chat": {"id": "<foreign>"}}, "not_found"),
    ("resume_chat", {"chat": {"id": "<chat>"}}, "chat_already_active"),
    ("resume_chat", {"chat": {"id": "<chat>", "access": {"group_ids": [99]}}}, "group_not_found"),
    ("resume_chat", {"chat_id": "<chat>"}, "validation"),
    ("deactivate_chat", {}, "validation"),
    ("deactivate_chat", {"chat_id": "<chat>"}, "validation"),
    ("deactivate_chat", {"id": "<foreign>"}, "not_found"),
    # send_event
    ("send_event", {"event": E}, "validation"),
    ("send_event", HERE, "validation"),
    ("send_event", sending("hello"), "validation"),
    ("send_event", sending({"text": "x"}), "validation"),
    ("send_event", sending({"type": "hologram"}), "validation"),
    ("send_event", sending({"type": "system"}), "validation"),
    ("send_event", {"chat_id": "<foreign>", "event": E}, "not_found"),
    ("send_event", HERE | {"event": E, "attach_to_last_thread": "yes"}, "validation"),
    ("send_event", sending({"type": "message"}), "validation"),
    ("send_event", sending(E | {"text": ""}), "validation"),
    ("send_event", sending(E | {"text": 7}), "validation"),
    ("send_event", sending(E | {"text": "x" * 16_385}), "validation"),
    # Bytes count, not characters.
    ("send_event", sending(E | {"text": "€" * 5_462}), "validation"),
    ("send_event", sending(E | {"custom_id": 7}), "validation"),
    ("send_event", sending(E | {"recipients": "me"}), "validation"),
    ("send_event", sending(E | {"visibility": "me"}), "validation"),
    ("send_event", sending(E | {"properties": []}), "validation"),
    ("send_event", sending(E | {"properties": {"nobody": {"x": 1}}}), "validation"),
    ("send_event", sending(E | {"postback": {"id": "p"}}), "validation"),
    (
        "send_event",
        sending(E | {"postback": {"id": "p", "thread_id": "t", "event_id": "e", "type": "url"}}),
        "validation",
    ),
    ("send_event", sending({"type": "file"}), "validation"),
    ("send_event", sending({"type": "file", "url": "https://a.example/x.png"}), "validation"),
    ("send_event", sending({"type": "form", "fields": []}), "validation"),
    ("send_event", sending({"type": "form", "form_id": "1"}), "validation"),
    ("send_event", sending(FORM), "validation"),
    ("send_event", sending({"type": "filled_form", "fields": []}), "validation"),
    ("send_event", sending(FORM | {"fields": [NAME | {"answer": 1}]}), "validation"),
    ("send_event", sending(FORM | {"fields": [NAME | {"type": "header"}]}), "validation"),
    ("send_event", sending(FORM | {"fields": [NAME | {"type": "rating"}]}), "validation"),
    (
        "send_event",
        sending(FORM | {"fields": [NAME | {"type": "select", "answer": "a"}]}),
        "validation",
    ),
    (
        "send_event",
        sending(FORM | {"fields": [NAME | {"type": "checkbox", "answers": {"id": "0"}}]}),
        "validation",
    ),
    ("send_event", sending({"type": "rich_message"}), "validation"),
    ("send_event", sending(CARD | {"elements": {}}), "validation"),
    ("send_event", sending(CARD | {"elements": [{}] * 11}), "validation"),
    ("send_event", sending(CARD | {"elements": [{"buttons": [BUTTON] * 14}]}), "validation"),
    ("send_event", sending(CARD | {"elements": [{"image": {}}]}), "validation"),
    ("send_event", button(text=None), "validation"),
    ("send_event", button(postback_id=None), "validation"),
    ("send_event", button(user_ids=None), "validation"),
    ("send_event", button(type="launch", value="x"), "validation"),
    ("send_event", button(type="url"), "validation"),
    ("send_event", button(type="webview", value="x"), "validation"),
    ("send_event", button(type="url", value="x", target="moon"), "validation"),
    ("send_event", sending({"type": "system_message"}), "validation"),
    (
        "send_event",
        sending({"type": "system_message", "system_message_type": "x", "text_vars": {"a": 1}}),
        "validation",
    ),
    ("send_event", sending({"type": "custom", "content": "x"}), "validation"),
    # Postbacks, sneak peeks, seen marks
    ("send_rich_message_postback", EVENT, "validation"),
    ("send_rich_message_postback", EVENT | {"postback": {"id": "yes"}}, "validation"),
    ("send_rich_message_postback", EVENT | {"postback": {"toggled": True}}, "validation"),
    (
        "send_rich_message_postback",
        EVENT | {"postback": {"id": "yes", "toggled": "on"}},
        "validation",
    ),
    (
        "send_rich_message_postback",
        EVENT | {"postback": {"id": "nobody", "toggled": True}},
        "not_found",
    ),
    (
        "send_rich_message_postback",
        THREAD | {"event_id": "NOPE", "postback": {"id": "yes", "toggled": True}},
        "not_found",
    ),
    ("send_sneak_peek", HERE, "validation"),
    ("send_sneak_peek", HERE | {"sneak_peek_text": 7}, "validation"),
    ("send_sneak_peek", {"chat_id": "<foreign>", "sneak_peek_text": "x"}, "not_found"),
    ("mark_events_as_seen", HERE, "validation"),
    ("mark_events_as_seen", HERE | {"seen_up_to": "yesterday"}, "validation"),
    ("mark_events_as_seen", HERE | {"seen_up_to": 1735689600}, "validation"),
    (
        "mark_events_as_seen",
        {"chat_id": "<foreign>", "seen_up_to": "2025-01-01T00:00:00Z"},
        "not_found",
    ),
    # Properties
    ("update_chat_properties", HERE | SCORE, "validation"),
    ("update_chat_properties", {"id": "<chat>"}, "validation"),
    ("update_chat_properties", {"id": "<foreign>"} | SCORE, "not_found"),
    ("update_chat_properties", {"id": "<chat>", "properties": {"rating": 1}}, "validation"),
    (
        "update_chat_properties",
        {"id": "<chat>", "properties": {"routing": {"continuous": True}}},
        "authorization",
    ),
    ("delete_chat_properties", {"id": "<chat>"} | SCORE, "validation"),
    ("delete_chat_properties", {"id": "<chat>", "properties": {"rating": [1]}}, "validation"),
    ("update_thread_properties", HERE | SCORE, "validation"),
    ("update_thread_properties", HERE | {"thread_id": "NOPE"} | SCORE, "not_found"),
    (
        "update_thread_properties",
        THREAD | {"properties": {"rating": {"score": "1"}}},
        "validation",
    ),
    ("update_thread_properties", THREAD | {"properties": {"rating": {"stars": 1}}}, "validation"),
    (
        "update_thread_properties",
        THREAD | {"properties": {"test": {"int_property": 2**31}}},
        "validation",
    ),
    (
        "update_thread_properties",
        THREAD | {"properties": {"test": {"bool_property": 1}}},
        "validation",
    ),
    (
        "update_thread_properties",
        THREAD | {"properties": {"test": {"string_property": "x" * 16_385}}},
        "validation",
    ),
    ("delete_thread_properties", THREAD, "validation"),
    (
        "delete_thread_properties",
        THREAD | {"properties": {"routing": ["start_url"]}},
        "authorization",
    ),
    ("update_event_properties", THREAD | SCORE, "validation"),
    ("update_event_properties", THREAD | {"event_id": "NOPE"} | SCORE, "not_found"),
    ("delete_event_properties", EVENT, "validation"),
    # The customer
    ("update_customer", {}, "validation"),
    ("update_customer", {"name": 1}, "validation"),
    ("update_customer", {"email": "nonsense"}, "validation"),
    ("update_customer", {"avatar": {}}, "validation"),
    ("update_customer", {"session_fields": [{"a": "b", "c": "d"}]}, "validation"),
    ("update_customer", {"session_fields": [{f"k{n}": ""} for n in range(101)]}, "limit_reached"),
    ("set_customer_session_fields", {}, "validation"),
    ("set_customer_session_fields", {"session_fields": {"a": "b"}}, "validation"),
    ("update_customer_page", {}, "validation"),
    ("update_customer_page", {"url": 1}, "validation"),
    # Groups, forms, agents, links, greetings
    ("list_group_statuses", {}, "validation"),
    ("list_group_statuses", {"all": False}, "validation"),
    ("list_group_statuses", {"group_ids": ["0"]}, "validation"),
    ("get_form", {"group_id": 0}, "validation"),
    ("get_form", {"type": "prechat"}, "validation"),
    ("get_form", {"group_id": 0, "type": "survey"}, "validation"),
    ("get_form", {"group_id": 99, "type": "prechat"}, "group_not_found"),
    ("get_predicted_agent", {"group_id": 99}, "group_not_found"),
    ("get_predicted_agent", {"group_id": 3}, "group_offline"),
    ("get_predicted_agent", {"group_id": 4}, "group_unavailable"),
    ("get_url_info", {}, "validation"),
    ("get_url_info", {"url": "nonsense"}, "validation"),
    ("accept_greeting", {"unique_id": "x"}, "validation"),
    ("accept_greeting", {"greeting_id": "1", "unique_id": "x"}, "validation"),
    ("accept_greeting", {"greeting_id": 1, "unique_id": "x"}, "greeting_not_found"),
    ("cancel_greeting", {"unique_id": "x"}, "greeting_not_found"),
]


def is_list(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def filled(value: Any, names: dict[str, str]) -> Any:
    """`value` with the ids of the chat at hand."""
    if isinstance(value, dict):
        return {key: filled(item, names) for key, item in cast(Json, value).items()}
    if is_list(value):
        return [filled(item, names) for item in value]
    return names.get(value, value) if isinstance(value, str) else value


@asynccontextmanager
async def in_a_chat(
    sandbox: Sandbox, version: str = "3.5"
) -> AsyncGenerator[tuple[ClientConnection, dict[str, str]]]:
    """A customer in an active chat with a card of buttons; somebody else has a chat, too."""
    sandbox.set_availability(3, "offline")
    sandbox.set_availability(4, "online")
    async with opened(sandbox, version) as stranger:
        await logged_in(sandbox, stranger)
        await asked(stranger, "start_chat", {"continuous": True}, "1")
        foreign: str = (await received(stranger))["payload"]["chat_id"]
    async with opened(sandbox, version) as socket:
        await logged_in(sandbox, socket)
        card = CARD | {"elements": [{"buttons": [BUTTON]}]}
        chat = {"thread": {"events": [card]}}
        await asked(socket, "start_chat", {"chat": chat, "continuous": True}, "1")
        ids = (await received(socket))["payload"]
        await received(socket)
        names = {
            "<chat>": ids["chat_id"],
            "<thread>": ids["thread_id"],
            "<event>": ids["event_ids"][0],
            "<foreign>": foreign,
        }
        yield socket, names


@pytest.mark.parametrize("version", ["3.5", "3.6"])
async def test_what_must_be_refused(sandbox: Sandbox, version: str) -> None:
    """One connection takes them all: each is answered, has no effect, and leaves it open."""
    newer = {"delete_event", "request_welcome_message", "send_greeting_button_clicked"}
    async with in_a_chat(sandbox, version) as (socket, names):
        await asked(socket, "get_chat", {"chat_id": names["<chat>"]}, "before")
        before = (await received(socket))["payload"]
        for number, (action, payload, error) in enumerate(REFUSED):
            if version == "3.6" and action in newer:
                continue
            await asked(socket, action, filled(payload, names), str(number))
            answer = await received(socket)
            row = (action, json.dumps(payload)[:200], answer)
            assert (answer["request_id"], answer["action"]) == (str(number), action), row
            assert (answer["type"], answer["success"]) == ("response", False), row
            found = answer["payload"]["error"]
            assert found["type"] == error, row
            assert isinstance(found["message"], str), row
        await asked(socket, "get_chat", {"chat_id": names["<chat>"]}, "after")
        # No push came in between either, or it would be read here.
        after = await received(socket)
        assert (after["request_id"], after["payload"]) == ("after", before)


CLOSED: list[tuple[str, Json, str]] = [
    ("send_event", sending(E), "chat_inactive"),
    ("send_event", HERE | {"event": E, "attach_to_last_thread": False}, "chat_inactive"),
    ("send_sneak_peek", HERE | {"sneak_peek_text": "x"}, "chat_inactive"),
    ("deactivate_chat", {"id": "<chat>"}, "chat_inactive"),
    (
        "resume_chat",
        {"chat": {"id": "<chat>", "access": {"group_ids": [3]}}, "continuous": False},
        "groups_offline",
    ),
]


async def test_what_a_closed_chat_refuses(sandbox: Sandbox) -> None:
    async with in_a_chat(sandbox, "3.6") as (socket, names):
        await asked(socket, "deactivate_chat", {"id": names["<chat>"]}, "close")
        for _ in range(3):
            await received(socket)
        for number, (action, payload, error) in enumerate(CLOSED):
            await asked(socket, action, filled(payload, names), str(number))
            answer = await received(socket)
            assert answer["payload"]["error"]["type"] == error, action
        attached = HERE | {"event": E, "attach_to_last_thread": True}
        await asked(socket, "send_event", filled(attached, names), "attach")
        assert (await received(socket))["success"] is True
        await received(socket)
        await still_open(socket)


async def test_nobody_is_there(sandbox: Sandbox) -> None:
    sandbox.set_availability(0, "offline")
    async with opened(sandbox) as socket:
        await logged_in(sandbox, socket)
        for number, payload in enumerate([{}, {"continuous": False}, {"active": True}]):
            await asked(socket, "start_chat", payload, str(number))
            error = (await received(socket))["payload"]["error"]
            assert error["type"] == "groups_offline"
        await asked(socket, "start_chat", {"active": False}, "inactive")
        assert (await received(socket))["success"] is True


# Versions -----------------------------------------------------------------------------------

VERSIONS: list[tuple[str, object, str | None]] = [
    ("3.5", "3.5", None),
    ("3.5", "3.6", None),
    ("3.6", "3.6", None),
    ("3.6", "3.5", "unsupported_version"),
    ("3.5", "3.4", "unsupported_version"),
    ("3.5", "3.7", "unsupported_version"),
    ("3.5", "v3.5", "unsupported_version"),
    ("3.5", "", "unsupported_version"),
    ("3.5", 3.6, "validation"),
]


@pytest.mark.parametrize(("connection", "version", "error"), VERSIONS)
async def test_the_version_of_a_request(
    sandbox: Sandbox, connection: str, version: object, error: str | None
) -> None:
    """Never lower than the connection's, and one that is served."""
    async with opened(sandbox, connection) as socket:
        await logged_in(sandbox, socket)
        await socket.send(json.dumps({"action": "list_chats", "version": version}))
        answer = await received(socket)
        found = answer["payload"].get("error", {}).get("type")
        assert (answer["success"], found) == (error is None, error)
        # There is no version in answers.
        assert "version" not in answer
        await still_open(socket)


async def test_a_newer_action_over_an_older_connection(sandbox: Sandbox) -> None:
    async with in_a_chat(sandbox) as (socket, names):
        frame = {"action": "delete_event", "payload": filled(EVENT, names), "version": "3.6"}
        await socket.send(json.dumps(frame))
        assert (await received(socket))["success"] is True
        # Its push is of 3.6, which nobody subscribed to here.
        await still_open(socket)


@pytest.mark.parametrize("version", ["3.4", "3.7", "4", "x"])
async def test_a_version_that_is_not_served(sandbox: Sandbox, version: str) -> None:
    async with opened(sandbox, version) as socket:
        frame = await received(socket)
        assert frame["action"] == "customer_disconnected"
        assert frame["payload"] == {"reason": "unsupported_version"}
        assert await closed(socket) == 1000


async def closed(socket: ClientConnection) -> int | None:
    with pytest.raises(ConnectionClosed) as end:
        await received(socket)
    return None if end.value.rcvd is None else end.value.rcvd.code


# What ends the connection -------------------------------------------------------------------


async def test_a_frame_of_a_mebibyte_is_too_large(sandbox: Sandbox) -> None:
    async with opened(sandbox) as socket:
        await logged_in(sandbox, socket)
        head = '{"action":"ping","payload":{"x":"'
        room = 1_048_576 - len(head) - len('"}}')
        await socket.send(head + "x" * room + '"}}')
        assert (await received(socket))["success"] is True
        await socket.send(head + "x" * (room + 1) + '"}}')
        assert await closed(socket) == 1009


async def test_text_that_is_no_text(sandbox: Sandbox) -> None:
    async with opened(sandbox) as socket:
        await socket.send(b'{"action":"\xff"}', text=True)
        assert await closed(socket) == 1007


async def test_the_eleventh_request(sandbox: Sandbox) -> None:
    """Ten may wait for their answers."""
    async with opened(sandbox) as socket:
        await logged_in(sandbox, socket)
        held = sandbox.fault("delay", action="get_customer", count=None)
        for number in range(10):
            await asked(socket, "get_customer", {}, str(number))
        await asked(socket, "list_chats", {}, "one more")
        answer = await received(socket)
        assert answer["request_id"] == "one more"
        assert answer["payload"]["error"]["type"] == "pending_requests_limit_reached"
        sandbox.remove_fault(held.id)
        answered = [(await received(socket))["request_id"] for _ in range(10)]
        assert answered == [str(number) for number in range(10)]
        await still_open(socket)


async def test_a_fragmented_frame_is_one_frame(sandbox: Sandbox) -> None:
    async with opened(sandbox) as socket:
        await socket.send(['{"action":', '"ping",', '"request_id":"1"}'])
        assert (await received(socket))["request_id"] == "1"


async def test_a_silent_client_is_told_and_cut() -> None:
    """Control pings are answered by the library, so only the login window can end this one."""
    limits = Limits(login_window=0.05)
    async with Sandbox(limits=limits) as sandbox, opened(sandbox) as socket:
        frame = await received(socket)
        assert frame["payload"] == {"reason": "connection_timeout"}
        assert await closed(socket) == 1000
