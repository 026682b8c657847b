"""What `livechat-customer doctor --live` reports."""

from __future__ import annotations

from typing import Final

import msgspec

HOLDS: Final = "holds"
BROKEN: Final = "broken"
NOT_PROBED: Final = "not probed"


class Probe(msgspec.Struct, frozen=True):
    """What was found of one assumption."""

    assumption: str
    verdict: str
    """`holds`: nothing seen contradicts it; `broken`; `not probed`."""
    detail: str
    """What contradicts it, or why it was not probed; else empty."""


class Live(msgspec.Struct, frozen=True):
    """What a conversation with the account showed."""

    chat_id: str
    """The chat that was made; empty if it did not come to that."""
    ended: str
    """Why the conversation ended early; empty if it did not."""
    probes: tuple[Probe, ...]

    @property
    def problems(self) -> list[str]:
        """One line each."""
        found = [
            f"The server breaks {one.assumption}: {one.detail}. See docs/assumptions.md."
            for one in self.probes
            if one.verdict == BROKEN
        ]
        return found + ([f"The live probe ended early: {self.ended}"] if self.ended else [])
