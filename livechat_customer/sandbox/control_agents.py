"""What agents do, as control endpoints: `agents/{id}/<verb>`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from livechat_customer.sandbox.agents import Agent
from livechat_customer.sandbox.api_errors import invalid
from livechat_customer.sandbox.check import Fields
from livechat_customer.sandbox.wire_json import JsonObject


def _required(fields: Fields, name: str) -> str:
    return fields.need(name, fields.string(name))


def _chat_id(fields: Fields) -> str:
    return _required(fields, "chat_id")


def _send_event(agent: Agent, fields: Fields) -> JsonObject:
    sent = agent.send_event(_chat_id(fields), fields.need("event", fields.mapping("event")))
    return {"thread_id": sent.thread_id, "event_id": sent.event_id}


def _start_chat(agent: Agent, fields: Fields) -> JsonObject:
    chat_id = agent.start_chat(
        _required(fields, "customer_id"),
        fields.mapping("event"),
        continuous=fields.boolean("continuous") is not False,
    )
    return {"chat_id": chat_id}


def _typing(agent: Agent, fields: Fields) -> JsonObject:
    agent.typing(_chat_id(fields), fields.boolean("is_typing") is not False)
    return {}


def _preview_event(agent: Agent, fields: Fields) -> JsonObject:
    agent.preview_event(_chat_id(fields), fields.need("event", fields.mapping("event")))
    return {}


def _think(agent: Agent, fields: Fields) -> JsonObject:
    agent.think(
        _chat_id(fields),
        fields.string("title") or "Thinking",
        fields.string("description") or "",
        fields.string("custom_id"),
    )
    return {}


def _join(agent: Agent, fields: Fields) -> JsonObject:
    agent.join(_chat_id(fields))
    return {}


def _leave(agent: Agent, fields: Fields) -> JsonObject:
    agent.leave(_chat_id(fields))
    return {}


def _add_agent(agent: Agent, fields: Fields) -> JsonObject:
    agent.add_agent(_chat_id(fields), _required(fields, "agent_id"))
    return {}


def _remove_agent(agent: Agent, fields: Fields) -> JsonObject:
    agent.remove_agent(_chat_id(fields), _required(fields, "agent_id"))
    return {}


def _deactivate_chat(agent: Agent, fields: Fields) -> JsonObject:
    agent.deactivate_chat(_chat_id(fields))
    return {}


def _transfer_chat(agent: Agent, fields: Fields) -> JsonObject:
    agent.transfer_chat(_chat_id(fields), fields.strings("agent_ids"), fields.integers("group_ids"))
    return {}


def _mark_events_as_seen(agent: Agent, fields: Fields) -> JsonObject:
    agent.mark_events_as_seen(_chat_id(fields), _required(fields, "seen_up_to"))
    return {}


def _event_names(fields: Fields) -> tuple[str, str, str]:
    return _chat_id(fields), _required(fields, "thread_id"), _required(fields, "event_id")


def _update_event(agent: Agent, fields: Fields) -> JsonObject:
    agent.update_event(*_event_names(fields), fields.need("event", fields.mapping("event")))
    return {}


def _delete_event(agent: Agent, fields: Fields) -> JsonObject:
    agent.delete_event(*_event_names(fields))
    return {}


def _update_thread_properties(agent: Agent, fields: Fields) -> JsonObject:
    given = fields.need("properties", fields.fields("properties"))
    values = {namespace: given.mapping(namespace) or {} for namespace in given.data}
    agent.update_thread_properties(_chat_id(fields), _required(fields, "thread_id"), values)
    return {}


def _ban_customer(agent: Agent, fields: Fields) -> JsonObject:
    agent.ban_customer(_required(fields, "customer_id"), fields.integer("days") or 1)
    return {}


def _update_customer(agent: Agent, fields: Fields) -> JsonObject:
    agent.update_customer(
        _required(fields, "customer_id"), name=fields.string("name"), email=fields.string("email")
    )
    return {}


def _multicast(agent: Agent, fields: Fields) -> JsonObject:
    agent.multicast(content(fields), fields.string("customer_id"))
    return {}


def content(fields: Fields) -> object:
    """The field `content`: any JSON, but it must be there."""
    if "content" not in fields.data:
        raise invalid("content", "is required")
    return fields.data["content"]


VERBS: Final[dict[str, Callable[[Agent, Fields], JsonObject]]] = {
    "send_event": _send_event,
    "start_chat": _start_chat,
    "typing": _typing,
    "preview_event": _preview_event,
    "think": _think,
    "join": _join,
    "leave": _leave,
    "add_agent": _add_agent,
    "remove_agent": _remove_agent,
    "deactivate_chat": _deactivate_chat,
    "transfer_chat": _transfer_chat,
    "mark_events_as_seen": _mark_events_as_seen,
    "update_event": _update_event,
    "delete_event": _delete_event,
    "update_thread_properties": _update_thread_properties,
    "ban_customer": _ban_customer,
    "update_customer": _update_customer,
    "multicast": _multicast,
}
