"""What each push means to the root fold."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from livechat_customer.models.wire import pushes
from livechat_customer.models.wire.chats import Access, Queue
from livechat_customer.models.wire.events import Event
from livechat_customer.models.wire.users import CUSTOMER
from livechat_customer.projections import root_outbox
from livechat_customer.projections.chat import threads_of
from livechat_customer.projections.chats import (
    UNREAD_KEPT,
    ChatState,
    LastShown,
    Typing,
    Unread,
)
from livechat_customer.projections.content import AGENTS
from livechat_customer.projections.register import creation_of, rank_of
from livechat_customer.projections.showing import (
    created_event,
    dated,
    mark,
    own_event,
    show_head,
    show_thread,
)
from livechat_customer.projections.threads import ThreadFacts
from livechat_customer.records import Record

if TYPE_CHECKING:
    from livechat_customer.projections.root import RootFold

TYPING_US: Final = 10_000_000
"""How long someone types who does not say that they stopped."""

LEGACY: Final = "lc2"
"""Namespace of the thread properties by which older servers tell the place in the queue."""


def incoming_event(fold: RootFold, record: Record, push: pushes.IncomingEvent) -> None:
    """The hot path: what `_unusual_event` does, in one piece, for a plain event."""
    event = push.event
    event_id = event.id
    if not event_id:
        return
    state = fold.chats.get(push.chat_id)
    if state is None:
        state = fold.chat(push.chat_id)
    elif not state.marked:
        fold.mark(state)
    state.fresh = False
    seq = record.seq
    facts = state.facts
    thread_id = push.thread_id
    thread = facts.threads.get(thread_id)
    if thread is None or seq < thread.first_seq:
        thread = state.thread(thread_id, seq)
    elif seq > thread.shown:
        thread.shown = seq
    created = event.created_at
    author = event.author_id
    if not thread.created_at and thread.holds(event):
        state.reorder()
    if (
        author is None
        or created[26:] != "Z"
        or created[10] != "T"
        or event.recipients == AGENTS
        or event.visibility == AGENTS
        or seq < thread.answers[0]
    ):
        _unusual_event(fold, state, thread, record, event)
        return
    last = facts.last.get(event.type)
    if last is None or created > last.key:
        facts.last[event.type] = LastShown(event, thread_id, created, seq, -1, seq)
    else:
        state.show_event(event, thread_id, (-1, seq), seq, fold.own)
    if author == fold.own:
        own_event(fold, state, created, created, seq)
        if event.custom_id is not None or fold.outbox.facts.unshown:
            root_outbox.shown(fold, record, push.chat_id, thread_id, event)
    elif created > state.own_mark:
        unread = facts.unread.get(event_id)
        if unread is not None:
            unread.shown = max(unread.shown, seq)
        elif event_id not in facts.deleted:
            unread = Unread(created, author, thread_id, seq)
            if len(facts.unread) >= UNREAD_KEPT:
                state.is_unread(event_id, unread)
            else:
                facts.unread[event_id] = unread
                state.unread_order = None
                if created > state.unread_until:  # noqa: PLR1730 - max() is dear here
                    state.unread_until = created
    if fold.own is None:
        state.wrote(author, created, seq)
        if event.custom_id is not None:
            root_outbox.shown(fold, record, push.chat_id, thread_id, event)
    if state.typing:
        _stopped_typing(state, author, seq)


def _unusual_event(
    fold: RootFold, state: ChatState, thread: ThreadFacts, record: Record, event: Event
) -> None:
    state.events_only = False
    state.show_event(event, thread.id, creation_of(record), record.seq, fold.own)
    # A push that answers a request shows what the customer sent.
    author = event.author_id or ("" if record.request_id is not None else None)
    created_event(fold, state, event, author, record.seq)
    if event.custom_id is not None or fold.outbox.facts.unshown:
        root_outbox.shown(fold, record, state.facts.id, thread.id, event, author == "")
    if state.typing and author:
        _stopped_typing(state, author, record.seq)


def _stopped_typing(state: ChatState, author: str, seq: int) -> None:
    typing = state.typing.get(author)
    if typing is not None and typing.seq < seq:
        del state.typing[author]


def incoming_chat(fold: RootFold, record: Record, push: pushes.IncomingChat) -> None:
    state = show_head(fold, record, push.chat)
    rank = dated(record)
    for thread in threads_of(push.chat):
        show_thread(fold, state, record, thread)
        if rank is not None and thread.active is False:
            state.facts.active.set(False, rank)
        for event in thread.events:
            created_event(fold, state, event, event.author_id, record.seq)


def chat_deactivated(fold: RootFold, record: Record, push: pushes.ChatDeactivated) -> None:
    state = fold.chat(push.chat_id)
    rank = dated(record)
    if push.thread_id is not None:
        thread = state.thread(push.thread_id, record.seq)
        thread.closed(record.seq)
        if rank is not None:
            thread.unqueued(rank)
    if rank is not None:
        state.facts.active.set(False, rank)


def chat_transferred(fold: RootFold, record: Record, push: pushes.ChatTransferred) -> None:
    state = fold.chat(push.chat_id)
    rank = dated(record)
    thread = state.thread(push.thread_id, record.seq) if push.thread_id is not None else None
    if rank is None:
        return
    if thread is not None:
        thread.queue.set(push.queue, rank)
    if push.transferred_to is not None and push.transferred_to.group_ids:
        access = Access(push.transferred_to.group_ids)
        state.facts.access.set(access, rank)
        if thread is not None:
            thread.access.set(access, rank)


def user_added(fold: RootFold, record: Record, push: pushes.UserAddedToChat) -> None:
    state = fold.chat(push.chat_id)
    rank = dated(record)
    user = push.user
    if user.events_seen_up_to:
        mark(fold, state, user.id, user.events_seen_up_to)
    thread = state.thread(push.thread_id, record.seq) if push.thread_id is not None else None
    if rank is None:
        return
    present = user.present is not False
    fold.state.users.show_profile(user, rank)
    state.facts.users.set(user.id, present, record.seq)
    if thread is not None and present:
        thread.users.set(user.id, None, record.seq)
        if user.type != CUSTOMER:
            # Whoever waited has been taken; nothing else says so.
            thread.unqueued(rank)


def user_removed(fold: RootFold, record: Record, push: pushes.UserRemovedFromChat) -> None:
    state = fold.chat(push.chat_id)
    if push.thread_id is not None:
        state.thread(push.thread_id, record.seq)
    if not record.late:
        state.facts.users.set(push.user_id, False, record.seq)


def event_updated(fold: RootFold, record: Record, push: pushes.EventUpdated) -> None:
    if push.event.id:
        state = fold.chat(push.chat_id)
        thread = state.thread(push.thread_id, record.seq)
        if thread.holds(push.event):
            state.reorder()
        rank = dated(record) or creation_of(record)
        state.show_event(push.event, push.thread_id, rank, record.seq, fold.own)
        if push.event.custom_id is not None:
            root_outbox.shown(fold, record, push.chat_id, push.thread_id, push.event)


def event_changed(
    fold: RootFold,
    record: Record,
    push: pushes.EventPropertiesUpdated
    | pushes.EventPropertiesDeleted
    | pushes.IncomingRichMessagePostback,
) -> None:
    fold.spoke_of(push.chat_id, push.thread_id, record.seq)


def event_deleted(fold: RootFold, record: Record, push: pushes.EventDeleted) -> None:
    fold.spoke_of(push.chat_id, push.thread_id, record.seq)
    fold.chat(push.chat_id).delete(push.event_id, record.seq)
    if fold.outbox.facts.unshown:
        root_outbox.deleted(fold, record, push.chat_id, push.event_id)


def chat_properties_updated(
    fold: RootFold, record: Record, push: pushes.ChatPropertiesUpdated
) -> None:
    if not record.late:
        fold.chat(push.chat_id).facts.properties.update(push.properties, record.seq)


def chat_properties_deleted(
    fold: RootFold, record: Record, push: pushes.ChatPropertiesDeleted
) -> None:
    if not record.late:
        fold.chat(push.chat_id).facts.properties.delete(push.properties, record.seq)


def thread_properties_updated(
    fold: RootFold, record: Record, push: pushes.ThreadPropertiesUpdated
) -> None:
    thread = fold.chat(push.chat_id).thread(push.thread_id, record.seq)
    if record.late:
        return
    thread.properties.update(push.properties, record.seq)
    queue = push.properties.get(LEGACY, {})
    if "queue_pos" in queue:
        position, wait = queue["queue_pos"], queue.get("queue_waiting_time")
        if isinstance(position, int):
            place = Queue(position, wait if isinstance(wait, int) else None)
            thread.place.set(place, rank_of(record))
        else:
            thread.unqueued(rank_of(record))


def thread_properties_deleted(
    fold: RootFold, record: Record, push: pushes.ThreadPropertiesDeleted
) -> None:
    thread = fold.chat(push.chat_id).thread(push.thread_id, record.seq)
    if not record.late:
        thread.properties.delete(push.properties, record.seq)


def queue_position_updated(
    fold: RootFold, record: Record, push: pushes.QueuePositionUpdated
) -> None:
    thread = fold.chat(push.chat_id).thread(push.thread_id, record.seq)
    if not record.late:
        thread.place.set(push.queue, rank_of(record))


def events_marked_as_seen(fold: RootFold, record: Record, push: pushes.EventsMarkedAsSeen) -> None:
    state = fold.chat(push.chat_id)
    mark(fold, state, push.user_id, push.seen_up_to, record.seq)


def typing_indicator(fold: RootFold, record: Record, push: pushes.IncomingTypingIndicator) -> None:
    if record.late:
        return
    state = fold.chat(push.chat_id)
    typing = push.typing_indicator
    known = state.typing.get(typing.author_id)
    if known is None or record.seq > known.seq:
        expires_at = record.recorded_at + TYPING_US if typing.is_typing else 0
        state.typing[typing.author_id] = Typing(typing.author_id, expires_at, record.seq)
        fold.typing.add(push.chat_id)


def customer_updated(fold: RootFold, record: Record, push: pushes.CustomerUpdated) -> None:
    if not record.late and fold.state.users.update(push, record.seq):
        fold.changes.customer = True
        # The customer stands among the users of every chat.
        for chat_id in fold.chats:
            fold.chat(chat_id)


def side_storage_updated(
    fold: RootFold, record: Record, push: pushes.CustomerSideStorageUpdated
) -> None:
    if not record.late:
        fold.state.side_storage.set(push.customer_side_storage, rank_of(record))


def groups_status_updated(fold: RootFold, record: Record, push: pushes.GroupsStatusUpdated) -> None:
    if not record.late:
        for group in push.groups:
            fold.state.availability.update(group.id, group.status, record.seq)
        fold.changes.availability = True


def incoming_greeting(fold: RootFold, record: Record, push: pushes.IncomingGreeting) -> None:
    if not record.late:
        fold.state.greeting.show(push, rank_of(record))
        fold.changes.greeting = True


def greeting_accepted(fold: RootFold, record: Record, push: pushes.GreetingAccepted) -> None:
    fold.state.greeting.accept(push.unique_id, record.seq)
    fold.changes.greeting = True


def greeting_canceled(fold: RootFold, record: Record, push: pushes.GreetingCanceled) -> None:
    fold.state.greeting.end(push.unique_id, record.seq)
    fold.changes.greeting = True


HANDLERS: Final[dict[type, Callable[[RootFold, Record, Any], None]]] = {
    pushes.IncomingEvent: incoming_event,
    pushes.IncomingChat: incoming_chat,
    pushes.ChatDeactivated: chat_deactivated,
    pushes.ChatTransferred: chat_transferred,
    pushes.UserAddedToChat: user_added,
    pushes.UserRemovedFromChat: user_removed,
    pushes.EventUpdated: event_updated,
    pushes.EventDeleted: event_deleted,
    pushes.EventPropertiesUpdated: event_changed,
    pushes.EventPropertiesDeleted: event_changed,
    pushes.IncomingRichMessagePostback: event_changed,
    pushes.ChatPropertiesUpdated: chat_properties_updated,
    pushes.ChatPropertiesDeleted: chat_properties_deleted,
    pushes.ThreadPropertiesUpdated: thread_properties_updated,
    pushes.ThreadPropertiesDeleted: thread_properties_deleted,
    pushes.QueuePositionUpdated: queue_position_updated,
    pushes.EventsMarkedAsSeen: events_marked_as_seen,
    pushes.IncomingTypingIndicator: typing_indicator,
    pushes.CustomerUpdated: customer_updated,
    pushes.CustomerSideStorageUpdated: side_storage_updated,
    pushes.GroupsStatusUpdated: groups_status_updated,
    pushes.IncomingGreeting: incoming_greeting,
    pushes.GreetingAccepted: greeting_accepted,
    pushes.GreetingCanceled: greeting_canceled,
}
