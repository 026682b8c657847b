"""Which API version a request needs.

A connection of an older version can make a newer request: its frame says so with `version`
(Customer Chat API 3.6, versions on one connection).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from livechat_customer.errors import InvalidArgumentError

FIRST: Final = "3.5"
NEWER: Final = "3.6"

_VERSION: Final = r"[0-9]{1,3}\.[0-9]{1,3}"

_ACTIONS: Final = frozenset(
    {"delete_event", "request_welcome_message", "send_greeting_button_clicked"}
)
_CUSTOMER: Final = frozenset({"address", "phone_number", "omnichannel"})
_POSTBACK: Final = frozenset({"button_type", "button_value", "ecommerce"})


def needed(action: str, payload: Mapping[str, Any]) -> str:
    """The oldest version that has the action and all the fields of the payload."""
    if action in _ACTIONS:
        return NEWER
    match action:
        case "update_customer":
            newer = not _CUSTOMER.isdisjoint(payload)
        case "send_rich_message_postback":
            newer = not _POSTBACK.isdisjoint(payload["postback"])
        case "send_event":
            newer = _is_new(payload["event"])
        case "start_chat" | "resume_chat":
            newer = any(map(_is_new, payload["chat"].get("thread", {}).get("events", ())))
        case _:
            newer = False
    return NEWER if newer else FIRST


def frame_version(action: str, payload: Mapping[str, Any], connection: str) -> str | None:
    """What the request's frame says on a connection of that version: nothing if it has it all."""
    version = needed(action, payload)
    return version if _number(version) > _number(connection) else None


def check_version(version: str, connection: str) -> None:
    """InvalidArgumentError for what is no version, or one older than the connection's, which the
    server refuses."""
    if not isinstance(cast("object", version), str) or not re.fullmatch(_VERSION, version):
        raise InvalidArgumentError("version", 'must be a version such as "3.6"')
    if _number(version) < _number(connection):
        raise InvalidArgumentError(
            "version", f"must not be older than the connection's, {connection}"
        )


def _number(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def _is_new(event: Mapping[str, Any]) -> bool:
    """Something of the event is about products."""
    elements: Sequence[Mapping[str, Any]] = event.get("elements", ())
    return (
        event.get("template_id") == "ecommerce"
        or "ecommerce" in event.get("postback", {})
        or any("ecommerce" in element for element in elements)
    )
