"""A chat's facts as readers see them: `ChatItem`, `ThreadInfo`."""

from __future__ import annotations

import msgspec

from livechat_customer.models import Event, from_wire
from livechat_customer.models.own import own
from livechat_customer.models.users import User
from livechat_customer.models.wire.events import Event as WireEvent
from livechat_customer.models.wire.users import User as WireUser
from livechat_customer.projections.chats import ChatState, LastShown
from livechat_customer.projections.content import Content
from livechat_customer.projections.order import event_key, time_key
from livechat_customer.projections.outbox_facts import FAILED
from livechat_customer.projections.root import RootFold
from livechat_customer.projections.solid import lacks, solid
from livechat_customer.projections.threads import ThreadFacts
from livechat_customer.projections.values import ChatItem, ThreadInfo, Typing

Made = dict[tuple[str, str], tuple[WireEvent, Event]]
"""By chat and type of event: the newest one that was made public, and what it was made of."""


def chat_item(
    fold: RootFold, state: ChatState, now: int, made: Made, known: ChatItem | None = None
) -> ChatItem:
    """The chat as of this moment; who types is told by `now` (µs since the epoch).

    `known` is what it was before nothing but new events of others came.
    """
    facts = state.facts
    last = _last_events(state, made)
    newest = max(
        last.values(), key=lambda event: event_key(event.created_at, event.id), default=None
    )
    item = _without_events(fold, state) if known is None else known
    unread, has_unread = _unread(fold, state)
    return msgspec.structs.replace(
        item,
        last_events_per_type=last,
        last_event=newest,
        unread=unread,
        has_unread=has_unread,
        typing=tuple(
            Typing(each.author_id, each.expires_at)
            for each in state.typing.values()
            if each.expires_at > now
        ),
        has_pending=fold.outbox.holds(facts.id),
    )


def _without_events(fold: RootFold, state: ChatState) -> ChatItem:
    """All but what a new event may change."""
    facts = state.facts
    newest = state.newest
    users = _users(fold, state)
    return ChatItem(
        id=facts.id,
        active=_active(state),
        access=from_wire.access(facts.access.value),
        properties=own(facts.properties.effective()),
        users=users,
        events_seen_up_to_map={user.id: user.seen_up_to for user in users},
        thread=thread_info(fold, state, newest) if newest is not None else None,
        from_log=not fold.current or facts.confirmed != fold.current or state.overtaken,
    )


def _users(fold: RootFold, state: ChatState) -> tuple[User, ...]:
    return tuple(from_wire.user(user) for user in members(fold, state))


def members(fold: RootFold, state: ChatState) -> list[WireUser]:
    """The chat's users as an answer would show them now."""
    profiles = fold.state.users
    seen = state.facts.seen
    return [
        msgspec.structs.replace(
            profiles.profile(user_id),
            present=present,
            events_seen_up_to=seen[user_id].until if user_id in seen else None,
        )
        for user_id, present in state.facts.users.effective().items()
    ]


def _active(state: ChatState) -> bool:
    """What the server said last of the chat; before it said anything, what the threads say."""
    if state.facts.active.rank[0] >= 0:
        return state.facts.active.value
    newest = state.newest
    return newest is not None and state.open_now(newest)


def _unread(fold: RootFold, state: ChatState) -> tuple[int, bool]:
    """How many known events are unread; and whether any are, by the login's word as long as nothing
    newer is known."""
    facts = state.facts
    unread = facts.unread
    own = facts.seen.get(fold.own) if fold.own is not None else None
    marked = own.pushed if own is not None else 0
    for entry in fold.outbox.marks(facts.id):
        # What the customer has seen while offline.
        if entry.seen_up_to is not None and entry.state != FAILED:
            until = time_key(entry.seen_up_to)
            unread = {name: each for name, each in unread.items() if each.key > until}
            marked = max(marked, entry.seq)
    told = facts.has_unread
    stamp = told.rank[0]
    if any(each.shown > stamp for each in reversed(unread.values())):
        return len(unread), True
    if marked > stamp or stamp < 0:
        return len(unread), bool(unread)
    return len(unread), told.value


def _last_events(state: ChatState, made: Made) -> dict[str, Event]:
    """The newest event of each type, the newest answer's where it knows better."""
    found: dict[str, Event] = {}
    for kind, last in state.facts.last.items():
        event, thread_id = _last(state, kind, last)
        if event is None:
            continue
        place = (state.facts.id, kind)
        known = made.get(place)
        if known is None or known[0] is not event:
            known = made[place] = (event, from_wire.event(event, thread_id))
        found[kind] = known[1]
    return found


def _last(state: ChatState, kind: str, last: LastShown) -> tuple[WireEvent | None, str]:
    """A summary asked for after the event was last shown, and without it, has the last word."""
    summary = state.facts.summary
    asked = summary.rank[0]
    answered = summary.value.get(kind)
    stands = state.stands(last.event.id, last.thread_id, last.shown)
    if stands and asked <= last.shown:
        return last.event, last.thread_id
    if answered is None or answered.event is None:
        return None, ""
    if answered.event.id == last.event.id:
        return (last.event, last.thread_id) if stands else (None, "")
    if not state.stands(answered.event.id, answered.thread_id, asked):
        return None, ""
    return answered.event, answered.thread_id


def thread_info(
    fold: RootFold, state: ChatState, thread: ThreadFacts, content: Content | None = None
) -> ThreadInfo:
    """The thread without its events; `content`, if read, knows of all of them."""
    whole = thread.whole
    return ThreadInfo(
        id=thread.id,
        chat_id=state.facts.id,
        active=state.open_now(thread),
        created_at=thread.created_at,
        access=from_wire.access(thread.access.value),
        user_ids=tuple(thread.users.effective()),
        properties=own(thread.properties.effective()),
        queue=from_wire.queue(thread.queue_now()),
        previous_thread_id=thread.previous.value,
        next_thread_id=next_of(state, thread),
        as_of=whole.recorded_at if whole is not None else None,
        settled=solid(state, thread),
        partial=lacks(state, thread, content),
        from_log=not (fold.current and whole is not None and whole.connection == fold.current),
    )


def next_of(state: ChatState, thread: ThreadFacts) -> str | None:
    """The thread after this one: it says so itself, or the other names it as the previous."""
    threads = state.facts.threads
    place = state.place(thread)
    if place + 1 < len(state.order):
        after = threads[state.order[place + 1][1]]
        if after.previous.value == thread.id:
            return after.id
    return thread.next.value
