"""Requests whose callers wait, and what becomes visible to users only after a commit.

The machine settles a request when its frame is read; the caller hears of it when that frame's
record is committed.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import assert_never

import msgspec

from livechat_customer.records import RESPONSE, Record
from livechat_customer.transport.codec import ANSWERED_BY
from livechat_customer.transport.outputs import (
    Cancelled,
    Failed,
    Outcome,
    Push,
    Response,
    Unconfirmed,
)


class Answer(msgspec.Struct, frozen=True):
    """How a request ended well: the typed payloads of its response and of the push that answers
    it, where there was one, and the response's record."""

    response: object | None
    push: object | None
    record: Record | None


class Call:
    """One request in flight and the future its caller waits for."""

    __slots__ = ("action", "future", "push", "record", "response")

    def __init__(self, action: str, future: asyncio.Future[Answer]) -> None:
        self.action = action
        self.future = future
        self.response: object | None = None
        self.push: object | None = None
        self.record: Record | None = None

    @property
    def answer(self) -> Answer:
        return Answer(self.response, self.push, self.record)


class Calls:
    """The calls by request id. What is decoded for the fold is kept for the caller."""

    def __init__(self) -> None:
        self._calls: dict[str, Call] = {}

    def __len__(self) -> int:
        return len(self._calls)

    def open(self, request_id: str, action: str) -> asyncio.Future[Answer]:
        """A future that `settle` ends. Raises ValueError for an id that is in use: its caller
        would wait for ever."""
        if request_id in self._calls:
            raise ValueError(f"request id {request_id!r} is in use; option ids must give new ones")
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._calls[request_id] = Call(action, future)
        return future

    def decoded(self, record: Record, payload: object) -> None:
        """A committed response or push that bears a request id."""
        call = self._calls.get(record.request_id or "")
        if call is None:
            return
        if record.kind == RESPONSE:
            call.response, call.record = payload, record
        elif record.action == ANSWERED_BY.get(call.action):
            call.push = payload

    def settle(self, request_id: str, outcome: Outcome) -> None:
        """End the call; a caller that was cancelled meanwhile is let alone."""
        call = self._calls.pop(request_id, None)
        if call is None or call.future.done():
            return
        match outcome:
            case Response() | Push() | Unconfirmed():
                call.future.set_result(call.answer)
            case Failed(error):
                call.future.set_exception(error)
            case Cancelled():
                call.future.cancel()
            case _:
                assert_never(outcome)

    def fail_all(self, error: BaseException) -> None:
        """The log failed: nothing will be committed any more."""
        for call in self._calls.values():
            if not call.future.done():
                call.future.set_exception(error)
        self._calls.clear()


class AfterCommit:
    """Actions in their order, each held back until the record of its seq is committed."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[int, Callable[[], None]]] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, seq: int, action: Callable[[], None]) -> None:
        self._waiting.append((seq, action))

    def release(self, committed: int) -> None:
        """Run what waited for records up to `committed`."""
        waiting = self._waiting
        while waiting and waiting[0][0] <= committed:
            waiting.popleft()[1]()

    def drop(self) -> None:
        self._waiting.clear()
