"""Pushes that break what clients assume about them: out of order, missing, repeated."""

from __future__ import annotations

from livechat_customer.sandbox.connection import Connection
from livechat_customer.sandbox.faults import Faults
from livechat_customer.sandbox.pushes import Push

Sent = tuple[Push, str | None]
"""A push, and the id of the request it bears."""


class BrokenPushes:
    """What becomes of each push on its way to one connection."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._after: dict[int, list[Sent]] = {}

    def of(self, connection: Connection, push: Push, request_id: str | None) -> list[Sent]:
        """What to send in its place, in this order."""
        late = self._after.pop(connection.number, [])
        sent = (push, request_id)
        if self._broken("pushes_complete", connection, push):
            return late
        if self._broken("pushes_in_order", connection, push):
            self._after[connection.number] = [sent]
            return late
        if self._broken("pushes_once", connection, push):
            self._after[connection.number] = [sent]
        return [sent, *late]

    def forget(self, connection: Connection) -> None:
        """The connection is gone."""
        self._after.pop(connection.number, None)

    def _broken(self, name: str, connection: Connection, push: Push) -> bool:
        return bool(self._faults.broken(name, push.action, connection.customer_id))
