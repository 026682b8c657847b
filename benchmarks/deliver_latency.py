"""From the server's send to the subscriber, at 1,000 frames a second: p50.

Baseline: the same decoding, folding and emitting without a log.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from benchmarks._receivers import sdk, unlogged
from benchmarks._server import server
from benchmarks.harness import Result, Scale, alternate, folder
from livechat_customer.models.payloads import IncomingEvent

PAUSE = 0.001


def measured(receive: Callable[[Callable[[IncomingEvent], None]], object]) -> float:
    """The median latency, in µs, of what `receive` takes in."""
    took: list[float] = []

    def got(push: IncomingEvent) -> None:
        took.append((time.monotonic_ns() - int(push.event.custom_id or 0)) / 1_000)

    receive(got)
    return median(took)


def run(scale: Scale) -> Result:
    count = scale.pick(3_000, 100)
    numbers = itertools.count()
    with server() as host, folder() as where:

        def path() -> str:
            return str(Path(where) / f"{next(numbers)}.db")

        rounds = alternate(
            scale,
            lambda: measured(lambda got: asyncio.run(sdk(host, path(), count, PAUSE, got))),
            lambda: measured(lambda got: asyncio.run(unlogged(host, count, PAUSE, got))),
        )
    return Result(
        "deliver_latency",
        "p50 from send to subscriber at 1,000 frames a second",
        "the same without a log",
        [rounds.cost("p50", floor=2.5, unit="µs")],
    )
