"""start_chat, resume_chat, deactivate_chat."""

from __future__ import annotations

import pytest
from sandbox_kit import Json, Raw, Token, logged_in, message, started

from livechat_customer.sandbox import Sandbox


async def test_start_with_everything(sandbox: Sandbox, raw: Raw, token: Token) -> None:
    sandbox.set_availability(2, "online")
    await raw.settled()
    await raw.ok("update_customer_page", {"url": "https://shop.example/"})
    answer = await raw.ok(
        "start_chat",
        {
            "active": True,
            "continuous": True,
            "chat": {
                "access": {"group_ids": [2]},
                "properties": {"test": {"int_property": 1}},
                "users": [{"id": token.customer_id, "type": "customer"}],
                "thread": {
                    "events": [message("one"), message("note", recipients="agents")],
                    "properties": {"lc2": {"greeting_id": 5}},
                },
            },
        },
    )
    ((action, payload),) = await raw.pushes()
    assert action == "incoming_chat"
    chat = payload["chat"]
    thread = chat["thread"]
    assert answer["chat_id"] == chat["id"]
    assert answer["event_ids"] == [f"{thread['id']}_1", f"{thread['id']}_2"]
    assert [event["text"] for event in thread["events"]] == ["one"]
    assert chat["access"] == thread["access"] == {"group_ids": [2]}
    assert chat["properties"] == {
        "test": {"int_property": 1},
        "routing": {"continuous": True},
    }
    assert thread["properties"] == {
        "lc2": {"greeting_id": 5},
        "routing": {"continuous": True, "start_url": "https://shop.example/"},
    }
    assert thread["user_ids"] == [token.customer_id]
    assert chat["users"][0]["events_seen_up_to"] == thread["events"][0]["created_at"]


async def test_start_with_nothing(raw: Raw) -> None:
    answer = await raw.ok("start_chat")
    assert list(answer) == ["chat_id", "thread_id"]
    ((_, payload),) = await raw.pushes()
    assert payload["chat"]["thread"]["events"] == []
    assert "properties" not in payload["chat"]
    assert "events_seen_up_to" not in payload["chat"]["users"][0]


async def test_start_inactive(sandbox: Sandbox, raw: Raw) -> None:
    sandbox.set_availability(0, "offline")
    await raw.settled()
    answer = await raw.ok("start_chat", {"active": False})
    ((action, payload),) = await raw.pushes()
    assert action == "incoming_chat"
    assert payload["chat"]["thread"]["active"] is False
    refused = await raw.refused("send_event", {"chat_id": answer["chat_id"], "event": message()})
    assert refused == "chat_inactive"


STARTS: list[tuple[Json, str]] = [
    ({"active": "yes"}, "validation"),
    ({"continuous": 1}, "validation"),
    ({"chat": []}, "validation"),
    ({"chat": {"thread": []}}, "validation"),
    ({"chat": {"thread": {"events": {}}}}, "validation"),
    ({"chat": {"thread": {"events": [1]}}}, "validation"),
    ({"chat": {"thread": {"events": [{"type": "message"}]}}}, "validation"),
    ({"chat": {"thread": {"properties": {"nope": {"x": 1}}}}}, "validation"),
    ({"chat": {"thread": {"properties": {"routing": {"pinned": True}}}}}, "authorization"),
    ({"chat": {"properties": {"rating": {"score": 7}}}}, "validation"),
    ({"chat": {"access": {}}}, "validation"),
    ({"chat": {"access": {"group_ids": []}}}, "validation"),
    ({"chat": {"access": {"group_ids": ["0"]}}}, "validation"),
    ({"chat": {"access": {"group_ids": [0, 77]}}}, "group_not_found"),
    ({"chat": {"users": [{"id": "x", "type": "agent"}]}}, "validation"),
    ({"chat": {"users": [{"id": "x", "type": "customer"}]}}, "not_found"),
    ({"chat": {"users": [{}, {}]}}, "validation"),
]


@pytest.mark.parametrize(("payload", "error"), STARTS)
async def test_start_is_refused_and_leaves_nothing(
    sandbox: Sandbox, raw: Raw, payload: Json, error: str
) -> None:
    assert await raw.refused("start_chat", payload) == error
    assert await raw.pushes() == []
    assert sandbox.chats == {}


async def test_one_chat_per_customer(raw: Raw) -> None:
    await started(raw)
    assert await raw.refused("start_chat", {"continuous": True}) == "limit_reached"


