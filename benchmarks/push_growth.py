"""One push into a chat of 100,000 events, decoded, folded and emitted; all its views observed.

Baseline: the same into chats of 10 events.
"""

from __future__ import annotations

import time
from itertools import islice

from benchmarks._pushes import chat_id, session
from benchmarks.harness import Result, Scale, alternate
from livechat_customer.models.wire.decode import payload_of
from livechat_customer.projections.hub import Hub, Loading
from livechat_customer.projections.root import RootFold
from livechat_customer.records import Record

SMALL = 10
PUSHES = 20


class Chat:
    """A hub with one chat of `events` events, watched from the beginning."""

    def __init__(self, events: int) -> None:
        self.records = session(1)
        self.hub = Hub(RootFold(), seq=0, load=Loading.done, report=lambda where, error: None)
        history = self.hub.history(chat_id(0))
        for view in (self.hub.chats, self.hub.chat(chat_id(0)), history, history.changes):
            view.subscribe(lambda value: None)
        self.hub.fold([(record, payload_of(record)) for record in islice(self.records, 2 + events)])
        self.hub.publish()

    def push(self, records: list[Record]) -> None:
        for record in records:
            self.hub.fold([(record, payload_of(record))])
            self.hub.publish()


def cost(chats: list[Chat], pushes: int) -> float:
    """Microseconds for each of `pushes` pushes into each chat."""
    prepared = [(chat, list(islice(chat.records, pushes))) for chat in chats]
    started = time.perf_counter()
    for chat, records in prepared:
        chat.push(records)
    return (time.perf_counter() - started) / (len(chats) * pushes) * 1e6


def run(scale: Scale) -> Result:
    events = scale.pick(100_000, 200)
    chats = scale.pick(25, 2)
    large = Chat(events)
    rounds = alternate(
        scale,
        lambda: cost([large], PUSHES * chats),
        lambda: cost([Chat(SMALL) for _ in range(chats)], PUSHES),
    )
    return Result(
        "push_growth",
        f"a push into an observed chat of {events:,} events",
        f"a chat of {SMALL} events",
        [rounds.cost("per push", floor=2.0, unit="us")],
    )
