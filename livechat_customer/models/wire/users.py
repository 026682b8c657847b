"""Users: customers and agents in one struct, told apart by `type` (Customer Chat API 3.5, users)."""

from typing import Any

from livechat_customer.models.wire.base import ABSENT, Wire

CUSTOMER = "customer"
AGENT = "agent"


class Statistics(Wire, frozen=True):
    """Counters of a customer; only in the answers of `login` and `get_customer`."""

    chats_count: int | None = None
    threads_count: int | None = None
    visits_count: int | None = None
    page_views_count: int | None = None
    greetings_shown_count: int | None = None
    greetings_accepted_count: int | None = None


class Address(Wire, frozen=True):
    """A customer's address (API 3.6)."""

    address: str | None = None
    city: str | None = None
    country: str | None = None
    state: str | None = None
    postal_code: str | None = None


class User(Wire, frozen=True):
    """A customer, or (any other `type`) an agent; supervisors and bots are agents."""

    id: str
    type: str = ""
    name: str | None = None
    email: str | None = None
    avatar: str | None = None
    """A URL; its scheme may be missing."""
    job_title: str | None = None
    email_verified: bool | None = None
    session_fields: tuple[dict[str, Any], ...] = ABSENT
    """In order, one pair each."""
    present: bool | None = None
    """In the chat now; former members have `False`."""
    events_seen_up_to: str | None = None
    """RFC 3339: events created up to then were seen."""
    is_bot: bool | None = None
    """Predicted agents and greeting agents only."""
    bot_type: str | None = None
    """API 3.6, predicted agents only."""
    statistics: Statistics | None = None
    phone_number: str | None = None
    """API 3.6."""
    address: Address | None = None
    """API 3.6."""
    omnichannel: dict[str, Any] | None = None
    """API 3.6; its keys differ between requests and answers."""
