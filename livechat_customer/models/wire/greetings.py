"""Greetings: messages shown before there is a chat (Customer Chat API 3.5, greeting)."""

from livechat_customer.models.wire.base import Wire
from livechat_customer.models.wire.events import Event
from livechat_customer.models.wire.users import User


class Greeting(Wire, frozen=True):
    """`id` is the configured greeting, `unique_id` this showing of it."""

    unique_id: str
    id: int | None = None
    displayed_first_time: bool | None = None
    accepted: bool | None = None
    """Only in the answer of `login`; absent is false."""
    addon: str | None = None
    subtype: str | None = None
    is_exit_intent: bool | None = None
    event: Event | None = None
    """A message or a rich message, of no thread."""
    agent: User | None = None
