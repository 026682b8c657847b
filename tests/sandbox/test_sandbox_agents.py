"""Agents, scripted from Python."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sandbox_kit import Json, Raw, Token, http, message, started

from livechat_customer.sandbox import Agent, ApiError, Sandbox


async def test_joining_is_told_once_per_thread(sandbox: Sandbox, raw: Raw) -> None:
    chat_id, thread_id = await started(raw)
    jane = sandbox.agent("Jane")
    first = jane.send_event(chat_id, "one")
    jane.send_event(chat_id, message("two", custom_id="c"))
    (added, joined), (_, one), (_, two) = await raw.pushes()
    assert added == "user_added_to_chat"
    assert joined == {
        "chat_id": chat_id,
        "thread_id": thread_id,
        "reason": "assigned",
        "user": {
            "id": jane.id,
            "type": "agent",
            "name": "Jane",
            "avatar": "",
            "job_title": "Support Agent",
            "present": True,
        },
    }
    assert (one["event"]["id"], first.thread_id) == (first.event_id, thread_id)
    assert (two["event"]["custom_id"], two["event"]["author_id"]) == ("c", jane.id)
    await raw.ok("deactivate_chat", {"id": chat_id})
    await raw.ok("resume_chat", {"chat": {"id": chat_id}})
    await raw.settled()
    jane.send_event(chat_id, "three")
    assert [action for action, _ in await raw.pushes()] == ["user_added_to_chat", "incoming_event"]


async def test_notes_for_agents_are_not_told(sandbox: Sandbox, raw: Raw) -> None:
    chat_id, thread_id = await started(raw)
    jane = sandbox.agent("Jane")
    jane.send_event(chat_id, message("note", recipients="agents"))
    jane.send_event(chat_id, message("note", visibility="agents"))
    assert [action for action, _ in await raw.pushes()] == ["user_added_to_chat"]
    sent = jane.send_event(chat_id, "hello")
    assert sent.event_id == f"{thread_id}_3"
    thread = (await raw.ok("get_chat", {"chat_id": chat_id}))["thread"]
    assert [event["id"] for event in thread["events"]] == [sent.event_id]


async def test_typing(sandbox: Sandbox, raw: Raw) -> None:
    chat_id, thread_id = await started(raw)
    jane = sandbox.agent("Jane")
    for is_typing in (True, False):
        jane.typing(chat_id, is_typing)
        ((action, payload),) = await raw.pushes()
        assert action == "incoming_typing_indicator"
        indicator = payload.pop("typing_indicator")
        assert payload == {"chat_id": chat_id, "thread_id": thread_id}
        assert 1_735_689_600 <= indicator.pop("timestamp") < 1_735_689_700
        assert indicator == {"author_id": jane.id, "recipients": "all", "is_typing": is_typing}


async def test_coming_and_going(sandbox: Sandbox, raw: Raw) -> None:
    chat_id, thread_id = await started(raw)
    jane = sandbox.agent("Jane")
    jane.leave(chat_id)
    jane.join(chat_id)
    jane.join(chat_id)
    jane.leave(chat_id)
    jane.leave(chat_id)
    jane.send_event(chat_id, "back again")
    pushed = await raw.pushes()
    assert [action for action, _ in pushed] == [
        "user_added_to_chat",
        "user_removed_from_chat",
        "incoming_event",
        "user_added_to_chat",
        "incoming_event",
    ]
    assert pushed[2][1]["event"]["text"] == "Jane left the chat"
    assert pushed[1][1] == {
        "chat_id": chat_id,
        "thread_id": thread_id,
        "user_id": jane.id,
        "reason": "manual",
        "requester_id": jane.id,
    }
    await raw.ok("deactivate_chat", {"id": chat_id})
    await raw.settled()
    jane.leave(chat_id)
    sandbox.agent("Joe").join(chat_id)
    (_, removed), (_, added) = await raw.pushes()
    assert "thread_id" not in removed
    assert "thread_id" not in added


async def test_closing(sandbox: Sandbox, raw: Raw) -> None:
    chat_id, thread_id = await started(raw)
    jane = sandbox.agent("Jane")
    jane.deactivate_chat(chat_id)
    (_, event), (action, payload) = await raw.pushes()
    assert event["event"]["system_message_type"] == "manual_archived_agent"
    assert event["event"]["text_vars"] == {"agent": "Jane"}
    assert action == "chat_deactivated"
    assert payload == {"chat_id": chat_id, "thread_id": thread_id, "user_id": jane.id}


async def test_read_marks(sandbox: Sandbox, raw: Raw) -> None:
    chat_id, _ = await started(raw, message())
    moment = sandbox.chats[chat_id].threads[0].events[0]["created_at"]
    jane, joe = sandbox.agent("Jane"), sandbox.agent("Joe")
    jane.join(chat_id)
    await raw.settled()
    jane.mark_events_as_seen(chat_id, moment)
    jane.mark_events_as_seen(chat_id, "2020-01-01T00:00:00Z")
    marked = {"user_id": jane.id, "chat_id": chat_id, "seen_up_to": moment}
    assert await raw.pushes() == [("events_marked_as_seen", marked)]
    # Somebody who only looks in is made known first.
    joe.mark_events_as_seen(chat_id, moment)
    (added, payload), (seen, _) = await raw.pushes()
    assert (added, seen) == ("user_added_to_chat", "events_marked_as_seen")
    assert (payload["user"]["id"], payload["user"]["present"]) == (joe.id, False)
    users = {user["id"]: user for user in (await raw.ok("get_chat", {"chat_id": chat_id}))["users"]}
    assert users[jane.id]["events_seen_up_to"] == users[joe.id]["events_seen_up_to"] == moment


async def test_changing_an_event(sandbox: Sandbox, raw: Raw, token: Token) -> None:
    own = message("one", custom_id="c", properties={"test": {"int_property": 1}})
    chat_id, thread_id = await started(raw, own)
    jane = sandbox.agent("Jane")
    before = sandbox.chats[chat_id].threads[0].events[0]
    jane.update_event(chat_id, thread_id, before["id"], message("ONE", recipients="agents"))
    ((action, payload),) = await raw.pushes()
    assert action == "event_updated"
    assert payload == {
        "chat_id": chat_id,
        "thread_id": thread_id,
        "event": before | {"text": "ONE"},
    }
    assert payload["event"]["author_id"] == token.customer_id
    shown = (await raw.ok("get_chat", {"chat_id": chat_id}))["thread"]["events"]
    assert shown == [payload["event"]]
    note = jane.send_event(chat_id, message("note", recipients="agents"))
    await raw.settled()
    jane.update_event(chat_id, thread_id, note.event_id, message("new note"))
    assert await raw.pushes() == []


async def test_transfers(sandbox: Sandbox, raw: Raw) -> None:
    chat_id, thread_id = await started(raw)
    jane, joe = sandbox.agent("Jane"), sandbox.add_agent("Joe", groups=[4])
    jane.join(chat_id)
    await raw.settled()
    jane.transfer_chat(chat_id, agent_ids=[joe.id], group_ids=[4])
    pushed = await raw.pushes()
    assert [action for action, _ in pushed] == [
        "chat_transferred",
        "user_removed_from_chat",
        "user_added_to_chat",
        "incoming_event",
    ]
    assert pushed[0][1] == {
        "chat_id": chat_id,
        "thread_id": thread_id,
        "requester_id": jane.id,
        "reason": "manual",
        "transferred_to": {"agent_ids": [joe.id], "group_ids": [4]},
    }
    assert pushed[3][1]["event"]["text"] == "Jane transferred the chat to Joe, group 4"
    shown = await raw.ok("get_chat", {"chat_id": chat_id})
    assert shown["access"] == shown["thread"]["access"] == {"group_ids": [4]}
    await raw.ok("deactivate_chat", {"id": chat_id})
    await raw.settled()
    joe.transfer_chat(chat_id, group_ids=[0])
    ((_, payload),) = await raw.pushes()
    assert "thread_id" not in payload
    assert (await raw.ok("get_chat", {"chat_id": chat_id}))["access"] == {"group_ids": [0]}


async def test_properties_that_are_null(sandbox: Sandbox, raw: Raw) -> None:
    chat_id, thread_id = await started(raw)
    jane = sandbox.agent("Jane")
    place = {"chat_id": chat_id, "thread_id": thread_id}
    async with http(sandbox) as client:
        answer = await client.post(
            f"/_sandbox/agents/{jane.id}/update_thread_properties",
            json=place | {"properties": {"test": None}},
        )
    assert (answer.status_code, answer.json()) == (200, {})
    assert await raw.pushes() == []


async def test_thread_properties(sandbox: Sandbox, raw: Raw) -> None:
    chat_id, thread_id = await started(raw)
    jane = sandbox.agent("Jane")
    jane.update_thread_properties(
        chat_id, thread_id, {"routing": {"idle": True}, "lc2": {"queue_pos": 2}}
    )
    ((action, payload),) = await raw.pushes()
    assert action == "thread_properties_updated"
    assert payload["properties"] == {"lc2": {"queue_pos": 2}}


MISTAKES: list[tuple[str, Callable[[Agent, str, str], object], str]] = [
    ("unknown chat", lambda jane, chat, _: jane.send_event(chat + "X", "x"), "not_found"),
    ("no text", lambda jane, chat, _: jane.send_event(chat, {"type": "message"}), "validation"),
    ("unknown type", lambda jane, chat, _: jane.send_event(chat, {"type": "x"}), "validation"),
    ("no time", lambda jane, chat, _: jane.mark_events_as_seen(chat, "now"), "validation"),
    ("nobody", lambda jane, chat, _: jane.transfer_chat(chat), "validation"),
    ("no agent", lambda jane, chat, _: jane.transfer_chat(chat, ["x"]), "not_found"),
    ("no group", lambda jane, chat, _: jane.transfer_chat(chat, None, [9]), "group_not_found"),
    (
        "no event",
        lambda jane, chat, thread: jane.update_event(chat, thread, "x", message()),
        "not_found",
    ),
    ("no thread", lambda jane, chat, _: jane.delete_event(chat, "x", "y"), "not_found"),
    (
        "no thread for properties",
        lambda jane, chat, _: jane.update_thread_properties(chat, "x", {}),
        "not_found",
    ),
]


NAMES = [one[0] for one in MISTAKES]


@pytest.mark.parametrize(("run", "error"), [one[1:] for one in MISTAKES], ids=NAMES)
async def test_mistakes_change_nothing(
    sandbox: Sandbox, raw: Raw, run: Callable[[Agent, str, str], object], error: str
) -> None:
    chat_id, thread_id = await started(raw)
    with pytest.raises(ApiError) as refused:
        run(sandbox.agent("Jane"), chat_id, thread_id)
    assert refused.value.type == error
    assert await raw.pushes() == []


async def test_an_inactive_chat(sandbox: Sandbox, raw: Raw) -> None:
    chat_id, _ = await started(raw)
    await raw.ok("deactivate_chat", {"id": chat_id})
    jane = sandbox.agent("Jane")
    for run in (
        lambda: jane.send_event(chat_id, "x"),
        lambda: jane.typing(chat_id),
        lambda: jane.deactivate_chat(chat_id),
    ):
        with pytest.raises(ApiError) as refused:
            run()
        assert refused.value.type == "chat_inactive"


async def test_agents_send_what_customers_do(sandbox: Sandbox, raw: Raw) -> None:
    chat_id, _ = await started(raw)
    jane = sandbox.agent("Jane")
    events: list[Json] = [
        {"type": "file", "url": "https://anywhere.example/plan.pdf"},
        {"type": "rich_message", "template_id": "cards", "elements": [{"title": "T"}]},
        {"type": "form", "form_id": "1", "fields": []},
        {"type": "custom"},
    ]
    jane.join(chat_id)
    await raw.settled()
    for event in events:
        jane.send_event(chat_id, event)
        ((_, payload),) = await raw.pushes()
        assert event.items() <= payload["event"].items()
        assert payload["event"]["author_id"] == jane.id
    jane.send_event(chat_id, {"type": "system_message", "system_message_type": "x"})
    ((_, payload),) = await raw.pushes()
    assert "author_id" not in payload["event"]
