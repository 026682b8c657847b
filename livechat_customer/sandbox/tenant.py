"""What the administrator of the organization set: where it lives, its apps, goals, properties,
phrases and pages. Plain mutable data in memory, as the world beside it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from livechat_customer.sandbox.pages import Page, welcome_page
from livechat_customer.sandbox.wire_json import JsonObject

DEFAULT_REGION: Final = "dal"
"""Where a request goes that names no region (protocol: regions and hosts)."""

LANGUAGE: Final = "en"

_PHRASES: Final = {
    "Welcome": "Welcome to our LiveChat!",
    "Your_name": "Your name:",
    "Agent_is_typing": "%agent% is typing…",
    "Queue_message": "You are number %number% in the queue. You will wait about %minutes% min.",
}


@dataclass(slots=True)
class Goal:
    """Reached on a page whose URL contains `url`, with these session fields, in this group."""

    id: int
    url: str | None
    session_fields: dict[str, str] = field(repr=False)
    group_id: int | None
    greeting: JsonObject = field(repr=False)
    """What is shown to who reaches it: `id`, `event`, `agent_id`, `addon`, `subtype`."""
    reached: set[str] = field(default_factory=set[str])
    """The customers who did. Each is greeted once."""


@dataclass(slots=True)
class Verification:
    """A mail that asks a customer to confirm the address, and where to tell of it."""

    email: str = field(repr=False)
    callback_uri: str
    sent_at: int
    """Microseconds since the epoch."""


@dataclass(slots=True)
class Tenant:
    """One organization's settings."""

    region: str | None = None
    """None: requests to any region are at the right place, and tokens are `dal:…`."""
    redirect_uris: tuple[str, ...] = ()
    """What the app's redirect URI must match; empty: any will do."""
    license_properties: dict[str, dict[str, object]] = field(
        default_factory=dict[str, dict[str, object]]
    )
    group_properties: dict[int, dict[str, dict[str, object]]] = field(
        default_factory=dict[int, dict[str, dict[str, object]]]
    )
    phrases: dict[str, dict[str, str]] = field(default_factory=lambda: {LANGUAGE: dict(_PHRASES)})
    """Language to the phrases of `get_localization`."""
    goals: dict[int, Goal] = field(default_factory=dict[int, Goal])
    pages: dict[str, Page] = field(default_factory=lambda: {"welcome": welcome_page()})
    """The pages under `/_pages/`, by name."""
    verifications: dict[str, list[Verification]] = field(
        default_factory=dict[str, list[Verification]]
    )
    """Customer id to the mails whose link was not clicked yet, oldest first."""
    callbacks: list[tuple[str, JsonObject]] = field(
        default_factory=list[tuple[str, JsonObject]], repr=False
    )
    """(URI, body) of the callbacks that are due."""

    def misdirects(self, asked: str | None) -> bool:
        """Whether a request to the region `asked` (its `X-Region`) is at the wrong place."""
        return self.region is not None and self.region != (asked or DEFAULT_REGION)
