"""Frame in, committed, folded, emitted to a subscriber, over a loopback socket.

The sender runs in a process of its own. Baselines: `websockets` receiving only, and the same
decoding, folding and emitting without a log.
"""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path

from benchmarks._receivers import bare, sdk, unlogged
from benchmarks._server import server
from benchmarks.harness import Result, Scale, alternate, folder
from livechat_customer.models.payloads import IncomingEvent


def ignore(push: IncomingEvent) -> None:
    """The cheapest subscriber there is."""


def run(scale: Scale) -> Result:
    count = scale.pick(30_000, 300)
    numbers = itertools.count()
    with server() as host, folder() as where:

        def ours() -> float:
            path = str(Path(where) / f"{next(numbers)}.db")
            return count / asyncio.run(sdk(host, path, count, 0.0, ignore))

        against_bare = alternate(scale, ours, lambda: count / asyncio.run(bare(host, count, 0.0)))
        against_unlogged = alternate(
            scale, ours, lambda: count / asyncio.run(unlogged(host, count, 0.0, ignore))
        )
    return Result(
        "receive",
        "a frame in, committed, folded, emitted to a subscriber",
        "websockets receiving only; the same pipeline without a log",
        [
            against_bare.speed("to websockets", floor=0.35, unit="frames/s"),
            against_unlogged.speed("to no log", floor=0.55, unit="frames/s"),
        ],
    )
