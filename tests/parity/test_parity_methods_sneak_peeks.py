"""`set_sneak_peek` against the sandbox."""

from __future__ import annotations

import asyncio
import logging

import pytest
from front_kit import customer, until
from parity_kit import asked

import livechat_customer as lc
from livechat_customer.sandbox import Limits, Sandbox

TEXTS = ["what is", "what is the price", "what is the price for your "]


def peeks(sandbox: Sandbox) -> list[str]:
    return [payload["sneak_peek_text"] for payload in asked(sandbox, "send_sneak_peek")]


def working() -> list[str]:
    """The tasks that hold a sneak peek, or the time until the next."""
    return [repr(task) for task in asyncio.all_tasks() if "SneakPeeks" in repr(task.get_coro())]


@pytest.mark.slow
@pytest.mark.shows("method set_sneak_peek", by="sandbox")
async def test_the_first_and_of_those_that_follow_the_latest(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        recorded: list[lc.Record] = []
        sdk.records.subscribe(recorded.append)
        chat = await sdk.start_chat()

        sdk.set_sneak_peek(chat_id=chat.id, sneak_peek_text=TEXTS[0])
        await sandbox.wait_until(lambda: len(peeks(sandbox)) == 1)
        for text in TEXTS[1:]:
            sdk.set_sneak_peek(chat_id=chat.id, sneak_peek_text=text)
        await sandbox.wait_until(lambda: len(peeks(sandbox)) == 2)

        assert asked(sandbox, "send_sneak_peek") == [
            {"chat_id": chat.id, "sneak_peek_text": TEXTS[0]},
            {"chat_id": chat.id, "sneak_peek_text": TEXTS[2]},
        ]
        assert sandbox.chats[chat.id].sneak_peek == TEXTS[2]
        held = [record.payload for record in recorded if record.action == "send_sneak_peek"]
        assert len(held) > 2, "they are on record, without their text"
        assert not any(TEXTS[0].encode() in payload for payload in held)
        told = [record.getMessage() for record in caplog.records if "livechat" in record.name]
        assert not any(TEXTS[0] in line for line in told)


@pytest.mark.slow
@pytest.mark.shows("method set_sneak_peek", by="sandbox")
async def test_what_waits_is_dropped_when_the_message_itself_is_sent() -> None:
    limits = Limits(chats_per_customer=2)
    async with Sandbox(limits=limits) as sandbox, customer(sandbox) as sdk:
        chat, other = await sdk.start_chat(), await sdk.start_chat()
        sdk.set_sneak_peek(chat_id=chat.id, sneak_peek_text="a")
        await sandbox.wait_until(lambda: peeks(sandbox) == ["a"])
        sdk.set_sneak_peek(chat_id=chat.id, sneak_peek_text="b")
        await sdk.send_event(chat_id=chat.id, event=lc.Message("abc"))
        # The other chat is the clock: its second one comes after the first chat's time.
        sdk.set_sneak_peek(chat_id=other.id, sneak_peek_text="x")
        await sandbox.wait_until(lambda: "x" in peeks(sandbox))
        sdk.set_sneak_peek(chat_id=other.id, sneak_peek_text="y")
        await sandbox.wait_until(lambda: "y" in peeks(sandbox))
        assert peeks(sandbox) == ["a", "x", "y"]
        assert sandbox.chats[chat.id].sneak_peek is None


@pytest.mark.slow
@pytest.mark.shows("method set_sneak_peek", by="fault")
async def test_what_the_server_says_to_it_hurts_nobody() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        chat = await sdk.start_chat()
        sandbox.fault("error", action="send_sneak_peek", error="too_many_requests")
        sdk.set_sneak_peek(chat_id=chat.id, sneak_peek_text=TEXTS[0])
        await sandbox.wait_until(lambda: len(peeks(sandbox)) == 1)
        sdk.set_sneak_peek(chat_id=chat.id, sneak_peek_text=TEXTS[1])
        await sandbox.wait_until(lambda: sandbox.chats[chat.id].sneak_peek == TEXTS[1])
        assert peeks(sandbox) == TEXTS[:2]


@pytest.mark.shows("method set_sneak_peek", by="sandbox")
async def test_only_for_chats_that_are_open_and_only_while_connected() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        chat = await sdk.start_chat()
        await sdk.deactivate_chat(id=chat.id)
        await until(sdk.chat(chat.id), lambda it: it is not None and not it.active)
        for unheard in (chat.id, "NOSUCHCHAT"):
            sdk.set_sneak_peek(chat_id=unheard, sneak_peek_text=TEXTS[0])
        await sdk.get_customer()
        await sdk.resume_chat(chat={"id": chat.id})
        await sdk.disconnect()
        sdk.set_sneak_peek(chat_id=chat.id, sneak_peek_text=TEXTS[0])
        await sdk.connect()
        await sdk.get_customer()
        assert peeks(sandbox) == []


@pytest.mark.shows("method set_sneak_peek", by="sandbox")
async def test_nothing_is_left_of_it_after_destroy() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        chat = await sdk.start_chat()
        sdk.set_sneak_peek(chat_id=chat.id, sneak_peek_text=TEXTS[0])
        await sandbox.wait_until(lambda: peeks(sandbox))
        sdk.set_sneak_peek(chat_id=chat.id, sneak_peek_text=TEXTS[1])
        assert working()
        await sdk.destroy()
        sdk.set_sneak_peek(chat_id=chat.id, sneak_peek_text=TEXTS[0])
        await sandbox.wait_until(lambda: not sandbox.connections)
        assert peeks(sandbox) == TEXTS[:1]
        assert not working()


async def test_before_open_it_does_nothing() -> None:
    sdk = lc.init(organization_id="o", client_id="c", log=":memory:")
    sdk.set_sneak_peek(chat_id="C", sneak_peek_text=TEXTS[0])
