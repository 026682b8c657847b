"""Requests from `Request` to `Settle`: sent, or queued until a slot is free, and answered.

A request is settled exactly once: by its response, by the push that answers it, by a time-out, by
its cancellation, or by the end of the connection. What was never written ends as *not sent*, what
was written and not answered as *outcome unknown*.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from livechat_customer.errors import (
    CustomerSDKError,
    NoConnectionError,
    PendingRequestsLimitReachedError,
    RequestTimeoutError,
    ServerError,
)
from livechat_customer.records import Record
from livechat_customer.transport.attempt import OWN_PREFIX
from livechat_customer.transport.codec import encode_request
from livechat_customer.transport.config import SessionConfig
from livechat_customer.transport.deadlines import Deadlines
from livechat_customer.transport.envelope import Envelope
from livechat_customer.transport.inflight import Entry, InFlight
from livechat_customer.transport.inputs import Request
from livechat_customer.transport.outputs import (
    REQUESTS_TIMER,
    Cancelled,
    Failed,
    Outcome,
    Output,
    Push,
    Response,
    Send,
    Settle,
    Unconfirmed,
)

MakeError = Callable[[], CustomerSDKError]


class Requests:
    """The requests of one session, on one connection at a time."""

    def __init__(self, config: SessionConfig, deadlines: Deadlines) -> None:
        self._config = config
        self._deadlines = deadlines
        self._in_flight = InFlight(config.in_flight_limit)
        self._queue: OrderedDict[str, tuple[Request, float]] = OrderedDict()
        self._number: int | None = None
        self._refusal: MakeError = NoConnectionError
        self._pings = 0
        self._suspended_at: float | None = None

    def __contains__(self, request_id: str | None) -> bool:
        """The request is in flight: it waits for a response or for its push."""
        return request_id in self._in_flight

    @property
    def unanswered(self) -> int:
        """Requests and pings that the server may still count against its limit."""
        return self._in_flight.unanswered

    @property
    def any_written(self) -> bool:
        """Something may be on its way to the server, unanswered."""
        return any(e.written and not e.answered and not e.ping for e in self._in_flight)

    def start(self, number: int) -> None:
        """Connection `number` is logged in: requests go out on it."""
        self._number = number

    def submit(self, out: list[Output], request: Request, now: float) -> None:
        """Send, queue or refuse a new request."""
        request_id = request.request_id
        if (
            request_id.startswith(OWN_PREFIX)
            or request_id in self._in_flight
            or request_id in self._queue
        ):
            raise ValueError(f"request id {request_id!r} is in use or reserved; make a new one")
        if self._number is None:
            _settle(out, request_id, Failed(self._refusal()))
        elif self._in_flight.has_room:  # then nobody waits: see _promote
            self._send(out, request, now)
        elif len(self._queue) >= self._config.queue_limit:
            _settle(out, request_id, Failed(PendingRequestsLimitReachedError()))
        else:
            end = now + self._config.queue_timeout
            self._queue[request_id] = (request, end)
            self._arm(out, end)

    def ping(self, out: list[Output], now: float) -> bool:
        """Send a ping, if there is a slot for one."""
        if self._number is None or not self._in_flight.has_room_for_ping:
            return False
        self._pings += 1
        ping_id = f"{OWN_PREFIX}ping-{self._pings}"
        deadline = now + self._config.ping_interval
        self._in_flight.add(Entry(ping_id, now, deadline, ping=True))
        frame = encode_request(ping_id, "ping", b"{}")
        out.append(Send(self._number, ping_id, "ping", frame, loggable=False))
        return True

    def may_write(self, request_id: str) -> bool:
        entry = self._in_flight.get(request_id)
        return entry is not None and not entry.written

    def written(self, out: list[Output], request_id: str, now: float) -> None:
        """The frame goes to the socket: the request's own time-out starts."""
        entry = self._in_flight.get(request_id)
        if entry is None or entry.written:
            return
        entry.written = True
        entry.start(now, entry.timeout)
        self._arm(out, entry.deadline)

    def cancel(self, out: list[Output], request_id: str, now: float) -> None:
        """Nobody waits any more."""
        if self._queue.pop(request_id, None) is not None:
            _settle(out, request_id, Cancelled())
            return
        entry = self._in_flight.get(request_id)
        if entry is None or entry.settled:
            return
        self._settle_entry(out, entry, Cancelled())
        if entry.answered or not entry.written:
            self._in_flight.remove(entry)
            self._promote(out, now)

    def responded(
        self, out: list[Output], envelope: Envelope, record: Record | None, now: float
    ) -> None:
        """A response came: its slot is free."""
        entry = self._in_flight.get(envelope.request_id or "")
        if entry is None or entry.answered:
            return
        if not entry.settled and envelope.success and entry.answered_by_push:
            self._in_flight.release(entry)
            entry.response = record
            entry.start(now, self._config.confirm_timeout)
            self._arm(out, entry.deadline)
        else:
            self._in_flight.remove(entry)
            if not entry.settled:
                outcome = Response(record) if envelope.success else Failed(_error_of(envelope))
                self._settle_entry(out, entry, outcome)
        self._promote(out, now)

    def pushed(self, out: list[Output], envelope: Envelope, record: Record | None) -> None:
        """A push with a request id of ours came: if it is the one that answers, it does."""
        entry = self._in_flight.get(envelope.request_id or "")
        if entry is None or entry.settled or entry.answered_by_push != envelope.action:
            return
        self._settle_entry(out, entry, Push(record))
        if entry.answered:
            self._in_flight.remove(entry)

    def overdue(self, out: list[Output], now: float) -> str | None:
        """The requests timer fired: end the waits that are over. A text: why the connection can't
        be used any more; then the rest is left to `end`."""
        while self._queue:
            request_id, (_, end) = next(iter(self._queue.items()))
            if end > now:
                self._arm(out, end)
                break
            del self._queue[request_id]
            _settle(out, request_id, Failed(PendingRequestsLimitReachedError()))
        if self._suspended_at is not None:
            return None
        for entry in self._in_flight.overdue(now):
            if not entry.written:
                return "A request could not be recorded and written in time."
            if entry.answered:
                self._settle_entry(out, entry, Unconfirmed(entry.response))
                self._in_flight.remove(entry)
            else:
                self._settle_entry(out, entry, Failed(RequestTimeoutError()))
        self._rearm(out, now)
        return self.zombie(now)

    def zombie(self, now: float) -> str | None:
        """Why the connection can't be used any more, if every slot is held for too long."""
        if self._suspended_at is None and self._in_flight.is_zombie(now):
            return "All requests in flight are past their time-out."
        return None

    def suspend(self, now: float) -> None:
        """Nothing is read from now on: no wait runs."""
        self._suspended_at = now

    def resume(self, out: list[Output], now: float) -> None:
        """Reading goes on: so do the waits, from where they stood."""
        if self._suspended_at is not None:
            since, self._suspended_at = self._suspended_at, None
            self.postpone(out, since, now)

    def postpone(self, out: list[Output], since: float, now: float) -> None:
        """Nothing was heard from `since` to `now` by our own doing: add it to each wait."""
        self._in_flight.postpone(since, now)
        self._rearm(out, now)

    def forget_pings(self, out: list[Output], now: float) -> None:
        """While nothing is read the answers to earlier pings lie in the buffer: they hold no slot."""
        self._in_flight.forget_pings()
        self._promote(out, now)

    def end(self, out: list[Output], lost: MakeError, unsent: MakeError) -> None:
        """The connection ended: settle everything. What was written ends with `lost`, or as
        unconfirmed if its response had come; what was not, and what comes from now on, with
        `unsent`."""
        self._refusal = unsent
        for request_id, entry in self._drain():
            if entry is None or not entry.written:
                _settle(out, request_id, Failed(unsent()))
            elif entry.answered:
                _settle(out, request_id, Unconfirmed(entry.response))
            else:
                _settle(out, request_id, Failed(lost()))

    def fail(self, out: list[Output], error: CustomerSDKError) -> None:
        """The log failed: settle everything with its error, even what has its response, for that
        may never have been recorded. What comes from now on finds no connection."""
        for request_id, _ in self._drain():
            _settle(out, request_id, Failed(error))

    def _drain(self) -> list[tuple[str, Entry | None]]:
        """All that is not settled, in the order of sending, then of queueing (without entry)."""
        self._number = None
        self._suspended_at = None
        left: list[tuple[str, Entry | None]] = [
            (entry.request_id, entry) for entry in self._in_flight.clear() if not entry.settled
        ]
        left += [(request_id, None) for request_id in self._queue]
        self._queue.clear()
        return left

    def _send(self, out: list[Output], request: Request, now: float) -> None:
        assert self._number is not None
        timeout = request.timeout
        entry = Entry(
            request.request_id,
            now,
            now + self._config.stall_timeout,
            timeout=self._config.request_timeout if timeout is None else timeout,
            answered_by_push=request.answered_by_push,
        )
        self._in_flight.add(entry)
        frame = encode_request(request.request_id, request.action, request.payload, request.version)
        out.append(Send(self._number, request.request_id, request.action, frame))
        self._arm(out, entry.deadline)

    def _promote(self, out: list[Output], now: float) -> None:
        """Slots were freed: send who waits for one."""
        while self._queue and self._in_flight.has_room:
            _, (request, _) = self._queue.popitem(last=False)
            self._send(out, request, now)

    def _settle_entry(self, out: list[Output], entry: Entry, outcome: Outcome) -> None:
        entry.settled = True
        _settle(out, entry.request_id, outcome)

    def _arm(self, out: list[Output], at: float) -> None:
        self._deadlines.set_if_sooner(out, REQUESTS_TIMER, at)

    def _rearm(self, out: list[Output], now: float) -> None:
        at = self._in_flight.next_deadline(now)
        if at is not None:
            self._arm(out, at)


def _settle(out: list[Output], request_id: str, outcome: Outcome) -> None:
    out.append(Settle(request_id, outcome))


def _error_of(envelope: Envelope) -> CustomerSDKError:
    error = envelope.payload.error
    if error is None or not error.type:
        return ServerError("The server refused the request and did not say why.", code="UNKNOWN")
    return ServerError.of(error.type, error.message, error.details)
