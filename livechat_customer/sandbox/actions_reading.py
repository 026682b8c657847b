"""Actions that change nothing: chats, threads, the customer, groups, forms, predicted agent."""

from __future__ import annotations

from typing import Final

from livechat_customer.sandbox.api_errors import ApiError, invalid
from livechat_customer.sandbox.calls import Action, Call
from livechat_customer.sandbox.paging import Bounds, page_object
from livechat_customer.sandbox.structures import (
    agent_object,
    chat_object,
    chat_summary,
    customer_object,
    statistics,
    thread_object,
    visible_events,
)
from livechat_customer.sandbox.versions import events_in
from livechat_customer.sandbox.wire_json import JsonObject
from livechat_customer.sandbox.world import OFFLINE, ONLINE, Chat, Thread

CHATS: Final = Bounds(default=10, most=25)
THREADS: Final = Bounds(default=3, most=100)
FORM_TYPES: Final = ("prechat", "postchat", "ticket")


def list_chats(call: Call) -> JsonObject:
    """Summaries, ordered by the creation of each chat's last thread."""
    chats = sorted(call.world.chats_of(call.customer.id), key=_last_thread)
    query = call.pager.query(call.fields, "chats", CHATS, counts=False)
    page = call.pager.page(query, chats, lambda chat: chat.id, lambda _: 0)
    return {
        "chats_summary": [chat_summary(call.world, chat) for chat in page.items],
        "total_chats": len(chats),
    } | page_object(page)


def list_threads(call: Call) -> JsonObject:
    """Whole threads of one chat; only events that the customer may see count."""
    chat = call.chat(call.fields, "chat_id")
    query = call.pager.query(call.fields, f"threads/{chat.id}", THREADS, counts=True)

    def weight(thread: Thread) -> int:
        return len(events_in(call.version, visible_events(thread)))

    page = call.pager.page(query, chat.threads, lambda thread: thread.id, weight)
    return {
        "threads": [thread_object(chat, thread) for thread in page.items],
        "found_threads": len(chat.threads),
    } | page_object(page)


def get_chat(call: Call) -> JsonObject:
    """The chat with one thread, the newest unless `thread_id` names another."""
    chat = call.chat(call.fields, "chat_id")
    thread = call.thread(chat) if call.fields.has("thread_id") else chat.newest
    return chat_object(call.world, chat, thread)


def get_customer(call: Call) -> JsonObject:
    own = customer_object(call.customer)
    return own | {"statistics": statistics(call.world, call.customer)}


def list_group_statuses(call: Call) -> JsonObject:
    """Unknown groups are left out; the keys are strings, as JSON wants them."""
    wanted = call.fields.integers("group_ids")
    everything = call.fields.boolean("all")
    if wanted is None and not everything:
        raise invalid("group_ids", "or `all` is required")
    statuses = call.world.groups
    chosen = statuses if everything else [group for group in wanted or [] if group in statuses]
    return {"groups_status": {str(group): statuses[group] for group in chosen}}


def get_form(call: Call) -> JsonObject:
    """No form is enabled unless one was planted."""
    group = call.fields.need("group_id", call.fields.integer("group_id"))
    kind = call.fields.need("type", call.fields.one_of("type", FORM_TYPES))
    if group not in call.world.groups:
        raise ApiError("group_not_found")
    form = call.world.forms.get((group, kind))
    return {"enabled": False} if form is None else {"enabled": True, "form": form}


def get_predicted_agent(call: Call) -> JsonObject:
    agent, queued = predicted_agent(call)
    return {"agent": agent, "queue": queued}


def predicted_agent(call: Call) -> tuple[JsonObject, bool]:
    """The first agent of the group, and whether the chat would wait.

    Without any agent nobody can take the chat.
    """
    group = call.fields.integer("group_id")
    group = call.customer.context_group if group is None else group
    status = call.world.groups.get(group)
    if status is None:
        raise ApiError("group_not_found")
    if status == OFFLINE:
        raise ApiError("group_offline")
    agent = next((one for one in call.world.agents.values() if group in one.groups), None)
    if agent is None:
        raise ApiError("group_unavailable")
    return agent_object(call.world, agent.id) | {"is_bot": agent.is_bot}, status != ONLINE


def _last_thread(chat: Chat) -> tuple[str, str]:
    return (chat.newest.created_at if chat.newest else "", chat.id)


ACTIONS: Final = {
    "list_chats": Action(list_chats),
    "list_threads": Action(list_threads),
    "get_chat": Action(get_chat),
    "get_customer": Action(get_customer),
    "list_group_statuses": Action(list_group_statuses),
    "get_form": Action(get_form),
    "get_predicted_agent": Action(get_predicted_agent, online=True),
}
