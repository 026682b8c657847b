"""What the outbox writes into the log: the payloads of `command` records, by their action.

Shared words: the outbox writes them, the projections fold them. A record's `chat_id` is the chat's
id, or the local id under which entries stand whose chat is not started yet.
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

import msgspec

from livechat_customer.records import COMMAND, Record

LOCAL: Final = "local:"
"""How a local chat id begins; the custom id of its first entry follows."""
GENERATED: Final = "lcq-"
"""How a custom id begins that the outbox made itself; apps may not use it."""

SEND_EVENT: Final = "send_event"
MARK_EVENTS_AS_SEEN: Final = "mark_events_as_seen"
START_CHAT: Final = "start_chat"
RESUME_CHAT: Final = "resume_chat"

RESTORED: Final = "restored"
IDENTITY_CHANGED: Final = "identity_changed"


class Queued(msgspec.Struct, frozen=True, tag="outbox_queued", tag_field="command"):
    """An entry is in the queue; the record's chat is where it shall go."""

    custom_id: str
    action: str
    """`send_event` or `mark_events_as_seen`."""
    event: dict[str, Any] | None = None
    """The event as it will travel, `custom_id` included."""
    seen_up_to: str | None = None
    own_id: bool = False
    """The app gave the custom id."""
    continuous: bool = True
    """Start or resume the chat even with nobody online."""


class Attempted(msgspec.Struct, frozen=True, tag="outbox_attempted", tag_field="command"):
    """A request for the entry was recorded right after this, and then written."""

    custom_id: str
    request_id: str
    action: str
    """`send_event`, `start_chat`, `resume_chat` or `mark_events_as_seen`."""
    thread_id: str | None = None
    """The newest thread known then: a search for the event need not look further back."""


class Doubted(msgspec.Struct, frozen=True, tag="outbox_doubted", tag_field="command"):
    """Nothing came of the attempt in time: its outcome is unknown. Ends of connections and new
    runs say the same by themselves."""

    custom_id: str
    request_id: str
    code: str


class Cleared(msgspec.Struct, frozen=True, tag="outbox_cleared", tag_field="command"):
    """A search found that the attempt in doubt had no effect: the entry is queued again."""

    custom_id: str
    request_id: str


class Mapped(msgspec.Struct, frozen=True, tag="outbox_mapped", tag_field="command"):
    """The record's local chat is this one."""

    chat_id: str


class Refused(msgspec.Struct, frozen=True, tag="outbox_refused", tag_field="command"):
    """The client itself gave up on the entry (`EXPIRED`, say); answers of the server need none."""

    custom_id: str
    code: str
    message: str


class Retried(msgspec.Struct, frozen=True, tag="outbox_retried", tag_field="command"):
    """The user wants it tried again."""

    custom_id: str


class Cancelled(msgspec.Struct, frozen=True, tag="outbox_cancelled", tag_field="command"):
    """The user does not want it sent any more."""

    custom_id: str


class Parked(msgspec.Struct, frozen=True, tag="outbox_parked", tag_field="command"):
    """No unfinished entry of the stream is sent until it is retried: `identity_changed` (for
    ever), `restored` (the log is a copy)."""

    code: str


Command: TypeAlias = (
    Queued | Attempted | Doubted | Cleared | Mapped | Refused | Retried | Cancelled | Parked
)

_decoder: Final[msgspec.json.Decoder[Command]] = msgspec.json.Decoder(Command)
_encoder: Final = msgspec.json.Encoder()


def encode(command: Command) -> tuple[str, bytes]:
    """Action and payload of the command's record."""
    return f"{command.__struct_config__.tag}", _encoder.encode(command)


def command_of(record: Record) -> Command | None:
    """The command of a record; None if it is none that this version knows."""
    if record.kind != COMMAND:
        return None
    try:
        return _decoder.decode(record.payload)
    except msgspec.DecodeError:
        return None
