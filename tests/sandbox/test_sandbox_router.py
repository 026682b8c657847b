"""What the router does to a chat, cause by cause, as the customer sees it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sandbox_kit import Json, Raw, started

from livechat_customer.sandbox import ApiError, Sandbox
from livechat_customer.sandbox.system_messages import TEMPLATES

AGENTS_CAUSES = ["deleted", "disconnected", "remotely_signed_out", "signed_out"]


async def served(sandbox: Sandbox, raw: Raw) -> tuple[str, str]:
    """A chat that Jane is in."""
    chat_id, thread_id = await started(raw)
    sandbox.agent("Jane").join(chat_id)
    await raw.settled()
    return chat_id, thread_id


def words(payload: Json) -> tuple[str, str]:
    event = payload["event"]
    return event["system_message_type"], event["text"]


ARCHIVED = [
    ("inactive", "routing.archived_inactive", "Chat archived due to 30 minutes of inactivity"),
    ("offline", "routing.archived_offline", "Chat archived due to no available agents"),
    ("other", "routing.archived_other", "The chat was closed"),
    ("system", "system_archived", "Chat archived"),
    ("customer_disconnected", "archived_customer_disconnected", "Customer left the chat"),
]


@pytest.mark.parametrize(("cause", "kind", "text"), ARCHIVED)
async def test_archiving(sandbox: Sandbox, raw: Raw, cause: str, kind: str, text: str) -> None:
    chat_id, thread_id = await served(sandbox, raw)
    sandbox.route(chat_id, "archive", cause)
    (_, told), (action, payload) = await raw.pushes()
    assert words(told) == (kind, text)
    assert action == "chat_deactivated"
    # Nobody did it: there is no `user_id`.
    assert payload == {"chat_id": chat_id, "thread_id": thread_id}
    with pytest.raises(ApiError, match="chat_inactive"):
        sandbox.route(chat_id, "archive", cause)


@pytest.mark.parametrize("cause", AGENTS_CAUSES)
async def test_archiving_because_of_the_agent(sandbox: Sandbox, raw: Raw, cause: str) -> None:
    chat_id, _ = await served(sandbox, raw)
    sandbox.route(chat_id, "archive", cause)
    (removed, gone), (_, told), (closed, _) = await raw.pushes()
    assert (removed, gone["reason"]) == ("user_removed_from_chat", cause)
    assert "requester_id" not in gone
    kind, text = words(told)
    assert kind == f"routing.archived_{cause}"
    assert "Jane" in text
    assert closed == "chat_deactivated"


@pytest.mark.parametrize("cause", [*AGENTS_CAUSES, "inactive", "other"])
async def test_assigning(sandbox: Sandbox, raw: Raw, cause: str) -> None:
    chat_id, thread_id = await served(sandbox, raw)
    joe = sandbox.agent("Joe")
    sandbox.route(chat_id, "assign", cause, agent_id=joe.id, minutes=2)
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
        "reason": "inactive" if cause == "inactive" else "assigned",
        "transferred_to": {"agent_ids": [joe.id]},
    }
    assert pushed[1][1]["reason"] == cause
    assert (pushed[2][1]["reason"], pushed[2][1]["user"]["id"]) == ("assigned", joe.id)
    kind, text = words(pushed[3][1])
    assert kind == f"routing.assigned_{cause}"
    assert text.startswith("Chat assigned to Joe")


@pytest.mark.parametrize("cause", [*AGENTS_CAUSES, "other"])
async def test_back_to_the_queue(sandbox: Sandbox, raw: Raw, cause: str) -> None:
    chat_id, _ = await served(sandbox, raw)
    sandbox.route(chat_id, "unassign", cause)
    (_, transferred), (_, gone), (_, told) = await raw.pushes()
    assert transferred["reason"] == "unassigned"
    assert transferred["transferred_to"] == {"group_ids": [0]}
    assert transferred["queue"]["position"] == 1
    assert gone["reason"] == cause
    assert words(told)[0] == f"routing.unassigned_{cause}"
    shown = (await raw.ok("get_chat", {"chat_id": chat_id}))["thread"]
    assert shown["queue"] == transferred["queue"]
    await raw.settled()
    # The queue ends as it always does.
    sandbox.agent("Jane").send_event(chat_id, "back")
    assert (await raw.pushes())[0][0] == "user_added_to_chat"
    assert "queue" not in (await raw.ok("get_chat", {"chat_id": chat_id}))["thread"]


async def test_idle_is_for_agents(sandbox: Sandbox, raw: Raw) -> None:
    chat_id, _ = await served(sandbox, raw)
    sandbox.route(chat_id, "idle", "inactive", minutes=20)
    assert await raw.pushes() == []
    stored = sandbox.chats[chat_id].threads[-1].events[-1]
    assert stored["text"] == "Chat is idle due to 20 minutes of inactivity"
    assert (await raw.ok("get_chat", {"chat_id": chat_id}))["thread"]["events"] == []


async def test_what_the_router_never_does(sandbox: Sandbox, raw: Raw) -> None:
    chat_id, _ = await started(raw)
    jane = sandbox.agent("Jane")
    sandbox.agent("Joe")
    mistakes: list[tuple[Callable[[], None], str]] = [
        (lambda: sandbox.route(chat_id, "dance"), "validation"),
        (lambda: sandbox.route(chat_id, "archive", "boredom"), "validation"),
        (lambda: sandbox.route(chat_id, "unassign", "inactive"), "validation"),
        (lambda: sandbox.route(chat_id, "assign"), "validation"),
        (lambda: sandbox.route(chat_id, "assign", agent_id="x"), "not_found"),
        (lambda: sandbox.route("NOPE", "archive"), "not_found"),
        # Nobody is in the chat whose fault it could be.
        (lambda: sandbox.route(chat_id, "archive", "signed_out"), "not_allowed"),
        (lambda: sandbox.route(chat_id, "assign", "deleted", agent_id=jane.id), "not_allowed"),
    ]
    for run, error in mistakes:
        with pytest.raises(ApiError) as refused:
            run()
        assert refused.value.type == error
    assert await raw.pushes() == []
    jane.join(chat_id)
    with pytest.raises(ApiError, match="validation"):
        sandbox.route(chat_id, "assign", agent_id=jane.id)


def test_every_routing_message_has_a_cause_above() -> None:
    shown = {kind for _, kind, _ in ARCHIVED} | {"routing.idle"}
    shown |= {f"routing.archived_{cause}" for cause in AGENTS_CAUSES}
    shown |= {f"routing.assigned_{cause}" for cause in [*AGENTS_CAUSES, "inactive", "other"]}
    shown |= {f"routing.unassigned_{cause}" for cause in [*AGENTS_CAUSES, "other"]}
    assert {kind for kind in TEMPLATES if kind.startswith("routing.")} <= shown
