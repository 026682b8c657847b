"""What a committed batch means: fold it, publish the views, tell the handlers.

The views come first, then the handlers, record by record in the log's order; the callers of
requests hear of theirs after that (`Pump`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, cast

from livechat_customer.added import Added
from livechat_customer.calls import Calls
from livechat_customer.emitter import Emitter
from livechat_customer.models import (
    ConnectionRecovered,
    ConnectionUnstable,
    Disconnected,
    from_wire,
)
from livechat_customer.models.push_events import push_events, user_data
from livechat_customer.models.wire import pushes, responses
from livechat_customer.models.wire.decode import json_of, payload_of
from livechat_customer.page import CurrentPage
from livechat_customer.projections.hub import Hub, Pair
from livechat_customer.records import (
    CONNECTED,
    DESTROYED,
    DISCONNECTED,
    LIFECYCLE,
    PUSH,
    RECOVERED,
    REQUEST,
    RESPONSE,
    UNSTABLE,
    Record,
)
from livechat_customer.transport.codec import ANSWERED_BY
from livechat_customer.waiters import ConnectWaiters, refusal

ASKED: Final = 1_000
"""Requests that are remembered for the pushes that answer them."""


def decoded(record: Record) -> object:
    """The payload that folds and handlers take."""
    if record.kind in (PUSH, RESPONSE, REQUEST):
        return payload_of(record)
    return json_of(record)


def pairs(records: Sequence[Record]) -> Iterator[Pair]:
    """The records with their payloads, decoded one by one as they are taken."""
    return zip(records, map(decoded, records), strict=True)


class _Asked:
    """A request that a push answers: which, and what it showed."""

    __slots__ = ("answered_by", "shown")

    def __init__(self, answered_by: str) -> None:
        self.answered_by = answered_by
        self.shown: str | None = None


def _shown(payload: object) -> str | None:
    match payload:
        case pushes.IncomingEvent():
            return payload.event.id
        case pushes.IncomingChat():
            return payload.chat.id
        case _:
            return None


class Dispatch:
    """Listener of one stream's commits."""

    def __init__(
        self,
        hub: Hub,
        publish: Callable[[], None],
        calls: Calls,
        emitter: Emitter,
        waiters: ConnectWaiters,
        added: Added,
        page: CurrentPage,
        raw: Callable[[Record], None],
        connected: Callable[[responses.LoginResponse], None],
        ended: Callable[[str], None],
    ) -> None:
        self._hub = hub
        self._publish = publish
        self._calls = calls
        self._emitter = emitter
        self._waiters = waiters
        self._added = added
        self._page = page
        self._raw = raw
        self._on_connected = connected
        self._ended = ended
        self._login: responses.LoginResponse | None = None
        self._asked: dict[int, _Asked] = {}

    def __call__(self, records: Sequence[Record]) -> None:
        batch = list(pairs(records))
        self._hub.fold(batch)
        self._publish()
        for record, payload in batch:
            self._raw(record)
            if record.kind == PUSH:
                self._push(record, payload)
            elif record.kind == RESPONSE:
                self._response(record, payload)
            elif record.kind == LIFECYCLE:
                self._fact(record, cast("Mapping[str, Any]", payload))
            elif record.kind == REQUEST and record.action in ANSWERED_BY:
                self._request(record)

    def _request(self, record: Record) -> None:
        while len(self._asked) >= ASKED:
            del self._asked[next(iter(self._asked))]
        self._asked[record.seq] = _Asked(ANSWERED_BY[record.action])

    def _push(self, record: Record, payload: Any) -> None:
        own = self._answers(record, payload)
        if own:
            self._calls.decoded(record, payload)
        for name, event in push_events(record, payload, own_group=self._own_group):
            if not (own and name == record.action):
                self._emitter.emit(name, event, record.seq)
        self._added.tell(record, payload, own)

    def _answers(self, record: Record, payload: object) -> bool:
        """The push that answers a request of this connection, or that one again, is not emitted:
        the caller has it, and a bot that answers every event would answer itself. Others may bear
        the id of a request, too, such as the system message that it causes."""
        asked = self._asked.get(record.ref or 0)
        if asked is None or asked.answered_by != record.action:
            return False
        shown = _shown(payload)
        if asked.shown is None:
            asked.shown = shown
        return asked.shown == shown

    def _response(self, record: Record, payload: Any) -> None:
        self._calls.decoded(record, payload)
        match payload:
            case responses.LoginResponse():
                self._login = payload
            case responses.GetChatResponse():
                self._user_data(record, payload.users)
            case responses.ListChatsResponse():
                self._user_data(record, [u for chat in payload.chats_summary for u in chat.users])
            case _:
                pass
        self._added.tell(record, payload, own=False)

    def _user_data(self, record: Record, users: Any) -> None:
        for name, event in user_data(users):
            self._emitter.emit(name, event, record.seq)

    def _fact(self, record: Record, data: Mapping[str, Any]) -> None:
        match record.action:
            case "customer_id":
                self._emitter.emit("customer_id", data["customer_id"], record.seq)
            case action if action == CONNECTED:
                self._connected(record)
            case action if action == DISCONNECTED:
                self._disconnected(record, data)
            case action if action == DESTROYED:
                self._ended(str(data.get("reason", "")))
            case action if action == UNSTABLE:
                self._emitter.emit("connection_unstable", ConnectionUnstable(), record.seq)
            case action if action == RECOVERED:
                self._emitter.emit("connection_recovered", ConnectionRecovered(), record.seq)
            case _:
                pass

    def _connected(self, record: Record) -> None:
        login = self._login or responses.LoginResponse()
        self._page.logged_in()
        self._emitter.emit("connected", from_wire.connected(login), record.seq)
        self._waiters.succeed(from_wire.connected(login))
        self._on_connected(login)

    def _disconnected(self, record: Record, data: Mapping[str, Any]) -> None:
        self._page.offline()
        retried = data.get("will") == "reconnect"
        manual = data.get("will") == "none"
        told = data.get("was_connected") or data.get("announced")
        if not manual and (told or not retried):
            error: Mapping[str, Any] = data.get("error") or {}
            event = Disconnected(
                reason=str(data.get("reason", "")),
                data=data.get("data"),
                error=error.get("code"),
            )
            self._emitter.emit("disconnected", event, record.seq)
        if retried:
            self._waiters.lost()
        else:
            self._waiters.fail(refusal(data))

    @property
    def _own_group(self) -> int | None:
        return None if self._login is None else from_wire.own_group(self._login)
