"""From the wire's chats and threads to the public ones, and pages of them."""

from livechat_customer.models import chats, users
from livechat_customer.models.events_from_wire import event
from livechat_customer.models.order import event_key
from livechat_customer.models.own import own
from livechat_customer.models.users_from_wire import seen_map, user
from livechat_customer.models.wire import chats as wire_chats
from livechat_customer.models.wire import responses as wire_responses


def access(wire: wire_chats.Access | None) -> chats.Access:
    """Empty where the server does not say."""
    return chats.Access(wire.group_ids) if wire else chats.Access()


def queue(wire: wire_chats.Queue | None) -> chats.Queue | None:
    """A place in the queue."""
    return chats.Queue(wire.position, wire.wait_time, wire.queued_at) if wire else None


def transfer(wire: wire_chats.Transfer | None) -> chats.Transfer | None:
    """Where a chat went to or came from."""
    return chats.Transfer(wire.group_ids, wire.agent_ids) if wire else None


def thread(wire: wire_chats.Thread, chat_id: str) -> chats.Thread:
    """A thread; its events are ordered, oldest first."""
    ordered = sorted(wire.events, key=lambda one: event_key(one.created_at, one.id))
    return chats.Thread(
        id=wire.id,
        chat_id=chat_id,
        active=wire.active or False,
        access=access(wire.access),
        created_at=wire.created_at,
        user_ids=wire.user_ids,
        events=tuple(event(one, wire.id) for one in ordered),
        properties=own(wire.properties) if wire.properties else {},
        previous_thread_id=wire.previous_thread_id,
        next_thread_id=wire.next_thread_id,
        queue=queue(wire.queue),
    )


def chat(wire: wire_chats.Chat) -> chats.Chat:
    """A chat with its thread."""
    one = wire.thread or (wire.threads[0] if wire.threads else None)
    return chats.Chat(
        id=wire.id,
        access=access(wire.access),
        users=tuple(user(member) for member in wire.users),
        properties=own(wire.properties) if wire.properties else {},
        events_seen_up_to_map=seen_map(wire.users),
        thread=thread(one, wire.id) if one else None,
    )


def summary(wire: wire_chats.ChatSummary) -> chats.ChatSummary:
    """A chat of `list_chats`."""
    last = {
        kind: (entry.thread_created_at, entry.event.created_at, event(entry.event, entry.thread_id))
        for kind, entry in (wire.last_event_per_type or {}).items()
        if entry.event is not None
    }
    newest = max(
        last.values(),
        key=lambda entry: (event_key(entry[0], "")[0], event_key(entry[1], entry[2].id)),
        default=None,
    )
    return chats.ChatSummary(
        id=wire.id,
        active=wire.active or False,
        access=access(wire.access),
        properties=own(wire.properties) if wire.properties else {},
        users=tuple(user(member) for member in wire.users),
        last_thread_id=wire.last_thread_id,
        last_thread_created_at=wire.last_thread_created_at,
        events_seen_up_to_map=seen_map(wire.users),
        last_events_per_type={kind: entry[2] for kind, entry in last.items()},
        last_event=newest[2] if newest else None,
    )


def chats_page(wire: wire_responses.ListChatsResponse) -> chats.ChatsPage:
    """A page of chats, with their users, each once."""
    members: dict[str, users.User] = {}
    for one in wire.chats_summary:
        for member in one.users:
            members.setdefault(member.id, user(member))
    return chats.ChatsPage(
        chats_summary=tuple(summary(one) for one in wire.chats_summary),
        total_chats=wire.total_chats or 0,
        users=tuple(members.values()),
        previous_page_id=wire.previous_page_id,
        next_page_id=wire.next_page_id,
    )


def threads_page(wire: wire_responses.ListThreadsResponse, chat_id: str) -> chats.ThreadsPage:
    """A page of threads, in the server's order."""
    return chats.ThreadsPage(
        threads=tuple(thread(one, chat_id) for one in wire.threads),
        found_threads=wire.found_threads,
        previous_page_id=wire.previous_page_id,
        next_page_id=wire.next_page_id,
    )
