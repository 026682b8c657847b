"""The built-in bot."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sandbox_kit import Json, Raw, Token, http, logged_in, message, started

from livechat_customer.sandbox import Sandbox, SteppingClock
from livechat_customer.sandbox.helpdesk import GREETING, NAME, answer_to


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(clock=SteppingClock(), bot=True) as running:
        yield running


def outline(frames: list[Json]) -> list[str]:
    return [frame["action"] for frame in frames if frame["type"] == "push"]


ANSWER = ["incoming_typing_indicator", "incoming_event"]
JOIN = ["user_added_to_chat"]


async def test_it_joins_types_and_answers(sandbox: Sandbox, raw: Raw) -> None:
    await raw.send(
        "start_chat", {"continuous": True, "chat": {"thread": {"events": [message("hello")]}}}
    )
    frames = await raw.settled()
    assert [frame["type"] for frame in frames] == ["response"] + ["push"] * 4
    assert outline(frames) == ["incoming_chat", *JOIN, *ANSWER]
    assert frames[2]["payload"]["user"]["name"] == NAME
    assert frames[2]["payload"]["reason"] == "assigned"
    assert frames[3]["payload"]["typing_indicator"]["is_typing"] is True
    event = frames[4]["payload"]["event"]
    assert sandbox.bot is not None
    assert event["author_id"] == sandbox.bot.id
    assert event["text"] == answer_to(message("hello"))
    chat_id = frames[0]["payload"]["chat_id"]
    await raw.ok("send_event", {"chat_id": chat_id, "event": message("and the price?")})
    assert outline(await raw.settled()) == ["incoming_event", *ANSWER]
    await raw.ok("deactivate_chat", {"id": chat_id})
    assert outline(await raw.settled()) == ["incoming_event", "chat_deactivated"]
    again = {"chat": {"id": chat_id, "thread": {"events": [message("hi")]}}}
    await raw.ok("resume_chat", again)
    assert outline(await raw.settled()) == ["incoming_chat", *JOIN, *ANSWER]


async def test_it_greets_where_nothing_was_said(raw: Raw) -> None:
    await raw.ok("start_chat", {"continuous": True})
    frames = await raw.settled()
    assert frames[-1]["payload"]["event"]["text"] == GREETING


@pytest.mark.parametrize(
    ("event", "answers"),
    [
        (message("for you", recipients="agents"), 0),
        ({"type": "custom"}, 0),
        ({"type": "system_message", "system_message_type": "x"}, 0),
        ({"type": "file", "url": "https://cdn.livechatinc.com/a.pdf"}, 1),
        ({"type": "filled_form", "form_id": "1", "fields": []}, 1),
    ],
)
async def test_what_it_answers_to(raw: Raw, event: Json, answers: int) -> None:
    chat_id, _ = await started(raw)
    await raw.ok("send_event", {"chat_id": chat_id, "event": event})
    assert outline(await raw.settled()) == ["incoming_event"] + ANSWER * answers


async def test_it_keeps_silent_in_closed_chats(raw: Raw) -> None:
    await raw.ok("start_chat", {"active": False, "chat": {"thread": {"events": [message()]}}})
    assert outline(await raw.settled()) == ["incoming_chat"]


async def test_it_answers_over_http_and_to_late_effects(
    sandbox: Sandbox, raw: Raw, token: Token
) -> None:
    chat_id, _ = await started(raw)
    event = {"chat_id": chat_id, "event": message()}
    async with http(sandbox) as client, logged_in(sandbox, token) as (other, _):
        await client.post(
            "/v3.5/customer/action/send_event",
            params={"organization_id": sandbox.organization_id},
            headers={"Authorization": f"Bearer {token.value}"},
            json=event,
        )
        assert outline(await raw.settled()) == ["incoming_event", *ANSWER]
        await other.settled()
        sandbox.fault("late_effect", action="send_event", seconds=0)
        await raw.send("send_event", event)
        await raw.closed()
        assert [(await other.next())["action"] for _ in range(3)] == ["incoming_event", *ANSWER]


async def test_it_is_silent_unless_asked_for() -> None:
    async with Sandbox() as sandbox, logged_in(sandbox) as (raw, _):
        assert sandbox.bot is None
        await raw.ok("start_chat", {"chat": {"thread": {"events": [message()]}}})
        assert outline(await raw.settled()) == ["incoming_chat"]


async def test_it_survives_a_reset(sandbox: Sandbox, raw: Raw) -> None:
    before = sandbox.bot
    sandbox.reset()
    assert sandbox.bot == before
    await raw.closed()
    async with logged_in(sandbox) as (fresh, _):
        await fresh.ok("start_chat", {"chat": {"thread": {"events": [message()]}}})
        assert outline(await fresh.settled()) == ["incoming_chat", *JOIN, *ANSWER]


def test_it_always_says_the_same() -> None:
    texts = ["Hello", "What does a PLAN cost", "my order", "why?", "this and that", ""]
    answers = [answer_to(message(text)) for text in texts]
    assert answers == [answer_to(message(text)) for text in texts]
    assert len(set(answers)) == 5
    assert answer_to(message("sorder")) == answer_to(message(""))
