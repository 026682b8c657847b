"""From the wire's structs to the public ones: pure, and the only bridge in this direction.

The rules are those of the vendor's JavaScript SDK (4.0.2), with what it leaves out kept. Maps are
copied: wire structs belong to the folds. Users, chats and events have modules of their own; import
them from here.
"""

import re
from typing import Final

from livechat_customer.models import forms, greetings, results
from livechat_customer.models.chats_from_wire import (
    access,
    chat,
    chats_page,
    queue,
    summary,
    thread,
    threads_page,
    transfer,
)
from livechat_customer.models.events_from_wire import ecommerce, event, form_fields, sent_event
from livechat_customer.models.payloads import Connected
from livechat_customer.models.users_from_wire import (
    address,
    agent,
    customer,
    seen_map,
    session_fields,
    user,
)
from livechat_customer.models.wire import greetings as wire_greetings
from livechat_customer.models.wire import responses as wire_responses
from livechat_customer.models.wire import users as wire_users

ONLINE: Final = "online"
OFFLINE: Final = "offline"

_MAX_DIGITS: Final = 18

__all__ = [
    "access",
    "address",
    "agent",
    "availability",
    "chat",
    "chats_page",
    "connected",
    "customer",
    "ecommerce",
    "event",
    "form_info",
    "greeting",
    "group_statuses",
    "login_availability",
    "own_group",
    "predicted_agent",
    "queue",
    "seen_map",
    "sent_event",
    "session_fields",
    "summary",
    "thread",
    "threads_page",
    "transfer",
    "url_info",
    "user",
    "welcome_message",
]


def greeting(wire: wire_greetings.Greeting) -> greetings.Greeting:
    """A greeting; its event is of no thread."""
    return greetings.Greeting(
        unique_id=wire.unique_id,
        id=wire.id,
        displayed_first_time=wire.displayed_first_time or False,
        accepted=wire.accepted or False,
        subtype=wire.subtype or "greeting",
        addon=wire.addon,
        is_exit_intent=wire.is_exit_intent or False,
        event=event(wire.event, None) if wire.event else None,
        agent=agent(wire.agent) if wire.agent else None,
    )


def availability(status: str) -> str:
    """ "offline" stays; all else, also `online_for_queue`, counts as "online"."""
    return OFFLINE if status == OFFLINE else ONLINE


def own_group(wire: wire_responses.LoginResponse) -> int | None:
    """The group whose status is the customer's availability; None if the login does not say."""
    config = wire.dynamic_config
    groups = config.customer_groups if config else None
    return groups.monitoring.id if groups and groups.monitoring else None


def login_availability(wire: wire_responses.LoginResponse) -> str:
    """Availability as of the login: whether the own group is among those online."""
    config = wire.dynamic_config
    return ONLINE if config and own_group(wire) in config.online_groups_ids else OFFLINE


def connected(wire: wire_responses.LoginResponse) -> Connected:
    """The event that a login raises."""
    whom = wire.customer or wire_users.User(id=wire.customer_id or "")
    return Connected(
        customer=customer(whom),
        availability=login_availability(wire),
        greeting=greeting(wire.greeting) if wire.greeting else None,
    )


def form_info(wire: wire_responses.GetFormResponse) -> forms.FormInfo:
    """A form template, if enabled."""
    if not wire.enabled or wire.form is None:
        return forms.FormInfo(enabled=wire.enabled or False)
    template = forms.FormTemplate(id=wire.form.id, fields=form_fields(wire.form.fields))
    return forms.FormInfo(enabled=True, form=template)


def predicted_agent(wire: wire_responses.GetPredictedAgentResponse) -> results.PredictedAgent:
    """Who would take the chat."""
    return results.PredictedAgent(
        agent=agent(wire.agent) if wire.agent else None, queue=wire.queue or False
    )


def welcome_message(
    wire: wire_responses.RequestWelcomeMessageResponse,
) -> results.WelcomeMessage:
    """The welcome message to come."""
    return results.WelcomeMessage(
        id=wire.id,
        predicted_agent=agent(wire.predicted_agent) if wire.predicted_agent else None,
        queue=wire.queue or False,
    )


def url_info(wire: wire_responses.GetUrlInfoResponse) -> results.UrlInfo:
    """What is known of a page; the picture's address, which may lack its scheme, as https."""
    image = wire.image_url
    sized = bool(image and wire.image_width and wire.image_height)
    return results.UrlInfo(
        url=wire.url,
        title=wire.title or None,
        description=wire.description or None,
        image_url=_https(image) if image else None,
        image_width=wire.image_width if sized else None,
        image_height=wire.image_height if sized else None,
        image_original_url=wire.image_original_url,
    )


def _https(address: str) -> str:
    return "https://" + re.sub("^([a-z][a-z0-9+.-]*:)?//", "", address, flags=re.IGNORECASE)


def group_statuses(wire: wire_responses.ListGroupStatusesResponse) -> dict[int, str]:
    """Status by group id; keys that are no number are left out."""
    found = wire.groups_status or {}
    return {
        int(key): status
        for key, status in found.items()
        if key.isascii() and key.isdigit() and len(key) <= _MAX_DIGITS
    }
