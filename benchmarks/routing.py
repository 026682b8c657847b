"""One push while 1,000 chats are observed, each by its own subscriber. Baseline: 10 chats."""

from __future__ import annotations

import time
from itertools import islice

from benchmarks._pushes import chat_id, session
from benchmarks.harness import Result, Scale, alternate
from livechat_customer.models.wire.decode import payload_of
from livechat_customer.projections.hub import Hub, Loading
from livechat_customer.projections.root import RootFold

FEW = 10
MANY = 1_000


class Seat:
    """A hub with `chats` chats; the history of each is observed."""

    def __init__(self, chats: int) -> None:
        self.records = session(chats)
        self.hub = Hub(RootFold(), seq=0, load=Loading.done, report=lambda where, error: None)
        for chat in range(chats):
            self.hub.history(chat_id(chat)).subscribe(lambda value: None)
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


def run(scale: Scale) -> Result:
    many = scale.pick(MANY, 20)
    pushes = scale.pick(5_000, 200)
    crowd = Seat(many)
    rounds = alternate(scale, lambda: crowd.cost(pushes), lambda: Seat(FEW).cost(pushes))
    return Result(
        "routing",
        f"a push while {many:,} chats are observed",
        f"{FEW} chats observed",
        [rounds.cost("per push", floor=1.3, unit="us")],
    )
