"""send_event, marks, postbacks, sneak peeks, deleting."""

from __future__ import annotations

import pytest
from sandbox_kit import Json, Raw, Token, logged_in, message, started

from livechat_customer.sandbox import Sandbox

SENDABLE: list[Json] = [
    message("hello", custom_id="c-1", properties={"test": {"int_property": 1}}),
    {"type": "file", "url": "https://cdn.livechatinc.com/f/plan.pdf"},
    {"type": "form", "form_id": "1", "fields": [{"type": "name", "id": "2", "label": "Name"}]},
    {
        "type": "filled_form",
        "form_id": "1",
        "fields": [{"type": "name", "id": "2", "label": "Name", "answer": "Ann"}],
    },
    {
        "type": "rich_message",
        "template_id": "cards",
        "elements": [{"buttons": [{"text": "a", "postback_id": "p", "user_ids": []}]}],
    },
    {"type": "custom", "content": {"n": 1}},
    {"type": "system_message", "system_message_type": "own", "text": "x"},
]


@pytest.mark.parametrize("event", SENDABLE, ids=lambda event: event["type"])
async def test_every_type_comes_back(raw: Raw, token: Token, event: Json) -> None:
    chat_id, thread_id = await started(raw)
    request_id = await raw.send("send_event", {"chat_id": chat_id, "event": event})
    answer, push = await raw.next(), await raw.next()
    assert answer["payload"] == {"event_id": f"{thread_id}_1"}
    assert push["request_id"] == request_id
    assert push["payload"]["thread_id"] == thread_id
    shown = push["payload"]["event"]
    assert event.items() <= shown.items()
    assert shown["recipients"] == "all"
    expected = None if event["type"] == "system_message" else token.customer_id
    assert shown.get("author_id") == expected
    assert (await raw.ok("get_chat", {"chat_id": chat_id}))["thread"]["events"] == [shown]


def cards(elements: int, buttons: int) -> Json:
    button: Json = {"text": "a", "postback_id": "p", "user_ids": []}
    return {
        "type": "rich_message",
        "template_id": "cards",
        "elements": [{"buttons": [button] * buttons}] * elements,
    }


@pytest.mark.parametrize(
    ("largest", "beyond"),
    [
        (message("x" * 16_384), message("x" * 16_385)),
        # Bytes count, not characters.
        (message("é" * 8_192), message("é" * 8_192 + "x")),
        (cards(10, 13), cards(11, 1)),
        (cards(1, 13), cards(1, 14)),
    ],
)
async def test_the_largest_that_is_taken(raw: Raw, largest: Json, beyond: Json) -> None:
    chat_id, _ = await started(raw)
    refused = await raw.refused("send_event", {"chat_id": chat_id, "event": beyond})
    assert refused == "validation"
    assert (await raw.ok("send_event", {"chat_id": chat_id, "event": largest}))["event_id"]


@pytest.mark.parametrize(
    ("payload", "error"),
    [
        ({}, "validation"),
        ({"chat_id": "CHAT"}, "validation"),
        ({"chat_id": "CHAT", "event": "hello"}, "validation"),
        ({"chat_id": "CHAT", "event": {}}, "validation"),
        ({"chat_id": "CHAT", "event": message("")}, "validation"),
        ({"chat_id": "CHAT", "event": message("x" * 16_385)}, "validation"),
        ({"chat_id": "CHAT", "event": message(), "attach_to_last_thread": 1}, "validation"),
        ({"chat_id": "CHAT", "event": {"type": "file", "url": "https://x.example"}}, "validation"),
        ({"chat_id": "NOPE", "event": message()}, "not_found"),
    ],
)
async def test_send_event_is_refused(sandbox: Sandbox, raw: Raw, payload: Json, error: str) -> None:
    chat_id, _ = await started(raw)
    given = {name: chat_id if value == "CHAT" else value for name, value in payload.items()}
    assert await raw.refused("send_event", given) == error
    assert await raw.pushes() == []
    assert sandbox.chats[chat_id].threads[0].events == []


