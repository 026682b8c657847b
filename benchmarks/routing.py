"""One push while 1,000 chats are observed. Baseline: 10 chats.

An observed chat is one whose `chat` and `history` views have a subscriber each. For comparison also
with subscribers of the histories only: less work for each push, so that the processor's caches,
which hold 10 chats and not 1,000, weigh more.
"""

from __future__ import annotations

import time
from itertools import islice

from benchmarks._pushes import chat_id, session
from benchmarks.harness import Figure, Result, Scale, alternate
from livechat_customer.models.wire.decode import payload_of
from livechat_customer.projections.hub import Hub, Loading
from livechat_customer.projections.root import RootFold

FEW = 10
MANY = 1_000


class Seat:
    """A hub with `chats` observed chats of 10 events."""

    def __init__(self, chats: int, *, histories_only: bool) -> None:
        self.records = session(chats)
        self.hub = Hub(RootFold(), seq=0, load=Loading.done, report=lambda where, error: None)
        for name in map(chat_id, range(chats)):
            self.hub.history(name).subscribe(lambda value: None)
            if not histories_only:
                self.hub.chat(name).subscribe(lambda value: None)
        first = islice(self.records, 1 + 11 * chats)
        self.hub.fold([(record, payload_of(record)) for record in first])
        self.hub.publish()

    def cost(self, pushes: int) -> float:
        """Microseconds for each push."""
        prepared = [(record, payload_of(record)) for record in islice(self.records, pushes)]
        started = time.perf_counter()
        for pair in prepared:
            self.hub.fold([pair])
            self.hub.publish()
        return (time.perf_counter() - started) / pushes * 1e6


def figure(scale: Scale, label: str, floor: float | None, *, histories_only: bool) -> Figure:
    pushes = scale.pick(5_000, 200)
    crowd = Seat(scale.pick(MANY, 20), histories_only=histories_only)
    few = Seat(FEW, histories_only=histories_only)
    rounds = alternate(scale, lambda: crowd.cost(pushes), lambda: few.cost(pushes))
    return rounds.cost(label, floor=floor, unit="us")


def run(scale: Scale) -> Result:
    return Result(
        "routing",
        f"a push while {scale.pick(MANY, 20):,} chats are observed",
        f"{FEW} chats observed",
        [
            figure(scale, "per push", 1.3, histories_only=False),
            figure(scale, "per push, histories only", None, histories_only=True),
        ],
    )
