"""Welcome messages (protocol: request_welcome_message of 3.6): shown before there is a chat.

A chat that begins with `welcome_message_id` has the message as its first event.
"""

from __future__ import annotations

from livechat_customer.sandbox.wire_json import JsonObject, copied
from livechat_customer.sandbox.world import Customer, World


def welcome_message(
    world: World, customer: Customer, agent_id: str, id: str | None = None
) -> JsonObject:
    """The payload of `incoming_welcome_message`; the event has no id yet. Shown ids are kept."""
    welcome_id = id or world.ids.letters("welcome")
    event: JsonObject = {
        "type": "message",
        "created_at": world.clock.tick(),
        "author_id": agent_id,
        "text": world.welcome_text,
        "recipients": "all",
        "properties": {
            "lc2": {"welcome_message": True},
            "chats": {"welcome_message_source": "welcome_phrase"},
        },
    }
    world.welcomes[welcome_id] = (customer.id, event)
    return {"id": welcome_id, "event": copied(event)}


def welcome_event(world: World, customer: Customer, welcome_id: str | None) -> JsonObject | None:
    """The event that a chat begins from; None for an id that this customer never got."""
    owner, event = world.welcomes.get(welcome_id or "", ("", {}))
    if owner != customer.id:
        return None
    found = copied(event)
    del found["created_at"]
    return found
