"""The requests a customer can make, one coroutine each, by what they are about.

Each checks its arguments before anything is sent (`InvalidArgumentError` with the argument's
path), and raises `NoConnectionError` without a logged-in connection, a `ServerError` when the
server refuses, and an `OutcomeUnknownError` when no answer came (`ConnectionLostError`,
`RequestTimeoutError`). Beside these each method names the refusals that are its own. What needs a
newer API version than the connection's is sent in that version.
"""

from __future__ import annotations

from livechat_customer.methods.chats import ChatMethods
from livechat_customer.methods.customer import CustomerMethods
from livechat_customer.methods.events import EventMethods
from livechat_customer.methods.greetings import GreetingMethods
from livechat_customer.methods.groups import GroupMethods
from livechat_customer.methods.properties import PropertyMethods
from livechat_customer.methods.ratings import RatingMethods
from livechat_customer.methods.requests import RequestMethods

__all__ = ["Methods"]


class Methods(
    ChatMethods,
    EventMethods,
    PropertyMethods,
    RatingMethods,
    CustomerMethods,
    GreetingMethods,
    GroupMethods,
    RequestMethods,
):
    """All of them; who has `call` and `api_version` has the rest."""
