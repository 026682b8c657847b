"""What happens in the demo, as values: the core tells them, the face shows them."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from livechat_customer.records import Record


class Act(msgspec.Struct, frozen=True):
    """A part of the demo begins."""

    title: str
    detail: str = ""


class Said(msgspec.Struct, frozen=True):
    """A message of the conversation."""

    name: str
    text: str
    own: bool
    records: tuple[Record, ...] = ()
    """What the log wrote of it."""


class Happened(msgspec.Struct, frozen=True):
    """Something other than a message."""

    text: str
    records: tuple[Record, ...] = ()


class Progressed(msgspec.Struct, frozen=True):
    """So many bytes of a file have left."""

    name: str
    sent: int
    total: int


class Check(msgspec.Struct, frozen=True):
    """Something that must hold."""

    name: str
    ok: bool
    detail: str = ""


Step = Act | Said | Happened | Progressed | Check

Show = Callable[[Step], None]


class Summary(msgspec.Struct, frozen=True):
    """How the demo ended. Its fields but the last two are what `--json` prints.

    Of the booleans each says that something was so live, and again from the log alone.
    """

    messages_sent: int
    messages_received: int
    reconnects: int
    records: int
    uploaded: bool
    postback: bool
    rated: bool
    transcript: bool
    queued_offline: int
    kills: int
    """Processes killed since, by SIGKILL."""
    delivered_once: bool
    offline_equal: bool
    replay_equal: bool
    log: str
    checks: tuple[Check, ...]
    facts: tuple[tuple[str, str], ...]
    """More for people to read: name and value."""

    @property
    def ok(self) -> bool:
        return all(check.ok for check in self.checks)
