"""From the wire's structs to the public ones: pure, and the only bridge in this direction.

The rules are those of the vendor's JavaScript SDK (4.0.2), with what it
leaves out kept. Maps are passed on, not copied: wire structs are shared by agreement.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from livechat_customer.models import chats, forms, greetings, results, users
from livechat_customer.models.events_from_wire import ecommerce, event, form_fields, sent_event
from livechat_customer.models.order import event_key
from livechat_customer.models.payloads import Connected
from livechat_customer.models.wire import chats as wire_chats
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


def session_fields(wire: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The list of pairs as a map: the first key of each, later ones win, in first order."""
    return {key: value for pair in wire for key, value in list(pair.items())[:1]}


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
        omnichannel=wire.omnichannel,
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


def access(wire: wire_chats.Access | None) -> chats.Access:
    """Empty where the server does not say."""
    return chats.Access(wire.group_ids) if wire else chats.Access()


def queue(wire: wire_chats.Queue | None) -> chats.Queue | None:
    """A place in the queue."""
    return chats.Queue(wire.position, wire.wait_time, wire.queued_at) if wire else None


def transfer(wire: wire_chats.Transfer | None) -> chats.Transfer | None:
    """Where a chat went to or came from."""
    return chats.Transfer(wire.group_ids, wire.agent_ids) if wire else None


def thread(wire: wire_chats.Thread, chat_id: str) -> chats.Thread:
    """A thread; its events are ordered, oldest first."""
    ordered = sorted(wire.events, key=lambda one: event_key(one.created_at, one.id))
    return chats.Thread(
        id=wire.id,
        chat_id=chat_id,
        active=wire.active or False,
        access=access(wire.access),
        created_at=wire.created_at,
        user_ids=wire.user_ids,
        events=tuple(event(one, wire.id) for one in ordered),
        properties=wire.properties or {},
        previous_thread_id=wire.previous_thread_id,
        next_thread_id=wire.next_thread_id,
        queue=queue(wire.queue),
    )


def seen_map(wire: Iterable[wire_users.User]) -> dict[str, str | None]:
    """Each user's read mark, None where there is none."""
    return {one.id: one.events_seen_up_to for one in wire}


def chat(wire: wire_chats.Chat) -> chats.Chat:
    """A chat with its thread."""
    one = wire.thread or (wire.threads[0] if wire.threads else None)
    return chats.Chat(
        id=wire.id,
        access=access(wire.access),
        users=tuple(user(member) for member in wire.users),
        properties=wire.properties or {},
        events_seen_up_to_map=seen_map(wire.users),
        thread=thread(one, wire.id) if one else None,
    )


def summary(wire: wire_chats.ChatSummary) -> chats.ChatSummary:
    """A chat of `list_chats`."""
    last = {
        kind: (entry.thread_created_at, entry.event.created_at, event(entry.event, entry.thread_id))
        for kind, entry in (wire.last_event_per_type or {}).items()
        if entry.event is not None
    }
    newest = max(
        last.values(),
        key=lambda entry: (event_key(entry[0], "")[0], event_key(entry[1], entry[2].id)),
        default=None,
    )
    return chats.ChatSummary(
        id=wire.id,
        active=wire.active or False,
        access=access(wire.access),
        properties=wire.properties or {},
        users=tuple(user(member) for member in wire.users),
        last_thread_id=wire.last_thread_id,
        last_thread_created_at=wire.last_thread_created_at,
        events_seen_up_to_map=seen_map(wire.users),
        last_events_per_type={kind: entry[2] for kind, entry in last.items()},
        last_event=newest[2] if newest else None,
    )


def chats_page(wire: wire_responses.ListChatsResponse) -> chats.ChatsPage:
    """A page of chats, with their users, each once."""
    members: dict[str, users.User] = {}
    for one in wire.chats_summary:
        for member in one.users:
            members.setdefault(member.id, user(member))
    return chats.ChatsPage(
        chats_summary=tuple(summary(one) for one in wire.chats_summary),
        total_chats=wire.total_chats or 0,
        users=tuple(members.values()),
        previous_page_id=wire.previous_page_id,
        next_page_id=wire.next_page_id,
    )


def threads_page(wire: wire_responses.ListThreadsResponse, chat_id: str) -> chats.ThreadsPage:
    """A page of threads, in the server's order."""
    return chats.ThreadsPage(
        threads=tuple(thread(one, chat_id) for one in wire.threads),
        found_threads=wire.found_threads,
        previous_page_id=wire.previous_page_id,
        next_page_id=wire.next_page_id,
    )


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
