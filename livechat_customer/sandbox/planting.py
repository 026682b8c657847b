"""Planting archived threads: a past that no request of the test had to make."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from livechat_customer.sandbox import properties
from livechat_customer.sandbox.api_errors import ApiError, invalid
from livechat_customer.sandbox.check import Fields
from livechat_customer.sandbox.wire_json import JsonObject, copied
from livechat_customer.sandbox.world import AgentProfile, Chat, Member, Thread, World


def plant(
    world: World,
    threads: Iterable[Mapping[str, Any]],
    *,
    chat_id: str | None = None,
    customer_id: str | None = None,
) -> Chat:
    """Adds archived threads to a chat, sorted and linked among those it has; pushes nothing.

    Ids, authors and times are kept; a thread needs `created_at`, an event needs `type` and
    `created_at`. Authors whom nobody knows become agents who are not present. With a
    `customer_id` and no chat yet, the chat is made. ApiError `not_found` for an unknown chat or
    customer; nothing has changed then.
    """
    found = _chat(world, chat_id, customer_id)
    taken = {thread.id for chat in world.chats.values() for thread in chat.threads}
    planted: list[Thread] = []
    for index, given in enumerate(threads):
        fields = Fields(dict(given), f"threads[{index}]")
        thread = _read_thread(world, found.customer_id, fields)
        if thread.id in taken:
            raise invalid(fields.at("id"), "is taken")
        taken.add(thread.id)
        planted.append(thread)
    together = sorted([*found.threads, *planted], key=lambda one: (one.created_at, one.id))
    if any(thread.active for thread in together[:-1]):
        raise invalid("threads", "must be older than the open thread")
    found.threads[:] = together
    world.chats[found.id] = found
    for thread in planted:
        for user_id in thread.user_ids:
            _make_known(world, found, user_id)
        for moment in (thread.created_at, *(event["created_at"] for event in thread.events)):
            world.clock.not_before(moment)
    return found


def _chat(world: World, chat_id: str | None, customer_id: str | None) -> Chat:
    if chat_id is not None:
        chat = world.chats.get(chat_id)
        if chat is None or customer_id not in (None, chat.customer_id):
            raise ApiError("not_found", "Chat not found")
        return chat
    if customer_id is None:
        raise invalid("chat_id", "or `customer_id` is required")
    if customer_id not in world.customers:
        raise ApiError("not_found", "Customer not found")
    chats = world.chats_of(customer_id)
    if chats:
        return chats[0]
    return Chat(world.ids.letters("chat"), customer_id, members={customer_id: Member()})


def _read_thread(world: World, customer_id: str, fields: Fields) -> Thread:
    access = fields.fields("access")
    thread = Thread(
        fields.string("id") or world.ids.letters("thread"),
        fields.need("created_at", fields.time("created_at")),
        active=False,
        user_ids=fields.strings("user_ids") or [customer_id],
        properties=properties.read_values(fields, "thread", None),
        group_ids=(access and access.integers("group_ids")) or [0],
    )
    for event in fields.objects("events") or []:
        thread.last_ordinal += 1
        thread.events.append(_read_event(thread, event))
    ids = {event["id"] for event in thread.events}
    if len(ids) < len(thread.events):
        raise invalid(fields.at("events"), "must have ids of their own")
    thread.events.sort(key=lambda event: event["created_at"])
    for stored in thread.events:
        author = stored.get("author_id")
        if author is not None and author not in thread.user_ids:
            thread.user_ids.append(author)
    return thread


def _read_event(thread: Thread, fields: Fields) -> JsonObject:
    """Any type and any fields: what a test plants may be what only the future brings."""
    fields.need("type", fields.string("type"))
    fields.string("author_id")
    fields.one_of("recipients", ("all", "agents"))
    fields.mapping("postback")
    fields.objects("elements")
    values = fields.fields("properties") or Fields({}, "")
    for namespace in values.data:
        values.mapping(namespace)
    fixed = {
        "id": fields.string("id") or f"{thread.id}_{thread.last_ordinal}",
        "created_at": fields.need("created_at", fields.time("created_at")),
    }
    given = {name: value for name, value in copied(fields.data).items() if value is not None}
    return fixed | {"recipients": "all"} | given | fixed


def _make_known(world: World, chat: Chat, user_id: str) -> None:
    if user_id not in world.customers and user_id not in world.agents:
        world.agents[user_id] = AgentProfile(user_id, "Former agent", groups=())
    chat.members.setdefault(user_id, Member(present=False))
