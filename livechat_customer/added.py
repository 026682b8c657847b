"""`event_added`: each event of the stream once, whatever brought it, with what that was."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

from livechat_customer.emitter import Emitter
from livechat_customer.models import from_wire
from livechat_customer.models.payloads import EventAdded
from livechat_customer.projections.seen import SeenFold
from livechat_customer.records import PUSH, Record

EVENT_ADDED: Final = "event_added"


class Added:
    """Tells the handlers of `event_added`. Who registers late misses what came before."""

    def __init__(self, emitter: Emitter, seen: SeenFold | None = None) -> None:
        self.seen = SeenFold() if seen is None else seen
        """What needs no telling any more."""
        self._emitter = emitter
        self._resyncs: set[str] = set()

    @contextmanager
    def resync(self, request_id: str) -> Generator[None]:
        """Meanwhile the answer to this request is one to the SDK itself, after a login."""
        self._resyncs.add(request_id)
        try:
            yield
        finally:
            self._resyncs.discard(request_id)

    def tell(self, record: Record, payload: object, own: bool) -> None:
        """`own`: it is the push that answers a request of this connection."""
        found = self.seen.take(record, payload)
        if not found or not self._emitter.wanted(EVENT_ADDED):
            return
        source = "own" if own else self._source(record)
        for chat_id, thread_id, wire in found:
            event = from_wire.event(wire, thread_id)
            added = EventAdded(chat_id, thread_id, event, source)
            self._emitter.emit(EVENT_ADDED, added, record.seq)

    def _source(self, record: Record) -> str:
        if record.kind == PUSH:
            return "push"
        if record.request_id in self._resyncs:
            return "resync"
        return "history" if record.action == "list_threads" else "response"
