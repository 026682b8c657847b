"""The queue of one chat: which of its entries is next."""

from __future__ import annotations

from collections.abc import Iterator

from livechat_customer.projections.outbox_facts import FAILED, SENDING, UNKNOWN, EntryFacts


class Queue:
    """The entries of a chat: seen marks, which go first, and messages, each oldest first."""

    __slots__ = ("_busy", "marks", "messages")

    def __init__(self) -> None:
        self.marks: dict[str, EntryFacts] = {}
        """By custom id."""
        self.messages: dict[str, EntryFacts] = {}
        self._busy: EntryFacts | None = None
        """The one whose attempt is not finished."""

    def __len__(self) -> int:
        return len(self.marks) + len(self.messages)

    def __iter__(self) -> Iterator[EntryFacts]:
        yield from self.marks.values()
        yield from self.messages.values()

    def add(self, entry: EntryFacts) -> None:
        """It comes after all others."""
        of_kind = self.marks if entry.is_mark else self.messages
        of_kind[entry.custom_id] = entry
        self.note(entry)

    def remove(self, entry: EntryFacts) -> None:
        self.marks.pop(entry.custom_id, None)
        self.messages.pop(entry.custom_id, None)
        if self._busy is entry:
            self._busy = None

    def note(self, entry: EntryFacts) -> None:
        """Its state may be another now."""
        if entry.state in (SENDING, UNKNOWN):
            self._busy = entry
        elif self._busy is entry:
            self._busy = None

    def head(self) -> EntryFacts | None:
        """See `OutboxState.heads`."""
        if self._busy is not None:
            return self._busy
        mark = next((entry for entry in self.marks.values() if entry.state != FAILED), None)
        return mark or next(iter(self.messages.values()), None)
