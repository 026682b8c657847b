"""Texts of the system messages that the sandbox makes (protocol: system message types)."""

from __future__ import annotations

from typing import Final

from livechat_customer.sandbox.wire_json import JsonObject

TEMPLATES: Final = {
    "agent_joined": "%agent% joined the chat",
    "agent_left": "%agent% left the chat",
    "chat_transferred": "%initiator% transferred the chat to %targets%",
    "manual_archived_agent": "%agent% archived the chat",
    "manual_archived_customer": "%customer% archived the chat",
    "rating.chat_commented": "%customer% left the following comment: %comment%",
    "rating.chat_rated": "%customer% rated the chat as %score%",
    "rating.chat_rating_canceled": "%customer% canceled the chat rating",
    "transcript_requested": "%customer% requested the chat transcript to be sent to %email%",
}


def system_message(kind: str, **variables: str) -> JsonObject:
    """A system message for everybody, its template filled in."""
    text = TEMPLATES[kind]
    for name, value in variables.items():
        text = text.replace(f"%{name}%", value)
    return {
        "type": "system_message",
        "recipients": "all",
        "system_message_type": kind,
        "text": text,
        "text_vars": variables,
    }
