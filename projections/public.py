"""The event of an entry, as readers get it."""

from __future__ import annotations

from livechat_customer.models import Event, from_wire
from livechat_customer.projections.content import Entry


def shown(entry: Entry) -> Event:
    """The entry's event for readers, made once."""
    made: Event | None = entry.public
    if made is None:
        made = entry.public = from_wire.event(entry.event, entry.thread_id)
    return made
