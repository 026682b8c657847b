"""Stories about old state, refusals and rate limits.

Each docstring names the issue it answers.
"""

from __future__ import annotations

import asyncio

import pytest
from story_kit import Scene, delivered, history, story

import livechat_customer as lc
from livechat_customer.errors import EntryExpiredError
from livechat_customer.options import OutboxLimits
from livechat_customer.store.memory import Memory
from livechat_customer.testing import virtual_time

YEAR = 365 * 86_400


@story
async def test_a_log_of_years_ago_catches_up(scene: Scene) -> None:
    """GetStream/stream-chat-swift#2319, stream-chat-android#3902: the last sync is too old, and the
    client is stuck in an error for ever."""
    disk = Memory()
    async with scene.phone(disk) as sdk:
        chat_id = await scene.begun(sdk)
        scene.says(chat_id, "long ago")
        await sdk.request("ping")
    scene.jane.deactivate_chat(chat_id)
    scene.sandbox.advance(3 * YEAR)
    scene.conversation(chat_id, "lately")
    later = virtual_time.wall_clock() + 3 * YEAR * 1_000_000
    async with scene.phone(disk, clock=lambda: later) as sdk:
        assert await history(sdk, chat_id) == ["long ago", "lately"]
        assert await scene.agrees(sdk)


@pytest.mark.parametrize("error", ["too_many_requests", "internal", "validation"])
@story
async def test_a_refusal_wipes_nothing(scene: Scene, error: str) -> None:
    """GetStream/stream-chat-flutter#2945: too many channels are refused, the refusal is read as
    "stale", and the whole offline database is wiped."""
    disk = Memory()
    async with scene.phone(disk) as sdk:
        chat_id = await scene.begun(sdk)
        scene.says(chat_id, "kept")
        await sdk.request("ping")
        digest = await sdk.shared_digest()
    faults = [
        scene.sandbox.fault("error", action=action, error=error, count=None)
        for action in ("get_chat", "list_chats", "list_threads")
    ]
    async with scene.phone(disk, auto_connect=False) as sdk:
        await sdk.connect()
        await asyncio.sleep(120)
        assert await history(sdk, chat_id) == ["kept"]
        assert await sdk.shared_digest() == digest
        for fault in faults:
            scene.sandbox.remove_fault(fault.id)
        await scene.flap(sdk)
        assert await scene.agrees(sdk)


@story
async def test_what_is_too_old_to_send_says_so(scene: Scene) -> None:
    """GetStream/stream-chat-unity#224: an age check with swapped operands, and the failure shows in
    a log line only."""
    disk = Memory()
    limits = OutboxLimits(max_age=3_600.0)
    async with scene.phone(disk, outbox=limits) as sdk:
        chat_id = await scene.begun(sdk)
        await scene.away(sdk)
        old = sdk.outbox.send_event(chat_id, lc.Message("old"))
        await asyncio.sleep(3_590)
        young = sdk.outbox.send_event(chat_id, lc.Message("young"))
        await asyncio.sleep(20)
        scene.device().go_online()
        await sdk.connect()
        with pytest.raises(EntryExpiredError):
            await old
        (first, _) = sdk.outbox.value
        assert first.state == "failed"
        assert first.error is not None
        assert first.error.code == "EXPIRED"
        old.cancel()
        await young
        assert scene.texts(chat_id) == ["young"]


@story
async def test_coming_back_does_not_trip_the_rate_limit(scene: Scene) -> None:
    """GetStream/stream-chat-angular#273, slackapi/python-slack-sdk#960: coming back online trips
    the rate limit."""
    async with scene.phone() as sdk:
        chat_id = await scene.begun(sdk)
        await scene.away(sdk)
        for number in range(30):
            sdk.outbox.send_event(chat_id, lc.Message(f"{number}"))
        scene.jane.deactivate_chat(chat_id)
        for number in range(20):
            scene.conversation(chat_id, f"missed {number}")
        before = len(scene.sandbox.received)
        scene.device().go_online()
        await sdk.connect()
        await delivered(sdk)
        asked = [one.action for one in list(scene.sandbox.received)[before:]]
        # As many messages as there are, and a handful of questions.
        assert asked.count("send_event") + asked.count("resume_chat") == 30
        assert len(asked) - asked.count("ping") <= 30 + 10
        assert await scene.agrees(sdk)


@story
async def test_the_app_sees_a_rate_limit(scene: Scene) -> None:
    """MyPureCloud/genesys-messenger-transport-mobile-sdk#347: a rate limit gives the app no event
    to act on."""
    async with scene.phone() as sdk:
        chat_id = await scene.begun(sdk)
        scene.sandbox.fault("error", action="send_event", error="too_many_requests", count=2)
        with pytest.raises(lc.ServerError) as refused:
            await sdk.send_event(chat_id=chat_id, event=lc.Message("directly"))
        assert refused.value.code == "TOO_MANY_REQUESTS"
        codes: list[str] = []
        sdk.outbox.subscribe(lambda entries: codes.extend(e.error.code for e in entries if e.error))
        await sdk.outbox.send_event(chat_id, lc.Message("queued"))
        assert "TOO_MANY_REQUESTS" in codes
        assert scene.texts(chat_id) == ["queued"]


@story
async def test_an_expired_token_is_no_end(scene: Scene) -> None:
    """twilio/conversations-ios#60, twilio/twilio-voice.js#85: an expired token crashes, or hangs."""
    async with scene.phone() as sdk:
        chat_id = await scene.begun(sdk)
        for number in range(3):
            handle = sdk.outbox.send_event(chat_id, lc.Message(f"{number}"))
            scene.sandbox.fault("expire_token", customer_id=scene.customer_id)
            await handle
        assert scene.texts(chat_id) == ["0", "1", "2"]


@story
async def test_tokens_are_fetched_one_at_a_time(scene: Scene) -> None:
    """openfga/js-sdk#333, getAlby/js-sdk#22: concurrent refreshes; a newer token is cleared."""
    async with scene.phone() as sdk:
        await scene.begun(sdk)
        scene.sandbox.fault("expire_token", customer_id=scene.customer_id)
        before = scene.asked("token")
        await asyncio.gather(*(sdk.auth.get_fresh_token() for _ in range(5)))
        await scene.back(sdk)
        assert scene.asked("token") - before <= 2
        assert await scene.agrees(sdk)
