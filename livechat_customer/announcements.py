"""What each record of a log means to `on`: names of events with their payloads, in order.

A fold of its own: what a record means rests on the records before it (whose request a push
answers, what the login said, which events were seen), and on nothing else. So the handlers of a
living client and who reads the log later with `consume()` are told the same.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, cast

import msgspec

from livechat_customer.models import (
    ConnectionRecovered,
    ConnectionUnstable,
    Disconnected,
    from_wire,
)
from livechat_customer.models.events import Event
from livechat_customer.models.payloads import Doubled, EventAdded
from livechat_customer.models.push_events import push_events, user_data
from livechat_customer.models.sync import ResyncReport
from livechat_customer.models.wire import pushes, responses
from livechat_customer.models.wire.decode import json_of, payload_of
from livechat_customer.projections.hub import Pair
from livechat_customer.projections.outbox_facts import DOUBLED, Settlement
from livechat_customer.projections.root import RootFold
from livechat_customer.projections.seen import SeenFold
from livechat_customer.records import (
    CONNECTED,
    DISCONNECTED,
    LIFECYCLE,
    OPENED,
    PUSH,
    RECOVERED,
    REQUEST,
    RESPONSE,
    RESYNC_FINISHED,
    RESYNC_ID,
    UNSTABLE,
    Record,
)
from livechat_customer.transport.codec import ANSWERED_BY

ASKED: Final = 1_000
"""Requests that are remembered for the pushes that answer them."""
EVENT_ADDED: Final = "event_added"
LOGIN: Final = "login"

Told = tuple[str, object]
"""Name of an event and its payload."""


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


class Announcements:
    """The accumulator. All it keeps but `seen` begins anew with each run of an SDK and with each
    login: nothing after `rests_on(record)` needs what came before."""

    def __init__(
        self, wanted: Callable[[str], bool], seen: SeenFold, root: RootFold | None = None
    ) -> None:
        """`wanted(name)`: an `event_added` need not be made where nobody wants it. `root`: where
        nobody calls `double()`, a fold of the records up to now that is folded on here."""
        self.seen = seen
        """Which events need no telling any more."""
        self.login: responses.LoginResponse | None = None
        """The newest of this run."""
        self._wanted = wanted
        self._asked: dict[int, _Asked] = {}
        self._doubles: deque[Settlement] = deque()
        self._root = root
        if root is not None:
            root.outbox.follow()

    def begin(self, seen: SeenFold) -> None:
        """Take the records of a stream from its beginning, or from where `seen` ends."""
        self.seen = seen
        self._doubles.clear()
        self._forget()

    def of(self, record: Record, payload: Any) -> Iterator[Told]:
        """The record's events, in the order of telling. Take the records one by one, in order."""
        if record.kind == PUSH:
            own = self.answers(record, payload)
            for name, event in push_events(record, payload, own_group=self._own_group):
                if not (own and name == record.action):
                    yield name, event
            yield from self._added(record, payload, own)
        elif record.kind == RESPONSE:
            yield from self._response(record, payload)
        elif record.kind == LIFECYCLE:
            yield from self._fact(record, payload)
        elif record.kind == REQUEST and record.action in ANSWERED_BY:
            while len(self._asked) >= ASKED:
                del self._asked[next(iter(self._asked))]
            self._asked[record.seq] = _Asked(ANSWERED_BY[record.action])
        if self._root is not None:
            self._fold(self._root, record, payload)
        while self._doubles and self._doubles[0].seq <= record.seq:
            yield DOUBLED, _doubled(self._doubles.popleft())

    def double(self, settlement: Settlement) -> None:
        """The fold of the outbox has found a double; it is told of with its record."""
        self._doubles.append(settlement)

    def skip(self, record: Record) -> None:
        """Take a record whose events nobody wants."""
        matters = (
            record.kind in (REQUEST, LIFECYCLE)
            or record.ref in self._asked
            or self._root is not None
            or self.rests_on(record)
        )
        if matters:
            for _ in self.of(record, decoded(record)):
                pass
        elif self._wanted(EVENT_ADDED):
            self.seen.take(record, decoded(record))

    @staticmethod
    def rests_on(record: Record) -> bool:
        """Whether what comes after this record means the same to one that begins with it, but for
        `seen`."""
        if record.kind == RESPONSE and record.action == LOGIN:
            return isinstance(payload_of(record), responses.LoginResponse)
        return record.kind == LIFECYCLE and record.action == OPENED

    def answers(self, record: Record, payload: object) -> bool:
        """Whether it is the push that answers a request of this connection, or that one again.

        It is not emitted: the caller has it, and a bot that answers every event would answer
        itself. Others may bear the id of a request, too, such as the system message that it
        causes."""
        if record.ref is None:
            return False
        asked = self._asked.get(record.ref)
        if asked is None or asked.answered_by != record.action:
            return False
        shown = _shown(payload)
        if asked.shown is None:
            asked.shown = shown
        return asked.shown == shown

    def _response(self, record: Record, payload: object) -> Iterator[Told]:
        match payload:
            case responses.LoginResponse():
                self._forget()
                self.login = payload
            case responses.GetChatResponse():
                yield from user_data(payload.users)
            case responses.ListChatsResponse():
                yield from user_data(
                    [user for chat in payload.chats_summary for user in chat.users]
                )
            case _:
                pass
        yield from self._added(record, payload, own=False)

    def _added(self, record: Record, payload: object, own: bool) -> Iterator[Told]:
        found = self.seen.take(record, payload)
        if not found or not self._wanted(EVENT_ADDED):
            return
        source = "own" if own else _source(record)
        for chat_id, thread_id, wire in found:
            event = from_wire.event(wire, thread_id)
            yield EVENT_ADDED, EventAdded(chat_id, thread_id, event, source)

    def _fact(self, record: Record, payload: object) -> Iterator[Told]:
        data = cast("Mapping[str, Any]", payload)
        match record.action:
            case "customer_id":
                yield "customer_id", data["customer_id"]
            case action if action == OPENED:
                self._forget()
            case action if action == CONNECTED:
                yield "connected", from_wire.connected(self.login or responses.LoginResponse())
            case action if action == DISCONNECTED:
                if _was_told(data):
                    yield "disconnected", _disconnected(data)
            case action if action == UNSTABLE:
                yield "connection_unstable", ConnectionUnstable()
            case action if action == RECOVERED:
                yield "connection_recovered", ConnectionRecovered()
            case action if action == RESYNC_FINISHED:
                report = _report(data)
                if report is not None:
                    yield "resynced", report
            case _:
                pass

    def _fold(self, root: RootFold, record: Record, payload: object) -> None:
        root.apply(record, payload)
        for settlement in root.outbox.settled():
            if settlement.kind == DOUBLED:
                self.double(settlement)
        # No view looks at these.
        root.take_changes()
        root.outbox.changed.clear()

    def _forget(self) -> None:
        self.login = None
        self._asked.clear()

    @property
    def _own_group(self) -> int | None:
        return None if self.login is None else from_wire.own_group(self.login)


