"""Events as they are sent: checked, and brought into the form in which answers show them.

Protocol: events 5.2.1 to 5.2.7. Customers may send each type here; agents may, too, with fewer
restrictions. What the server sets (`id`, `created_at`, `author_id`) is ignored when sent, and so
are unknown fields.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from livechat_customer.sandbox import properties
from livechat_customer.sandbox.api_errors import invalid
from livechat_customer.sandbox.check import Fields
from livechat_customer.sandbox.form_answers import read_answers
from livechat_customer.sandbox.limits import Limits
from livechat_customer.sandbox.rich_messages import read_choice, read_elements
from livechat_customer.sandbox.versions import OLDEST
from livechat_customer.sandbox.wire_json import JsonObject

RECIPIENTS: Final = ("all", "agents")


@dataclass(frozen=True, slots=True)
class Author:
    """Who sends: `client_id` is the customer's app, None for an agent."""

    limits: Limits
    client_id: str | None
    file_details: Callable[[str], JsonObject | None]
    """What is known of a file by its URL; None: it may not be sent."""
    version: str = "3.6"
    """The API version of the request: fields that a newer one brought are not looked at."""


def read_event(fields: Fields, author: Author) -> JsonObject:
    """The event at `fields`, without what the server sets."""
    kind = fields.need("type", fields.string("type"))
    read = _READERS.get(kind)
    if read is None:
        raise invalid(fields.at("type"), "is no type of event that can be sent")
    event: JsonObject = {"type": kind}
    custom_id = fields.string("custom_id")
    if custom_id is not None:
        event["custom_id"] = custom_id
    # The Agent API and newer examples call it `visibility`; either is taken.
    name = "recipients" if fields.has("recipients") else "visibility"
    event["recipients"] = fields.one_of(name, RECIPIENTS) or "all"
    event |= read(fields, author)
    most = author.limits.property_value
    values = properties.read_values(fields, "event", author.client_id, most=most)
    properties.merge(values, {})
    if values:
        event["properties"] = values
    return event


def read_events(fields: Fields, name: str, author: Author) -> list[JsonObject]:
    """The array of events in the field `name`; [] when absent."""
    return [read_event(item, author) for item in fields.objects(name) or []]


def _read_message(fields: Fields, author: Author) -> JsonObject:
    text = fields.need("text", fields.string("text"))
    if len(text.encode()) > author.limits.text:
        raise invalid(fields.at("text"), f"must have at most {author.limits.text} bytes")
    postback = fields.fields("postback")
    if postback is None:
        return {"text": text}
    return {"text": text, "postback": _read_postback(postback, author)}


def _read_postback(fields: Fields, author: Author) -> JsonObject:
    found: JsonObject = {
        name: fields.need(name, fields.string(name)) for name in ("id", "thread_id", "event_id")
    }
    kind, value = fields.string("type"), fields.string("value")
    if (kind is None) != (value is None):
        raise invalid(fields.at("type"), "and `value` must come together")
    if kind is not None:
        found |= {"type": kind, "value": value}
    return found | (read_choice(fields) if author.version != OLDEST else {})


def _read_file(fields: Fields, author: Author) -> JsonObject:
    url = fields.need("url", fields.string("url"))
    details = author.file_details(url)
    if details is None:
        raise invalid(fields.at("url"), "must be a URL that upload_file gave")
    found: JsonObject = {"url": url} | details
    text = fields.string("alternative_text")
    if text is not None and "width" in details:
        found["alternative_text"] = text
    return found


def _read_form(fields: Fields, author: Author) -> JsonObject:
    """`form_type` is the service's to say; a customer's is ignored."""
    template = fields.need("fields", fields.objects("fields"))
    for field in template:
        field.need("type", field.string("type"))
        field.need("label", field.string("label"))
        field.string("id")
        field.boolean("required")
        for option in field.objects("options") or []:
            option.need("id", option.string("id"))
            option.need("label", option.string("label"))
    found: JsonObject = {
        "form_id": fields.need("form_id", fields.string("form_id")),
        "fields": [field.data for field in template],
    }
    kind = fields.string("form_type") if author.client_id is None else None
    return found if kind is None else found | {"form_type": kind}


def _read_filled_form(fields: Fields, _: Author) -> JsonObject:
    return {
        "form_id": fields.need("form_id", fields.string("form_id")),
        "fields": read_answers(fields),
    }


def _read_rich_message(fields: Fields, author: Author) -> JsonObject:
    found: JsonObject = {"template_id": fields.need("template_id", fields.string("template_id"))}
    elements = read_elements(fields, products=author.version != OLDEST)
    return found if elements is None else found | {"elements": elements}


def _read_system_message(fields: Fields, author: Author) -> JsonObject:
    found: JsonObject = {
        "system_message_type": fields.need(
            "system_message_type", fields.string("system_message_type")
        )
    }
    text = fields.string("text")
    if text is not None:
        if len(text.encode()) > author.limits.text:
            raise invalid(fields.at("text"), f"must have at most {author.limits.text} bytes")
        found["text"] = text
    variables = fields.string_map("text_vars")
    return found if variables is None else found | {"text_vars": variables}


def _read_custom(fields: Fields, _: Author) -> JsonObject:
    content = fields.mapping("content")
    return {} if content is None else {"content": content}


_READERS: Final[dict[str, Callable[[Fields, Author], JsonObject]]] = {
    "message": _read_message,
    "file": _read_file,
    "form": _read_form,
    "filled_form": _read_filled_form,
    "rich_message": _read_rich_message,
    "system_message": _read_system_message,
    "custom": _read_custom,
}
