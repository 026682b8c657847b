"""The greeting on show: the one shown last, unless it is over.

What ended stays ended, in whatever order the records are read. Only the newest endings are kept,
of which there may be one for each greeting ever shown.
"""

from __future__ import annotations

from typing import Final

import msgspec

from livechat_customer.models.wire.greetings import Greeting
from livechat_customer.projections.register import Rank, Register

KEPT: Final = 64


class GreetingFacts(msgspec.Struct):
    """The greeting and what became of it."""

    shown: Register[Greeting | None] = msgspec.field(default_factory=lambda: Register(None))
    accepted: dict[str, int] = {}
    """Unique id to the greatest seq that says so."""
    ended: dict[str, int] = {}
    confirmed: int = 0
    """Number of the newest connection whose login told it."""

    def show(self, greeting: Greeting | None, rank: Rank) -> bool:
        return self.shown.set(greeting, rank)

    def accept(self, unique_id: str, seq: int) -> None:
        self.accepted = _with(self.accepted, unique_id, seq)

    def end(self, unique_id: str, seq: int) -> None:
        self.ended = _with(self.ended, unique_id, seq)

    def now(self) -> Greeting | None:
        greeting = self.shown.value
        if greeting is None or greeting.unique_id in self.ended:
            return None
        if greeting.unique_id in self.accepted and not greeting.accepted:
            return msgspec.structs.replace(greeting, accepted=True)
        return greeting


def _with(known: dict[str, int], unique_id: str, seq: int) -> dict[str, int]:
    """With the newest word on it, and without all but the newest `KEPT` (a union keeps them)."""
    found = {**known, unique_id: max(seq, known.get(unique_id, 0))}
    if len(found) <= KEPT:
        return found
    newest = sorted(found, key=lambda name: (found[name], name))[-KEPT:]
    return {name: found[name] for name in newest}
