"""Greetings and welcome messages: what is shown before there is a chat."""

from __future__ import annotations

from typing import Any

from livechat_customer.methods.base import Base, read
from livechat_customer.models import Success, WelcomeMessage, from_wire, to_wire
from livechat_customer.models.wire import responses


class GreetingMethods(Base):
    """`unique_id` names one showing of a greeting, `greeting_id` the configured greeting."""

    async def accept_greeting(self, *, greeting_id: int, unique_id: str) -> Success:
        """Say that the customer has seen the greeting: reports count it then.

        Both come from `incoming_greeting` or `connected`. Raises `GreetingNotFoundError` (Customer
        Chat API 3.5, accept_greeting).
        """
        payload = {
            "greeting_id": to_wire.number(greeting_id, "greeting_id"),
            "unique_id": to_wire.text(unique_id, "unique_id"),
        }
        return await self._do("accept_greeting", payload)

    async def cancel_greeting(self, *, unique_id: str) -> Success:
        """Say that the customer has dismissed the greeting.

        Raises `GreetingNotFoundError` (Customer Chat API 3.5, cancel_greeting).
        """
        return await self._do(
            "cancel_greeting", {"unique_id": to_wire.text(unique_id, "unique_id")}
        )

    async def send_greeting_button_clicked(
        self, *, greeting_unique_id: str, button_id: str
    ) -> Success:
        """Say that a button of the greeting was clicked: `button_id` is its `postback_id`.

        Raises `GreetingNotFoundError`, `NotFoundError` if it has no such button (Customer Chat
        API 3.6, send_greeting_button_clicked).
        """
        payload = {
            "greeting_unique_id": to_wire.text(greeting_unique_id, "greeting_unique_id"),
            "button_id": to_wire.text(button_id, "button_id"),
        }
        return await self._do("send_greeting_button_clicked", payload)

    async def request_welcome_message(
        self, *, id: str | None = None, group_id: int | None = None
    ) -> WelcomeMessage:
        """Ask for a welcome message; `incoming_welcome_message` brings it.

        `id` is one to give it. Raises `GroupNotFoundError`, `GroupOfflineError`,
        `GroupUnavailableError` (Customer Chat API 3.6, request_welcome_message).
        """
        payload: dict[str, Any] = {}
        if id is not None:
            payload["id"] = to_wire.text(id, "id")
        if group_id is not None:
            payload["group_id"] = to_wire.number(group_id, "group_id")
        answer = await self._ask("request_welcome_message", payload)
        wire = read(answer.response, responses.RequestWelcomeMessageResponse)
        return from_wire.welcome_message(wire)
