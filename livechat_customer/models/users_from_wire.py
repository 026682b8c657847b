"""From the wire's users to the public ones: customers, agents, and what is known of them."""

from collections.abc import Iterable, Mapping
from typing import Any

from livechat_customer.models import users
from livechat_customer.models.own import own
from livechat_customer.models.wire import users as wire_users


def session_fields(wire: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The list of pairs as a map: the first key of each, later ones win, in first order."""
    return {key: own(value) for pair in wire for key, value in list(pair.items())[:1]}


def user(wire: wire_users.User) -> users.User:
    """A customer, or for any other type an agent."""
    if wire.type == wire_users.CUSTOMER:
        return customer(wire)
    return agent(wire)


def customer(wire: wire_users.User) -> users.Customer:
    """A customer, of a chat or of the session."""
    return users.Customer(
        id=wire.id,
        name=wire.name,
        email=wire.email,
        avatar=wire.avatar,
        session_fields=session_fields(wire.session_fields),
        present=wire.present,
        seen_up_to=wire.events_seen_up_to,
        email_verified=wire.email_verified,
        statistics=_statistics(wire.statistics) if wire.statistics else None,
        phone_number=wire.phone_number,
        address=address(wire.address),
        omnichannel=own(wire.omnichannel),
    )


def _statistics(wire: wire_users.Statistics) -> users.Statistics:
    return users.Statistics(
        chats_count=wire.chats_count or 0,
        threads_count=wire.threads_count or 0,
        visits_count=wire.visits_count or 0,
        page_views_count=wire.page_views_count or 0,
        greetings_shown_count=wire.greetings_shown_count or 0,
        greetings_accepted_count=wire.greetings_accepted_count or 0,
    )


def address(wire: wire_users.Address | None) -> users.Address | None:
    """A postal address."""
    if wire is None:
        return None
    return users.Address(wire.address, wire.city, wire.country, wire.state, wire.postal_code)


def agent(wire: wire_users.User) -> users.Agent:
    """An agent, of a chat, of a greeting, or predicted."""
    return users.Agent(
        id=wire.id,
        name=wire.name,
        avatar=wire.avatar,
        job_title=wire.job_title,
        present=wire.present,
        seen_up_to=wire.events_seen_up_to,
        is_bot=wire.is_bot,
        bot_type=wire.bot_type,
    )


def seen_map(wire: Iterable[wire_users.User]) -> dict[str, str | None]:
    """Each user's read mark, None where there is none."""
    return {one.id: one.events_seen_up_to for one in wire}
