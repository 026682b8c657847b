"""What a committed batch does: it is folded, the views are published, the handlers told.

The views come first, then the handlers, record by record in the log's order; the callers of
requests hear of theirs after that (`Pump`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from livechat_customer.announcements import Announcements, pairs
from livechat_customer.calls import Calls
from livechat_customer.emitter import Emitter
from livechat_customer.models import from_wire
from livechat_customer.models.wire import responses
from livechat_customer.page import CurrentPage
from livechat_customer.projections.hub import Hub
from livechat_customer.records import (
    CONNECTED,
    DESTROYED,
    DISCONNECTED,
    LIFECYCLE,
    PUSH,
    RESPONSE,
    Record,
)
from livechat_customer.waiters import ConnectWaiters, refusal


class Dispatch:
    """Listener of one stream's commits."""

    def __init__(
        self,
        hub: Hub,
        publish: Callable[[], None],
        calls: Calls,
        emitter: Emitter,
        waiters: ConnectWaiters,
        announcements: Announcements,
        page: CurrentPage,
        raw: Callable[[Record], None],
        heard: Callable[[Record, object], None],
        ended: Callable[[str], None],
    ) -> None:
        self._hub = hub
        self._publish = publish
        self._calls = calls
        self._emitter = emitter
        self._waiters = waiters
        self._announcements = announcements
        self._page = page
        self._raw = raw
        self._heard = heard
        self._ended = ended

    def __call__(self, records: Sequence[Record]) -> None:
        batch = list(pairs(records))
        self._hub.fold(batch)
        self._publish()
        announcements = self._announcements
        emit = self._emitter.emit
        for record, payload in batch:
            self._raw(record)
            kind = record.kind
            if kind == RESPONSE or (kind == PUSH and announcements.answers(record, payload)):
                self._calls.decoded(record, payload)
            elif kind == LIFECYCLE:
                self._before(record)
            for name, event in announcements.of(record, payload):
                emit(name, event, record.seq)
            if kind == LIFECYCLE:
                self._after(record, cast("Mapping[str, Any]", payload))
            self._heard(record, payload)

    def _before(self, record: Record) -> None:
        if record.action == CONNECTED:
            self._page.logged_in()
        elif record.action == DISCONNECTED:
            self._page.offline()

    def _after(self, record: Record, data: Mapping[str, Any]) -> None:
        if record.action == CONNECTED:
            login = self._announcements.login or responses.LoginResponse()
            self._waiters.succeed(from_wire.connected(login))
        elif record.action == DISCONNECTED:
            if data.get("will") == "reconnect":
                self._waiters.lost()
            else:
                self._waiters.fail(refusal(data))
        elif record.action == DESTROYED:
            self._ended(str(data.get("reason", "")))