async def test_attach_to_the_last_thread(sandbox: Sandbox, raw: Raw) -> None:
    chat_id, thread_id = await started(raw)
    await raw.ok("deactivate_chat", {"id": chat_id})
    given = {"chat_id": chat_id, "event": message()}
    for refused in (given, given | {"attach_to_last_thread": False}):
        assert await raw.refused("send_event", refused) == "chat_inactive"
    await raw.settled()
    await raw.ok("send_event", given | {"attach_to_last_thread": True})
    ((action, payload),) = await raw.pushes()
    assert (action, payload["thread_id"]) == ("incoming_event", thread_id)
    assert sandbox.chats[chat_id].open_thread is None
    await raw.ok("resume_chat", {"chat": {"id": chat_id}})
    await raw.settled()
    await raw.ok("send_event", given | {"attach_to_last_thread": True})
    ((_, payload),) = await raw.pushes()
    assert payload["thread_id"] != thread_id


async def test_an_event_for_agents_is_shown_to_its_sender_only(
    sandbox: Sandbox, raw: Raw, token: Token
) -> None:
    async with logged_in(sandbox, token) as (other, _):
        chat_id, thread_id = await started(raw, message("one"))
        sandbox.agent("Jane").send_event(chat_id, "unread")
        await raw.settled()
        await other.settled()
        secret = message("psst", recipients="agents")
        request_id = await raw.send("send_event", {"chat_id": chat_id, "event": secret})
        answer, push = await raw.next(), await raw.next()
        assert answer["payload"] == {"event_id": f"{thread_id}_3"}
        assert push["request_id"] == request_id
        assert push["payload"]["event"]["recipients"] == "agents"
        # The others learn that everything was seen, not what was written.
        marked = sandbox.chats[chat_id].members[token.customer_id].events_seen_up_to
        ((action, payload),) = await other.pushes()
        assert (action, payload["seen_up_to"]) == ("events_marked_as_seen", marked)
        thread = (await raw.ok("get_chat", {"chat_id": chat_id}))["thread"]
        assert [event["id"] for event in thread["events"]] == [f"{thread_id}_1", f"{thread_id}_2"]


async def test_sending_marks_all_as_seen(sandbox: Sandbox, raw: Raw, token: Token) -> None:
    chat_id, _ = await started(raw)
    sandbox.agent("Jane").send_event(chat_id, "unread")
    await raw.ok("send_event", {"chat_id": chat_id, "event": message()})
    newest = sandbox.chats[chat_id].threads[0].events[-1]["created_at"]
    assert sandbox.chats[chat_id].members[token.customer_id].events_seen_up_to == newest


async def test_a_system_message_moves_the_mark_for_all_devices(
    sandbox: Sandbox, raw: Raw, token: Token
) -> None:
    chat_id, _ = await started(raw)
    async with logged_in(sandbox, token) as (other, _):
        event = {"type": "system_message", "system_message_type": "own"}
        await raw.ok("send_event", {"chat_id": chat_id, "event": event})
        assert [action for action, _ in await raw.pushes()] == ["incoming_event"]
        pushed = await other.pushes()
        assert [action for action, _ in pushed] == ["incoming_event", "events_marked_as_seen"]
        assert pushed[1][1]["seen_up_to"] == pushed[0][1]["event"]["created_at"]


async def test_marks_never_go_back(sandbox: Sandbox, raw: Raw, token: Token) -> None:
    chat_id, _ = await started(raw)
    sent = sandbox.agent("Jane").send_event(chat_id, "hello")
    await raw.settled()

    async def mark(moment: str) -> list[tuple[str, Json]]:
        given = {"chat_id": chat_id, "seen_up_to": moment}
        assert await raw.ok("mark_events_as_seen", given) == {}
        return await raw.pushes()

    ((action, payload),) = await mark(sent.created_at)
    assert action == "events_marked_as_seen"
    assert payload["seen_up_to"] == sent.created_at
    assert await mark(sent.created_at) == []
    assert await mark("2000-01-01T00:00:00Z") == []
    login = await raw.log_in(token)
    assert login["chats"][0]["has_unread_events"] is False
    for wrong in ({"chat_id": chat_id}, {"chat_id": chat_id, "seen_up_to": "now"}):
        assert await raw.refused("mark_events_as_seen", wrong) == "validation"
    unknown = {"chat_id": "NOPE", "seen_up_to": sent.created_at}
    assert await raw.refused("mark_events_as_seen", unknown) == "not_found"


