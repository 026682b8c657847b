"""What the server's refusal of an attempt means (design: outbox; Customer Chat API 3.5, errors)."""

from __future__ import annotations

from typing import Final, NamedTuple

from livechat_customer.models.commands import (
    MARK_EVENTS_AS_SEEN,
    RESUME_CHAT,
    SEND_EVENT,
    START_CHAT,
)
from livechat_customer.projections.outbox_facts import FAILED, QUEUED, UNKNOWN, WAITING


class Verdict(NamedTuple):
    """What becomes of the entry."""

    state: str
    recheck: bool = False
    """The chat is not as it was known: read it first."""

    @property
    def in_doubt(self) -> bool:
        """The attempt may have had its effect all the same."""
        return self.state == UNKNOWN


_DOUBT: Final = frozenset({"request_timeout", "internal"})
_LATER: Final = frozenset(
    {"service_unavailable", "too_many_requests", "pending_requests_limit_reached"}
)
_OFFLINE: Final = "groups_offline"
_THERE: Final = frozenset({"chat_already_active", "limit_reached", "chat_limit_reached"})
_OTHERWISE: Final = {
    SEND_EVENT: frozenset({"chat_inactive"}),
    START_CHAT: _THERE,
    RESUME_CHAT: _THERE,
}
"""By action: what the server says when the chat is in another state than was thought."""


def after_refusal(action: str, error: str) -> Verdict:
    """The verdict on an attempt with this action that was answered with this error type."""
    if error in _DOUBT:
        # Marking twice does no harm, so a mark needs no search.
        return Verdict(QUEUED if action == MARK_EVENTS_AS_SEEN else UNKNOWN)
    if error in _LATER:
        return Verdict(QUEUED)
    if error == _OFFLINE:
        return Verdict(WAITING)
    if error in _OTHERWISE.get(action, ()):
        return Verdict(QUEUED, recheck=True)
    return Verdict(FAILED)


def after_silence(action: str) -> Verdict:
    """The verdict on an attempt that will not be answered any more."""
    return Verdict(QUEUED if action == MARK_EVENTS_AS_SEEN else UNKNOWN)
