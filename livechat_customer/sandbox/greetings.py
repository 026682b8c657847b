"""Showing greetings (protocol: greeting; incoming_greeting, greeting_canceled)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from livechat_customer.sandbox.api_errors import invalid
from livechat_customer.sandbox.check import Fields
from livechat_customer.sandbox.incoming_events import Author, read_event
from livechat_customer.sandbox.limits import Limits
from livechat_customer.sandbox.pushes import Push
from livechat_customer.sandbox.structures import agent_object
from livechat_customer.sandbox.wire_json import JsonObject
from livechat_customer.sandbox.world import AgentProfile, Customer, Greeting, World

DEFAULT_TEXT: Final = "Hello! Do you have a question?"
_TYPES: Final = ("message", "rich_message")


def show(
    world: World,
    limits: Limits,
    customer: Customer,
    agent: AgentProfile,
    *,
    id: int | None = None,
    event: Mapping[str, Any] | None = None,
    addon: str | None = None,
    subtype: str | None = None,
    is_exit_intent: bool = False,
) -> tuple[Greeting, list[Push]]:
    """Shows a greeting; one that is shown already is cancelled first."""
    checked = read_shown(event, limits)
    pushes: list[Push] = []
    shown = customer.greeting
    if shown is not None:
        shown.canceled = True
        pushes.append(Push("greeting_canceled", {"unique_id": shown.unique_id}))
    world.last_greeting_id += id is None
    number = world.last_greeting_id if id is None else id
    unique_id = world.ids.letters("greeting")
    body: JsonObject = {
        "id": number,
        "unique_id": unique_id,
        "displayed_first_time": all(one.body["id"] != number for one in customer.greetings),
        "is_exit_intent": is_exit_intent,
        "event": {
            "id": f"{unique_id}_1",
            "created_at": world.clock.tick(),
            "author_id": agent.id,
        }
        | checked,
        "agent": agent_object(world, agent.id) | {"is_bot": agent.is_bot},
    }
    body |= {
        name: value for name, value in (("addon", addon), ("subtype", subtype)) if value is not None
    }
    greeting = Greeting(unique_id, body)
    customer.greetings.append(greeting)
    return greeting, [*pushes, Push("incoming_greeting", body)]


def read_shown(event: Mapping[str, Any] | None, limits: Limits) -> JsonObject:
    """What a greeting shows: a message or a rich message."""
    given = {"type": "message", "text": DEFAULT_TEXT} if event is None else dict(event)
    checked = read_event(Fields(given, "event"), Author(limits, None, lambda _: None))
    if checked["type"] not in _TYPES:
        raise invalid("event.type", f"must be one of {', '.join(_TYPES)}")
    return checked