async def test_postbacks(sandbox: Sandbox, raw: Raw, token: Token) -> None:
    chat_id, thread_id = await started(raw)
    sent = sandbox.agent("Jane").send_event(chat_id, SENDABLE[4])
    await raw.settled()
    place = {"chat_id": chat_id, "thread_id": thread_id, "event_id": sent.event_id}

    def buttons() -> list[str]:
        event = sandbox.chats[chat_id].threads[0].events[0]
        users: list[str] = event["elements"][0]["buttons"][0]["user_ids"]
        return users

    for toggled, users in ((True, [token.customer_id]), (False, [])):
        postback = {"id": "p", "toggled": toggled}
        assert await raw.ok("send_rich_message_postback", place | {"postback": postback}) == {}
        ((action, payload),) = await raw.pushes()
        assert action == "incoming_rich_message_postback"
        assert payload == place | {"user_id": token.customer_id, "postback": postback}
        assert buttons() == users
    await raw.ok("deactivate_chat", {"id": chat_id})
    await raw.settled()
    pressed = place | {"postback": {"id": "p", "toggled": True}}
    await raw.ok("send_rich_message_postback", pressed)
    assert await raw.pushes() == []
    assert buttons() == [token.customer_id]
    refusals: list[tuple[Json, str]] = [
        ({"postback": {"id": "p"}}, "validation"),
        ({"postback": {"toggled": True}}, "validation"),
        ({"postback": {"id": "q", "toggled": True}}, "not_found"),
        ({"event_id": "NOPE"}, "not_found"),
        ({"thread_id": "NOPE"}, "not_found"),
        ({"chat_id": "NOPE"}, "not_found"),
        ({"event_id": None}, "validation"),
    ]
    for change, error in refusals:
        assert await raw.refused("send_rich_message_postback", pressed | change) == error


async def test_sneak_peeks_reach_agents_only(sandbox: Sandbox, raw: Raw) -> None:
    chat_id, _ = await started(raw)
    given = {"chat_id": chat_id, "sneak_peek_text": "I am wri"}
    assert await raw.ok("send_sneak_peek", given) == {}
    assert await raw.pushes() == []
    assert sandbox.chats[chat_id].sneak_peek == "I am wri"
    assert "I am wri" not in repr(sandbox.chats)
    # Who takes back every word has an empty one to show.
    assert await raw.ok("send_sneak_peek", given | {"sneak_peek_text": ""}) == {}
    assert sandbox.chats[chat_id].sneak_peek == ""
    await raw.ok("send_event", {"chat_id": chat_id, "event": message()})
    assert sandbox.chats[chat_id].sneak_peek is None
    assert await raw.refused("send_sneak_peek", {"chat_id": chat_id}) == "validation"
    await raw.ok("deactivate_chat", {"id": chat_id})
    assert await raw.refused("send_sneak_peek", given) == "chat_inactive"


async def test_deleting_an_own_event_is_of_3_6(sandbox: Sandbox, raw: Raw, token: Token) -> None:
    chat_id, thread_id = await started(raw, message("one"))
    theirs = sandbox.agent("Jane").send_event(chat_id, "two").event_id
    mine = {"chat_id": chat_id, "thread_id": thread_id, "event_id": f"{thread_id}_1"}
    assert await raw.refused("delete_event", mine) == "validation"
    async with logged_in(sandbox, token, "3.6") as (newer, _):
        assert await newer.refused("delete_event", mine | {"event_id": theirs}) == "not_allowed"
        await raw.settled()
        assert await newer.ok("delete_event", mine) == {}
        ((action, payload),) = await newer.pushes()
        assert (action, payload) == ("event_deleted", mine)
        assert await newer.refused("delete_event", mine) == "not_found"
        # Nobody who speaks 3.5 only has heard of it; the next answer lacks the event.
        assert await raw.pushes() == []
        thread = (await raw.ok("get_chat", {"chat_id": chat_id}))["thread"]
        assert [event["id"] for event in thread["events"]] == [theirs]
