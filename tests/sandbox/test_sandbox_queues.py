"""The queue: what answers show of it is what pushes carried, whichever way a thread got there."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sandbox_kit import Json, Raw, started

from livechat_customer.sandbox import Agent, Sandbox

PLACE = {"position": 3, "wait_time": 90}


@pytest.fixture
async def waiting(sandbox: Sandbox, raw: Raw) -> tuple[str, Json]:
    """A chat that waits, and its place as it was pushed at the start."""
    sandbox.set_availability(0, "online_for_queue")
    await raw.settled()
    answer = await raw.ok("start_chat")
    ((_, pushed),) = await raw.pushes()
    return answer["chat_id"], pushed["chat"]["thread"]["queue"]


async def shown(raw: Raw, chat_id: str) -> Json | None:
    thread = (await raw.ok("get_chat", {"chat_id": chat_id}))["thread"]
    found: Json | None = thread.get("queue")
    await raw.settled()
    return found


async def transfer(raw: Raw) -> Json:
    """The payload of the transfer among the pushes that came."""
    (payload,) = [payload for action, payload in await raw.pushes() if action == "chat_transferred"]
    return payload


async def test_a_place_given_to_who_did_not_wait_has_no_beginning(
    sandbox: Sandbox, raw: Raw
) -> None:
    """`queue_position_updated` names none, so no client could know it."""
    chat_id, thread_id = await started(raw)
    sandbox.set_queue(chat_id, **PLACE)
    pushed = {"chat_id": chat_id, "thread_id": thread_id, "queue": PLACE}
    assert await raw.pushes() == [("queue_position_updated", pushed)]
    assert await shown(raw, chat_id) == PLACE
    sandbox.set_queue(chat_id, 1, 30)
    assert await shown(raw, chat_id) == {"position": 1, "wait_time": 30}


async def test_a_place_that_moves_keeps_its_beginning(
    sandbox: Sandbox, raw: Raw, waiting: tuple[str, Json]
) -> None:
    chat_id, queue = waiting
    sandbox.set_queue(chat_id, **PLACE)
    assert await shown(raw, chat_id) == queue | PLACE


async def test_who_waits_again_does_not_wait_since_before(
    sandbox: Sandbox, raw: Raw, waiting: tuple[str, Json]
) -> None:
    chat_id, _ = waiting
    sandbox.agent("Jane").join(chat_id)
    assert await shown(raw, chat_id) is None
    sandbox.set_queue(chat_id, **PLACE)
    assert await shown(raw, chat_id) == PLACE


Transfer = Callable[[Agent, str, str], None]

TRANSFERS: list[tuple[str, Transfer, bool]] = [
    ("to a group", lambda jane, chat, _: jane.transfer_chat(chat, group_ids=[4]), True),
    ("to an agent", lambda jane, chat, joe: jane.transfer_chat(chat, [joe]), False),
    ("to both", lambda jane, chat, joe: jane.transfer_chat(chat, [joe], [4]), False),
]


@pytest.mark.parametrize(
    ("act", "waits"),
    [(act, waits) for _, act, waits in TRANSFERS],
    ids=[row[0] for row in TRANSFERS],
)
async def test_a_transfer_says_whether_the_chat_waits_after_it(
    act: Transfer, waits: bool, sandbox: Sandbox, raw: Raw, waiting: tuple[str, Json]
) -> None:
    chat_id, queue = waiting
    jane, joe = sandbox.agent("Jane"), sandbox.add_agent("Joe", groups=[4])
    await raw.settled()
    act(jane, chat_id, joe.id)
    pushed = await transfer(raw)
    assert pushed.get("queue") == (queue if waits else None)
    assert await shown(raw, chat_id) == (queue if waits else None)


async def test_an_agent_who_is_there_already_takes_the_chat_out_of_the_queue(
    sandbox: Sandbox, raw: Raw
) -> None:
    chat_id, _ = await started(raw)
    jane, joe = sandbox.agent("Jane"), sandbox.agent("Joe")
    jane.join(chat_id)
    joe.join(chat_id)
    sandbox.set_queue(chat_id, **PLACE)
    await raw.settled()
    jane.transfer_chat(chat_id, [joe.id])
    assert "queue" not in await transfer(raw)
    assert await shown(raw, chat_id) is None


async def test_a_push_shares_nothing_with_the_state(
    sandbox: Sandbox, raw: Raw, waiting: tuple[str, Json]
) -> None:
    chat_id, queue = waiting
    sandbox.add_agent("Joe", groups=[4])
    await raw.settled()
    sandbox.agent("Jane").transfer_chat(chat_id, group_ids=[4])
    sandbox.set_queue(chat_id, **PLACE)
    assert (await transfer(raw))["queue"] == queue


async def test_an_inactive_chat_waits_for_nobody(
    sandbox: Sandbox, raw: Raw, waiting: tuple[str, Json]
) -> None:
    chat_id, _ = waiting
    await raw.ok("deactivate_chat", {"id": chat_id})
    await raw.settled()
    sandbox.agent("Jane").transfer_chat(chat_id, group_ids=[0])
    assert "queue" not in await transfer(raw)
    assert await shown(raw, chat_id) is None
