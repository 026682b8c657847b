"""Starting, resuming and closing a chat (protocol: start_chat, resume_chat, deactivate_chat)."""

from __future__ import annotations

from typing import Final

from livechat_customer.sandbox import operations, properties
from livechat_customer.sandbox.api_errors import ApiError, invalid
from livechat_customer.sandbox.calls import Action, Call
from livechat_customer.sandbox.check import Fields
from livechat_customer.sandbox.incoming_events import read_events
from livechat_customer.sandbox.pushes import Push
from livechat_customer.sandbox.structures import chat_object
from livechat_customer.sandbox.versions import OLDEST
from livechat_customer.sandbox.welcome import welcome_event
from livechat_customer.sandbox.wire_json import JsonObject
from livechat_customer.sandbox.world import Chat, Member, Properties, Thread


class _Opening:
    """The arguments that start_chat and resume_chat share, checked before anything changes."""

    def __init__(self, call: Call, chat: Fields) -> None:
        thread = chat.fields("thread") or Fields({}, chat.at("thread"))
        self.active = call.fields.boolean("active") is not False
        self.continuous = call.fields.boolean("continuous")
        self.group_ids = _read_access(call, chat)
        most = call.limits.property_value
        self.chat_properties = properties.read_values(chat, "chat", call.client_id, most=most)
        self.thread_properties = properties.read_values(thread, "thread", call.client_id, most=most)
        self.events = read_events(thread, "events", call.author)
        welcome_id = call.fields.string("welcome_message_id") if call.version != OLDEST else None
        self.welcome = welcome_event(call.world, call.customer, welcome_id)

    def check_groups(self, call: Call, mode: Properties) -> None:
        """A chat that is not continuous needs somebody who is reachable."""
        continuous = self.continuous or bool(mode.get("routing", {}).get("continuous"))
        if self.active and not continuous and not call.world.reachable(self.group_ids):
            raise ApiError("groups_offline")


def start_chat(call: Call) -> JsonObject:
    given = call.fields.fields("chat") or Fields({}, "chat")
    opening = _Opening(call, given)
    _check_users(call, given)
    if len(call.world.chats_of(call.customer.id)) >= call.limits.chats_per_customer:
        raise ApiError("limit_reached", "The customer already has a chat")
    opening.check_groups(call, {})
    chat = Chat(call.world.ids.letters("chat"), call.customer.id)
    chat.members[call.customer.id] = Member()
    call.world.chats[chat.id] = chat
    thread, answer = _open(call, chat, opening)
    return {"chat_id": chat.id, "thread_id": thread.id} | answer


def resume_chat(call: Call) -> JsonObject:
    given = call.fields.need("chat", call.fields.fields("chat"))
    chat = call.writable_chat(given, "id")
    opening = _Opening(call, given)
    if chat.open_thread is not None:
        raise ApiError("chat_already_active")
    # Clearing the mode came with 3.6; before, only `true` says anything.
    clears = opening.continuous is False and call.version != OLDEST
    opening.check_groups(call, {} if clears else chat.properties)
    if clears:
        properties.remove(chat.properties, {"routing": ["continuous"]})
    thread, answer = _open(call, chat, opening)
    return {"thread_id": thread.id} | answer


def deactivate_chat(call: Call) -> JsonObject:
    chat = call.chat(call.fields, "id")
    call.pushes += operations.close_thread(
        call.world, chat, call.customer.id, "manual_archived_customer", customer=call.name
    )
    return {}


def _open(call: Call, chat: Chat, opening: _Opening) -> tuple[Thread, JsonObject]:
    chat.group_ids = opening.group_ids
    properties.merge(chat.properties, opening.chat_properties)
    if opening.continuous:
        properties.merge(chat.properties, {"routing": {"continuous": True}})
    call.keep_files(opening.events)
    thread, events = operations.open_thread(
        call.world, chat, opening.events, active=opening.active, welcome=opening.welcome
    )
    properties.merge(thread.properties, opening.thread_properties)
    if chat.properties.get("routing", {}).get("continuous"):
        properties.merge(thread.properties, {"routing": {"continuous": True}})
    page = (call.customer.page or {}).get("url")
    if page is not None:
        properties.merge(thread.properties, {"routing": {"start_url": page}})
    call.pushes.append(
        Push(
            "incoming_chat",
            {
                "requester_id": call.customer.id,
                "chat": chat_object(call.world, chat, thread),
            },
        )
    )
    return thread, {"event_ids": [event["id"] for event in events]} if events else {}


def _read_access(call: Call, chat: Fields) -> list[int]:
    access = chat.fields("access")
    if access is None:
        return [0]
    group_ids = access.need("group_ids", access.integers("group_ids"))
    if not group_ids:
        raise invalid(access.at("group_ids"), "must not be empty")
    if any(group not in call.world.groups for group in group_ids):
        raise ApiError("group_not_found")
    return group_ids


def _check_users(call: Call, chat: Fields) -> None:
    """At most one, and it can only be the customer's own entry."""
    users = chat.objects("users") or []
    if len(users) > 1:
        raise invalid(chat.at("users"), "must have at most 1 item")
    for user in users:
        user.need("type", user.one_of("type", ("customer",)))
        if user.need("id", user.string("id")) != call.customer.id:
            raise ApiError("not_found", "User not found")


ACTIONS: Final = {
    "start_chat": Action(start_chat, counts=True),
    "resume_chat": Action(resume_chat, counts=True),
    "deactivate_chat": Action(deactivate_chat, counts=True, pushes_first=True),
}
