"""What can happen to a connection's frames, as plain data and pure decisions.

A `Fault` says what goes wrong and where; a `Judge` turns the faults of one connection into steps,
frame by frame. Who carries frames (`memory` in process, `proxy` over TCP) does what the steps say:
so both know the same faults by the same names.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

UP: Final = "up"
"""From the client to the server."""
DOWN: Final = "down"
"""From the server to the client."""

KINDS: Final = {
    "refuse": "the connection is not opened",
    "cut_before": "the connection ends in place of the frame",
    "cut_after": "the connection ends when the frame was delivered",
    "cut_at_byte": "the connection ends when `byte` bytes of its direction have passed",
    "delay": "the frame, and with it all behind it, comes `seconds` later",
    "lose": "the frame never comes",
    "duplicate": "the frame comes twice",
    "reorder": "the frame lets the next one pass; after `seconds` without one it goes alone",
    "half_open": "from this frame on nothing passes, either way, and nobody is told",
    "slow": "from this frame on the receiver takes one frame each `seconds`",
}
"""Every kind of fault, and what it does."""

AT_OPENING: Final = frozenset({"refuse", "cut_before", "delay", "half_open"})
"""The kinds that may take place at the opening (`at=0`)."""


class Fault(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One fault of one connection; it takes place once.

    Raises ValueError where it makes no sense.
    """

    kind: str
    way: str = DOWN
    """`up` or `down`: whose frames are counted."""
    of: str | None = None
    """Which frames are counted: `request`, `answer`, `push`, or an action; None: all of the way."""
    at: int = 1
    """At the how-manieth of them; 0: at the opening."""
    seconds: float = 0.0
    byte: int = 0
    """Counted from the opening; over TCP the handshake counts, too."""
    reset: bool = True
    """Of a cut: what else is under way is lost, too; False: it still arrives."""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}")
        if self.way not in (UP, DOWN):
            raise ValueError("way must be up or down")
        if self.at < 0 or self.seconds < 0 or self.byte < 0:
            raise ValueError("at, seconds and byte must not be negative")
        if self.at == 0 and self.kind not in AT_OPENING:
            raise ValueError(f"{self.kind} needs a frame: at must be 1 or above")
        if self.kind == "slow" and self.seconds == 0:
            raise ValueError("slow needs seconds")

    def __str__(self) -> str:
        """Such as `cut_after up send_event 2`."""
        if self.kind == "refuse":
            return self.kind
        if self.kind == "cut_at_byte":
            where = f"{self.way} byte {self.byte}"
        elif self.at == 0:
            where = "opening"
        else:
            where = f"{self.way} {self.of or 'frame'} {self.at}"
        for_how_long = f" {self.seconds:g}s" if self.seconds else ""
        how = "" if self.reset or not self.kind.startswith("cut") else " closed"
        return f"{self.kind} {where}{for_how_long}{how}"


class Frame(msgspec.Struct, frozen=True, gc=False):
    """A text frame on its way. `size` is what it takes on the wire, in bytes."""

    content: bytes
    kind: str
    action: str
    size: int
    raw: bytes = b""
    """As it is on the wire, header and mask included; empty in process."""

    def fits(self, of: str | None) -> bool:
        return of is None or of in (self.kind, self.action)


class Deliver(msgspec.Struct, frozen=True, gc=False):
    """Let it pass."""

    frame: Frame


class Part(msgspec.Struct, frozen=True, gc=False):
    """Let the first `size` bytes of it pass: no whole frame arrives."""

    frame: Frame
    size: int


class Wait(msgspec.Struct, frozen=True, gc=False):
    """Take nothing of this direction for so long."""

    seconds: float


class Cut(msgspec.Struct, frozen=True, gc=False):
    """End the connection, without a word to either side."""

    reset: bool


class FallSilent(msgspec.Struct, frozen=True, gc=False):
    """Swallow everything from now on, both ways, the end of the connection included."""


class Refuse(msgspec.Struct, frozen=True, gc=False):
    """Do not open."""


Step = Deliver | Part | Wait | Cut | FallSilent | Refuse


class _Head(msgspec.Struct, gc=False):
    action: str = ""
    type: str = "request"


_head: Final = msgspec.json.Decoder(_Head)


