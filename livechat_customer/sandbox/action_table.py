"""Every action of the Customer Chat API that the sandbox has, and which version has it."""

from __future__ import annotations

from typing import Final

from livechat_customer.sandbox import (
    actions_chats,
    actions_customer,
    actions_events,
    actions_newer,
    actions_properties,
    actions_reading,
    actions_web,
)
from livechat_customer.sandbox.api_errors import ApiError
from livechat_customer.sandbox.calls import Action

VERSIONS: Final = ("3.5", "3.6")
"""The API versions that are served, oldest first."""

LOGIN: Final = "login"
PING: Final = "ping"
UPLOAD: Final = "upload_file"

ACTIONS: Final[dict[str, Action]] = (
    actions_reading.ACTIONS
    | actions_chats.ACTIONS
    | actions_events.ACTIONS
    | actions_customer.ACTIONS
    | actions_properties.ACTIONS
    | actions_web.ACTIONS
    | actions_newer.ACTIONS
)


def is_served(version: str) -> bool:
    return version in VERSIONS


def call_version(asked: object, connection: str) -> str:
    """The version one request runs in: never lower than its connection's."""
    if asked is None:
        return connection
    if not isinstance(asked, str):
        raise ApiError("validation", "`version` must be a string")
    if not is_served(asked) or VERSIONS.index(asked) < VERSIONS.index(connection):
        raise ApiError("unsupported_version")
    return asked


def find(name: str, version: str, *, web: bool = False) -> Action:
    """The action, or `validation` when it is unknown, newer, or not offered that way."""
    found = ACTIONS.get(name)
    if found is None or VERSIONS.index(version) < VERSIONS.index(found.since):
        raise ApiError("validation", "Unknown action")
    if not (found.web if web else found.rtm):
        raise ApiError("validation", f"Not available over {'the Web API' if web else 'RTM'}")
    return found
