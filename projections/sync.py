"""Where the fetching after logins stands, as the lifecycle records tell it.

`resync_started` says why (`{"why": "login"}`), `resync_finished` brings the report
(`{"report": {…}}`, a `ResyncReport`). A resync that ended with its connection, or with the
process, has no report; the next one begins anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from livechat_customer.models.sync import ResyncReport
from livechat_customer.projections.register import Register
from livechat_customer.projections.values import SyncState
from livechat_customer.records import RESYNC_FINISHED, RESYNC_STARTED, Record

GAP: Final = "gap"
"""Why of an `OpenEnd`: older threads are missing before the thread."""
INTERRUPTED: Final = "interrupted"
"""Verdict of a resync that its connection did not outlive."""


class Started(msgspec.Struct, array_like=True, frozen=True):
    """The newest resync."""

    connection: int
    why: str


def _nothing() -> Register[Started | None]:
    return Register(None)


def _no_report() -> Register[ResyncReport | None]:
    return Register(None)


def _none_left() -> Register[tuple[str, ...]]:
    return Register(())


class SyncFacts(msgspec.Struct):
    """The newest beginning and the newest end, each with its record's rank."""

    started: Register[Started | None] = msgspec.field(default_factory=_nothing)
    finished: Register[ResyncReport | None] = msgspec.field(default_factory=_no_report)
    settled: int = 0
    """Number of the newest connection whose resync ended, and not with the connection."""
    left: Register[tuple[str, ...]] = msgspec.field(default_factory=_none_left)
    """Threads before which the newest such resync left a gap, to be filled on demand."""

    def apply(self, record: Record, data: Mapping[str, Any]) -> bool:
        """Folds a lifecycle record; whether it told anything new."""
        rank = (record.seq, record.seq)
        if record.action == RESYNC_STARTED:
            return self.started.set(Started(record.connection, str(data.get("why", ""))), rank)
        if record.action != RESYNC_FINISHED:
            return False
        try:
            report = msgspec.convert(data.get("report"), ResyncReport)
        except msgspec.ValidationError:
            return False
        if report.verdict != INTERRUPTED:
            self.settled = max(self.settled, record.connection)
            ends = [end.thread_id for end in report.unresolved if end.why == GAP and end.thread_id]
            self.left.set(tuple(ends), rank)
        return self.finished.set(report, rank)

    def now(self, current: int) -> SyncState:
        """`current` is the number of the connection that stands, 0 if none does."""
        started = self.started.value
        connection = started.connection if started is not None else 0
        runs = self.started.rank > self.finished.rank and connection == current != 0
        status = "running" if runs else "idle"
        return SyncState(status, connection, self.finished.value)
