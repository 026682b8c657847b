"""What happens to chats, whoever causes it: each operation changes the state and gives pushes.

Protocol: state rules. Customers' requests, agents and the bot all go through here.
"""

from __future__ import annotations

from collections.abc import Iterable

from livechat_customer.models.times import parse_us
from livechat_customer.sandbox import pushes, queues
from livechat_customer.sandbox.api_errors import ApiError
from livechat_customer.sandbox.pushes import Push
from livechat_customer.sandbox.structures import (
    event_object,
    newest_first,
    user_object,
    visible,
)
from livechat_customer.sandbox.system_messages import system_message
from livechat_customer.sandbox.wire_json import JsonObject
from livechat_customer.sandbox.world import QUEUEING, AgentProfile, Chat, Member, Thread, World


def need_open(chat: Chat) -> Thread:
    """The chat's open thread, or `chat_inactive`."""
    thread = chat.open_thread
    if thread is None:
        raise ApiError("chat_inactive")
    return thread


def add_event(
    world: World, thread: Thread, event: JsonObject, author_id: str | None = None
) -> JsonObject:
    """Appends a checked event; gives it as stored. System messages have no author."""
    thread.last_ordinal += 1
    stored: JsonObject = {
        "id": f"{thread.id}_{thread.last_ordinal}",
        "created_at": world.clock.tick(),
    }
    if author_id is not None and event["type"] != "system_message":
        stored["author_id"] = author_id
    stored |= event
    if event["type"] == "filled_form":
        kind = _form_type(world, thread, event["form_id"])
        stored |= {} if kind is None else {"form_type": kind}
    thread.events.append(stored)
    return stored


def add_system_message(
    world: World, chat: Chat, thread: Thread, kind: str, **variables: str
) -> list[Push]:
    """Never bears a request's id: a client would take it for the answer to its request."""
    return add_notice(world, chat, thread, system_message(kind, **variables))


def add_notice(world: World, chat: Chat, thread: Thread, notice: JsonObject) -> list[Push]:
    """An event that nobody wrote. Some are for agents only."""
    stored = add_event(world, thread, notice)
    if not visible(stored):
        return []
    return [pushes.incoming_event(chat.id, thread.id, event_object(stored))]


def open_thread(
    world: World,
    chat: Chat,
    events: Iterable[JsonObject],
    *,
    active: bool,
    welcome: JsonObject | None = None,
    starter: AgentProfile | None = None,
) -> tuple[Thread, list[JsonObject]]:
    """A new newest thread, with its initial events as stored: the customer's, or the `starter`'s.

    The `welcome` message that the chat begins from stands before them, its author a user who is
    not present.
    """
    thread = Thread(
        world.ids.letters("thread"),
        world.clock.tick(),
        active=active,
        user_ids=[chat.customer_id],
        group_ids=list(chat.group_ids),
    )
    chat.threads.append(thread)
    if welcome is not None:
        author_id: str = welcome["author_id"]
        add_event(world, thread, welcome, author_id)
        thread.user_ids.append(author_id)
        chat.members.setdefault(author_id, Member(present=False))
    author = chat.customer_id if starter is None else starter.id
    stored = [add_event(world, thread, event, author) for event in events]
    if starter is not None:
        thread.user_ids.append(starter.id)
        thread.joined.add(starter.id)
        chat.members.setdefault(starter.id, Member()).present = True
        return thread, stored
    if active and _must_wait(world, chat):
        queues.enter(world, thread, thread.created_at)
    see_all(chat)
    return thread, stored


def close_thread(
    world: World, chat: Chat, user_id: str | None, kind: str, **names: str
) -> list[Push]:
    """Archives the open thread: its system messages come before `chat_deactivated`.

    `user_id` is who did it; None: the router. A transcript that was asked for is sent now.
    """
    thread = need_open(chat)
    found = add_system_message(world, chat, thread, kind, **names)
    email = thread.properties.get("routing", {}).get("transcript_email")
    if isinstance(email, str) and email:
        customer = customer_name(world, chat)
        found += add_system_message(
            world, chat, thread, "transcript_sent", customer=customer, email=email
        )
    world.customers[chat.customer_id].active_at = parse_us(thread.events[-1]["created_at"])
    thread.active = False
    queues.leave(world, thread)
    chat.sneak_peek = None
    return [*found, pushes.chat_deactivated(chat.id, thread.id, user_id)]


