"""The session's timers: which are set, and the outputs that set and cancel them."""

from __future__ import annotations

from typing import Final

from livechat_customer.transport.outputs import CancelTimer, Output, SetTimer

EARLY: Final = 0.005
"""An event loop may run a timer this much too early (the resolution of its clock)."""


class Deadlines:
    """Named deadlines, at most one each."""

    def __init__(self) -> None:
        self._at: dict[str, float] = {}

    def __len__(self) -> int:
        return len(self._at)

    def set(self, out: list[Output], name: str, at: float) -> None:
        self._at[name] = at
        out.append(SetTimer(name, at))

    def set_if_sooner(self, out: list[Output], name: str, at: float) -> None:
        """For timers that look themselves for what comes next when they fire: moving one to a
        later time is not worth an output."""
        current = self._at.get(name)
        if current is None or at < current:
            self.set(out, name, at)

    def cancel(self, out: list[Output], name: str) -> None:
        if self._at.pop(name, None) is not None:
            out.append(CancelTimer(name))

    def clear(self, out: list[Output]) -> None:
        for name in list(self._at):
            self.cancel(out, name)

    def fired(self, name: str, now: float) -> float | None:
        """The time at which `name` was due, and it is set no more; None if it is not due: the
        event of a timer that was cancelled or moved meanwhile."""
        at = self._at.get(name)
        if at is None or at > now + EARLY:
            return None
        del self._at[name]
        return at
