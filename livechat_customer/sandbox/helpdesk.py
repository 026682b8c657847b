"""The built-in bot: answers every message of a customer at once, always in the same words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from livechat_customer.sandbox.agents import Agent
from livechat_customer.sandbox.pushes import Push
from livechat_customer.sandbox.structures import visible
from livechat_customer.sandbox.wire_json import JsonObject
from livechat_customer.sandbox.world import Chat, World

NAME: Final = "Helpdesk"
GREETING: Final = "Hello! I am the helpdesk's bot. How can I help you?"

_TOPICS: Final = (
    (r"\b(hi|hello|hey|good (morning|evening))\b", "Hello! What can I do for you?"),
    (r"\b(price|prices|cost|costs|plan|plans)\b", "A plan costs 20 EUR a month, billed yearly."),
    (r"\b(order|orders|delivery|shipping|parcel)\b", "Orders leave us within two working days."),
    (r"\b(refund|return|returns|money back)\b", "You can return anything within 30 days."),
    (r"\b(invoice|bill|billing|payment)\b", "Invoices are under Account, then Billing."),
    (r"\b(password|login|sign in|account)\b", "Use “Forgot password”; the mail comes at once."),
    (r"\b(human|agent|person|somebody)\b", "A colleague will take over as soon as one is free."),
    (r"\b(thanks|thank you|cheers)\b", "You are welcome! Anything else?"),
    (r"\b(bye|goodbye|see you)\b", "Goodbye, and have a good day!"),
    (r"\?\s*$", "Good question. Let me look that up for you."),
)
_OTHERWISE: Final = "Noted. Tell me more, or ask about prices, orders, refunds or your account."


class Helpdesk:
    """Listens to what customers do; joins by writing, shows that it types, then answers."""

    def __init__(self, agent: Agent, world: World) -> None:
        self.agent = agent
        self._world = world

    def react(self, _: str, pushes: Iterable[Push]) -> None:
        """Answers each thing that the customer wrote; greets a chat that began without a word."""
        for push in pushes:
            if push.action == "incoming_event":
                chat = self._world.chats[push.payload["chat_id"]]
                self._answer(chat, [push.payload["event"]])
            elif push.action == "incoming_chat":
                chat = self._world.chats[push.payload["chat"]["id"]]
                events = push.payload["chat"]["thread"]["events"]
                if events:
                    self._answer(chat, events)
                else:
                    self._say(chat, GREETING)

    def _answer(self, chat: Chat, events: Iterable[JsonObject]) -> None:
        for event in events:
            if event.get("author_id") == chat.customer_id and visible(event):
                text = answer_to(event)
                if text is not None:
                    self._say(chat, text)

    def _say(self, chat: Chat, text: str) -> None:
        if chat.open_thread is None:
            return
        self.agent.join(chat.id)
        self.agent.typing(chat.id)
        self.agent.send_event(chat.id, text)


def answer_to(event: JsonObject) -> str | None:
    """The bot's words for an event; None where it has nothing to say."""
    if event["type"] == "file":
        return "Thank you, I have the file."
    if event["type"] == "filled_form":
        return "Thank you for filling in the form."
    if event["type"] != "message":
        return None
    text = str(event["text"]).lower()
    return next((words for topic, words in _TOPICS if re.search(topic, text)), _OTHERWISE)
