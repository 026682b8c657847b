"""What agents and the service do. Each takes effect at once; what can't be done is not done."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any, Final

from soak.steps import Step
from soak.world import World

from livechat_customer.sandbox.agents import Agent
from livechat_customer.sandbox.api_errors import ApiError
from livechat_customer.sandbox.structures import visible
from livechat_customer.sandbox.world import Chat, Thread

RICH: Final[dict[str, Any]] = {
    "type": "rich_message",
    "template_id": "cards",
    "elements": [
        {
            "title": "Which one?",
            "buttons": [
                {"text": "A", "postback_id": "p", "user_ids": []},
                {"text": "B", "postback_id": "p", "user_ids": []},
                {"text": "C", "postback_id": "q", "user_ids": []},
            ],
        }
    ],
}

NOTE: Final = {"type": "message", "text": "for agents", "recipients": "agents"}

REASONS: Final = (
    "access_token_expired",
    "access_token_revoked",
    "connection_timeout",
    "inactivity_timeout",
    "internal_error",
    "license_expired",
    "ping_timeout",
    "service_temporarily_unavailable",
    "something_new",
    "too_many_unauthorized_connections",
    "unavailable",
    "users_limit_reached",
)
"""Of `customer_disconnected`: all that are no end for good. `misdirected_connection` moves the
organization, see `_dismiss`."""


async def server_act(world: World, step: Step) -> None:
    """Does it, if there is what it is about."""
    if step.kind in _SERVICE:
        _SERVICE[step.kind](world, step)
        return
    agent = world.agents[step.who % len(world.agents)]
    if step.kind in _AGENT:
        with contextlib.suppress(ApiError):
            _AGENT[step.kind](world, agent, step)
        return
    chat = world.chat
    if chat is not None:
        with contextlib.suppress(ApiError):
            AGENT_IN_A_CHAT[step.kind](world, agent, chat, step)


def _chosen(
    chat: Chat, step: Step, holds: Callable[[dict[str, Any]], bool]
) -> tuple[Thread, dict[str, Any]] | None:
    found = [
        (thread, event)
        for thread in chat.threads
        for event in thread.events
        if visible(event) and holds(event)
    ]
    return found[step.a % len(found)] if found else None


def _send(world: World, agent: Agent, chat: Chat, step: Step) -> None:
    events: list[Any] = ["Hello", "What can I do?", RICH, {"type": "custom", "content": {"a": 1}}]
    agent.send_event(chat.id, events[step.a % len(events)])


def _service_event(world: World, agent: Agent, chat: Chat, step: Step) -> None:
    """What nobody wrote: a form, or an event that API 3.5 does not know."""
    if step.a % 2:
        world.sandbox.send_system_event(chat.id, "source", "subtype")
    else:
        fields = [{"type": "name", "id": "0", "label": "Name"}]
        world.sandbox.send_form(chat.id, {"form_id": "1", "fields": fields})


def _note(world: World, agent: Agent, chat: Chat, step: Step) -> None:
    agent.send_event(chat.id, NOTE)


def _edit(world: World, agent: Agent, chat: Chat, step: Step) -> None:
    found = _chosen(chat, step, lambda event: event["type"] in ("message", "rich_message"))
    if found is not None:
        thread, event = found
        new = RICH if step.b % 3 == 0 else {"type": "message", "text": f"edited {step.b}"}
        agent.update_event(chat.id, thread.id, event["id"], new)


def _delete(world: World, agent: Agent, chat: Chat, step: Step) -> None:
    found = _chosen(chat, step, world.may_be_deleted)
    if found is not None:
        thread, event = found
        world.deleted.add(event.get("custom_id", ""))
        agent.delete_event(chat.id, thread.id, event["id"])


def _transfer(world: World, agent: Agent, chat: Chat, step: Step) -> None:
    other = next(one for one in world.agents if one.id != agent.id)
    if step.a % 3 == 0:
        agent.transfer_chat(chat.id, group_ids=[(0, 4)[step.b % 2]])
    else:
        agent.transfer_chat(chat.id, [other.id], [0] if step.b % 2 else None)


def _see(world: World, agent: Agent, chat: Chat, step: Step) -> None:
    found = _chosen(chat, step, lambda event: True)
    if found is not None:
        agent.mark_events_as_seen(chat.id, found[1]["created_at"])


def _properties(world: World, agent: Agent, chat: Chat, step: Step) -> None:
    thread = chat.threads[step.a % len(chat.threads)]
    values: dict[str, dict[str, Any]] = {
        "rating": {"score": step.b % 2},
        "test": {"int_property": step.b},
    }
    agent.update_thread_properties(chat.id, thread.id, values)


def _start(world: World, agent: Agent, step: Step) -> None:
    agent.start_chat(world.customer_id, "Can I help?" if step.a % 2 else None)


def _rename(world: World, agent: Agent, step: Step) -> None:
    agent.update_customer(world.customer_id, name=f"Customer {step.a}")


def _route(world: World, agent: Agent, chat: Chat, step: Step) -> None:
    move = ("archive", "assign", "unassign", "idle")[step.a % 4]
    assigned = agent.id if move == "assign" else None
    world.sandbox.route(chat.id, move, agent_id=assigned)


def _queue_place(world: World, agent: Agent, chat: Chat, step: Step) -> None:
    world.sandbox.set_queue(chat.id, 1 + step.a % 5, step.b)


def _availability(world: World, step: Step) -> None:
    statuses = ("online", "offline", "online_for_queue")
    world.sandbox.set_availability((0, 4)[step.b % 2], statuses[step.a % 3])


def _show_greeting(world: World, step: Step) -> None:
    world.sandbox.show_greeting(world.customer_id, event=RICH if step.a % 2 else None)


def _multicast(world: World, step: Step) -> None:
    world.sandbox.push("incoming_multicast", {"content": {"number": step.a}}, world.customer_id)


def _hours(world: World, step: Step) -> None:
    """Threads and customers become idle, tokens run out."""
    world.sandbox.advance(600.0 * (1 + step.a % 20))


def _dismiss(world: World, step: Step) -> None:
    if step.a % 10 == 0:
        world.sandbox.set_region((None, "dal", "fra")[step.b % 3])
        return
    world.sandbox.disconnect(world.customer_id, REASONS[step.b % len(REASONS)])


def _cut(world: World, step: Step) -> None:
    """All of the customer's connections, or one of them."""
    connections = world.sandbox.connections
    if step.a % 3 == 0 or not connections:
        world.sandbox.disconnect(world.customer_id)
    else:
        connections[step.b % len(connections)].cut()


