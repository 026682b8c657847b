"""What the root fold stores of the outbox: its entries, and what must be remembered of those sent.

`OutboxState` (`projections.outbox`) folds into it and reads it.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from livechat_customer.models.commands import MARK_EVENTS_AS_SEEN, SEND_EVENT
from livechat_customer.models.events import Event
from livechat_customer.models.order import ordinal

QUEUED: Final = "queued"
SENDING: Final = "sending"
UNKNOWN: Final = "unknown"
WAITING: Final = "waiting"
FAILED: Final = "failed"
SENT: Final = "sent"
CANCELLED: Final = "cancelled"
SHOWN: Final = "shown"
DOUBLED: Final = "doubled"
GONE: Final = "gone"


class Failure(msgspec.Struct, frozen=True):
    """Why an entry waits, is unknown or failed. `code` is upper case."""

    code: str
    message: str | None = None
    data: dict[str, Any] | None = None


class Attempt(msgspec.Struct, frozen=True):
    """A request for an entry that may have had its effect."""

    request_id: str
    action: str
    """`send_event`, `start_chat`, `resume_chat` or `mark_events_as_seen`."""
    thread_id: str | None
    """The newest thread known then: a search for the event need not look further back."""
    connection: int
    """Number of the connection it was written to, over the stream's whole life."""
    seq: int
    """Of its command's record."""
    at: int
    """Time of that record, µs since the epoch."""


class EntryFacts(msgspec.Struct):
    """An entry. Only the fold changes it; who keeps one sees it change."""

    custom_id: str
    chat_id: str
    """Where it was queued; see `OutboxState.resolve`."""
    seq: int
    """Of the record that queued it: its place among all entries."""
    queued_at: int
    """µs since the epoch."""
    action: str = SEND_EVENT
    """`send_event` or `mark_events_as_seen`."""
    event: dict[str, Any] | None = None
    """As it will travel, `custom_id` included."""
    seen_up_to: str | None = None
    own_id: bool = False
    continuous: bool = True
    state: str = QUEUED
    since: int = 0
    """Time of the record that brought `state`, µs since the epoch."""
    attempts: list[Attempt] = []
    """Oldest first; those the server refused for sure are not among them."""
    tries: int = 0
    """How often it was attempted, refused attempts included."""
    refusals: int = 0
    """Refusals for the moment since it was queued or retried: what a back-off grows with."""
    error: Failure | None = None
    """Of the last attempt that came to nothing; None while it is sent."""
    in_doubt: bool = False
    """The last attempt may have had its effect: only a search can tell. Also of a failed entry."""
    asked: bool = False
    """The user retried it while it was in doubt."""
    renewed_at: int = 0
    """When the user retried it last, µs since the epoch."""
    recheck: bool = False
    """The server said that the chat is not as it was known (active, inactive, already there):
    read it before the next attempt."""
    parked: str | None = None
    """Code of the `Parked` that holds it back."""
    event_id: str | None = None
    """Once sent, if the server told."""
    thread_id: str | None = None
    """Where the event went, once sent, if known."""
    sent_seq: int = 0
    """Of the record that said it is sent."""

    @property
    def is_mark(self) -> bool:
        return self.action == MARK_EVENTS_AS_SEEN


class Sent(msgspec.Struct):
    """The events that the server has of an entry that left the outbox; one, if all went well."""

    chat_id: str
    events: dict[str, int] = {}
    """Event id to the least seq of a record that told of it."""

    @property
    def first(self) -> str | None:
        """The event that stands for the entry: the one that was known first. All others are
        doubles."""
        return min(self.events, key=self._place, default=None)

    def _place(self, event_id: str) -> tuple[int, int, str]:
        return (self.events[event_id], ordinal(event_id), event_id)


class Alias(msgspec.Struct, frozen=True, array_like=True):
    """The chat that a local chat became."""

    chat_id: str
    seq: int


class OutboxFacts(msgspec.Struct):
    """The stored state."""

    entries: dict[str, EntryFacts] = {}
    """Neither sent nor cancelled, by custom id, in queue order."""
    unshown: dict[str, EntryFacts] = {}
    """Sent, but nothing has shown the event yet: a history goes on showing what was sent."""
    sent: dict[str, Sent] = {}
    """Those sent last, by custom id."""
    doubted: dict[str, Sent] = {}
    """Those once in doubt: they may appear again at any time, so they are kept for good."""
    aliases: dict[str, Alias] = {}
    """By local id."""
    used: dict[str, int] = {}
    """Custom ids that apps gave, of own events and of entries, with the least seq that says so."""
    unclaimed: dict[str, dict[str, int]] = {}
    """The same by author, while the own id is not known."""


class Settlement(msgspec.Struct, frozen=True, gc=False):
    """Something that came of an entry.

    Each entry has one `sent` or `cancelled`, before it any number of `failed`, after it one `shown`
    or `gone` unless `sent` had the event already, and for each double a `doubled`. A cancelled
    entry that the server had all the same is `shown` later.
    """

    kind: str
    """`sent`: the server has it. `shown`: the server has shown the event of one that was sent.
    `gone`: it was deleted before anything showed it; `event` is as it was sent. `cancelled`.
    `failed`: it blocks its chat, see `error`. `doubled`: the server has another event of it, which
    the views leave out."""
    custom_id: str
    chat_id: str
    """The chat's real id where that is known."""
    seq: int
    """Of the record that said it."""
    event_id: str | None = None
    """Of `sent` and `shown` the event's, None where the server did not tell it (yet); of `doubled`
    the double's. Seen marks have none."""
    thread_id: str | None = None
    event: Event | None = None
    """The event as the server shows it; None while only an answer told of it."""
    error: Failure | None = None
