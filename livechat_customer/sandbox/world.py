"""What the sandbox knows: customers, agents, groups, chats. Plain mutable data in memory.

Everything here may be read by tests, and changed by those that need a state no request leads to;
a change made this way is not pushed to anybody. What customers wrote is kept out of every repr.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from livechat_customer.sandbox.clock import ServerClock
from livechat_customer.sandbox.ids import Ids
from livechat_customer.sandbox.pushes import Push
from livechat_customer.sandbox.tenant import Tenant
from livechat_customer.sandbox.wire_json import JsonObject

ONLINE = "online"
OFFLINE = "offline"
QUEUEING = "online_for_queue"
STATUSES = (ONLINE, OFFLINE, QUEUEING)

WELCOME = "Welcome! How can we help you?"

Properties = dict[str, dict[str, object]]
"""Namespace to name to value."""


@dataclass(slots=True)
class Greeting:
    """One greeting that was shown to a customer."""

    unique_id: str
    body: JsonObject = field(repr=False)
    """As `incoming_greeting` shows it."""
    accepted: bool = False
    canceled: bool = False
    clicked: list[str] = field(default_factory=list[str])
    """Ids of the buttons that were clicked, in order (API 3.6)."""


@dataclass(slots=True)
class Customer:
    """An end user. Born by a token call, found again by its cookies."""

    id: str
    organization_id: str
    group_id: int | None = None
    """Set where the identity belongs to one group only."""
    name: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)
    avatar: str | None = field(default=None, repr=False)
    email_verified: bool | None = None
    phone_number: str | None = field(default=None, repr=False)
    address: JsonObject | None = field(default=None, repr=False)
    omnichannel: JsonObject = field(default_factory=JsonObject, repr=False)
    """Accounts elsewhere, as answers show them (API 3.6)."""
    session_fields: dict[str, str] = field(default_factory=dict[str, str], repr=False)
    side_storage: dict[str, str] = field(default_factory=dict[str, str], repr=False)
    page: JsonObject | None = field(default=None, repr=False)
    context_group: int = 0
    """The `group_id` of the last login."""
    visits: int = 0
    page_views: int = 0
    active_at: int = 0
    """When the customer last logged in, chatted or changed the page (µs since the epoch)."""
    banned: bool = False
    greetings: list[Greeting] = field(default_factory=list[Greeting])

    @property
    def greeting(self) -> Greeting | None:
        """The greeting last shown, unless it was cancelled."""
        return self.greetings[-1] if self.greetings and not self.greetings[-1].canceled else None


@dataclass(slots=True)
class AgentProfile:
    """An agent or a bot, as customers see one."""

    id: str
    name: str
    job_title: str = "Support Agent"
    avatar: str = ""
    groups: tuple[int, ...] = (0,)
    is_bot: bool = False


@dataclass(slots=True)
class Member:
    """A user's part in a chat."""

    present: bool = True
    events_seen_up_to: str | None = None


@dataclass(slots=True)
class Thread:
    """One topic of a chat. `events` are JSON objects as answers show them, oldest first."""

    id: str
    created_at: str
    active: bool = True
    user_ids: list[str] = field(default_factory=list[str])
    events: list[JsonObject] = field(default_factory=list[JsonObject], repr=False)
    properties: Properties = field(default_factory=dict[str, dict[str, object]], repr=False)
    group_ids: list[int] = field(default_factory=lambda: [0])
    queue: JsonObject | None = None
    last_ordinal: int = 0
    joined: set[str] = field(default_factory=set[str])
    """Agents that were announced in this thread."""

    def event(self, event_id: str) -> JsonObject | None:
        return next((event for event in self.events if event["id"] == event_id), None)


@dataclass(slots=True)
class Chat:
    """The conversation of one customer; `threads` are oldest first, only the last can be active."""

    id: str
    customer_id: str
    members: dict[str, Member] = field(default_factory=dict[str, Member])
    threads: list[Thread] = field(default_factory=list[Thread])
    properties: Properties = field(default_factory=dict[str, dict[str, object]], repr=False)
    group_ids: list[int] = field(default_factory=lambda: [0])
    sneak_peek: str | None = field(default=None, repr=False)
    """What the customer is typing, as agents would see it."""
    anonymized: bool = False
    """Its personal data was erased: nobody writes in it any more."""

    @property
    def newest(self) -> Thread | None:
        return self.threads[-1] if self.threads else None

    @property
    def open_thread(self) -> Thread | None:
        newest = self.newest
        return newest if newest is not None and newest.active else None

    def thread(self, thread_id: str) -> Thread | None:
        return next((thread for thread in self.threads if thread.id == thread_id), None)


class World:
    """The whole state, its clock and its source of ids."""

    def __init__(self, ids: Ids, clock: ServerClock) -> None:
        self.ids = ids
        self.clock = clock
        self.customers: dict[str, Customer] = {}
        self.agents: dict[str, AgentProfile] = {}
        self.groups: dict[int, str] = {0: ONLINE}
        """Group id to status."""
        self.chats: dict[str, Chat] = {}
        self.forms: dict[tuple[int, str], JsonObject] = {}
        """(group, type) to what `get_form` gives."""
        self.last_greeting_id = 0
        self.welcome_text = WELCOME
        """What `request_welcome_message` brings."""
        self.welcomes: dict[str, tuple[str, JsonObject]] = {}
        """Id to customer and event of the welcome messages that were shown (API 3.6)."""
        self.aside: list[tuple[str, Push]] = []
        """Pushes to other customers than the one whom the running operation is about."""
        self.tenant = Tenant()

    def chats_of(self, customer_id: str) -> list[Chat]:
        """The customer's chats, in the order of their beginning."""
        return [chat for chat in self.chats.values() if chat.customer_id == customer_id]

    def reachable(self, group_ids: list[int]) -> bool:
        """Whether somebody can take a chat of these groups, now or from the queue."""
        return any(self.groups.get(group, OFFLINE) != OFFLINE for group in group_ids)

    def waiting(self) -> Iterator[Thread]:
        """The threads that stand in a queue."""
        for chat in self.chats.values():
            thread = chat.open_thread
            if thread is not None and thread.queue is not None:
                yield thread
