"""Who leaves the queue lets those behind move up, and they are told."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AsyncExitStack

import pytest
from sandbox_kit import Json, Raw, logged_in

from livechat_customer.sandbox import Sandbox

Leave = Callable[[Sandbox, str], None]

WAYS: dict[str, Leave] = {
    "an agent comes": lambda sandbox, chat: sandbox.agent("Jane").join(chat),
    "an agent writes": lambda sandbox, chat: void(sandbox.agent("Jane").send_event(chat, "hi")),
    "an agent closes it": lambda sandbox, chat: sandbox.agent("Jane").deactivate_chat(chat),
    "the router closes it": lambda sandbox, chat: sandbox.route(chat, "archive", "offline"),
    "it is handed over": lambda sandbox, chat: sandbox.agent("Jane").transfer_chat(
        chat, [sandbox.agent("Joe").id]
    ),
    "it is assigned": lambda sandbox, chat: sandbox.route(
        chat, "assign", agent_id=sandbox.agent("Jane").id
    ),
}


def void(_: object) -> None:
    """Drops a result."""


async def waiting(sandbox: Sandbox, stack: AsyncExitStack, count: int) -> list[tuple[Raw, str]]:
    """So many customers in the queue, in order: connection and chat."""
    sandbox.set_availability(0, "online_for_queue")
    found: list[tuple[Raw, str]] = []
    for _ in range(count):
        raw, _token = await stack.enter_async_context(logged_in(sandbox))
        answer = await raw.ok("start_chat")
        await raw.settled()
        found.append((raw, answer["chat_id"]))
    return found


def moved(pushed: list[tuple[str, Json]]) -> list[Json]:
    return [payload["queue"] for action, payload in pushed if action == "queue_position_updated"]


@pytest.mark.parametrize("way", WAYS)
async def test_the_others_move_up(sandbox: Sandbox, way: str) -> None:
    async with AsyncExitStack() as stack:
        (first, _), (second, leaver), (third, chat_id) = await waiting(sandbox, stack, 3)
        WAYS[way](sandbox, leaver)
        # Only those behind, and nobody is told twice.
        assert moved(await first.pushes()) == []
        assert moved(await second.pushes()) == []
        assert moved(await third.pushes()) == [{"position": 2, "wait_time": 120}]
        shown = (await third.ok("get_chat", {"chat_id": chat_id}))["thread"]["queue"]
        assert (shown["position"], shown["wait_time"]) == (2, 120)
        assert shown["queued_at"]


async def test_a_customer_who_gives_up(sandbox: Sandbox) -> None:
    async with AsyncExitStack() as stack:
        (first, leaver), (second, _) = await waiting(sandbox, stack, 2)
        await first.ok("deactivate_chat", {"id": leaver})
        assert moved(await second.pushes()) == [{"position": 1, "wait_time": 60}]
        # The next one comes last again.
        await first.ok("resume_chat", {"chat": {"id": leaver}})
        shown = (await first.ok("get_chat", {"chat_id": leaver}))["thread"]["queue"]
        assert shown["position"] == 2
