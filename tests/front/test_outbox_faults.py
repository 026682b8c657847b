"""The outbox over real sockets, while the server and the network do what they can."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from front_kit import texts, until

import livechat_customer as lc
from livechat_customer.options import OutboxLimits, Timeouts
from livechat_customer.outbox import Handle
from livechat_customer.sandbox import Sandbox
from livechat_customer.sandbox.faults import Fault
from livechat_customer.sandbox.limits import Limits

WAIT = 0.3
SOON = OutboxLimits(in_doubt_wait=WAIT)


def client(sandbox: Sandbox, **options: Any) -> lc.CustomerSDK:
    given = {"log": ":memory:", "random": lambda: 0.0, "outbox": SOON, **sandbox.options()}
    return lc.init(**given | options)


def held(sandbox: Sandbox) -> list[str]:
    """The texts of all messages that the server holds, in order."""
    return [
        event["text"]
        for chat in sandbox.chats.values()
        for thread in chat.threads
        for event in thread.events
        if event["type"] == "message"
    ]


def asked(sandbox: Sandbox, action: str) -> int:
    return sum(received.action == action for received in sandbox.received)


async def back(sdk: lc.CustomerSDK) -> None:
    """As soon as the connection is gone, make another one, without the back-off."""
    await until(sdk.connection, lambda state: state.status != "connected")
    await sdk.connect()


async def until_state(sdk: lc.CustomerSDK, handle: Handle[Any], state: str) -> None:
    await until(sdk.outbox, lambda _: handle.state == state)


async def done(handle: Handle[Any], seconds: float = 10.0) -> Any:
    async with asyncio.timeout(seconds):
        return await handle


async def begun(sdk: lc.CustomerSDK) -> str:
    """An open chat that the views know; its id."""
    chat = await sdk.start_chat(continuous=True)
    return chat.id


@pytest.mark.parametrize("at", [0, 1])
@pytest.mark.parametrize(
    ("fault", "requests"),
    [
        # Neither the message nor a trace of it has reached the server: sent again after a search.
        ({"kind": "cut"}, 4),
        # It was delivered, and the resync finds it.
        ({"kind": "drop"}, 3),
        # The server acts on it after the connection's end, but within the wait.
        ({"kind": "late_effect", "seconds": WAIT / 3}, 3),
    ],
    ids=["cut", "drop", "late_effect"],
)
async def test_a_message_whose_connection_ends_is_delivered_once(
    fault: dict[str, Any], requests: int, at: int
) -> None:
    async with Sandbox() as sandbox, client(sandbox) as sdk:
        await sdk.connect()
        chat_id = await begun(sdk)
        handles = [sdk.outbox.send_event(chat_id, lc.Message("0"))]
        if at:
            await done(handles[0])
        sandbox.fault(**fault, action="send_event")
        handles += [sdk.outbox.send_event(chat_id, lc.Message(text)) for text in ("1", "2")]

        await back(sdk)
        events = [await done(handle) for handle in handles]

        assert held(sandbox) == texts(events) == ["0", "1", "2"]
        assert asked(sandbox, "send_event") == requests
        history = sdk.history(chat_id)
        await history.ready()
        assert texts(item for item in history.value or () if isinstance(item, lc.Message)) == [
            "0",
            "1",
            "2",
        ]
        assert [event.custom_id for event in events] == [handle.custom_id for handle in handles]


async def test_a_system_message_which_has_no_author_is_found_all_the_same() -> None:
    async with Sandbox() as sandbox, client(sandbox) as sdk:
        await sdk.connect()
        chat_id = await begun(sdk)
        sandbox.fault("drop", action="send_event")
        event = lc.SystemMessage(system_message_type="custom", text="one")
        handle = sdk.outbox.send_event(chat_id, event)

        await back(sdk)

        assert (await done(handle)).author_id == "system"
        assert asked(sandbox, "send_event") == 1


@pytest.mark.parametrize(("kind", "starts"), [("cut", 2), ("drop", 1), ("late_effect", 1)], ids=str)
async def test_a_start_in_doubt_makes_one_chat(kind: str, starts: int) -> None:
    async with Sandbox() as sandbox, client(sandbox) as sdk:
        await sdk.connect()
        sandbox.fault(kind, action="start_chat", seconds=WAIT / 3)
        handles = [sdk.outbox.send_event(None, lc.Message(text)) for text in ("Hello", "again")]

        await back(sdk)
        for handle in handles:
            await done(handle)

        assert held(sandbox) == ["Hello", "again"]
        assert asked(sandbox, "start_chat") == starts
        assert {handle.chat_id for handle in handles} == set(sandbox.chats)


@pytest.mark.parametrize(
    ("kind", "resumes"), [("cut", 2), ("drop", 1), ("late_effect", 1)], ids=str
)
async def test_a_resume_in_doubt_makes_one_thread(kind: str, resumes: int) -> None:
    async with Sandbox() as sandbox, client(sandbox) as sdk:
        await sdk.connect()
        chat_id = await begun(sdk)
        await sdk.deactivate_chat(id=chat_id)
        sandbox.fault(kind, action="resume_chat", seconds=WAIT / 3)
        handles = [sdk.outbox.send_event(chat_id, lc.Message(text)) for text in ("Hello", "again")]

        await back(sdk)
        for handle in handles:
            await done(handle)

        assert held(sandbox) == ["Hello", "again"]
        assert asked(sandbox, "resume_chat") == resumes
        assert len(sandbox.chats[chat_id].threads) == 2


async def test_an_effect_after_the_wait_is_folded_into_one_and_told_of() -> None:
    async with Sandbox() as sandbox, client(sandbox) as sdk:
        await sdk.connect()
        chat_id = await begun(sdk)
        history = sdk.history(chat_id)
        await history.ready()
        doubled = asyncio.create_task(sdk.wait_for("doubled", timeout=10))
        sandbox.fault("late_effect", action="send_event", seconds=3 * WAIT)
        handle = sdk.outbox.send_event(chat_id, lc.Message("one"))

        await back(sdk)
        event = await done(handle)
        double = await doubled

        assert held(sandbox) == ["one", "one"]
        assert double.custom_id == handle.custom_id
        assert double.event.id != event.id
        shown = [item for item in history.value or () if isinstance(item, lc.Message)]
        assert texts(shown) == ["one"]
        # Both are the server's, so both are in what is compared with it.
        await sdk.request("ping")
        assert sdk.customer.value is not None
        assert await sdk.shared_digest() == sandbox.digest(sdk.customer.value.id)


SILENT: list[tuple[str, Callable[[Sandbox], list[Fault]], int]] = [
    (
        "no answer and no push",
        lambda sandbox: [
            sandbox.fault("lost_answer", action="send_event"),
            sandbox.fault("lost_push", action="incoming_event"),
        ],
        1,
    ),
    (
        "an answer that comes too late",
        lambda sandbox: [
            sandbox.fault("delay", action="send_event"),
            sandbox.fault("lost_push", action="incoming_event"),
        ],
        1,
    ),
    (
        "a connection that falls silent",
        lambda sandbox: [sandbox.fault("half_open", action="send_event")],
        2,
    ),
]


@pytest.mark.parametrize(
    ("faults", "sent"), [row[1:] for row in SILENT], ids=[row[0] for row in SILENT]
)
async def test_what_is_not_answered_in_time_costs_the_connection(
    faults: Callable[[Sandbox], list[Fault]], sent: int
) -> None:
    timeouts = Timeouts(request=0.2)
    async with Sandbox() as sandbox, client(sandbox, timeouts=timeouts) as sdk:
        await sdk.connect()
        chat_id = await begun(sdk)
        faults(sandbox)
        handle = sdk.outbox.send_event(chat_id, lc.Message("one"))

        await until_state(sdk, handle, "unknown")
        await back(sdk)

        assert (await done(handle)).text == "one"
        assert held(sandbox) == ["one"]
        assert asked(sandbox, "send_event") == sent


async def test_only_the_answer_is_lost_and_the_push_tells() -> None:
    async with Sandbox() as sandbox, client(sandbox) as sdk:
        await sdk.connect()
        chat_id = await begun(sdk)
        sandbox.fault("lost_answer", action="send_event")

        event = await done(sdk.outbox.send_event(chat_id, lc.Message("one")))

        assert (event.text, event.confirmed) == ("one", True)
        assert asked(sandbox, "send_event") == 1


async def test_only_the_push_is_lost_and_the_answer_tells() -> None:
    async with Sandbox() as sandbox, client(sandbox) as sdk:
        await sdk.connect()
        chat_id = await begun(sdk)
        sandbox.fault("lost_push", action="incoming_event")
        first = sdk.outbox.send_event(chat_id, lc.Message("one"))
        second = sdk.outbox.send_event(chat_id, lc.Message("two"))

        # The answer is enough for the next one to go.
        await done(second)
        event = await done(first)

        assert event.text == "one"
        assert event.id == sandbox.chats[chat_id].threads[-1].events[0]["id"]
        assert held(sandbox) == ["one", "two"]


async def test_the_push_comes_before_the_answer() -> None:
    async with Sandbox() as sandbox, client(sandbox) as sdk:
        await sdk.connect()
        chat_id = await begun(sdk)
        sandbox.fault("reorder", action="send_event", count=3)
        handles = [sdk.outbox.send_event(chat_id, lc.Message(text)) for text in "123"]

        for handle in handles:
            await done(handle)

        assert held(sandbox) == ["1", "2", "3"]
        assert asked(sandbox, "send_event") == 3


@pytest.mark.parametrize("error", ["internal", "request_timeout"])
async def test_an_error_that_may_have_had_its_effect_is_searched_for(error: str) -> None:
    async with Sandbox() as sandbox, client(sandbox) as sdk:
        await sdk.connect()
        chat_id = await begun(sdk)
        sandbox.fault("error", action="send_event", error=error)
        handle = sdk.outbox.send_event(chat_id, lc.Message("one"))

        await until_state(sdk, handle, "unknown")
        assert handle.error is not None
        assert handle.error.code == error.upper()
        await done(handle)

        assert held(sandbox) == ["one"]
        assert asked(sandbox, "send_event") == 2
        # The server had answered, so nothing could lie in a buffer: the connection was kept.
        assert sdk.connection.value.number == 1


@pytest.mark.parametrize(
    "reason",
    ["service_temporarily_unavailable", "connection_timeout", "access_token_expired", "unheard_of"],
)
async def test_a_disconnection_with_a_reason_in_place_of_the_answer(reason: str) -> None:
    async with Sandbox() as sandbox, client(sandbox) as sdk:
        await sdk.connect()
        chat_id = await begun(sdk)
        sandbox.fault("disconnect", action="send_event", reason=reason)
        handle = sdk.outbox.send_event(chat_id, lc.Message("one"))

        await until(sdk.connection, lambda state: state.number > 1 or state.status != "connected")
        await sdk.connect()
        await done(handle)

        assert held(sandbox) == ["one"]


async def test_what_the_search_can_not_complete_stays_unknown() -> None:
    async with Sandbox() as sandbox, client(sandbox) as sdk:
        await sdk.connect()
        chat_id = await begun(sdk)
        sandbox.fault("cut", action="send_event")
        refusal = sandbox.fault("error", action="get_chat", error="not_allowed", count=None)
        handle = sdk.outbox.send_event(chat_id, lc.Message("one"))
        await back(sdk)

        # The resync's own request, then the search's.
        await sandbox.wait_until(lambda: refusal.fired >= 2)
        assert handle.state == "unknown"
        assert held(sandbox) == []

        sandbox.remove_fault(refusal.id)
        await done(handle)
        assert held(sandbox) == ["one"]


async def test_parked_in_doubt_it_waits_for_the_user_and_is_searched_for_first() -> None:
    async with Sandbox() as sandbox, client(sandbox, in_doubt="park") as sdk:
        await sdk.connect()
        chat_id = await begun(sdk)
        sandbox.fault("cut", action="send_event")
        handle = sdk.outbox.send_event(chat_id, lc.Message("one"))
        behind = sdk.outbox.send_event(chat_id, lc.Message("two"))
        await back(sdk)
        await until(sdk.sync, lambda sync: sync.status == "idle" and sync.connection == 2)
        assert (handle.state, behind.state) == ("unknown", "queued")

        assert handle.retry()
        before = asked(sandbox, "get_chat")
        await done(handle)
        await done(behind)

        assert held(sandbox) == ["one", "two"]
        assert asked(sandbox, "get_chat") > before


async def test_parked_in_doubt_it_is_found_all_the_same() -> None:
    async with Sandbox() as sandbox, client(sandbox, in_doubt="park") as sdk:
        await sdk.connect()
        chat_id = await begun(sdk)
        sandbox.fault("drop", action="send_event")
        handle = sdk.outbox.send_event(chat_id, lc.Message("one"))

        await back(sdk)
        await done(handle)

        assert held(sandbox) == ["one"]


async def test_a_seen_mark_in_doubt_is_sent_again() -> None:
    async with Sandbox() as sandbox, client(sandbox) as sdk:
        await sdk.connect()
        chat_id = await begun(sdk)
        jane = sandbox.agent("Jane")
        jane.send_event(chat_id, "Hello")
        chat = await until(sdk.chat(chat_id), lambda it: it is not None and it.unread == 1)
        assert chat is not None
        assert chat.last_event is not None
        sandbox.fault("cut", action="mark_events_as_seen")
        handle = sdk.outbox.mark_events_as_seen(chat_id, chat.last_event.created_at)

        await back(sdk)

        assert isinstance(await done(handle), lc.Success)
        await until(sdk.chat(chat_id), lambda it: it is not None and it.unread == 0)
        assert asked(sandbox, "mark_events_as_seen") == 2


async def test_chats_do_not_wait_for_each_other() -> None:
    limits = Limits(chats_per_customer=2)
    async with Sandbox(limits=limits) as sandbox, client(sandbox) as sdk:
        await sdk.connect()
        first, second = [await begun(sdk), await begun(sdk)]
        sandbox.fault("error", action="send_event", error="validation")
        stuck = sdk.outbox.send_event(first, lc.Message("stuck"))
        with pytest.raises(lc.ServerError):
            await done(stuck)

        await done(sdk.outbox.send_event(second, lc.Message("free")))

        assert held(sandbox) == ["free"]
        assert stuck.state == "failed"
