"""The users of a chat (Customer Chat API 3.5, users)."""

from typing import Any, ClassVar, Literal

import msgspec

from livechat_customer.models.base import Model, SessionFields


class Statistics(Model, frozen=True):
    """Counters of a customer; `connected` and `get_customer` give them."""

    chats_count: int = 0
    threads_count: int = 0
    visits_count: int = 0
    page_views_count: int = 0
    greetings_shown_count: int = 0
    greetings_accepted_count: int = 0


class Address(Model, frozen=True, forbid_unknown_fields=True):
    """A customer's address (API 3.6)."""

    address: str | None = None
    city: str | None = None
    country: str | None = None
    state: str | None = None
    postal_code: str | None = None


class Customer(Model, frozen=True, tag_field="type", tag="customer"):
    """The end user.

    `present` (in the chat now) and `seen_up_to` (RFC 3339: events created up to then were seen)
    are set where it stands among a chat's users, else None; `statistics` where it is the
    customer of the session.
    """

    type: ClassVar[Literal["customer"]] = "customer"
    id: str
    name: str | None = None
    email: str | None = None
    avatar: str | None = None
    """A URL; its scheme may be missing."""
    session_fields: SessionFields = msgspec.field(default_factory=dict[str, Any])
    present: bool | None = None
    seen_up_to: str | None = None
    email_verified: bool | None = None
    statistics: Statistics | None = None
    phone_number: str | None = None
    """API 3.6."""
    address: Address | None = None
    """API 3.6."""
    omnichannel: SessionFields | None = None
    """API 3.6, as the server sends it."""


class Agent(Model, frozen=True, tag_field="type", tag="agent"):
    """Whoever is on the other side: an agent, a supervisor, a bot.

    `present` and `seen_up_to` as for `Customer`. `is_bot` is known of predicted agents and of
    greetings' agents, `bot_type` (API 3.6) of predicted ones; else None.
    """

    type: ClassVar[Literal["agent"]] = "agent"
    id: str
    name: str | None = None
    avatar: str | None = None
    """A URL; its scheme may be missing."""
    job_title: str | None = None
    present: bool | None = None
    seen_up_to: str | None = None
    is_bot: bool | None = None
    bot_type: str | None = None


User = Customer | Agent
