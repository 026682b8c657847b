"""Greetings (Customer Chat API 3.5, greeting)."""

from livechat_customer.models.base import Model
from livechat_customer.models.events import Event
from livechat_customer.models.users import Agent


class Greeting(Model, frozen=True):
    """A message shown before there is a chat.

    `unique_id` names this showing, `id` the configured greeting (None if the server does not
    say): `accept_greeting` takes both. `event` is a `Message` or a `RichMessage` of no thread.
    """

    unique_id: str
    id: int | None = None
    displayed_first_time: bool = False
    accepted: bool = False
    subtype: str = "greeting"
    addon: str | None = None
    is_exit_intent: bool = False
    event: Event | None = None
    agent: Agent | None = None
