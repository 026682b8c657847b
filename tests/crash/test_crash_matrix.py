"""The process is killed at each step of a message's way, and started again: once, in order."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from crash_kit import Nursery, Place, valve
from crash_plan import Stop

from livechat_customer.sandbox import Sandbox

Chat = Literal["active", "inactive", "none"]

ACTIONS: dict[Chat, tuple[str, str]] = {
    "active": ("send_event", "incoming_event"),
    "inactive": ("resume_chat", "incoming_chat"),
    "none": ("start_chat", "incoming_chat"),
}
"""What a message is sent by, and the push that answers it."""

COMMITS: dict[str, tuple[Stop, list[str]]] = {
    "before the queueing's": (Stop("before", "command", "outbox_queued", 2), []),
    "after the queueing's": (Stop("after", "command", "outbox_queued", 2), ["b", "c"]),
    "before the attempt's": (Stop("before", "command", "outbox_attempted", 2), ["b", "c"]),
    "after the attempt's": (Stop("after", "command", "outbox_attempted", 2), ["b", "c"]),
    "before the answer's": (Stop("before", "response", "send_event", 2), ["b", "c"]),
    "after the answer's": (Stop("after", "response", "send_event", 2), ["b", "c"]),
    "before the push's": (Stop("before", "push", "incoming_event", 2), ["b", "c"]),
    "after the push's": (Stop("after", "push", "incoming_event", 2), ["b", "c"]),
}
"""The commit at which the process dies, and which of the messages queued last are delivered."""


@pytest.mark.parametrize("where", COMMITS)
async def test_killed_at_a_commit(where: str, nursery: Nursery, tmp_path: Path) -> None:
    stop, kept = COMMITS[where]
    async with Sandbox() as sandbox:
        place = Place(sandbox, tmp_path)
        chat_id = await place.begun()
        plan = place.plan(chat_id, first=("a",), then=("b", "c"), stop=stop)
        async with nursery.running(plan) as run:
            await run.dead()
        assert set(run.heard("queued")) <= {"a", *kept}, "what was called durable is kept"
        await place.goes_on(chat_id, ["a", *kept], run)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("which", ["attempt", "answer", "push"])
@pytest.mark.parametrize("chat", ["inactive", "none"])
async def test_killed_at_a_commit_while_a_chat_begins(
    chat: Chat, which: str, when: Literal["before", "after"], nursery: Nursery, tmp_path: Path
) -> None:
    action, push = ACTIONS[chat]
    stops = {
        "attempt": Stop(when, "command", "outbox_attempted"),
        "answer": Stop(when, "response", action),
        "push": Stop(when, "push", push),
    }
    async with Sandbox() as sandbox:
        place = Place(sandbox, tmp_path)
        await place.begun(chat)
        async with nursery.running(place.plan(None, then=("a", "b"), stop=stops[which])) as run:
            await run.dead()
        assert run.heard("queued") == ["a", "b"]
        await place.goes_on(None, ["a", "b"], run)


@pytest.mark.parametrize("chat", ACTIONS)
async def test_killed_when_the_request_is_written(
    chat: Chat, nursery: Nursery, tmp_path: Path
) -> None:
    """It left the client's machine, and it is lost on its way."""
    async with Sandbox() as sandbox, valve(sandbox) as way:
        place = Place(sandbox, tmp_path, way.url)
        chat_id = await place.begun(chat)
        async with nursery.running(place.plan(chat_id, then=("a", "b"), wait=True)) as run:
            await run.until("waiting")
            way.shut()
            run.go()
            await way.arrived.wait()
            await run.kill()
        assert run.heard("queued") == ["a", "b"]
        assert place.on_server() == []
        way.open()
        await place.goes_on(chat_id, ["a", "b"], run)


@pytest.mark.parametrize("chat", ACTIONS)
async def test_killed_when_the_server_has_it_and_has_not_answered(
    chat: Chat, nursery: Nursery, tmp_path: Path
) -> None:
    action, push = ACTIONS[chat]
    async with Sandbox() as sandbox:
        place = Place(sandbox, tmp_path)
        chat_id = await place.begun(chat)
        sandbox.fault("lost_answer", action=action)
        sandbox.fault("lost_push", action=push)
        async with nursery.running(place.plan(chat_id, then=("a", "b"))) as run:
            await sandbox.wait_until(place.on_server)
            await run.kill()
        assert place.on_server() == ["a"]
        await place.goes_on(chat_id, ["a", "b"], run)


async def test_killed_again_and_again(nursery: Nursery, tmp_path: Path) -> None:
    """Each run is killed one commit later than the one before it, the second half of them right
    after theirs; what they queued all the same is delivered in the end."""
    queued: list[str] = []
    async with Sandbox() as sandbox:
        place = Place(sandbox, tmp_path)
        chat_id = await place.begun()
        for number in range(1, 17):
            stop = Stop("before" if number <= 8 else "after", "any", nth=(number - 1) % 8 + 5)
            plan = place.plan(chat_id, then=(f"{number}",), stop=stop)
            async with nursery.running(plan) as run:
                await run.dead()
            queued += run.heard("queued")
        assert len(queued) > 8
        async with nursery.running(place.plan(chat_id, leave=True)) as run:
            await run.left()
        texts = place.on_server()
        assert len(set(texts)) == len(texts)
        assert sorted(texts, key=int) == texts
        assert set(queued) <= set(texts)
        await place.goes_on(chat_id, texts)