def read_frame(content: bytes, raw: bytes = b"") -> Frame:
    """What a frame is: kind `request`, `answer` or `push`, and its action; both empty when it
    can't be read."""
    size = len(raw or content)
    try:
        head = _head.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Frame(content, "", "", size, raw)
    kind = "answer" if head.type == "response" else head.type
    return Frame(content, kind, head.action, size, raw)


class Judge:
    """Decides about the frames of one connection. `fired` are the faults that took place."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._waiting: list[Fault] = list(dict.fromkeys(faults))
        self._counted: dict[Fault, int] = {}
        self._held: dict[str, tuple[Frame, float]] = {}
        self._pace: dict[str, float] = {}
        self._passed = {UP: 0, DOWN: 0}
        self.fired: list[Fault] = []

    def opening(self) -> list[Step]:
        """What happens before the connection is open."""
        steps: list[Step] = []
        for fault in [one for one in self._waiting if one.kind == "refuse" or one.at == 0]:
            self._fire(fault)
            match fault.kind:
                case "refuse":
                    steps.append(Refuse())
                case "delay":
                    steps.append(Wait(fault.seconds))
                case "half_open":
                    steps.append(FallSilent())
                case _:
                    steps.append(Cut(fault.reset))
        return steps

    def room(self, way: str, size: int) -> int:
        """How many of the next `size` bytes may pass, where they are no text frame: less than all
        of them where the connection is to be cut then."""
        fault = self._cut_within(way, size)
        allowed = size if fault is None else fault.byte - self._passed[way]
        self._passed[way] += allowed
        if fault is not None:
            self._fire(fault)
        return allowed

    def frame(self, way: str, frame: Frame) -> list[Step]:
        """What happens to the next frame."""
        steps: list[Step] = [Wait(self._pace[way])] if way in self._pace else []
        held = self._held.pop(way, None)
        if cut := self._cut_within(way, frame.size):
            self._fire(cut)
            return [*steps, Part(frame, cut.byte - self._passed[way]), Cut(cut.reset)]
        self._passed[way] += frame.size
        for fault in self._due(way, frame):
            self._fire(fault)
            match fault.kind:
                case "cut_before":
                    return [*steps, Cut(fault.reset)]
                case "cut_after":
                    return [*steps, Deliver(frame), Cut(fault.reset)]
                case "half_open":
                    return [*steps, FallSilent()]
                case "lose":
                    return steps + _released(held)
                case "delay":
                    steps.append(Wait(fault.seconds))
                case "duplicate":
                    steps.append(Deliver(frame))
                case "slow":
                    self._pace[way] = fault.seconds
                    steps.append(Wait(fault.seconds))
                case "reorder" if held is None:
                    self._held[way] = (frame, fault.seconds or 1.0)
                    return steps
                case _:
                    # It lets a frame pass that lets one pass itself: nothing is left to do.
                    pass
        return [*steps, Deliver(frame), *_released(held)]

    def held(self, way: str) -> float | None:
        """How long to wait for a frame that may pass the one held back; None: none is."""
        found = self._held.get(way)
        return None if found is None else found[1]

    def idle(self, way: str) -> list[Step]:
        """No frame came in that time."""
        return _released(self._held.pop(way, None))

    def _due(self, way: str, frame: Frame) -> list[Fault]:
        found: list[Fault] = []
        for fault in list(self._waiting):
            if fault.way != way or fault.kind == "cut_at_byte" or not frame.fits(fault.of):
                continue
            count = self._counted[fault] = self._counted.get(fault, 0) + 1
            if count == fault.at:
                found.append(fault)
        return found

    def _cut_within(self, way: str, size: int) -> Fault | None:
        after = self._passed[way] + size
        cuts = [one for one in self._waiting if one.kind == "cut_at_byte" and one.way == way]
        return min(
            (one for one in cuts if one.byte < after), key=lambda one: one.byte, default=None
        )

    def _fire(self, fault: Fault) -> None:
        self._waiting.remove(fault)
        self.fired.append(fault)


def _released(held: tuple[Frame, float] | None) -> list[Step]:
    return [] if held is None else [Deliver(held[0])]


def listed(faults: Sequence[Fault]) -> str:
    """Faults in one line."""
    return ", ".join(map(str, faults)) or "nothing"
