"""`sdk.connection` while the log is failed.

The session pauses when the log fails, and no record can say so: the log's last word may be
"connected". So the view lays what is known over what the log tells, until a record of a later
attempt takes its place. The fold stays as it is.
"""

from __future__ import annotations

import asyncio
from typing import Final

from msgspec.structs import replace

from livechat_customer.callbacks import Report
from livechat_customer.errors import LogError
from livechat_customer.projections.connection import DESTROYED, PAUSED
from livechat_customer.projections.live import View, close, refresh
from livechat_customer.projections.values import ConnectionState, LastError

LOG_FAILED: Final = "log_failed"


class Outage:
    """The last failure of the log, and `view`: `told`, the log's own view, with it laid over."""

    def __init__(self, told: View[ConnectionState], report: Report) -> None:
        self._told = told
        self._number = 0
        self._error: LogError | None = None
        self._shown: ConnectionState | None = None
        self.view: View[ConnectionState] = View(
            "connection", self._read, None, report, lambda _view, _held: None
        )
        told.subscribe(lambda _: refresh(self.view), on_completed=lambda: close(self.view))

    @property
    def lasts(self) -> bool:
        """Nothing is recorded yet of an attempt to connect after the failure."""
        return self._error is not None and self._told.value.number <= self._number

    def begin(self, number: int, error: LogError) -> None:
        """The log failed, and with it connection `number`."""
        self._number, self._error = number, error
        self._shown = None
        # Never from within another subscriber's call, whose request may be what failed.
        asyncio.get_running_loop().call_soon(refresh, self.view)

    def _read(self) -> ConnectionState:
        told = self._told.value
        error = self._error
        if error is None or not self.lasts or told.status == DESTROYED:
            return told
        shown = replace(
            told,
            status=PAUSED,
            unstable=False,
            attempt=0,
            reason=LOG_FAILED,
            last_error=LastError(error.code, error.message),
            since=None,
        )
        if self._shown != shown:
            self._shown = shown
        assert self._shown is not None
        return self._shown
