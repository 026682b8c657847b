"""The open connections, and how pushes find their way to them (protocol: fan-out)."""

from __future__ import annotations

from collections.abc import Iterable

from livechat_customer.sandbox.broken_pushes import BrokenPushes
from livechat_customer.sandbox.connection import Connection, push_frame
from livechat_customer.sandbox.faults import Faults
from livechat_customer.sandbox.pushes import ALL, REQUESTER, Push
from livechat_customer.sandbox.wire_json import JsonObject


class Hub:
    """Connections by number, in the order they were opened in."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._broken = BrokenPushes(faults)
        self._connections: dict[int, Connection] = {}
        self.opened = 0
        """How many there ever were; the newest one's number."""

    def enter(self, connection: Connection) -> None:
        self._connections[connection.number] = connection

    def leave(self, connection: Connection) -> None:
        self._connections.pop(connection.number, None)
        self._broken.forget(connection)

    @property
    def connections(self) -> list[Connection]:
        return list(self._connections.values())

    def of(self, customer_id: str | None) -> list[Connection]:
        """The customer's logged-in connections that are not ending; None: everybody's."""
        return [
            connection
            for connection in self._connections.values()
            if connection.customer is not None
            and not connection.ending
            and customer_id in (None, connection.customer.id)
        ]

    def deliver(
        self,
        customer_id: str | None,
        pushes: Iterable[Push],
        requester: Connection | None = None,
        request_id: str | None = None,
    ) -> None:
        """Each push to all connections that want it; the request's id only to the requester."""
        for push in pushes:
            for connection in self.of(customer_id):
                own = connection is requester
                if push.to != ALL and own != (push.to == REQUESTER):
                    continue
                self._deliver_one(
                    connection, push, request_id if own and push.with_request_id else None
                )

    def push_raw(self, customer_id: str | None, action: str, payload: JsonObject) -> int:
        """As is, whatever was subscribed to; how many connections got it."""
        receivers = self.of(customer_id)
        for connection in receivers:
            connection.send(push_frame(action, payload, connection.version))
        return len(receivers)

    def disconnect(
        self, customer_id: str | None, reason: str | None, data: JsonObject | None
    ) -> int:
        """Ends the customer's connections (all, also those not logged in); how many."""
        ended = self.connections if customer_id is None else self.of(customer_id)
        for connection in ended:
            if reason is None:
                connection.cut()
            else:
                connection.disconnect(reason, data)
        return len(ended)

    def _deliver_one(self, connection: Connection, push: Push, request_id: str | None) -> None:
        if self._faults.take("lost_push", push.action, connection.customer_id):
            return
        for sent, bearing in self._broken.of(connection, push, request_id):
            connection.push(sent, bearing)
        if self._faults.take("duplicate", push.action, connection.customer_id):
            connection.push(push, request_id)
