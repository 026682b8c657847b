"""What benchmarks share: sizes, alternating rounds, and what comes out.

    def run(scale: Scale) -> Result:
        size = scale.pick(100_000, 500)
        rounds = alternate(scale, lambda: ours(size), lambda: baseline(size))
        return Result("append", "…", "…", [rounds.speed("at 256", floor=0.6, unit="records/s")])

`ours` and `baseline` return one number per round, both in the same unit. In each round one runs
right after the other, and they take turns at going first, so that a machine that slows down or
speeds up meets both. The ratio is the median over the rounds of ours / baseline.
"""

from __future__ import annotations

import gc
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import msgspec

ROUNDS = 5


class Scale(msgspec.Struct, frozen=True):
    """How large to measure."""

    smoke: bool = False
    rounds: int = ROUNDS

    def pick(self, full: int, smoke: int) -> int:
        return smoke if self.smoke else full


class Figure(msgspec.Struct, frozen=True):
    """One ratio and what it has to be."""

    label: str
    ratio: float
    floor: float | None
    """None: not judged, told for comparison."""
    at_most: bool
    """The floor is an upper bound: smaller is better."""
    ours: float
    """Median over the rounds; as `baseline`, in `unit`."""
    baseline: float
    unit: str

    @property
    def ok(self) -> bool | None:
        if self.floor is None:
            return None
        return self.ratio <= self.floor if self.at_most else self.ratio >= self.floor


class Result(msgspec.Struct, frozen=True):
    """What a benchmark gives."""

    name: str
    what: str
    against: str
    figures: list[Figure]


class Rounds(msgspec.Struct, frozen=True):
    """The two series of a measurement."""

    ours: list[float]
    baseline: list[float]

    @property
    def ratio(self) -> float:
        return median(a / b for a, b in zip(self.ours, self.baseline, strict=True))

    def speed(self, label: str, *, floor: float | None, unit: str) -> Figure:
        """A figure of which more is better."""
        return self._figure(label, floor, at_most=False, unit=unit)

    def cost(self, label: str, *, floor: float | None, unit: str) -> Figure:
        """A figure of which less is better."""
        return self._figure(label, floor, at_most=True, unit=unit)

    def _figure(self, label: str, floor: float | None, *, at_most: bool, unit: str) -> Figure:
        return Figure(
            label, self.ratio, floor, at_most, median(self.ours), median(self.baseline), unit
        )


def alternate(scale: Scale, ours: Callable[[], float], baseline: Callable[[], float]) -> Rounds:
    """Measure both in turn, `scale.rounds` times, after one unmeasured round of each."""
    ours()
    baseline()
    rounds = Rounds([], [])
    for number in range(scale.rounds):
        pair = [(ours, rounds.ours), (baseline, rounds.baseline)]
        for measure, series in pair if number % 2 else reversed(pair):
            gc.collect()
            series.append(measure())
    return rounds


@contextmanager
def folder() -> Generator[Path]:
    """An empty folder on the disk, removed at the end."""
    with tempfile.TemporaryDirectory(prefix="livechat-customer-bench-") as name:
        yield Path(name)
