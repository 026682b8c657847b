"""What methods take beside events. Each also accepts a dict of the same shape."""

from collections.abc import Mapping
from typing import Any

import msgspec

from livechat_customer.models.base import Model, Properties, SessionFields
from livechat_customer.models.chats import Access
from livechat_customer.models.events import Ecommerce, SendableEvent
from livechat_customer.models.users import Address


class NewThread(Model, frozen=True, forbid_unknown_fields=True):
    """The thread to begin with; `events` become part of it at once."""

    events: tuple[SendableEvent, ...] = ()
    properties: Properties = msgspec.field(default_factory=dict[str, Any])


class NewChatUser(Model, frozen=True, forbid_unknown_fields=True):
    """An existing user to begin with: at most one, of type `customer`."""

    id: str
    type: str = "customer"


class NewChat(Model, frozen=True, forbid_unknown_fields=True):
    """The `chat` of `start_chat` and, with its `id`, of `resume_chat`.

    Without `access` all agents see it. `users` is for `start_chat` only.
    """

    thread: NewThread | None = None
    access: Access | None = None
    properties: Properties = msgspec.field(default_factory=dict[str, Any])
    users: tuple[NewChatUser, ...] = ()
    id: str | None = None


class CustomerUpdate(Model, frozen=True, forbid_unknown_fields=True):
    """Data of the customer: for `update_customer`, and what `customer_data_provider` returns.

    `avatar` is a URL; `session_fields` maps strings to strings. None leaves a field as it is.
    """

    name: str | None = None
    email: str | None = None
    avatar: str | None = None
    session_fields: SessionFields | None = None
    address: Address | None = None
    """API 3.6."""
    phone_number: str | None = None
    """API 3.6."""
    omnichannel: Mapping[str, Any] | None = None
    """API 3.6: `{"fbmessenger": {"id": …}, "twilio": {"phone_number": …}}`."""


class Page(Model, frozen=True, forbid_unknown_fields=True):
    """The page being viewed; greetings may depend on it."""

    url: str | None = None
    title: str | None = None


class Postback(Model, frozen=True, forbid_unknown_fields=True):
    """A button pressed (`toggled`) or released: `id` is the button's `postback_id`."""

    id: str
    toggled: bool = True
    button_type: str | None = None
    """API 3.6."""
    button_value: str | None = None
    """API 3.6."""
    ecommerce: Ecommerce | None = None
    """API 3.6."""


class Rating(Model, frozen=True, forbid_unknown_fields=True):
    """A rating of the newest thread: `score` is 0 (bad) or 1 (good)."""

    score: int | None = None
    comment: str | None = None
