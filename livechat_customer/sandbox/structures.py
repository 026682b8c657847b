"""The API's structures as a customer gets them (protocol: data structures).

Events for agents only and properties that customers may not read are left out everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile

from livechat_customer.sandbox import properties
from livechat_customer.sandbox.versions import CONTACT
from livechat_customer.sandbox.wire_json import JsonObject, copied
from livechat_customer.sandbox.world import Chat, Customer, Thread, World


def visible(event: JsonObject) -> bool:
    """Whether customers may see it."""
    return event.get("recipients") != "agents"


def visible_events(thread: Thread) -> list[JsonObject]:
    return [event for event in thread.events if visible(event)]


def newest_first(chat: Chat) -> Iterator[JsonObject]:
    """The chat's events that customers may see, from the newest back."""
    for thread in reversed(chat.threads):
        yield from (event for event in reversed(thread.events) if visible(event))


def event_object(event: JsonObject) -> JsonObject:
    """The event with only those properties that customers may read."""
    found = copied(event)
    readable = properties.readable("event", found.pop("properties", {}))
    return found | {"properties": readable} if readable else found


def session_fields(fields: dict[str, str]) -> list[JsonObject]:
    """An ordered array of single-pair objects."""
    return [{name: value} for name, value in fields.items()]


def customer_object(customer: Customer) -> JsonObject:
    """The customer's own data, without `statistics`."""
    found: JsonObject = {"id": customer.id, "type": "customer"}
    for name in ("name", "email", "avatar", "email_verified"):
        value = getattr(customer, name)
        if value is not None:
            found[name] = value
    if customer.session_fields:
        found["session_fields"] = session_fields(customer.session_fields)
    # What API 3.6 brought; `versions` takes it away where 3.5 is spoken.
    for name in CONTACT:
        value = getattr(customer, name)
        if value not in (None, {}):
            found[name] = value
    return found


def statistics(world: World, customer: Customer) -> JsonObject:
    chats = world.chats_of(customer.id)
    return {
        "chats_count": len(chats),
        "threads_count": sum(len(chat.threads) for chat in chats),
        "visits_count": customer.visits,
        "page_views_count": customer.page_views,
        "greetings_shown_count": len(customer.greetings),
        "greetings_accepted_count": sum(greeting.accepted for greeting in customer.greetings),
    }


def agent_object(world: World, agent_id: str) -> JsonObject:
    agent = world.agents[agent_id]
    return {
        "id": agent.id,
        "type": "agent",
        "name": agent.name,
        "avatar": agent.avatar,
        "job_title": agent.job_title,
    }


def user_object(world: World, chat: Chat, user_id: str) -> JsonObject:
    """A user of the chat."""
    customer = world.customers.get(user_id)
    found = agent_object(world, user_id) if customer is None else customer_object(customer)
    member = chat.members[user_id]
    found["present"] = member.present
    if member.events_seen_up_to is not None:
        found["events_seen_up_to"] = member.events_seen_up_to
    return found


def thread_object(chat: Chat, thread: Thread) -> JsonObject:
    found: JsonObject = {
        "id": thread.id,
        "active": thread.active,
        "created_at": thread.created_at,
        "user_ids": list(thread.user_ids),
        "events": [event_object(event) for event in visible_events(thread)],
        "access": {"group_ids": list(thread.group_ids)},
    }
    readable = properties.readable("thread", thread.properties)
    if readable:
        found["properties"] = readable
    if thread.queue is not None:
        found["queue"] = dict(thread.queue)
    place = chat.threads.index(thread)
    if place > 0:
        found["previous_thread_id"] = chat.threads[place - 1].id
    if place + 1 < len(chat.threads):
        found["next_thread_id"] = chat.threads[place + 1].id
    return found


def chat_object(world: World, chat: Chat, thread: Thread | None) -> JsonObject:
    """The chat with one of its threads."""
    found = _chat_head(world, chat)
    if thread is not None:
        found["thread"] = thread_object(chat, thread)
    return found


def chat_summary(world: World, chat: Chat) -> JsonObject:
    found = _chat_head(world, chat) | {"active": chat.open_thread is not None}
    if chat.newest is not None:
        found["last_thread_id"] = chat.newest.id
        found["last_thread_created_at"] = chat.newest.created_at
    last: dict[str, tuple[Thread, JsonObject]] = {}
    for thread in chat.threads:
        last |= {event["type"]: (thread, event) for event in visible_events(thread)}
    if last:
        found["last_event_per_type"] = {
            kind: {
                "thread_id": thread.id,
                "thread_created_at": thread.created_at,
                "event": event_object(event),
            }
            for kind, (thread, event) in last.items()
        }
    return found


def has_unread_events(chat: Chat) -> bool:
    """Whether an event of somebody else's is newer than the customer's mark."""
    seen = chat.members[chat.customer_id].events_seen_up_to or ""
    unseen = takewhile(lambda event: event["created_at"] > seen, newest_first(chat))
    return any(event.get("author_id") not in (None, chat.customer_id) for event in unseen)


def _chat_head(world: World, chat: Chat) -> JsonObject:
    found: JsonObject = {
        "id": chat.id,
        "users": [user_object(world, chat, user_id) for user_id in chat.members],
        "access": {"group_ids": list(chat.group_ids)},
    }
    readable = properties.readable("chat", chat.properties)
    if readable:
        found["properties"] = readable
    return found
