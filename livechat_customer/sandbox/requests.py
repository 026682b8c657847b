"""One request from its frame to its frames: checks, faults, the action, answer and pushes.

The state changes the moment the frame is read, so requests never interleave; what faults move
is when the answer travels, or whether it does.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from livechat_customer.sandbox.action_table import LOGIN, PING, call_version, find
from livechat_customer.sandbox.api_errors import ApiError
from livechat_customer.sandbox.calls import Call
from livechat_customer.sandbox.connection import Connection, answer_frame
from livechat_customer.sandbox.core import Core, Received
from livechat_customer.sandbox.faults import Fault
from livechat_customer.sandbox.limits import Limits
from livechat_customer.sandbox.login import Dismissed, log_in, token_of
from livechat_customer.sandbox.pushes import Push
from livechat_customer.sandbox.versions import answer_in
from livechat_customer.sandbox.wire_json import (
    JsonObject,
    NotAnObjectError,
    as_object,
    parse_object,
)
from livechat_customer.sandbox.world import Customer

_logger = logging.getLogger(__name__)


class Outcome(NamedTuple):
    """What an action did: its answer, and the pushes it caused."""

    payload: JsonObject
    pushes: list[Push]
    pushes_first: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """A frame that could be read."""

    connection: Connection
    action: str
    request_id: str | None
    frame: JsonObject = field(repr=False)
    customer_id: str | None
    """Whose it is; of a login, whose token it brings."""


def perform(
    core: Core,
    customer: Customer,
    client_id: str,
    action: str,
    version: str,
    payload: JsonObject,
    *,
    web: bool = False,
    limits: Limits | None = None,
) -> Outcome:
    """Runs an action for a customer. ApiError when it is refused; then nothing has changed."""
    found = find(action, version, web=web)
    if customer.banned:
        raise ApiError("customer_banned")
    if web and found.online and not core.hub.of(customer.id):
        raise ApiError("authorization", "The customer must be logged in over RTM")
    call = Call(
        core.world,
        limits or core.limits,
        core.pager,
        core.uploads,
        customer,
        client_id,
        version,
        payload,
    )
    answer = found.run(call)
    if found.counts:
        customer.active_at = core.world.clock.now()
    return Outcome(answer_in(version, action, answer), call.pushes, found.pushes_first)


class Requests:
    """Takes the frames of all connections."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def handle(self, connection: Connection, message: str | bytes) -> None:
        """One message of the client's. Never raises; whatever is wrong with it is answered."""
        try:
            # The API speaks JSON in text frames only.
            frame = parse_object(message) if isinstance(message, str) else {}
        except NotAnObjectError:
            frame = {}
        request = self._read(connection, frame)
        self._record(request)
        problem = _problem(frame)
        if problem is None and connection.pending >= self._core.limits.pending_requests:
            problem = ApiError("pending_requests_limit_reached")
        if problem is None:
            connection.pending += 1
            self._carry_out(request)
        else:
            _refuse(request, problem)
        self._core.watch.notify()

    def _read(self, connection: Connection, frame: JsonObject) -> Request:
        action, request_id = frame.get("action"), frame.get("request_id")
        customer_id = connection.customer_id
        if action == LOGIN:
            token = token_of(self._core, as_object(frame.get("payload")) or {})
            customer_id = None if token is None else token.customer_id
        return Request(
            connection,
            action if isinstance(action, str) else "",
            request_id if isinstance(request_id, str) else None,
            frame,
            customer_id,
        )

    def _record(self, request: Request) -> None:
        self._core.received.append(
            Received(
                request.connection.number,
                request.customer_id,
                request.action,
                request.request_id,
                request.frame,
            )
        )

    def _carry_out(self, request: Request) -> None:
        """Runs the request, unless a fault takes its place."""
        connection, take = request.connection, self._taker(request)
        if take("half_open"):
            connection.fall_silent()
        elif take("cut"):
            connection.cut()
        elif late := take("late_effect") or self._core.broken.late(
            request.customer_id, request.action
        ):
            connection.cut()
            self._core.timers.after(late.seconds or 0.0, lambda: self._late(request))
        elif dismissed := take("disconnect"):
            connection.disconnect(dismissed.reason or "", dismissed.data)
        elif error := take("error"):
            self._answer(request, {"error": error.error}, ok=False)
        else:
            self._run(request)

    def _run(self, request: Request) -> None:
        try:
            outcome = self._outcome(request)
        except Dismissed as dismissed:
            request.connection.disconnect(dismissed.reason)
        except ApiError as refused:
            self._answer(request, {"error": refused.as_json()}, ok=False)
        except Exception:
            # A defect of the sandbox: its user sees it in the log, the client as a server's.
            _logger.exception("%s failed", request.action)
            self._answer(request, {"error": ApiError("internal").as_json()}, ok=False)
        else:
            self._conclude(request, outcome)

    def _outcome(self, request: Request) -> Outcome:
        core, connection, frame = self._core, request.connection, request.frame
        version = call_version(frame.get("version"), connection.version)
        payload = as_object(frame.get("payload")) or {}
        if request.action == PING:
            return Outcome({}, [])
        if request.action == LOGIN:
            answer, pushes = log_in(core, connection, payload, version)
            deaf = core.faults.broken("subscribed_at_login", LOGIN, connection.customer_id)
            if deaf is not None:
                connection.hear_nothing(deaf.seconds or 0.0)
            return Outcome(answer_in(version, LOGIN, answer), pushes)
        if connection.customer is None or connection.token is None:
            raise ApiError("authentication", "Log in first")
        customer, client_id = connection.customer, connection.token.client_id
        action, broken = request.action, core.broken
        payload = broken.request(customer.id, action, payload)
        limits = broken.limits(core.world, customer.id, action, core.limits)
        found = perform(core, customer, client_id, action, version, payload, limits=limits)
        answer = broken.renamed(core.world, customer.id, action, found.payload, found.pushes)
        return found._replace(payload=broken.answer(customer.id, action, payload, answer))

    def _conclude(self, request: Request, outcome: Outcome) -> None:
        """Answer and pushes on their way, in their order."""
        core, connection = self._core, request.connection
        take = self._taker(request)
        dropped, reordered = take("drop"), take("reorder")
        if dropped:
            connection.cut()
        customer_id = connection.customer_id
        pushes_first = outcome.pushes_first is not bool(reordered)
        if core.broken.is_refused(customer_id, request.action):
            refused = {"error": ApiError("service_unavailable").as_json()}
            core.deliver(customer_id, outcome.pushes, connection, request.request_id)
            self._answer(request, refused, ok=False)
            return
        if not pushes_first:
            self._answer(request, outcome.payload)
        if customer_id is not None:
            core.deliver(customer_id, outcome.pushes, connection, request.request_id)
        if pushes_first:
            self._answer(request, outcome.payload)
        self._tell_bot(customer_id, outcome)

    def _answer(self, request: Request, payload: JsonObject, *, ok: bool = True) -> None:
        """Sends the answer, unless a fault holds, doubles or swallows it."""
        connection, take = request.connection, self._taker(request)
        frame = answer_frame(request.action, request.request_id, payload, ok)

        def send() -> None:
            connection.send(frame, is_answer=True)

        lost, held = take("lost_answer"), take("delay")
        if lost:
            return
        if held is None:
            send()
        elif held.seconds is None:
            held.hold(send)
        else:
            self._send_later(request, held.seconds, send)
        if take("duplicate"):
            connection.send(frame)

    def _send_later(self, request: Request, seconds: float, send: Callable[[], None]) -> None:
        """The server gives itself 15 seconds for a request, then says that it timed out."""
        most = self._core.limits.request_timeout
        if seconds <= most:
            request.connection.timers.after(seconds, send)
            return
        payload = {"error": ApiError("request_timeout").as_json()}
        frame = answer_frame(request.action, request.request_id, payload, ok=False)
        request.connection.timers.after(
            most, lambda: request.connection.send(frame, is_answer=True)
        )

    def _late(self, request: Request) -> None:
        """The effect of a request whose connection is gone."""
        try:
            outcome = self._outcome(request)
        except (ApiError, Dismissed):
            return
        customer_id = request.connection.customer_id
        if customer_id is not None and request.action not in (LOGIN, PING):
            self._core.deliver(customer_id, outcome.pushes)
            self._tell_bot(customer_id, outcome)

    def _tell_bot(self, customer_id: str | None, outcome: Outcome) -> None:
        if self._core.on_customer_pushes is not None and customer_id is not None:
            self._core.on_customer_pushes(customer_id, outcome.pushes)

    def _taker(self, request: Request) -> Callable[[str], Fault | None]:
        def take(kind: str) -> Fault | None:
            return self._core.faults.take(kind, request.action, request.customer_id)

        return take


def _refuse(request: Request, error: ApiError) -> None:
    payload = {"error": error.as_json()}
    request.connection.send(answer_frame(request.action, request.request_id, payload, ok=False))


def _problem(frame: JsonObject) -> ApiError | None:
    """What is wrong with the envelope."""
    if not isinstance(frame.get("action"), str):
        return ApiError("validation", "`action` must be a string")
    if not isinstance(frame.get("request_id"), str | None):
        return ApiError("validation", "`request_id` must be a string")
    payload = frame.get("payload")
    if payload is not None and as_object(payload) is None:
        return ApiError("validation", "`payload` must be an object")
    return None
