"""What a process of the crash tests is told to do: shared by the tests and by `crash_child.py`."""

from __future__ import annotations

from typing import Any, Literal

import msgspec


class Stop(msgspec.Struct, frozen=True):
    """Where the process kills itself: at the commit of a batch that holds the record."""

    when: Literal["before", "after"]
    kind: str
    """`any`: at the `nth` batch, whatever it holds."""
    action: str = ""
    nth: int = 1
    """Which of the records of this kind and action, counted in this process."""


class Plan(msgspec.Struct, frozen=True):
    """A run of the client."""

    options: dict[str, Any]
    """Of `init()`, as JSON."""
    in_doubt_wait: float = 0.2
    chat_id: str | None = None
    """Where the messages shall go; None: the customer's chat."""
    first: tuple[str, ...] = ()
    """Texts to queue one by one, each when the one before is delivered."""
    then: tuple[str, ...] = ()
    """Texts to queue at once after these."""
    offline: bool = False
    """Never connect."""
    wait: bool = False
    """Do that when told to, by SIGUSR1."""
    stop: Stop | None = None
    linger: bool = True
    """False: the sockets forget what the client told them about their closing."""
    shadow: str | None = None
    """Where `power.c` keeps what is safe; None: it does nothing."""
    durable: bool = True
    """False: nothing is committed with more than `synchronous=NORMAL`."""
    snapshot_stop: int = 0
    """Die inside the transaction of this snapshot, the first being 1."""
    leave: bool = False
    """End well when all is delivered, and what earlier runs left, too."""


class Said(msgspec.Struct, frozen=True, omit_defaults=True):
    """A line that the process says."""

    what: str
    """`pid`, `connected`, `queued`, `delivered`, `failed`, `added`, `written`, `left`, `ended`."""
    text: str = ""
    number: int = 0
