"""What a test does to a sandbox from Python."""

from __future__ import annotations

import asyncio

import pytest
from sandbox_kit import Raw, Token, fetch_token, logged_in, message, started

from livechat_customer.sandbox import ApiError, Sandbox


async def test_agents_by_name(sandbox: Sandbox) -> None:
    jane = sandbox.agent("Jane")
    assert sandbox.agent("Jane") == jane
    assert sandbox.agents == {jane.id: jane}
    other = sandbox.add_agent("Jane", id="other")
    assert (other.name, other.id) == ("Jane", "other")
    with pytest.raises(ApiError, match="taken"):
        sandbox.add_agent("Joe", id="other")


async def test_an_agents_groups_come_online(sandbox: Sandbox) -> None:
    sandbox.set_availability(3, "offline")
    sandbox.add_agent("Jane", groups=[3, 4])
    assert sandbox.groups == {0: "online", 3: "offline", 4: "online"}


async def test_greetings_go_to_who_came_last(sandbox: Sandbox) -> None:
    with pytest.raises(ApiError) as refused:
        sandbox.show_greeting()
    assert refused.value.type == "not_found"
    born = await fetch_token(sandbox)
    sandbox.show_greeting()
    async with logged_in(sandbox) as (_, first), logged_in(sandbox) as (raw, last):
        sandbox.show_greeting()
        assert [action for action, _ in await raw.pushes()] == ["incoming_greeting"]
        shown = [len(sandbox.customers[one.customer_id].greetings) for one in (born, first, last)]
        assert shown == [1, 0, 1]


async def test_conditions_see_frames_connections_and_state(sandbox: Sandbox) -> None:
    token = await fetch_token(sandbox)
    connected = asyncio.create_task(sandbox.wait_until(lambda: len(sandbox.connections) == 1))
    async with logged_in(sandbox, token) as (raw, _):
        assert await connected is True
        chat = await asyncio.gather(
            sandbox.wait_until(lambda: next(iter(sandbox.chats.values()), None)),
            started(raw, message()),
        )
        assert chat[0] is sandbox.chats[chat[1][0]]
        wrote = sandbox.wait_until(
            lambda: [one for one in sandbox.received if one.action == "send_event"]
        )
        waiting = asyncio.create_task(wrote)
        await raw.send("send_event", {"chat_id": chat[1][0], "event": message()})
        (record,) = await waiting
        assert record.payload["chat_id"] == chat[1][0]
    await sandbox.wait_until(lambda: not sandbox.connections)
    with pytest.raises(TimeoutError):
        await sandbox.wait_until(lambda: sandbox.connections, within=0.01)


async def test_state_may_be_changed_by_hand(sandbox: Sandbox, raw: Raw, token: Token) -> None:
    chat_id, _ = await started(raw, message())
    sandbox.customers[token.customer_id].email_verified = True
    sandbox.chats[chat_id].members[token.customer_id].present = False
    assert await raw.pushes() == []
    (user,) = (await raw.ok("get_chat", {"chat_id": chat_id}))["users"]
    assert (user["email_verified"], user["present"]) == (True, False)


async def test_mistakes(sandbox: Sandbox) -> None:
    for run, error in (
        (lambda: sandbox.set_availability(0, "asleep"), "validation"),
        (lambda: sandbox.set_form(9, "prechat", {}), "group_not_found"),
        (lambda: sandbox.set_queue("x", 1, 1), "not_found"),
        (lambda: sandbox.digest("x"), "not_found"),
        (lambda: sandbox.show_greeting("x"), "not_found"),
    ):
        with pytest.raises(ApiError) as refused:
            run()
        assert refused.value.type == error
