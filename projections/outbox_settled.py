"""What has come of entries, kept for who sends until they look."""

from __future__ import annotations

from msgspec.structs import replace

from livechat_customer.models import from_wire
from livechat_customer.models.wire.events import Event
from livechat_customer.projections.outbox_facts import GONE, EntryFacts, Failure, Settlement


class Settlements:
    """Collects nothing until somebody follows."""

    __slots__ = ("_collected",)

    def __init__(self) -> None:
        self._collected: list[Settlement] | None = None

    def follow(self) -> None:
        """Collect from now on."""
        if self._collected is None:
            self._collected = []

    def take(self) -> list[Settlement]:
        """Those since the last call."""
        if not self._collected:
            return []
        collected, self._collected = self._collected, []
        return collected

    def add(
        self,
        kind: str,
        custom_id: str,
        chat_id: str,
        seq: int,
        event_id: str | None = None,
        thread_id: str | None = None,
        event: Event | None = None,
        error: Failure | None = None,
    ) -> None:
        """The fields of a `Settlement`; `event` as the record has it."""
        if self._collected is not None:
            shown = from_wire.event(event, thread_id) if event is not None else None
            self._collected.append(
                Settlement(kind, custom_id, chat_id, seq, event_id, thread_id, shown, error)
            )

    def gone(self, entry: EntryFacts, chat_id: str, seq: int) -> None:
        """The event of a sent entry was deleted before anything showed it."""
        if self._collected is not None and entry.event is not None:
            event_id, thread_id = entry.event_id, entry.thread_id
            sent = from_wire.sent_event(entry.event, thread_id)
            event = replace(sent, id=event_id or "", confirmed=False)
            self._collected.append(
                Settlement(GONE, entry.custom_id, chat_id, seq, event_id, thread_id, event)
            )
