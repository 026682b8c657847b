"""What several records say alike: chats, users and threads shown whole, events just created."""

from __future__ import annotations

from typing import TYPE_CHECKING

from livechat_customer.models.wire.chats import Chat, Thread
from livechat_customer.models.wire.events import Event
from livechat_customer.models.wire.users import User
from livechat_customer.projections import root_outbox
from livechat_customer.projections.chats import ChatState, Seen
from livechat_customer.projections.content import for_agents
from livechat_customer.projections.order import time_key
from livechat_customer.projections.register import Rank, creation_of, rank_of
from livechat_customer.projections.threads import ThreadFacts
from livechat_customer.records import RESPONSE, Record

if TYPE_CHECKING:
    from livechat_customer.projections.root import RootFold


def dated(record: Record) -> Rank | None:
    """The rank of the record's register facts; None if it has none, because it came late."""
    return None if record.late else rank_of(record)


def show_head(fold: RootFold, record: Record, chat: Chat) -> ChatState:
    """What chats are shown with everywhere but in summaries: users, access, properties."""
    rank = dated(record)
    state = fold.chat(chat.id)
    facts = state.facts
    facts.shown = max(facts.shown, record.stamp)
    show_users(fold, state, chat.users, rank)
    if rank is not None:
        facts.access.set(chat.access, rank)
        facts.properties.show(chat.properties, rank)
        facts.confirmed = max(facts.confirmed, record.connection)
    return state


def show_users(
    fold: RootFold, state: ChatState, users: tuple[User, ...], rank: Rank | None
) -> None:
    """The chat's users, all of them."""
    for user in users:
        if user.events_seen_up_to:
            mark(fold, state, user.id, user.events_seen_up_to)
        if rank is not None:
            fold.state.users.show_profile(user, rank)
    if rank is not None:
        state.facts.users.show({user.id: user.present for user in users}, rank)


def mark(fold: RootFold, state: ChatState, user_id: str, seen_up_to: str, pushed: int = 0) -> None:
    """A user has seen what was created up to then."""
    state.saw(user_id, seen_up_to, pushed)
    if user_id == fold.own:
        state.own_saw(time_key(seen_up_to))


def show_thread(fold: RootFold, state: ChatState, record: Record, thread: Thread) -> ThreadFacts:
    """A thread shown whole, by an answer or by `incoming_chat`."""
    rank = dated(record)
    facts = state.thread(thread.id, record.seq, record.stamp)
    if facts.show(thread, record, rank):
        state.reorder()
    state.shape += 1
    shown = record.stamp
    base = rank if rank is not None and record.kind == RESPONSE else creation_of(record)
    state.answered(facts)
    for event in thread.events:
        if event.id:
            if facts.holds(event):
                state.reorder()
            state.show_event(event, thread.id, base, shown, fold.own)
            if event.custom_id is not None:
                root_outbox.shown(fold, record, state.facts.id, thread.id, event)
    if record.kind == RESPONSE and fold.outbox.facts.unshown:
        root_outbox.whole(fold, record, state.facts.id, thread)
    if rank is not None and thread.active:
        state.facts.active.set(True, rank)
    return facts


def created_event(
    fold: RootFold, state: ChatState, event: Event, author: str | None, seq: int
) -> None:
    """Somebody wrote this just now; `author` is "" if it surely was the customer."""
    key = time_key(event.created_at)
    if for_agents(event):
        # Only its sender is ever shown one.
        state.facts.own_until = max(state.facts.own_until, key)
        if fold.own is not None:
            state.own_saw(key)
    elif author is None:
        pass
    elif fold.own is None:
        state.wrote(author, event.created_at, seq)
    elif author in (fold.own, ""):
        own_event(fold, state, event.created_at, key, seq)


def own_event(fold: RootFold, state: ChatState, created: str, key: str, seq: int) -> None:
    """The customer wrote, so it has seen what is there."""
    own = fold.own
    if own is None:
        return
    state.events_only = False
    seen = state.facts.seen.get(own)
    if seen is None:
        state.facts.seen[own] = Seen(created, seq)
    elif key > state.own_mark and seq > seen.pushed:
        seen.until = created
        seen.pushed = seq
    else:
        seen.join(created, seq)
    state.own_saw(key)
