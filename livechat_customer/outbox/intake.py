"""What an app may put into the outbox: checked, and made into the command that queues it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from livechat_customer.errors import InvalidArgumentError
from livechat_customer.models import SendableEvent, to_wire
from livechat_customer.models.commands import (
    GENERATED,
    LOCAL,
    MARK_EVENTS_AS_SEEN,
    SEND_EVENT,
    Queued,
)

AGENTS: Final = "agents"
_OURS: Final = (GENERATED, LOCAL)


def queued_event(
    event: SendableEvent | Mapping[str, Any],
    continuous: bool,
    used: Callable[[str], bool],
    ids: Callable[[], str],
) -> Queued:
    """The command for an event. `used` tells of a custom id whether the stream knows it already.

    Raises InvalidArgumentError: what `sdk.send_event` refuses; an event for agents only, which no
    answer ever shows, so that it could not be looked for; a custom id that is used, or that begins
    as those of the outbox do.
    """
    payload = to_wire.event(event)
    if payload.get("recipients") == AGENTS:
        raise InvalidArgumentError(
            "event.recipients", "for agents only can't be queued; use sdk.send_event"
        )
    given = payload.get("custom_id")
    if given is None:
        custom_id = GENERATED + ids()
    elif not given or given.startswith(_OURS):
        raise InvalidArgumentError("event.custom_id", f"is empty or begins with {GENERATED}")
    elif used(given):
        raise InvalidArgumentError("event.custom_id", "was used before; leave it out, or make one")
    else:
        custom_id = given
    return Queued(
        custom_id=custom_id,
        action=SEND_EVENT,
        event=payload | {"custom_id": custom_id},
        own_id=given is not None,
        continuous=to_wire.flag(continuous, "continuous"),
    )


def queued_mark(seen_up_to: str, ids: Callable[[], str]) -> Queued:
    """The command for a seen mark. Raises InvalidArgumentError."""
    return Queued(
        custom_id=GENERATED + ids(),
        action=MARK_EVENTS_AS_SEEN,
        seen_up_to=to_wire.time(seen_up_to, "seen_up_to"),
    )
