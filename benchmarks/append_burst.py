"""100,000 appends awaited concurrently, against one raw transaction of the same rows."""

from __future__ import annotations

from pathlib import Path

from benchmarks import append
from benchmarks.baselines import made
from benchmarks.harness import Result, Scale, alternate, folder


def run(scale: Scale) -> Result:
    total = scale.pick(100_000, 1_000)
    with folder() as place:
        paths = (str(place / f"{number}.db") for number in range(1000))
        rounds = alternate(
            scale,
            lambda: append.ours(made(Path(next(paths))), append.each_awaited, total, total),
            lambda: append.raw(made(Path(next(paths))), total, total),
        )
    return Result(
        "append_burst",
        f"{total:,} appends awaited concurrently",
        "one raw sqlite3 transaction",
        [rounds.speed("records/s", floor=0.55, unit="records/s")],
    )
