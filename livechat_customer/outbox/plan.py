"""What the outbox does next about one chat: plain data in, a step out. No clock, no I/O.

The driver asks after each commit and carries the step out; what comes of it is in the log, and so
in what the next call is given. Which entry of a chat is next, the fold says (`OutboxState.heads`):
first in, first out, one unfinished attempt at a time, seen marks before messages.
"""

from __future__ import annotations

from typing import Final, TypeAlias

import msgspec

from livechat_customer.models.commands import (
    MARK_EVENTS_AS_SEEN,
    RESUME_CHAT,
    SEND_EVENT,
    START_CHAT,
)
from livechat_customer.projections.order import time_key
from livechat_customer.projections.outbox_facts import FAILED, SENDING, UNKNOWN, EntryFacts

_SECOND: Final = 1_000_000


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the chat that the entry is for."""

    chat_id: str
    local: bool = False
    """Its id is one of ours: no chat of the server is known for it yet."""
    target: str | None = None
    """Of a local one: the chat that the customer has by now."""
    confirmed: bool = False
    """In this connection the server has shown it, or said that there is none."""
    active: bool = False
    mark: str = ""
    """Up to where the customer has seen everything, as a time key."""


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for all chats."""

    connection: int = 0
    """Number of the connection that is logged in; 0: none."""
    settled: bool = False
    """Its resync has ended."""
    now: float = 0.0
    """Seconds of the clock that `Memory` is kept in."""
    at: int = 0
    """µs since the epoch."""


class Memory(msgspec.Struct, kw_only=True):
    """What this run remembers of a chat; a new run needs none of it."""

    not_before: float = 0.0
    """When the server may be bothered again after it put something off."""
    refused: tuple[str, int] | None = None
    """Custom id and number of tries of the entry whose refusal led to that."""
    busy: bool = False
    """The chat is being read or searched."""
    read: int = 0
    """Number of the connection in which it was read for the outbox."""
    failures: int = 0
    """Readings in a row that failed, and attempts that were not even written."""
    checked: tuple[str, int] | None = None
    """Custom id and number of tries of the entry for which the chat was read again."""
    in_doubt: tuple[str, int] | None = None
    """The same of the entry whose last attempt was found in doubt,"""
    since: float = 0.0
    """and when."""
    answered: bool = False
    """The server did answer that attempt: no buffer holds it any more."""
    next_search: float = 0.0
    searches: int = 0
    """Those that could not be completed."""


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """What the options say; times in seconds."""

    max_age: float = 7 * 86_400.0
    in_doubt_wait: float = 20.0
    park: bool = False
    """Only the user has something in doubt sent again."""


class Wait(msgspec.Struct, frozen=True):
    """Nothing to do before `until`."""

    until: float


class Send(msgspec.Struct, frozen=True):
    """Attempt it by this request: `send_event`, `start_chat`, `resume_chat` or
    `mark_events_as_seen`."""

    action: str


class Read(msgspec.Struct, frozen=True):
    """Ask for the chat first; of a local one, for the list of chats."""


class Assign(msgspec.Struct, frozen=True):
    """The local chat is this one."""

    chat_id: str


class Drop(msgspec.Struct, frozen=True):
    """End the connection with a reset, so that the attempt can't be delivered any more."""

    connection: int


class Search(msgspec.Struct, frozen=True):
    """Look for the event wherever the attempt may have put it; if it is in no such place, the
    attempt came to nothing."""


class Expire(msgspec.Struct, frozen=True):
    """The entry is too old to be sent."""


class Forget(msgspec.Struct, frozen=True):
    """The seen mark says nothing new."""


Step: TypeAlias = Wait | Send | Read | Assign | Drop | Search | Expire | Forget


def next_step(
    entry: EntryFacts, place: Place, moment: Moment, memory: Memory, policy: Policy
) -> Step | None:
    """What to do now about the entry that is next in its chat; None: nothing until something else
    happens."""
    if memory.busy or entry.state in (SENDING, FAILED):
        return None
    if entry.state == UNKNOWN:
        return _in_doubt(entry, moment, memory, policy) if moment.connection else None
    if moment.at - max(entry.queued_at, entry.renewed_at) > policy.max_age * _SECOND:
        return Expire()
    if not moment.connection:
        return None
    if moment.now < memory.not_before:
        return Wait(memory.not_before)
    if place.target is not None:
        return Assign(place.target)
    if entry.recheck and memory.checked != (entry.custom_id, entry.tries):
        return Read()
    if not place.confirmed:
        # The resync shows most chats; what it leaves out is asked for here.
        return Read() if moment.settled else None
    if entry.is_mark:
        return _mark(entry, place)
    if place.local:
        return Send(START_CHAT)
    return Send(SEND_EVENT if place.active else RESUME_CHAT)


def _mark(entry: EntryFacts, place: Place) -> Step:
    # There is nothing to see in a chat that is not started yet.
    if place.local or time_key(entry.seen_up_to or "") <= place.mark:
        return Forget()
    return Send(MARK_EVENTS_AS_SEEN)


def _in_doubt(entry: EntryFacts, moment: Moment, memory: Memory, policy: Policy) -> Step | None:
    """It is sent again only when its connection has ended with a reset, the wait is over, and a
    search begun after that has found nothing."""
    if policy.park and not entry.asked:
        return None
    last = entry.attempts[-1] if entry.attempts else None
    if last is not None and last.connection == moment.connection and not memory.answered:
        return Drop(moment.connection)
    due = max(memory.since + policy.in_doubt_wait, memory.next_search)
    return Wait(due) if moment.now < due else Search()
