"""Events as users see and send them (Customer Chat API 3.5, events; `System` is new in 3.6).

One struct per type, for input and output: `Message("Hi")` to send, the same class with the
server's fields filled in `history` and in `incoming_event`. Fields that the server assigns (and
`send_event` does not take) are keyword-only.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Final, Literal

import msgspec

from livechat_customer.models.base import Model, Properties
from livechat_customer.models.forms import FilledField, FormField

SYSTEM_AUTHOR: Final = "system"
"""`author_id` of system messages and forms, which have none on the wire."""


class EventBase(Model, frozen=True, kw_only=True, tag_field="type", forbid_unknown_fields=True):
    """The common fields.

    * `id`: `<thread_id>_<n>`, opaque; empty before it is sent, in greetings and in previews.
    * `thread_id`: the thread it is in; None in greetings.
    * `author_id`: a user's id, or "system".
    * `created_at`: RFC 3339, as the server wrote it.
    * `custom_id`: any string of the sender's; comes back with the event.
    * `properties`: `{namespace: {name: value}}`.
    * `recipients`: "all" or "agents"; None where the server does not say.
    * `confirmed`: False only in a result of `send_event`, `start_chat` or `resume_chat` that
      rests on the server's answer alone, since no push showed the event.

    Of these `custom_id`, `properties` and `recipients` can be sent.
    """

    id: str = ""
    thread_id: str | None = None
    author_id: str | None = None
    created_at: str = ""
    custom_id: str | None = None
    properties: Properties = msgspec.field(default_factory=dict[str, Any])
    recipients: str | None = None
    confirmed: bool = True


class Ecommerce(Model, frozen=True, forbid_unknown_fields=True):
    """What a customer chose of a product (API 3.6)."""

    product_id: str
    option_id: str | None = None
    quantity: int | None = None


class MessagePostback(Model, frozen=True, forbid_unknown_fields=True):
    """Which button of which rich message a message answers.

    `id` is the button's `postback_id`; `type` and `value` are both given or neither.
    """

    id: str
    thread_id: str
    event_id: str
    type: str | None = None
    value: str | None = None
    ecommerce: Ecommerce | None = None
    """API 3.6."""


class Message(EventBase, frozen=True, tag="message"):
    """Text, at most 16 KiB of UTF-8.

    `properties["chats"]["formatting"] == "commonmark"` marks Markdown.
    """

    type: ClassVar[Literal["message"]] = "message"
    text: str
    postback: MessagePostback | None = None


class Thumbnail(Model, frozen=True):
    """A smaller picture, in pixels; there is a `url` only of png, jpeg and gif."""

    url: str | None
    width: int
    height: int


class Thumbnails(Model, frozen=True):
    """`default` fits into 300 by 300 pixels, `high` into 600 by 600."""

    default: Thumbnail
    high: Thumbnail


class _FileFacts(EventBase, frozen=True, kw_only=True):
    """What the server adds to a file."""

    name: str = ""
    content_type: str = ""
    size: int | None = None
    width: int | None = None
    height: int | None = None
    thumbnails: Thumbnails | None = None


class File(_FileFacts, frozen=True, tag="file"):
    """A file; to send one, give the `url` that `upload_file` returned.

    The server adds `name`, `content_type`, `size` (bytes) and, of images, `width` and `height`
    (pixels) and `thumbnails`. `alternative_text` is for images.
    """

    type: ClassVar[Literal["file"]] = "file"
    url: str
    alternative_text: str | None = None

    @property
    def is_image(self) -> bool:
        """Whether it has a width and a height."""
        return bool(self.width and self.height)


class _FormFacts(EventBase, frozen=True, kw_only=True):
    """What the server adds to a form."""

    form_type: str | None = None


class Form(_FormFacts, frozen=True, tag="form"):
    """An empty form inside a chat; answer it with a `FilledForm` of the same `form_id`.

    `form_type` (`prechat`, `postchat`, `ask_for_email` …) is the server's.
    """

    type: ClassVar[Literal["form"]] = "form"
    form_id: str
    fields: tuple[FormField, ...] = ()


class FilledForm(_FormFacts, frozen=True, tag="filled_form"):
    """The answers to a form."""

    type: ClassVar[Literal["filled_form"]] = "filled_form"
    form_id: str
    fields: tuple[FilledField, ...] = ()


class Image(Model, frozen=True, forbid_unknown_fields=True):
    """Picture of an element; `size` in bytes, `width` and `height` in pixels."""

    url: str
    name: str | None = None
    alternative_text: str | None = None
    content_type: str | None = None
    size: int | None = None
    width: int | None = None
    height: int | None = None


class Button(Model, frozen=True, forbid_unknown_fields=True):
    """A button of an element.

    * `postback_id`: what `send_rich_message_postback` names; several buttons may share one.
    * `user_ids`: the users who toggled it on.
    * `type`: `message`, `url`, `phone`, `webview`, `cancel`; None is a plain postback. `value`
      goes with it: a URL, a phone number.
    * `webview_height`: `compact`, `tall` or `full`; `target`: `new` or `current`;
      `role`: `default`, `primary` or `danger`.
    """

    text: str
    postback_id: str
    user_ids: tuple[str, ...] = ()
    type: str | None = None
    value: str | None = None
    webview_height: str | None = None
    target: str | None = None
    role: str = "default"


class ElementEcommerce(Model, frozen=True, forbid_unknown_fields=True):
    """A product's choices (API 3.6); `options` and `addons` as the server sends them."""

    product_id: str
    view_type: str | None = None
    label: str | None = None
    options: tuple[Any, ...] = ()
    addons: tuple[Any, ...] = ()


