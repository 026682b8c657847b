"""Texts of the system messages that the sandbox makes (protocol: system message types)."""

from __future__ import annotations

from typing import Final

from livechat_customer.sandbox.wire_json import JsonObject

_ARCHIVED: Final = "The chat was closed because %agent%"
_ASSIGNED: Final = "Chat assigned to %agent_added% because %agent_removed%"
_QUEUED: Final = "Customer was queued because %agent%"

TEMPLATES: Final = {
    "agent_added": "%initiator% added %agent% to the chat",
    "agent_joined": "%agent% joined the chat",
    "agent_left": "%agent% left the chat",
    "agent_removed": "%initiator% removed %agent% from the chat",
    "archived_customer_disconnected": "%customer% left the chat",
    "chat_transferred": "%initiator% transferred the chat to %targets%",
    "customer_added": "%initiator% added %customer% to the chat",
    "customer_banned": (
        "Chat archived because customer was banned by %agent% for %duration% day(s)"
    ),
    "customer_removed": "%initiator% removed %customer% from the chat",
    "customer_updated": "Customer's name has been changed to %customer_name%",
    "manual_archived_agent": "%agent% archived the chat",
    "manual_archived_customer": "%customer% archived the chat",
    "rating.chat_commented": "%customer% left the following comment: %comment%",
    "rating.chat_rated": "%customer% rated the chat as %score%",
    "rating.chat_rating_canceled": "%customer% canceled the chat rating",
    "routing.archived_deleted": f"{_ARCHIVED} account had been deleted",
    "routing.archived_disconnected": f"{_ARCHIVED} had lost internet connection",
    "routing.archived_inactive": "Chat archived due to %duration% minutes of inactivity",
    "routing.archived_offline": "Chat archived due to no available agents",
    "routing.archived_other": "The chat was closed",
    "routing.archived_remotely_signed_out": f"{_ARCHIVED} had been remotely signed out",
    "routing.archived_signed_out": f"{_ARCHIVED} had signed out",
    "routing.assigned_deleted": f"{_ASSIGNED} account had been deleted",
    "routing.assigned_disconnected": f"{_ASSIGNED} had lost internet connection",
    "routing.assigned_inactive": f"{_ASSIGNED} hasn't replied in %duration% minutes",
    # The API's list gives the text of "archived" here, by mistake.
    "routing.assigned_other": "Chat assigned to %agent_added%",
    "routing.assigned_remotely_signed_out": f"{_ASSIGNED} had been remotely signed out",
    "routing.assigned_signed_out": f"{_ASSIGNED} had signed out",
    "routing.idle": "Chat is idle due to %duration% minutes of inactivity",
    "routing.unassigned_deleted": f"{_QUEUED} account has been deleted",
    "routing.unassigned_disconnected": f"{_QUEUED} had lost internet connection",
    "routing.unassigned_other": "Chat is unassigned",
    "routing.unassigned_remotely_signed_out": f"{_QUEUED} had been remotely signed out",
    "routing.unassigned_signed_out": f"{_QUEUED} had signed out",
    "system_archived": "Chat archived",
    "transcript_requested": "%customer% requested the chat transcript to be sent to %email%",
    "transcript_sent": "%customer% sent the chat transcript to %email%",
}
"""All 37 types of the API."""

FOR_AGENTS: Final = frozenset({"customer_updated", "routing.idle"})
"""Customers do not see these."""

_VARIANTS: Final = {
    (True, False): "%initiator% has changed customer's name to %customer_name%",
    (False, True): "%initiator% has changed customer's email to %customer_email%",
    (True, True): (
        "%initiator% has changed customer's name and email to %customer_name%, %customer_email%"
    ),
}


def system_message(kind: str, **variables: str) -> JsonObject:
    """A system message, its template filled in; `text_vars` repeats the values."""
    return _made(kind, TEMPLATES[kind], variables)


def profile_changed(initiator: str, name: str | None, email: str | None) -> JsonObject:
    """What an agent's change of a customer's name or e-mail leaves in an open chat."""
    template = _VARIANTS[name is not None, email is not None]
    given = {"initiator": initiator, "customer_name": name, "customer_email": email}
    variables = {key: value for key, value in given.items() if value is not None}
    return _made("customer_updated", template, variables)


def variables_of(kind: str) -> list[str]:
    """The names in a type's template."""
    return TEMPLATES[kind].split("%")[1::2]


def _made(kind: str, template: str, variables: dict[str, str]) -> JsonObject:
    # The pieces between the marks are, in turns, text and a variable's name.
    pieces = template.split("%")
    pieces[1::2] = [variables.get(name, f"%{name}%") for name in pieces[1::2]]
    return {
        "type": "system_message",
        "recipients": "agents" if kind in FOR_AGENTS else "all",
        "system_message_type": kind,
        "text": "".join(pieces),
        "text_vars": variables,
    }
