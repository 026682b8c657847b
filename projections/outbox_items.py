"""The outbox as readers see it: `sdk.outbox`, and what it adds to each chat's history."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from livechat_customer.models import from_wire
from livechat_customer.models.events import Event
from livechat_customer.models.own import own
from livechat_customer.projections.history import Items
from livechat_customer.projections.outbox_facts import EntryFacts, Failure
from livechat_customer.projections.root import RootFold
from livechat_customer.projections.sequence import Rope
from livechat_customer.projections.values import LastError, OutboxEntry, PendingEvent

NOTHING: Final[Rope[PendingEvent]] = Rope()


class OutboxList(Items[OutboxEntry]):
    """`sdk.outbox`: what is neither sent nor cancelled, of all chats, oldest first."""

    __slots__ = ("rows",)

    def __init__(self, rows: Rope[OutboxEntry]) -> None:
        self.rows = rows
        """For this library only."""

    def __len__(self) -> int:
        return len(self.rows)

    def _at(self, index: int) -> OutboxEntry:
        return self.rows[index]

    def __iter__(self) -> Iterator[OutboxEntry]:
        return iter(self.rows)

    def __reversed__(self) -> Iterator[OutboxEntry]:
        return reversed(self.rows)


class OutboxViews:
    """The values, made anew only of entries that changed."""

    def __init__(self, root: RootFold) -> None:
        self.begin(root)

    def begin(self, root: RootFold) -> None:
        """Begins anew with this fold."""
        self._root = root
        self._list = OutboxList(Rope())
        self._pending: dict[str, Rope[PendingEvent]] = {}
        self._seqs: dict[str, int] = {}
        """By custom id: the place of what stands in the list or in a history."""
        self._listed: set[str] = set()
        self._chats: dict[str, str] = {}
        """By custom id: the chat in whose history it stands."""
        root.outbox.changed.update(root.outbox.facts.entries, root.outbox.facts.unshown)

    def list(self) -> OutboxList:
        self._update()
        return self._list

    def pending(self, chat_id: str) -> Rope[PendingEvent]:
        """What stands after all events in the chat's history, in queue order."""
        self._update()
        return self._pending.get(chat_id, NOTHING)

    def _update(self) -> None:
        outbox = self._root.outbox
        if not outbox.changed:
            return
        facts = outbox.facts
        there: list[tuple[EntryFacts, bool]] = []
        for custom_id in outbox.changed:
            entry = facts.entries.get(custom_id)
            kept = entry or facts.unshown.get(custom_id)
            if kept is None:
                self._unlist(custom_id)
                self._unpend(custom_id)
                self._seqs.pop(custom_id, None)
            else:
                there.append((kept, entry is not None))
        outbox.changed.clear()
        for entry, unfinished in sorted(there, key=lambda pair: pair[0].seq):
            self._put(entry, unfinished, outbox.resolve(entry.chat_id))

    def _put(self, entry: EntryFacts, unfinished: bool, chat_id: str) -> None:
        custom_id = entry.custom_id
        self._seqs[custom_id] = entry.seq
        shown = entry_of(entry, chat_id, self._root.own)
        if unfinished:
            rows = self._list.rows
            if custom_id in self._listed:
                rows = rows.set(rows.bisect(entry.seq, self._seq_of_entry), shown)
            else:
                rows = rows.insert(rows.bisect(entry.seq, self._seq_of_entry), (shown,))
                self._listed.add(custom_id)
            self._list = OutboxList(rows)
        else:
            self._unlist(custom_id)
        if entry.is_mark:
            return
        if self._chats.get(custom_id, chat_id) != chat_id:
            self._unpend(custom_id)
        pending = self._pending.get(chat_id, NOTHING)
        place = pending.bisect(entry.seq, self._seq_of_pending)
        if custom_id in self._chats:
            self._pending[chat_id] = pending.set(place, PendingEvent(shown))
        else:
            self._pending[chat_id] = pending.insert(place, (PendingEvent(shown),))
            self._chats[custom_id] = chat_id

    def _unlist(self, custom_id: str) -> None:
        if custom_id in self._listed:
            rows = self._list.rows
            place = rows.bisect(self._seqs[custom_id], self._seq_of_entry)
            self._list = OutboxList(rows.delete(place))
            self._listed.discard(custom_id)

    def _unpend(self, custom_id: str) -> None:
        chat_id = self._chats.pop(custom_id, None)
        if chat_id is not None:
            pending = self._pending[chat_id]
            left = pending.delete(pending.bisect(self._seqs[custom_id], self._seq_of_pending))
            if left:
                self._pending[chat_id] = left
            else:
                del self._pending[chat_id]

    def _seq_of_entry(self, entry: OutboxEntry) -> int:
        return self._seqs[entry.custom_id]

    def _seq_of_pending(self, pending: PendingEvent) -> int:
        return self._seqs[pending.entry.custom_id]


def entry_of(facts: EntryFacts, chat_id: str, author_id: str | None) -> OutboxEntry:
    """The entry for readers; `chat_id` is the chat's real id where that is known."""
    return OutboxEntry(
        custom_id=facts.custom_id,
        chat_id=chat_id,
        action=facts.action,
        state=facts.state,
        event=_event(facts, author_id),
        seen_up_to=facts.seen_up_to,
        queued_at=facts.queued_at,
        attempts=facts.tries,
        error=error_of(facts.error) if facts.error is not None else None,
    )


def error_of(failure: Failure) -> LastError:
    """The failure for readers."""
    data = own(failure.data) if failure.data is not None else None
    return LastError(failure.code, failure.message, data)


def _event(facts: EntryFacts, author_id: str | None) -> Event | None:
    if facts.event is None:
        return None
    try:
        event = from_wire.sent_event(facts.event, facts.thread_id)
    except msgspec.ValidationError:
        return None
    return msgspec.structs.replace(
        event, id=facts.event_id or "", author_id=event.author_id or author_id
    )
