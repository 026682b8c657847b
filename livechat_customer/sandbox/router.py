"""The router: what happens to an open chat without an agent's or its customer's doing.

Protocol: system messages `routing.*`; reasons of `user_removed_from_chat` and `chat_transferred`.
A cause is the second half of the system message's type: `deleted`, `disconnected`, `inactive`,
`offline`, `other`, `remotely_signed_out`, `signed_out`.
"""

from __future__ import annotations

from typing import Final

from livechat_customer.sandbox import operations, queues
from livechat_customer.sandbox.api_errors import ApiError, invalid
from livechat_customer.sandbox.pushes import Push
from livechat_customer.sandbox.system_messages import TEMPLATES, variables_of
from livechat_customer.sandbox.wire_json import JsonObject
from livechat_customer.sandbox.world import AgentProfile, Chat, World

ARCHIVE: Final = "archive"
ASSIGN: Final = "assign"
UNASSIGN: Final = "unassign"
IDLE: Final = "idle"
MOVES: Final = (ARCHIVE, ASSIGN, UNASSIGN, IDLE)

DURATION: Final = 30
"""Minutes of inactivity that a system message names, unless told otherwise."""

_PARTICIPLES: Final = {ARCHIVE: "archived", ASSIGN: "assigned", UNASSIGN: "unassigned"}
_OTHERS: Final = {
    (ARCHIVE, "system"): "system_archived",
    (ARCHIVE, "customer_disconnected"): "archived_customer_disconnected",
    (IDLE, "inactive"): "routing.idle",
}
_ABOUT_THE_AGENT: Final = ("deleted", "disconnected", "remotely_signed_out", "signed_out")
"""Causes that take the agent out of the chat."""


def route(
    world: World,
    chat: Chat,
    move: str,
    cause: str,
    *,
    agent: AgentProfile | None = None,
    minutes: int = DURATION,
) -> list[Push]:
    """Moves the open chat; `agent` is who gets it when it is assigned.

    ApiError `chat_inactive` without an open thread, `validation` for what the router never does.
    """
    kind = _kind(move, cause)
    thread = operations.need_open(chat)
    serving = _serving(world, chat)
    if move == ASSIGN and (agent is None or agent is serving):
        raise invalid("agent_id", "must name another agent")
    variables = _variables(world, chat, kind, serving, agent, minutes)
    if move == ARCHIVE:
        gone = _remove(chat, serving, cause) if cause in _ABOUT_THE_AGENT else []
        return gone + operations.close_thread(world, chat, None, kind, **variables)
    if move == IDLE:
        return operations.add_system_message(world, chat, thread, kind, **variables)
    found: list[Push] = []
    if agent is None:
        target: JsonObject = {"group_ids": list(chat.group_ids)}
        queues.enter(world, thread, world.clock.tick())
    else:
        target = {"agent_ids": [agent.id]}
        queues.leave(world, thread)
    transferred: JsonObject = {
        "chat_id": chat.id,
        "thread_id": thread.id,
        "reason": "inactive" if cause == "inactive" else _PARTICIPLES[move],
        "transferred_to": target,
    }
    if thread.queue is not None:
        transferred["queue"] = dict(thread.queue)
    found.append(Push("chat_transferred", transferred))
    found += _remove(chat, serving, cause)
    if agent is not None:
        found += operations.join(world, chat, agent)
    return found + operations.add_system_message(world, chat, thread, kind, **variables)


def _kind(move: str, cause: str) -> str:
    if move not in MOVES:
        raise invalid("move", f"must be one of {', '.join(MOVES)}")
    usual = f"routing.{_PARTICIPLES.get(move)}_{cause}"
    kind = _OTHERS.get((move, cause), usual if usual in TEMPLATES else None)
    if kind is None:
        raise invalid("cause", f"is no cause to {move} a chat")
    return kind


def _serving(world: World, chat: Chat) -> AgentProfile | None:
    """The first agent who is in the chat."""
    present = (user_id for user_id, member in chat.members.items() if member.present)
    return next((world.agents[user_id] for user_id in present if user_id in world.agents), None)


def _remove(chat: Chat, agent: AgentProfile | None, cause: str) -> list[Push]:
    return [] if agent is None else operations.leave(chat, agent, cause, None)


def _variables(
    world: World,
    chat: Chat,
    kind: str,
    serving: AgentProfile | None,
    agent: AgentProfile | None,
    minutes: int,
) -> dict[str, str]:
    """What the type's template asks for."""
    wanted = variables_of(kind)
    if serving is None and {"agent", "agent_removed"} & set(wanted):
        raise ApiError("not_allowed", "No agent is in the chat")
    known = {
        "customer": operations.customer_name(world, chat),
        "agent": "" if serving is None else serving.name,
        "agent_removed": "" if serving is None else serving.name,
        "agent_added": "" if agent is None else agent.name,
        "duration": str(minutes),
    }
    return {name: known[name] for name in wanted}
