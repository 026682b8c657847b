"""A push into a long chat whose history is observed: decoded, folded, emitted.

Baseline: the same into a chat of 10 events.
"""

from __future__ import annotations

from benchmarks._pushes import Observed
from benchmarks.harness import Result, Scale, alternate


def run(scale: Scale) -> Result:
    size, count = scale.pick(100_000, 2_000), scale.pick(500, 50)
    long = Observed(1, size)
    rounds = alternate(scale, lambda: long.pushes(count), lambda: Observed(1, 10).pushes(count))
    return Result(
        "push_growth",
        "a push into a chat of 100,000 events, observed",
        "a chat of 10",
        [rounds.cost("a push", floor=2, unit="µs")],
    )
