"""Which faults a client's connections meet: planned one by one, or drawn from a seed.

Plans are printable: `print(plan)` says which connection met what, as far as they were asked.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Protocol

from livechat_customer.testing.wire_faults import DOWN, UP, Fault, listed


class Plan(Protocol):
    """Says what happens to a client's connections, counted from 1 in the order of opening."""

    def faults_of(self, connection: int) -> Sequence[Fault]: ...


class FixedPlan:
    """`first`: the faults of the first connection; `others`: those of others, by their number.

    What is not named is left alone.
    """

    def __init__(self, *first: Fault, others: Mapping[int, Iterable[Fault]] | None = None) -> None:
        self._faults = {1: first} if first else {}
        self._faults |= {number: tuple(found) for number, found in (others or {}).items()}

    def faults_of(self, connection: int) -> Sequence[Fault]:
        return self._faults.get(connection, ())

    def __str__(self) -> str:
        return _lines(self._faults)


CALM: Final = FixedPlan()
"""Nothing goes wrong."""

_CUTS: Final = ("cut_before", "cut_after")
_MOMENTS: Final[dict[str, tuple[tuple[str, str | None], ...]]] = {
    UP: (
        (UP, None),
        (UP, "login"),
        (UP, "send_event"),
        (UP, "start_chat"),
        (UP, "get_chat"),
    ),
    DOWN: (
        (DOWN, None),
        (DOWN, "answer"),
        (DOWN, "push"),
        (DOWN, "login"),
        (DOWN, "send_event"),
        (DOWN, "incoming_event"),
        (DOWN, "get_chat"),
    ),
}
_ANY: Final = (*_MOMENTS[UP], *_MOMENTS[DOWN])
_ANSWERS: Final = ((DOWN, "answer"), (DOWN, "send_event"), (DOWN, "start_chat"), (DOWN, "get_chat"))

POSSIBLE: Final[dict[str, tuple[tuple[str, str | None], ...]]] = {
    "refuse": (),
    "cut_before": _ANY,
    "cut_after": _ANY,
    "cut_at_byte": ((UP, None), (DOWN, None)),
    "delay": _ANY,
    "lose": (*_ANSWERS, (UP, "send_event"), (UP, "get_chat")),
    "duplicate": _MOMENTS[DOWN],
    "reorder": _ANSWERS,
    "half_open": _ANY,
    "slow": ((DOWN, None), (UP, None)),
}
"""What a server that keeps its word may seem to do to a client: pushes of a living connection are
neither lost nor reordered among themselves, and no request arrives twice (docs/assumptions.md)."""

SECONDS: Final = (0.01, 0.5, 3.0, 7.0, 18.0, 25.0)
"""Below and above a round trip, the ping's patience, the server's and the client's time-outs."""


class RandomPlan:
    """Faults drawn from a seed: the n-th connection meets the same in every run.

    `rate` is how many faults a connection meets on the average, `kinds` which ones (all of
    `POSSIBLE`). `calm()` ends it: connections opened from then on meet nothing.
    """

    def __init__(
        self,
        seed: int | str,
        *,
        rate: float = 0.8,
        kinds: Iterable[str] | None = None,
        longest: int = 12,
    ) -> None:
        self._seed = seed
        self._rate = rate
        self._kinds = tuple(POSSIBLE if kinds is None else kinds)
        self._longest = longest
        self._calm = False
        self.drawn: dict[int, tuple[Fault, ...]] = {}
        """What was drawn so far, by connection."""

    def calm(self) -> None:
        """From now on nothing goes wrong with what is opened."""
        self._calm = True

    def faults_of(self, connection: int) -> Sequence[Fault]:
        if connection not in self.drawn:
            self.drawn[connection] = () if self._calm else tuple(self._draw(connection))
        return self.drawn[connection]

    def _draw(self, connection: int) -> list[Fault]:
        # One generator a connection: what one of them meets does not depend on the others.
        rng = random.Random(f"{self._seed}/{connection}")
        found: list[Fault] = []
        while rng.random() < self._rate / (1 + self._rate):
            fault = draw(rng, self._kinds, self._longest)
            if fault not in found:
                found.append(fault)
        return found

    def __str__(self) -> str:
        return _lines(self.drawn)


def draw(rng: random.Random, kinds: Sequence[str], longest: int = 12) -> Fault:
    """One fault, at the `longest`-th frame at most."""
    kind = rng.choice(kinds)
    if kind == "refuse":
        return Fault(kind=kind)
    way, of = rng.choice(POSSIBLE[kind])
    if kind == "cut_at_byte":
        return Fault(kind=kind, way=way, byte=rng.randrange(20_000), reset=rng.random() < 0.5)
    return Fault(
        kind=kind,
        way=way,
        of=of,
        at=1 if of == "login" else rng.randint(1, longest if of is None else 3),
        seconds=rng.choice(SECONDS) if kind in ("delay", "reorder", "slow") else 0.0,
        reset=kind not in _CUTS or rng.random() < 0.5,
    )


def _lines(faults: Mapping[int, Sequence[Fault]]) -> str:
    lines = [f"connection {number}: {listed(found)}" for number, found in sorted(faults.items())]
    return "\n".join(lines) or "no connection"
