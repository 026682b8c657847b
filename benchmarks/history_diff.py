"""The diff of a history of 100,000 events after something happened to it: what `changes` costs.

One in four is a new event, one an edit, one a deletion, one a message queued in the outbox, each
wherever they may stand. Baseline: the same in a history of 100 events. All in one thread; for
comparison also in threads of 50 events.
"""

from __future__ import annotations

import gc
import json
import random
import time
from collections.abc import Callable, Iterator

from benchmarks._pushes import AGENT, CUSTOMER, START_US, chat_id
from benchmarks.harness import Figure, Result, Scale, alternate
from livechat_customer.announcements import decoded
from livechat_customer.models.commands import Queued, encode
from livechat_customer.models.times import format_us
from livechat_customer.projections.differences import history_changes
from livechat_customer.projections.history import History
from livechat_customer.projections.hub import Hub, Loading
from livechat_customer.projections.root import RootFold
from livechat_customer.records import COMMAND, PUSH, Record

FEW = 100
CHAT = chat_id(0)

Pair = tuple[History, History]


def record(seq: int, kind: str, action: str, body: bytes) -> Record:
    at = START_US + seq
    return Record(seq, kind, 1, action, None, None, CHAT, None, at, "3.5", False, None, body)


class Chat:
    """A hub with one chat of `events` events in threads of `each`, whose history is watched."""

    def __init__(self, events: int, each: int) -> None:
        self.hub = Hub(RootFold(), seq=0, load=Loading.done, report=lambda where, error: None)
        self._each = each
        self._seq = 0
        self._made = 0
        self._random = random.Random(events)
        self._view = self.hub.history(CHAT)
        for _ in range(events):
            self._add()
        self.hub.publish()

    def pairs(self, count: int) -> list[Pair]:
        """Each history with the next one."""
        steps: Iterator[Callable[[], None]] = iter(
            [self._add, self._edit, self._delete, self._queue] * (count // 4)
        )
        found: list[Pair] = []
        before = self._now()
        for step in steps:
            step()
            self.hub.publish()
            after = self._now()
            found.append((before, after))
            before = after
        return found

    def _now(self) -> History:
        history = self._view.value
        assert history is not None
        return history

    def _fold(self, kind: str, action: str, payload: object) -> None:
        self._seq += 1
        frame = payload
        if kind == PUSH:
            frame = {"version": "3.5", "action": action, "type": kind, "payload": payload}
        body = frame if isinstance(frame, bytes) else json.dumps(frame).encode()
        made = record(self._seq, kind, action, body)
        self.hub.fold([(made, decoded(made))])

    def _thread(self, number: int) -> str:
        return f"TH{number // self._each:08}"

    def _event(self, number: int, text: str) -> dict[str, object]:
        return {
            "id": f"{self._thread(number)}_{number}",
            "created_at": format_us(START_US + number),
            "author_id": AGENT,
            "type": "message",
            "text": text,
        }

    def _add(self) -> None:
        number = self._made
        self._made += 1
        thread_id = self._thread(number)
        if number % self._each == 0:
            thread: dict[str, object] = {
                "id": thread_id,
                "created_at": format_us(START_US + number),
                "events": [],
            }
            users = [{"id": CUSTOMER, "type": "customer"}, {"id": AGENT, "type": "agent"}]
            chat = {"id": CHAT, "users": users, "thread": thread}
            self._fold(PUSH, "incoming_chat", {"chat": chat})
        event = self._event(number, "Hello, my order did not arrive yet; what became of it?")
        self._fold(
            PUSH, "incoming_event", {"chat_id": CHAT, "thread_id": thread_id, "event": event}
        )

    def _edit(self) -> None:
        number = self._random.randrange(self._made)
        event = self._event(number, f"edited by {self._seq}")
        body = {"chat_id": CHAT, "thread_id": self._thread(number), "event": event}
        self._fold(PUSH, "event_updated", body)

    def _delete(self) -> None:
        number = self._random.randrange(self._made)
        thread_id = self._thread(number)
        body = {"chat_id": CHAT, "thread_id": thread_id, "event_id": f"{thread_id}_{number}"}
        self._fold(PUSH, "event_deleted", body)

    def _queue(self) -> None:
        custom_id = f"lcq-{self._seq}"
        event = {"type": "message", "text": "Hello?", "custom_id": custom_id}
        action, body = encode(Queued(custom_id, "send_event", event))
        self._fold(COMMAND, action, body)


def cost(pairs: list[Pair]) -> float:
    """Microseconds for each diff. Without the collector, whose visits are the heap's to pay for:
    both histories stand in it."""
    gc.disable()
    started = time.perf_counter()
    for before, after in pairs:
        history_changes(before, after)
    spent = time.perf_counter() - started
    gc.enable()
    return spent / len(pairs) * 1e6


def figure(scale: Scale, label: str, floor: float | None, each: int) -> Figure:
    count = scale.pick(400, 40)
    long = Chat(scale.pick(100_000, 1_000), each).pairs(count)
    # Few events are soon all deleted: chats anew, a few steps in each.
    short = [pair for _ in range(count // 20) for pair in Chat(FEW, each).pairs(20)]
    rounds = alternate(scale, lambda: cost(long), lambda: cost(short))
    return rounds.cost(label, floor=floor, unit="us")


def run(scale: Scale) -> Result:
    many = scale.pick(100_000, 1_000)
    return Result(
        "history_diff",
        f"the diff of a history of {many:,} events after one change",
        f"a history of {FEW} events",
        [
            figure(scale, "per diff", 2.0, each=1_000_000),
            figure(scale, "per diff, threads of 50 events", None, each=50),
        ],
    )
