"""Faults on demand: what shall go wrong next, for whom, and how often.

A fault waits until something it fits comes by. `action` names a request (`send_event`, `login`),
a push (`incoming_event`), or the opening of a connection (`connect`) or a token call (`token`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from livechat_customer.sandbox.api_errors import MESSAGES
from livechat_customer.sandbox.assumptions import ASSUMPTIONS
from livechat_customer.sandbox.wire_json import JsonObject

CONNECT: Final = "connect"
TOKEN: Final = "token"
ASSUMPTION: Final = "assumption"

KINDS: Final = {
    "cut": "the connection is cut as the request arrives: it has no effect",
    "drop": "the request has its effect, then the connection is cut before any answer",
    "lost_answer": "the request has its effect, its answer never comes",
    "delay": "the request has its effect, its answer comes `seconds` later, or on release()",
    "late_effect": "the connection is cut, the request has its effect `seconds` later",
    "reorder": "answer and pushes of the request change places",
    "duplicate": "the answer, or the push, is sent twice",
    "lost_push": "the push is not delivered",
    "error": "the request is refused with `error` and has no effect",
    "disconnect": "instead of an answer comes customer_disconnected with `reason`, then the end",
    "half_open": "the connection falls silent both ways but stays open",
    "refuse": "the connection is refused (HTTP 403), or the token call fails (HTTP 503)",
    "expire_token": "at once, or after `seconds`: the customer's tokens expire",
    ASSUMPTION: "something does not hold that clients assume: `assumption` of `ASSUMPTIONS`",
}
"""Every kind of fault, and what it does."""

_SPARED: Final = frozenset({"ping", "login", CONNECT, TOKEN})
"""A fault that names no action leaves these alone."""

_DEFAULT_ACTIONS: Final = {"refuse": CONNECT}


@dataclass(slots=True, eq=False)
class Fault:
    """One fault; `left` counts down, None stays until it is removed."""

    id: str
    kind: str
    customer_id: str | None = None
    action: str | None = None
    seconds: float | None = None
    error: JsonObject | None = None
    reason: str | None = None
    data: JsonObject | None = None
    assumption: str | None = None
    left: int | None = 1
    fired: int = 0
    """How often it took place."""
    _held: list[Callable[[], None]] = field(default_factory=list[Callable[[], None]], repr=False)

    def hold(self, call: Callable[[], None]) -> None:
        """Keeps an answer until `release()`."""
        self._held.append(call)

    def release(self) -> None:
        """Lets go, in order, of the answers that a delay without `seconds` holds."""
        held, self._held = self._held, []
        for call in held:
            call()

    def fits(self, action: str, customer_id: str | None) -> bool:
        if self.customer_id not in (None, customer_id):
            return False
        if self.action is None:
            return action not in _SPARED
        return self.action == action


class FaultError(ValueError):
    """A fault that can't be; the message says why."""


class Faults:
    """The faults that wait for their moment; `fired` is called when one takes place."""

    def __init__(self, fired: Callable[[], None]) -> None:
        self._fired = fired
        self._sleepers: set[asyncio.Event] = set()
        self._waiting: list[Fault] = []
        self._known: dict[str, Fault] = {}

    def add(
        self,
        kind: str,
        *,
        customer_id: str | None = None,
        action: str | None = None,
        seconds: float | None = None,
        error: str | JsonObject | None = None,
        reason: str | None = None,
        data: JsonObject | None = None,
        assumption: str | None = None,
        count: int | None = 1,
    ) -> Fault:
        """A new fault. FaultError when the arguments make no sense."""
        if kind not in KINDS:
            raise FaultError(f"`kind` must be one of {', '.join(KINDS)}")
        if count is not None and count < 1:
            raise FaultError("`count` must be at least 1, or null for ever")
        if seconds is not None and seconds < 0:
            raise FaultError("`seconds` must not be negative")
        if kind == "disconnect" and reason is None:
            raise FaultError("`reason` is required for a disconnect")
        if kind == "refuse" and customer_id is not None:
            raise FaultError("`customer_id` is not known yet when a connection is refused")
        if (kind == ASSUMPTION) is not (assumption in ASSUMPTIONS):
            raise FaultError(f"`assumption` must be one of {', '.join(ASSUMPTIONS)}")
        broken = ASSUMPTIONS.get(assumption or "")
        if broken is not None:
            action = action or broken.action
            seconds = broken.seconds if seconds is None else seconds
        fault = Fault(
            f"fault-{len(self._known) + 1}",
            kind,
            customer_id,
            action or _DEFAULT_ACTIONS.get(kind),
            seconds,
            _as_error(error) if kind == "error" else None,
            reason,
            data,
            assumption,
            count,
        )
        self._known[fault.id] = fault
        if kind != "expire_token":
            self._waiting.append(fault)
        return fault

    def broken(self, assumption: str, action: str, customer_id: str | None) -> Fault | None:
        """The oldest fault that breaks this assumption here, counted down."""
        return self.take(ASSUMPTION, action, customer_id, assumption)

    def waits_for(self, assumption: str) -> bool:
        """Whether it is to be broken by and by."""
        return any(fault.assumption == assumption for fault in self._waiting)

    def take(
        self, kind: str, action: str, customer_id: str | None, assumption: str | None = None
    ) -> Fault | None:
        """The oldest fault of that kind which fits, counted down."""
        for fault in self._waiting:
            if (fault.kind, fault.assumption) == (kind, assumption) and fault.fits(
                action, customer_id
            ):
                fault.fired += 1
                if fault.left is not None:
                    fault.left -= 1
                    if fault.left == 0:
                        self._waiting.remove(fault)
                self._fired()
                return fault
        return None

    async def wait(self, action: str, customer_id: str | None, most: float | None = None) -> bool:
        """Sits out a `delay` that fits an HTTP request, at most `most` seconds of it; whether it
        was over then."""
        fault = self.take("delay", action, customer_id)
        if fault is None:
            return True
        seconds = fault.seconds
        if seconds is not None and most is not None:
            seconds = min(seconds, most)
        over = asyncio.Event()
        self._sleepers.add(over)
        try:
            if seconds is None:
                fault.hold(over.set)
                await over.wait()
            else:
                await asyncio.wait_for(over.wait(), seconds)
        except TimeoutError:
            pass
        finally:
            self._sleepers.discard(over)
        return seconds == fault.seconds

    def __iter__(self) -> Iterator[Fault]:
        return iter(list(self._waiting))

    def remove(self, fault_id: str) -> bool:
        """It takes place no more, and what it holds is released. False: there is none."""
        fault = self._known.get(fault_id)
        if fault is None:
            return False
        if fault in self._waiting:
            self._waiting.remove(fault)
        fault.release()
        return True

    def clear(self) -> None:
        """No fault takes place any more. HTTP requests wait no longer."""
        self._waiting.clear()
        self._known.clear()
        for sleeper in self._sleepers:
            sleeper.set()


_ERROR_FIELDS: Final = {"type": str, "message": str, "html": str, "status": int}


def _as_error(error: str | JsonObject | None) -> JsonObject:
    if isinstance(error, dict):
        for name, of in _ERROR_FIELDS.items():
            value = error.get(name)
            if value is not None and (not isinstance(value, of) or isinstance(value, bool)):
                raise FaultError(f"`error.{name}` must be of type {of.__name__}")
        kind = error.get("type")
        return error if kind is None else {"message": MESSAGES.get(kind, "Refused")} | error
    kind = error or "internal"
    return {"type": kind, "message": MESSAGES.get(kind, "Refused")}
