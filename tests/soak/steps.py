"""A run is a list of steps, made from its seed before anything happens.

A step's numbers are choices that fit any state ("the a-th of the events there are"): so a step
means something wherever it stands, and a run with some steps left out is a run, too.
"""

from __future__ import annotations

import random
from typing import Final

import msgspec


class Step(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One thing that happens."""

    kind: str
    who: int = 0
    """Which device, or which agent."""
    a: int = 0
    b: int = 0


CHOICES: Final = 1_000
"""The numbers of a step are below it."""

QUIET: Final = "quiet"
PAUSE: Final = "pause"

WEIGHTS: Final[dict[str, int]] = {
    # The customer, on one of the devices.
    "queue_message": 14,
    "queue_message_anywhere": 4,
    "queue_seen": 3,
    "retry": 3,
    "cancel": 1,
    "start_chat": 2,
    "resume_chat": 3,
    "deactivate_chat": 2,
    "send": 5,
    "see": 2,
    "properties": 4,
    "postback": 2,
    "delete_own": 1,
    "rename": 2,
    "session_fields": 1,
    "greet": 2,
    "page": 1,
    "page_back": 2,
    "refresh": 1,
    "fill": 1,
    "resync": 1,
    "watch": 2,
    # The device itself.
    "offline": 3,
    "online": 6,
    "restart": 2,
    "crash": 2,
    # Agents.
    "agent_send": 10,
    "agent_note": 1,
    "agent_edit": 3,
    "agent_delete": 2,
    "agent_typing": 1,
    "agent_join": 1,
    "agent_leave": 1,
    "agent_transfer": 2,
    "agent_see": 2,
    "agent_deactivate": 3,
    "agent_start": 2,
    "agent_properties": 2,
    "agent_rename": 1,
    # The service.
    "service_event": 2,
    "route": 1,
    "queue_place": 1,
    "availability": 1,
    "show_greeting": 2,
    "multicast": 1,
    "hours": 1,
    "dismiss": 3,
    "cut": 4,
    "fault": 9,
    PAUSE: 14,
    QUIET: 2,
}
"""How often each kind of step comes."""


def random_steps(seed: str, count: int) -> list[Step]:
    """The steps of a run, always the same ones for a seed; the last is a quiet point."""
    chance = random.Random(seed)
    kinds = chance.choices(list(WEIGHTS), weights=list(WEIGHTS.values()), k=count)
    steps = [
        Step(kind, chance.randrange(2), chance.randrange(CHOICES), chance.randrange(CHOICES))
        for kind in kinds
    ]
    return [*steps, Step(QUIET)]
