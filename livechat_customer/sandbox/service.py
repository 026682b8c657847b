"""What the service itself does, and no agent: welcome messages, multicasts, routing, time.

A part of the stage; every method takes effect at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from livechat_customer.sandbox import operations, router
from livechat_customer.sandbox.api_errors import ApiError, invalid
from livechat_customer.sandbox.check import Fields
from livechat_customer.sandbox.core import Core
from livechat_customer.sandbox.incoming_events import Author, read_event
from livechat_customer.sandbox.pushes import Push
from livechat_customer.sandbox.system_messages import TEMPLATES, system_message
from livechat_customer.sandbox.versions import SYSTEM_EVENT
from livechat_customer.sandbox.welcome import welcome_message
from livechat_customer.sandbox.wire_json import JsonObject
from livechat_customer.sandbox.world import AgentProfile, Chat, Customer

_LONGEST: Final = 100 * 365 * 86_400
"""Seconds. The wire's times end with the year 9999."""


class Service:
    """Everything of a sandbox that happens without a request and without an agent."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def advance(self, seconds: float = 0.0) -> None:
        """Lets time pass on the server's clock, and does what is due then.

        Logins not made and tokens run out, customers and threads become idle. Silence of the
        connection itself (`Limits.idle`) is judged by the machine's clock. After moving a clock
        of one's own, `advance()` is enough.
        """
        if not 0 <= seconds <= _LONGEST:
            raise invalid("seconds", "must be from 0 to a hundred years")
        self._core.advance(seconds)

    def set_welcome_text(self, text: str) -> None:
        """What `request_welcome_message` brings from now on (API 3.6)."""
        self._core.world.welcome_text = text

    def show_welcome(self, customer_id: str | None = None, agent_id: str | None = None) -> str:
        """`incoming_welcome_message` without having been asked for; its id."""
        customer = self._customer(customer_id)
        agents = self._core.world.agents
        agent = next(iter(agents), None) if agent_id is None else agent_id
        if agent not in agents:
            raise ApiError("not_found", "Agent not found")
        shown = welcome_message(self._core.world, customer, agent)
        self._core.deliver(customer.id, [Push("incoming_welcome_message", shown)])
        return str(shown["id"])

    def multicast(self, content: Any, customer_id: str | None = None) -> None:
        """`incoming_multicast` of the system, to a customer or to all; any JSON."""
        self._core.deliver(customer_id, [Push("incoming_multicast", {"content": content})])

    def set_side_storage(self, storage: Mapping[str, str], customer_id: str | None = None) -> None:
        """Has the customer's clients keep this map instead of the old one, with the push."""
        customer = self._customer(customer_id)
        customer.side_storage = dict(storage)
        payload = {"customer_side_storage": dict(storage)}
        self._core.deliver(customer.id, [Push("customer_side_storage_updated", payload)])

    def send_system_event(
        self,
        chat_id: str,
        source: str,
        subtype: str,
        details: str = "{}",
        *,
        version: int = 1,
        custom_id: str | None = None,
    ) -> str:
        """An event of type `system` in the open thread, which only API 3.6 shows; its id.

        `details` is JSON in a string.
        """
        chat = self._chat(chat_id)
        thread = operations.need_open(chat)
        event: JsonObject = {
            "type": SYSTEM_EVENT,
            "source": source,
            "subtype": subtype,
            "version": version,
            "details": details,
        }
        if custom_id is not None:
            event["custom_id"] = custom_id
        found = operations.add_notice(self._core.world, chat, thread, event)
        self._core.deliver(chat.customer_id, found)
        return str(thread.events[-1]["id"])

    def send_form(self, chat_id: str, form: Mapping[str, Any]) -> str:
        """A form that nobody wrote: `form_id`, `fields`, perhaps `form_type`; the event's id."""
        chat = self._chat(chat_id)
        thread = operations.need_open(chat)
        fields = Fields(dict(form) | {"type": "form"}, "form")
        checked = read_event(fields, Author(self._core.limits, None, lambda _: None))
        self._core.deliver(
            chat.customer_id, operations.add_notice(self._core.world, chat, thread, checked)
        )
        return str(thread.events[-1]["id"])

    def send_system_message(
        self, chat_id: str, type: str, text_vars: Mapping[str, str] | None = None
    ) -> str:
        """Any of the API's system messages (`system_messages.TEMPLATES`); the event's id."""
        if type not in TEMPLATES:
            raise invalid("type", "is no type of system message")
        chat = self._chat(chat_id)
        thread = operations.need_open(chat)
        notice = system_message(type, **(text_vars or {}))
        found = operations.add_notice(self._core.world, chat, thread, notice)
        self._core.deliver(chat.customer_id, found)
        return str(thread.events[-1]["id"])

    def route(
        self,
        chat_id: str,
        move: str,
        cause: str = "other",
        *,
        agent_id: str | None = None,
        minutes: int = router.DURATION,
    ) -> None:
        """Lets the router `archive`, `assign`, `unassign` a chat, or call it `idle`.

        With the system message of that cause, and the pushes that go with it. See `router`.
        """
        chat = self._chat(chat_id)
        agent = None if agent_id is None else self._profile(agent_id)
        found = router.route(self._core.world, chat, move, cause, agent=agent, minutes=minutes)
        self._core.deliver(chat.customer_id, found)

    def anonymize_chat(self, chat_id: str) -> None:
        """Its personal data is erased: requests that would write in it get `chat_anonymized`."""
        self._chat(chat_id).anonymized = True
        self._core.watch.notify()

    def unban(self, customer_id: str) -> None:
        """The customer may come back."""
        self._customer(customer_id).banned = False

    def _customer(self, customer_id: str | None) -> Customer:
        world = self._core.world
        if customer_id is None:
            connections = self._core.hub.connections
            logged_in = [one.customer for one in connections if one.customer is not None]
            if logged_in or world.customers:
                return (logged_in or list(world.customers.values()))[-1]
        customer = world.customers.get(customer_id or "")
        if customer is None:
            raise ApiError("not_found", "Customer not found")
        return customer

    def _profile(self, agent_id: str) -> AgentProfile:
        agent = self._core.world.agents.get(agent_id)
        if agent is None:
            raise ApiError("not_found", "Agent not found")
        return agent

    def _chat(self, chat_id: str) -> Chat:
        chat = self._core.world.chats.get(chat_id)
        if chat is None:
            raise ApiError("not_found", "Chat not found")
        return chat
