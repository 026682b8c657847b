"""Events: the items of a thread (Customer Chat API 3.5, events; `system` is new in 3.6).

`Event` is their tagged union. A type that is not known, or a body that does not fit its type,
becomes an `UnknownEvent` that carries the whole object.
"""

from typing import Any, ClassVar

import msgspec

from livechat_customer.models.wire.base import ABSENT, Properties, Wire
from livechat_customer.models.wire.forms import FilledField, FormField

MESSAGE = "message"
FILE = "file"
FORM = "form"
FILLED_FORM = "filled_form"
RICH_MESSAGE = "rich_message"
SYSTEM_MESSAGE = "system_message"
CUSTOM = "custom"
SYSTEM = "system"

UNKNOWN_TAG = "?"
"""Tag of `UnknownEvent` in our own encoding; no event type of the API."""


class EventBase(Wire, frozen=True, tag_field="type"):
    """The common fields. The server assigns `id`, `created_at` and `author_id`.

    `id` is empty only where the API has none: in requests, in previews and in welcome messages.
    An event of a thread without an id is of no use to a fold. System messages, and forms made by
    the server, have no author.
    """

    id: str = ""
    type: ClassVar[str] = ""
    """The API's event type; of an `UnknownEvent`, what the server wrote."""
    created_at: str = ""
    """RFC 3339, as the server wrote it."""
    author_id: str | None = None
    custom_id: str | None = None
    properties: Properties | None = None
    recipients: str | None = None
    """`all` or `agents`."""
    visibility: str | None = None
    """The newer name of `recipients`; either may come."""


class Ecommerce(Wire, frozen=True):
    """What a customer chose of a product (API 3.6)."""

    product_id: str
    option_id: str | None = None
    quantity: int | None = None


class MessagePostback(Wire, frozen=True):
    """Which button of which rich message a message answers."""

    id: str = ""
    thread_id: str = ""
    event_id: str = ""
    type: str | None = None
    value: str | None = None
    ecommerce: Ecommerce | None = None


class Message(EventBase, frozen=True, tag=MESSAGE):
    """Text."""

    type: ClassVar[str] = MESSAGE
    text: str = ""
    postback: MessagePostback | None = None
    deleted: bool | None = None
    """API 3.6; concerns agents."""


class File(EventBase, frozen=True, tag=FILE):
    """A file on the vendor's CDN; an image when it has `width` and `height` (pixels)."""

    type: ClassVar[str] = FILE
    url: str = ""
    name: str | None = None
    content_type: str | None = None
    size: int | None = None
    """Bytes."""
    width: int | None = None
    height: int | None = None
    thumbnail_url: str | None = None
    thumbnail2x_url: str | None = None
    alternative_text: str | None = None


class Form(EventBase, frozen=True, tag=FORM):
    """An empty form inside a chat; answered by a `filled_form` with the same `form_id`."""

    type: ClassVar[str] = FORM
    form_id: str = ""
    fields: tuple[FormField, ...] = ABSENT
    form_type: str | None = None


class FilledForm(EventBase, frozen=True, tag=FILLED_FORM):
    """The answers to a form."""

    type: ClassVar[str] = FILLED_FORM
    form_id: str = ""
    fields: tuple[FilledField, ...] = ABSENT
    form_type: str | None = None


class Image(Wire, frozen=True):
    """Picture of a rich message's element. `size` in bytes, `width` and `height` in pixels."""

    url: str = ""
    name: str | None = None
    content_type: str | None = None
    size: int | None = None
    width: int | None = None
    height: int | None = None
    alternative_text: str | None = None


class Button(Wire, frozen=True):
    """A button; `user_ids` are the users who toggled it on. Several may share a `postback_id`."""

    text: str = ""
    postback_id: str = ""
    user_ids: tuple[str, ...] = ABSENT
    type: str | None = None
    value: str | None = None
    webview_height: str | None = None
    target: str | None = None
    role: str | None = None


class ElementEcommerce(Wire, frozen=True):
    """A product's choices (API 3.6); `options` and `addons` are not specified further."""

    product_id: str = ""
    view_type: str | None = None
    label: str | None = None
    options: tuple[Any, ...] = ABSENT
    addons: tuple[Any, ...] = ABSENT


class Element(Wire, frozen=True):
    """One card of a rich message."""

    title: str | None = None
    subtitle: str | None = None
    image: Image | None = None
    buttons: tuple[Button, ...] = ABSENT
    ecommerce: ElementEcommerce | None = None


class RichMessage(EventBase, frozen=True, tag=RICH_MESSAGE):
    """Cards, quick replies, a sticker, or whatever `template_id` says."""

    type: ClassVar[str] = RICH_MESSAGE
    template_id: str = ""
    elements: tuple[Element, ...] = ABSENT


class SystemMessage(EventBase, frozen=True, tag=SYSTEM_MESSAGE):
    """What happened in the chat. `text` is the server's wording, `text_vars` its variables."""

    type: ClassVar[str] = SYSTEM_MESSAGE
    text: str = ""
    system_message_type: str = ""
    text_vars: dict[str, Any] | None = None


class Custom(EventBase, frozen=True, tag=CUSTOM):
    """An application's own event; `content` is any JSON object."""

    type: ClassVar[str] = CUSTOM
    content: dict[str, Any] | None = None


class System(EventBase, frozen=True, tag=SYSTEM):
    """A technical notice (API 3.6, received only); `details` is JSON in a string."""

    type: ClassVar[str] = SYSTEM
    source: str | None = None
    subtype: str | None = None
    version: int | None = None
    details: str | None = None


class UnknownEvent(EventBase, frozen=True, kw_only=True, tag=UNKNOWN_TAG):
    """An event of another type, or one whose body does not fit its type.

    `raw` is the whole object as JSON; the common fields are filled as far as they fit.
    """

    type: str = msgspec.field(default="", name="unknown_type")  # type: ignore[misc]
    raw: bytes


Event = (
    Message
    | File
    | Form
    | FilledForm
    | RichMessage
    | SystemMessage
    | Custom
    | System
    | UnknownEvent
)


def event_type(event: Event) -> str:
    """The API's type of an event, `"message"` …; of an unknown one, what the server wrote."""
    return event.type
