"""The error catalogue (protocol: error catalogue, HTTP statuses) as one exception."""

from __future__ import annotations

from typing import Final

from livechat_customer.sandbox.wire_json import JsonObject

MESSAGES: Final = {
    "authentication": "Authentication error",
    "authorization": "Authorization error",
    "chat_already_active": "Chat is already active",
    "chat_anonymized": "Chat anonymized",
    "chat_inactive": "Chat is inactive",
    "customer_banned": "Customer is banned",
    "entity_too_large": "Upload limit exceeded (10MB).",
    "greeting_not_found": "Greeting not found",
    "group_not_found": "Group not found",
    "group_offline": "Group is offline",
    "group_unavailable": "No agent available for group",
    "groups_offline": "Groups offline",
    "internal": "Internal server error",
    "license_expired": "License expired",
    "license_not_found": "License not found",
    "limit_reached": "Limit reached",
    "misdirected_request": "Wrong region",
    "not_allowed": "Not allowed",
    "not_found": "Not found",
    "pending_requests_limit_reached": "Requests limit reached",
    "request_timeout": "Request timed out",
    "service_unavailable": "Service unavailable",
    "too_many_requests": "Too many requests",
    "unsupported_version": "Cannot call unsupported API versions.",
    "users_limit_reached": "Users limit reached",
    "validation": "Wrong format of request",
    "wrong_product_version": "Wrong product version",
}
"""Error types and their default messages. Messages vary; clients go by the type."""

_STATUSES: Final = {
    400: ("validation", "unsupported_version"),
    401: ("authentication",),
    403: (
        "authorization",
        "not_allowed",
        "customer_banned",
        "license_expired",
        "wrong_product_version",
    ),
    404: ("not_found", "group_not_found", "greeting_not_found", "license_not_found"),
    408: ("request_timeout",),
    413: ("entity_too_large",),
    421: ("misdirected_request",),
    422: (
        "chat_inactive",
        "chat_anonymized",
        "chat_already_active",
        "group_offline",
        "groups_offline",
        "group_unavailable",
        "limit_reached",
    ),
    429: ("too_many_requests", "pending_requests_limit_reached", "users_limit_reached"),
    503: ("service_unavailable",),
}
_STATUS_OF: Final = {kind: status for status, kinds in _STATUSES.items() for kind in kinds}


class ApiError(Exception):
    """What a request is refused with: `type`, `message`, and `data` where there is any."""

    def __init__(self, type: str, message: str | None = None, data: JsonObject | None = None):
        self.type = type
        self.message = message or MESSAGES.get(type, "Refused")
        self.data = data
        super().__init__(f"{self.type}: {self.message}")

    def as_json(self) -> JsonObject:
        """The `error` object of an answer."""
        found: JsonObject = {"type": self.type, "message": self.message}
        if self.data is not None:
            found["data"] = self.data
        return found

    @property
    def status(self) -> int:
        """The HTTP status of a Web API answer."""
        return _STATUS_OF.get(self.type, 500)


def invalid(path: str, problem: str) -> ApiError:
    """A `validation` error about the field at `path`, such as `event.text`."""
    return ApiError("validation", f"`{path}` {problem}")