_SERVICE: Final[dict[str, Callable[[World, Step], None]]] = {
    "availability": _availability,
    "show_greeting": _show_greeting,
    "multicast": _multicast,
    "hours": _hours,
    "dismiss": _dismiss,
    "cut": _cut,
}
_AGENT: Final[dict[str, Callable[[World, Agent, Step], None]]] = {
    "agent_start": _start,
    "agent_rename": _rename,
}
AGENT_IN_A_CHAT: Final[dict[str, Callable[[World, Agent, Chat, Step], None]]] = {
    "agent_send": _send,
    "agent_note": _note,
    "service_event": _service_event,
    "agent_edit": _edit,
    "agent_delete": _delete,
    "agent_typing": lambda _, agent, chat, step: agent.typing(chat.id, bool(step.a % 2)),
    "agent_join": lambda _, agent, chat, step: agent.join(chat.id),
    "agent_leave": lambda _, agent, chat, step: agent.leave(chat.id),
    "agent_transfer": _transfer,
    "agent_see": _see,
    "agent_deactivate": lambda _, agent, chat, step: agent.deactivate_chat(chat.id),
    "agent_properties": _properties,
    "route": _route,
    "queue_place": _queue_place,
}
KINDS: Final = frozenset({*_SERVICE, *_AGENT, *AGENT_IN_A_CHAT})
