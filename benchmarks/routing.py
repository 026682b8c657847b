"""A push while many chats are observed: decoded, folded, emitted to the one it is for.

Baseline: the same with 10 chats observed.
"""

from __future__ import annotations

from benchmarks._pushes import Observed
from benchmarks.harness import Result, Scale, alternate


def run(scale: Scale) -> Result:
    many, few = Observed(scale.pick(1_000, 50), 5), Observed(10, 5)
    count = scale.pick(2_000, 100)
    rounds = alternate(scale, lambda: many.pushes(count), lambda: few.pushes(count))
    return Result(
        "routing",
        "a push with 1,000 observed chats",
        "10 observed chats",
        [rounds.cost("a push", floor=1.3, unit="µs")],
    )