def customer_name(world: World, chat: Chat) -> str:
    """What system messages call the chat's customer."""
    return world.customers[chat.customer_id].name or "Customer"


def see_all(chat: Chat) -> bool:
    """The customer has seen everything; whether the mark moved."""
    newest = next(newest_first(chat), None)
    return newest is not None and move_mark(chat, chat.customer_id, newest["created_at"])


def move_mark(chat: Chat, user_id: str, seen_up_to: str) -> bool:
    """Moves a user's seen mark, never backwards; whether it moved."""
    member = chat.members[user_id]
    if member.events_seen_up_to is not None and seen_up_to <= member.events_seen_up_to:
        return False
    member.events_seen_up_to = seen_up_to
    return True


def mark_seen(chat: Chat, user_id: str, seen_up_to: str) -> list[Push]:
    """Nothing is pushed when the mark does not move."""
    if not move_mark(chat, user_id, seen_up_to):
        return []
    return [pushes.events_marked_as_seen(chat.id, user_id, seen_up_to)]


def sent_by_customer(chat: Chat, thread: Thread, event: JsonObject) -> list[Push]:
    """What an event of the customer's own causes.

    An event for agents only is echoed to its sender and shown to nobody else. Where the other
    connections can't tell from the event that the customer's mark moved (it is not shown to
    them, or it names no author), they are told.
    """
    moved = see_all(chat)
    to = pushes.ALL if visible(event) else pushes.REQUESTER
    found = [pushes.incoming_event(chat.id, thread.id, event_object(event), to=to, own=True)]
    mark = chat.members[chat.customer_id].events_seen_up_to
    if moved and mark is not None and (to == pushes.REQUESTER or "author_id" not in event):
        seen = pushes.events_marked_as_seen(chat.id, chat.customer_id, mark, to=pushes.OTHERS)
        found.append(seen)
    return found


def join(
    world: World, chat: Chat, agent: AgentProfile, reason: str = "assigned", by: str | None = None
) -> list[Push]:
    """The agent takes part in the open thread; announced once per thread."""
    thread = chat.open_thread
    if thread is not None and agent.id in thread.joined:
        return []
    chat.members.setdefault(agent.id, Member()).present = True
    if thread is not None:
        thread.joined.add(agent.id)
        queues.leave(world, thread)
        if agent.id not in thread.user_ids:
            thread.user_ids.append(agent.id)
    user = user_object(world, chat, agent.id)
    return [pushes.user_added(chat.id, thread.id if thread else None, user, reason, by)]


def look_in(world: World, chat: Chat, agent: AgentProfile) -> list[Push]:
    """An agent who never took part becomes a user of the chat that is not present."""
    if agent.id in chat.members:
        return []
    chat.members[agent.id] = Member(present=False)
    thread = chat.open_thread
    user = user_object(world, chat, agent.id)
    return [pushes.user_added(chat.id, thread.id if thread else None, user, "manual", agent.id)]


def leave(chat: Chat, agent: AgentProfile, reason: str, by: str | None) -> list[Push]:
    """The agent leaves the chat; nothing happens when it was not there."""
    member = chat.members.get(agent.id)
    if member is None or not member.present:
        return []
    member.present = False
    thread = chat.open_thread
    if thread is not None:
        thread.joined.discard(agent.id)
    return [pushes.user_removed(chat.id, thread.id if thread else None, agent.id, reason, by)]


def _form_type(world: World, thread: Thread, form_id: str) -> str | None:
    """The type of the form that is answered: one in the thread, or one that `get_form` gives."""
    for event in reversed(thread.events):
        if event["type"] == "form" and event["form_id"] == form_id:
            return event.get("form_type")
    planted = (kind for (_, kind), form in world.forms.items() if form.get("id") == form_id)
    return next(planted, None)


def _must_wait(world: World, chat: Chat) -> bool:
    statuses = [world.groups.get(group) for group in chat.group_ids]
    return QUEUEING in statuses and "online" not in statuses