class Element(Model, frozen=True, forbid_unknown_fields=True):
    """One card: at most 13 buttons."""

    title: str | None = None
    subtitle: str | None = None
    image: Image | None = None
    buttons: tuple[Button, ...] = ()
    ecommerce: ElementEcommerce | None = None
    """API 3.6."""


class RichMessage(EventBase, frozen=True, tag="rich_message"):
    """Cards and buttons: at most 10 elements.

    `template` is `cards`, `quick_replies`, `sticker`, or something newer, to be shown as
    unsupported. (The wire calls it `template_id`.)
    """

    type: ClassVar[Literal["rich_message"]] = "rich_message"
    template: str
    elements: tuple[Element, ...] = ()


class SystemMessage(EventBase, frozen=True, tag="system_message"):
    """What happened in the chat.

    `text` is the server's English; to localize, use `system_message_type` and `text_vars`. The
    types are an open set; applications may send their own.
    """

    type: ClassVar[Literal["system_message"]] = "system_message"
    text: str = ""
    system_message_type: str = ""
    text_vars: Mapping[str, Any] | None = None


class Custom(EventBase, frozen=True, tag="custom"):
    """An application's own event; `content` is any JSON object."""

    type: ClassVar[Literal["custom"]] = "custom"
    content: Mapping[str, Any] | None = None


class System(EventBase, frozen=True, kw_only=True, tag="system"):
    """A technical notice (API 3.6), received only; `details` is JSON in a string."""

    type: ClassVar[Literal["system"]] = "system"
    source: str | None = None
    subtype: str | None = None
    version: int | None = None
    details: str | None = None


class UnknownEvent(EventBase, frozen=True, kw_only=True, tag="?"):
    """An event of another type, or one that does not fit its type; received only.

    `type` is what the server wrote, `raw` the whole object as JSON bytes.
    """

    type: str = msgspec.field(default="", name="unknown_type")
    raw: bytes = b""


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
"""What a thread holds."""

SendableEvent = Message | File | Form | FilledForm | RichMessage | SystemMessage | Custom
"""What `send_event`, `start_chat` and `resume_chat` take (Customer Chat API 3.5, send_event)."""

SENDABLE: Final = "message, file, form, filled_form, rich_message, system_message or custom"
"""The types of `SendableEvent`, for errors."""
