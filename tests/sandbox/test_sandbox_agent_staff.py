"""Coming, going, banning: what agents do with people, and the words that say so."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sandbox_kit import Json, Raw, Token, dialled, http, logged_in, message, started

from livechat_customer.sandbox import Agent, ApiError, Sandbox


def said(pushed: list[tuple[str, Json]]) -> list[str]:
    """The texts of the system messages."""
    return [payload["event"]["text"] for action, payload in pushed if action == "incoming_event"]


async def test_a_second_agent(sandbox: Sandbox, raw: Raw) -> None:
    chat_id, thread_id = await started(raw)
    jane, joe, jim = (sandbox.agent(name) for name in ("Jane", "Joe", "Jim"))
    jane.join(chat_id)
    # Being the first needs no words.
    assert said(await raw.pushes()) == []
    joe.join(chat_id)
    joe.join(chat_id)
    pushed = await raw.pushes()
    assert said(pushed) == ["Joe joined the chat"]
    jane.add_agent(chat_id, jim.id)
    jane.add_agent(chat_id, jim.id)
    (_, added), (_, told) = await raw.pushes()
    assert (added["reason"], added["requester_id"]) == ("manual", jane.id)
    assert added["user"]["id"] == jim.id
    assert told["event"]["text"] == "Jane added Jim to the chat"
    jane.remove_agent(chat_id, jim.id)
    jane.remove_agent(chat_id, jim.id)
    (action, gone), (_, told) = await raw.pushes()
    assert (action, told["event"]["text"]) == (
        "user_removed_from_chat",
        "Jane removed Jim from the chat",
    )
    assert gone == {
        "chat_id": chat_id,
        "thread_id": thread_id,
        "user_id": jim.id,
        "reason": "manual",
        "requester_id": jane.id,
    }
    joe.leave(chat_id)
    assert said(await raw.pushes()) == ["Joe left the chat"]
    with pytest.raises(ApiError, match="not_found"):
        jane.add_agent(chat_id, "x")


async def test_a_ban(sandbox: Sandbox, raw: Raw, token: Token) -> None:
    chat_id, _ = await started(raw, message())
    jane = sandbox.agent("Jane")
    jane.ban_customer(token.customer_id, days=3)
    code, frames = await raw.closed()
    told, closed, last = (frame["payload"] for frame in frames)
    assert told["event"]["system_message_type"] == "customer_banned"
    assert told["event"]["text_vars"] == {"agent": "Jane", "duration": "3"}
    assert closed["user_id"] == jane.id
    assert (code, last) == (1000, {"reason": "customer_banned"})
    async with dialled(sandbox) as again:
        login = {"token": f"Bearer {token.value}"}
        assert await again.refused("login", login) == "customer_banned"
        # The connection stays open for another login.
        assert await again.ok("ping") == {}
    async with http(sandbox) as client:
        answer = await client.post(
            "/v3.5/customer/action/list_chats",
            params={"organization_id": sandbox.organization_id},
            headers={"Authorization": f"Bearer {token.value}"},
            json={},
        )
    assert (answer.status_code, answer.json()["error"]["type"]) == (403, "customer_banned")
    sandbox.unban(token.customer_id)
    async with logged_in(sandbox, token) as (back, _):
        assert (await back.ok("get_chat", {"chat_id": chat_id}))["thread"]["active"] is False
    with pytest.raises(ApiError, match="not_found"):
        jane.ban_customer("x")


async def test_changing_a_profile(sandbox: Sandbox, raw: Raw, token: Token) -> None:
    chat_id, _ = await started(raw)
    jane = sandbox.agent("Jane")
    jane.update_customer(token.customer_id, name="Ann", email="ann@a.example")
    jane.update_customer(token.customer_id, name="Ann")
    changed = {"id": token.customer_id, "name": "Ann", "email": "ann@a.example"}
    # The system message is for agents.
    assert await raw.pushes() == [("customer_updated", changed)]
    (notice,) = sandbox.chats[chat_id].threads[-1].events
    assert notice["system_message_type"] == "customer_updated"
    with pytest.raises(ApiError, match="validation"):
        jane.update_customer(token.customer_id, email="nonsense")
    with pytest.raises(ApiError, match="not_found"):
        jane.update_customer("x", name="Ann")
    assert len(sandbox.chats[chat_id].threads[-1].events) == 1


async def test_a_transcript_is_sent_at_the_end(sandbox: Sandbox, raw: Raw) -> None:
    chat_id, thread_id = await started(raw)
    wish = {"routing": {"transcript_email": "ann@a.example"}}
    await raw.ok(
        "update_thread_properties",
        {"chat_id": chat_id, "thread_id": thread_id, "properties": wish},
    )
    (_, shown), (_, told) = await raw.pushes()
    assert shown["properties"] == wish
    assert told["event"]["system_message_type"] == "transcript_requested"
    await raw.ok("deactivate_chat", {"id": chat_id})
    pushed = await raw.pushes()
    assert said(pushed) == [
        "Customer archived the chat",
        "Customer sent the chat transcript to ann@a.example",
    ]
    assert pushed[-1][0] == "chat_deactivated"


Act = Callable[[Agent, str], None]
PREVIEWS: list[Act] = [
    lambda jane, chat_id: jane.preview_event(chat_id, "hm"),
    lambda jane, chat_id: jane.think(chat_id, "Looking", "at the stock", "c-1"),
]


async def test_signs_of_an_event_to_come(sandbox: Sandbox, raw: Raw, token: Token) -> None:
    chat_id, thread_id = await started(raw)
    jane = sandbox.agent("Jane")
    async with logged_in(sandbox, token, "3.6") as (newer, _):
        jane.think(chat_id, "Looking", "at the stock", "c-1")
        jane.preview_event(chat_id, message("It is", custom_id="c-1"))
        jane.preview_event(chat_id, message("secret", recipients="agents"))
        (first, thought), (second, preview) = await newer.pushes()
        place = {"chat_id": chat_id, "thread_id": thread_id}
        assert first == "incoming_thinking_indicator"
        assert thought.pop("sent_at").endswith("Z")
        assert thought == place | {
            "author_id": jane.id,
            "title": "Looking",
            "description": "at the stock",
            "custom_id": "c-1",
        }
        assert second == "incoming_event_preview"
        event = preview.pop("event")
        assert preview == place
        assert event.pop("created_at").endswith("Z")
        assert event == message("It is", custom_id="c-1", recipients="all", author_id=jane.id)
    # 3.5 knows neither, and nothing of it stays.
    assert await raw.pushes() == []
    assert (await raw.ok("get_chat", {"chat_id": chat_id}))["thread"]["events"] == []


@pytest.mark.parametrize("act", PREVIEWS)
async def test_there_is_nothing_to_come_in_a_closed_chat(
    sandbox: Sandbox, raw: Raw, act: Act
) -> None:
    chat_id, _ = await started(raw)
    await raw.ok("deactivate_chat", {"id": chat_id})
    with pytest.raises(ApiError, match="chat_inactive"):
        act(sandbox.agent("Jane"), chat_id)


async def test_all_of_it_from_afar(sandbox: Sandbox, raw: Raw, token: Token) -> None:
    chat_id, thread_id = await started(raw)
    jane, joe = sandbox.agent("Jane"), sandbox.agent("Joe")
    here = {"chat_id": chat_id}
    place = here | {"thread_id": thread_id}
    rows: list[tuple[str, Json, list[str]]] = [
        ("join", here, ["user_added_to_chat"]),
        ("add_agent", here | {"agent_id": joe.id}, ["user_added_to_chat", "incoming_event"]),
        ("remove_agent", here | {"agent_id": joe.id}, ["user_removed_from_chat", "incoming_event"]),
        ("preview_event", here | {"event": message()}, ["incoming_event_preview"]),
        ("think", here, ["incoming_thinking_indicator"]),
        (
            "update_thread_properties",
            place | {"properties": {"lc2": {"queue_pos": 1}}},
            ["thread_properties_updated"],
        ),
        ("leave", here, ["user_removed_from_chat", "incoming_event"]),
        (
            "update_customer",
            {"customer_id": token.customer_id, "name": "Ann"},
            ["customer_updated"],
        ),
    ]
    async with logged_in(sandbox, token, "3.6") as (newer, _), http(sandbox) as client:
        for verb, body, expected in rows:
            answer = await client.post(f"/_sandbox/agents/{jane.id}/{verb}", json=body)
            assert (answer.status_code, answer.json()) == (200, {}), verb
            assert [action for action, _ in await newer.pushes()] == expected, verb
            wrong = await client.post(f"/_sandbox/agents/{jane.id}/{verb}", json={})
            assert wrong.status_code == 400, verb
        bad = place | {"properties": {"lc2": 1}}
        answer = await client.post(f"/_sandbox/agents/{jane.id}/update_thread_properties", json=bad)
        assert answer.status_code == 400
