"""What the customer's own successful requests prove, where no push may tell of it.

A connection of API 3.5 gets no push of `delete_event`, none gets one of a postback to a thread that
is closed, and the push of a seen mark may be lost. The answers are empty; what was asked for travels
in `Record.args`. An answer counts as of its request, as all answers do: whatever was pushed since
may be newer. (One button pressed twice within a round trip, as the thread is being closed, may show
wrong until the thread is fetched.)
"""

from __future__ import annotations

from typing import Final

import msgspec

from livechat_customer.models.wire.pushes import Toggle
from livechat_customer.records import RESPONSE, Record


class Deleted(msgspec.Struct, frozen=True):
    """`delete_event`: this event is gone."""

    event_id: str


class Pressed(msgspec.Struct, frozen=True):
    """`send_rich_message_postback`: a button of this event was toggled."""

    event_id: str
    postback: Toggle


class Marked(msgspec.Struct, frozen=True):
    """`mark_events_as_seen`: the customer has seen what was created up to then."""

    seen_up_to: str


OwnRequest = Deleted | Pressed | Marked

_DECODERS: Final[dict[str, msgspec.json.Decoder[OwnRequest]]] = {
    "delete_event": msgspec.json.Decoder(Deleted),
    "send_rich_message_postback": msgspec.json.Decoder(Pressed),
    "mark_events_as_seen": msgspec.json.Decoder(Marked),
}


def own_request(record: Record) -> OwnRequest | None:
    """What the empty answer `record` proves; None if nothing."""
    decoder = _DECODERS.get(record.action)
    if decoder is None or record.kind != RESPONSE or record.args is None:
        return None
    try:
        return decoder.decode(record.args)
    except msgspec.DecodeError:
        return None
