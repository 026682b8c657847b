"""What must be remembered beyond the queue: custom ids that were used, entries that were sent."""

from __future__ import annotations

from typing import Final

from livechat_customer.models.commands import GENERATED
from livechat_customer.projections.outbox_facts import OutboxFacts, Sent

REMEMBERED: Final = 500
"""Entries of one attempt that are remembered once sent. A double of such an entry is not to be
expected; if the server makes one, it does so soon."""


class Memory:
    """Of the stored facts: all that is not about what waits."""

    __slots__ = ("_facts", "doubles")

    def __init__(self, facts: OutboxFacts) -> None:
        self._facts = facts
        self.doubles: dict[str, dict[str, str]] = {}
        """By chat: the events that its views leave out, each with its custom id."""
        for custom_id, sent in facts.doubted.items():
            self._sort_out(custom_id, sent)

    def sent(self, custom_id: str) -> Sent | None:
        """What the server has of an entry that left the outbox."""
        return self._facts.sent.get(custom_id) or self._facts.doubted.get(custom_id)

    def keep(self, custom_id: str, sent: Sent, *, for_good: bool) -> None:
        """The entry leaves the outbox."""
        if for_good:
            self._facts.doubted[custom_id] = sent
            return
        kept = self._facts.sent
        kept[custom_id] = sent
        if len(kept) > REMEMBERED:
            del kept[next(iter(kept))]

    def shown(self, custom_id: str, sent: Sent, event_id: str, seq: int) -> bool:
        """The server has this event of the entry; whether that is news."""
        known = sent.events.get(event_id)
        if known is None or seq < known:
            sent.events[event_id] = seq
        if len(sent.events) > 1:
            self._facts.sent.pop(custom_id, None)
            self._facts.doubted[custom_id] = sent
            self._sort_out(custom_id, sent)
        return known is None

    def _sort_out(self, custom_id: str, sent: Sent) -> None:
        if len(sent.events) > 1:
            of_chat = self.doubles.setdefault(sent.chat_id, {})
            of_chat.update(dict.fromkeys(sent.events, custom_id))
            del of_chat[sent.first or ""]

    def used(self, custom_id: str) -> bool:
        """Whether an own event or an entry that an app named had it."""
        return custom_id in self._facts.used

    def use(self, custom_id: str, seq: int) -> None:
        """The customer used it."""
        used = self._facts.used
        used[custom_id] = min(seq, used.get(custom_id, seq))

    def claim(self, author_id: str, custom_id: str, seq: int) -> None:
        """Somebody used it, while it is not known whether that was the customer."""
        if not custom_id.startswith(GENERATED):
            of_author = self._facts.unclaimed.setdefault(author_id, {})
            of_author[custom_id] = min(seq, of_author.get(custom_id, seq))

    def learn(self, own: str) -> None:
        """Who the customer is, is known."""
        for custom_id, seq in self._facts.unclaimed.get(own, {}).items():
            self.use(custom_id, seq)
        self._facts.unclaimed = {}