async def test_nobody_online(sandbox: Sandbox, raw: Raw) -> None:
    sandbox.set_availability(0, "offline")
    sandbox.set_availability(1, "offline")
    assert await raw.refused("start_chat") == "groups_offline"
    both = {"chat": {"access": {"group_ids": [0, 1]}}}
    assert await raw.refused("start_chat", both) == "groups_offline"
    sandbox.set_availability(1, "online")
    chat_id = (await raw.ok("start_chat", both))["chat_id"]
    await raw.ok("deactivate_chat", {"id": chat_id})
    # The default is all agents again, of whom nobody is there.
    assert await raw.refused("resume_chat", {"chat": {"id": chat_id}}) == "groups_offline"
    await raw.ok("resume_chat", {"chat": {"id": chat_id}, "continuous": True})
    await raw.ok("deactivate_chat", {"id": chat_id})
    # The chat stays continuous until it is said otherwise, which 3.5 can't.
    await raw.ok("resume_chat", {"chat": {"id": chat_id}, "continuous": False})
    await raw.ok("deactivate_chat", {"id": chat_id})
    given = {"chat": {"id": chat_id}, "continuous": False}
    assert await raw.refused("resume_chat", given, version="3.6") == "groups_offline"
    sandbox.set_availability(0, "online")
    await raw.ok("resume_chat", given, version="3.6")
    assert sandbox.chats[chat_id].properties == {}


async def test_a_queue(sandbox: Sandbox, raw: Raw) -> None:
    sandbox.set_availability(0, "online_for_queue")
    async with logged_in(sandbox) as (other, _):
        await other.ok("start_chat")
        await raw.settled()
        answer = await raw.ok("start_chat")
        ((_, payload),) = await raw.pushes()
        queue = payload["chat"]["thread"]["queue"]
        assert (queue["position"], queue["wait_time"]) == (2, 120)
        assert queue["queued_at"] == payload["chat"]["thread"]["created_at"]
        sandbox.set_queue(answer["chat_id"], 1, 30)
        ((action, payload),) = await raw.pushes()
        assert action == "queue_position_updated"
        assert payload["queue"] == {"position": 1, "wait_time": 30}
        shown = await raw.ok("get_chat", {"chat_id": answer["chat_id"]})
        assert shown["thread"]["queue"] == queue | {"position": 1, "wait_time": 30}
        sandbox.agent("Jane").send_event(answer["chat_id"], "I am here")
        shown = await raw.ok("get_chat", {"chat_id": answer["chat_id"]})
        assert "queue" not in shown["thread"]


async def test_resume(sandbox: Sandbox, raw: Raw, token: Token) -> None:
    chat_id, first = await started(raw, message("one"))
    jane = sandbox.agent("Jane")
    jane.send_event(chat_id, "unread")
    assert await raw.refused("resume_chat", {"chat": {"id": chat_id}}) == "chat_already_active"
    await raw.ok("deactivate_chat", {"id": chat_id})
    closing = sandbox.chats[chat_id].threads[0].events[-1]["created_at"]
    await raw.settled()
    answer = await raw.ok(
        "resume_chat",
        {
            "chat": {
                "id": chat_id,
                "properties": {"test": {"bool_property": True}},
                "thread": {"events": [message("two", custom_id="c")]},
            }
        },
    )
    ((_, payload),) = await raw.pushes()
    thread = payload["chat"]["thread"]
    assert answer == {"thread_id": thread["id"], "event_ids": [f"{thread['id']}_1"]}
    assert thread["previous_thread_id"] == first
    assert payload["chat"]["properties"]["test"] == {"bool_property": True}
    assert payload["chat"]["users"][0]["events_seen_up_to"] > closing
    assert [one.active for one in sandbox.chats[chat_id].threads] == [False, True]


async def test_resuming_without_events_marks_all_as_seen(sandbox: Sandbox, raw: Raw) -> None:
    chat_id, _ = await started(raw)
    sandbox.agent("Jane").send_event(chat_id, "unread")
    await raw.ok("deactivate_chat", {"id": chat_id})
    newest = sandbox.chats[chat_id].threads[0].events[-1]["created_at"]
    await raw.settled()
    await raw.ok("resume_chat", {"chat": {"id": chat_id}})
    ((_, payload),) = await raw.pushes()
    assert payload["chat"]["users"][0]["events_seen_up_to"] == newest


@pytest.mark.parametrize(
    ("payload", "error"),
    [
        ({}, "validation"),
        ({"chat": {}}, "validation"),
        ({"chat": {"id": 4}}, "validation"),
        ({"chat": {"id": "NOPE"}}, "not_found"),
    ],
)
async def test_resume_is_refused(raw: Raw, payload: Json, error: str) -> None:
    assert await raw.refused("resume_chat", payload) == error


async def test_deactivate(sandbox: Sandbox, raw: Raw) -> None:
    chat_id, _ = await started(raw)
    await raw.ok("update_customer", {"name": "Ann"})
    await raw.settled()
    assert await raw.ok("deactivate_chat", {"id": chat_id}) == {}
    (_, event), (_, end) = await raw.pushes()
    assert event["event"]["text"] == "Ann archived the chat"
    assert "author_id" not in event["event"]
    assert end["chat_id"] == chat_id
    assert await raw.refused("deactivate_chat", {"id": chat_id}) == "chat_inactive"
    assert await raw.refused("deactivate_chat", {"id": "NOPE"}) == "not_found"
    assert await raw.refused("deactivate_chat", {"chat_id": chat_id}) == "validation"
