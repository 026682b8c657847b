"""From what the folds hold to what readers get.

The public structs share the maps of the wire structs they are made of, and those belong to the
folds: so the maps are copied first.
"""

from __future__ import annotations

from typing import Any, cast

import msgspec

from livechat_customer.models import Event as PublicEvent
from livechat_customer.models import from_wire
from livechat_customer.models.wire.events import (
    Custom,
    Event,
    RichMessage,
    SystemMessage,
)
from livechat_customer.models.wire.users import User
from livechat_customer.projections.content import Entry

_decoder: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)


def copied(value: Any) -> Any:
    """A copy of JSON's builtins, to any depth."""
    if isinstance(value, dict):
        found = cast("dict[str, Any]", value)
        return {key: copied(item) for key, item in found.items()}
    if isinstance(value, list | tuple):
        return [copied(item) for item in cast("list[Any]", value)]
    return value


def copied_user(user: User) -> User:
    """The user with maps of its own; what holds none is the same."""
    if not user.session_fields and user.omnichannel is None:
        return user
    return msgspec.structs.replace(
        user,
        session_fields=tuple(copied(pair) for pair in user.session_fields),
        omnichannel=copied(user.omnichannel),
    )


def public_event(event: Event, thread_id: str | None) -> PublicEvent:
    """The event for readers, with maps of its own."""
    if isinstance(event, RichMessage | Custom | SystemMessage):
        event = _decoder.decode(msgspec.json.encode(event))
    elif event.properties:
        event = msgspec.structs.replace(event, properties=copied(event.properties))
    return from_wire.event(event, thread_id)


def shown(entry: Entry) -> PublicEvent:
    """The entry's event for readers, made once."""
    made: PublicEvent | None = entry.public
    if made is None:
        made = entry.public = public_event(entry.event, entry.thread_id)
    return made