def _shown(payload: object) -> str | None:
    match payload:
        case pushes.IncomingEvent():
            return payload.event.id
        case pushes.IncomingChat():
            return payload.chat.id
        case _:
            return None


def _source(record: Record) -> str:
    if record.kind == PUSH:
        return "push"
    if (record.request_id or "").startswith(RESYNC_ID):
        return "resync"
    return "history" if record.action == "list_threads" else "response"


def _report(data: Mapping[str, Any]) -> ResyncReport | None:
    """None of a resync that was interrupted: the next login begins anew."""
    try:
        report = msgspec.convert(data.get("report"), ResyncReport)
    except msgspec.ValidationError:
        return None
    return None if report.verdict == "interrupted" else report


def _doubled(settlement: Settlement) -> Doubled:
    event = cast("Event", settlement.event)  # a double is known by what showed it
    thread_id = settlement.thread_id or ""
    return Doubled(settlement.custom_id, settlement.chat_id, thread_id, event)


def _was_told(data: Mapping[str, Any]) -> bool:
    """Not the end that the app asked for, nor an attempt that simply failed."""
    told = data.get("was_connected") or data.get("announced")
    return data.get("will") != "none" and bool(told or data.get("will") != "reconnect")


def _disconnected(data: Mapping[str, Any]) -> Disconnected:
    error: Mapping[str, Any] = data.get("error") or {}
    return Disconnected(
        reason=str(data.get("reason", "")), data=data.get("data"), error=error.get("code")
    )
