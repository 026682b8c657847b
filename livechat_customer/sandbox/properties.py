"""Properties: which exist, of what type, and what customers may do with them where.

The catalogue is the API's default one (protocol: default properties relevant to customers). A
namespace that is the token's own client id takes any name: those are the app's private
properties.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from livechat_customer.sandbox.api_errors import ApiError, invalid
from livechat_customer.sandbox.check import Fields
from livechat_customer.sandbox.wire_json import JsonObject
from livechat_customer.sandbox.world import Properties

INT32: Final = 2**31
MOST_BYTES: Final = 16_384


@dataclass(frozen=True, slots=True)
class Property:
    """A property's type and a customer's access to it at each location: `r`, `w`, `rw`, ``."""

    type: type
    chat: str = ""
    thread: str = ""
    event: str = ""
    allowed: tuple[object, ...] = ()

    def access(self, location: str) -> str:
        return {"chat": self.chat, "thread": self.thread, "event": self.event}[location]


def _on_events(kind: type, *allowed: object) -> Property:
    return Property(kind, event="rw", allowed=allowed)


def _anywhere(kind: type, *allowed: object) -> Property:
    return Property(kind, chat="rw", thread="rw", event="rw", allowed=allowed)


CATALOGUE: Final[dict[str, dict[str, Property]]] = {
    "routing": {
        "continuous": Property(bool, chat="r", thread="r"),
        "email_follow_up": Property(bool, chat="rw"),
        "ignore_agents_routing": Property(bool, chat="rw"),
        "ignore_bots": Property(bool, thread="w"),
        "offline_message": Property(bool, thread="rw"),
        "start_url": Property(str, thread="r"),
        "transcript_email": Property(str, thread="rw"),
        "pinned": Property(bool),
        "was_pinned": Property(bool),
        "idle": Property(bool),
        "unassigned": Property(bool),
        "unreplied": Property(bool),
        "last_transfer_timestamp": Property(int),
        "referrer": Property(str),
    },
    "rating": {
        "score": _anywhere(int, 0, 1),
        "comment": _anywhere(str),
    },
    "chats": {
        "formatting": _on_events(str, "commonmark"),
        "welcome_message_source": Property(str, event="r"),
    },
    "lc2": {
        "form_type": _on_events(str, "prechat", "postchat", "ticket"),
        "greeting_id": Property(int, thread="rw", event="r"),
        "greeting_unique_id": Property(str, thread="rw", event="r"),
        "welcome_message": Property(bool, event="r"),
    },
    "source": {
        "client_id": Property(str, chat="r", thread="r", event="r"),
        "customer_client_id": Property(str, chat="r", thread="r"),
    },
    "status": {"delivered": _on_events(bool)},
    "translation": {
        "source_lang_code": Property(str, event="r"),
        "target_lang_code": Property(str, event="r"),
        "target_message": Property(str, event="r"),
    },
    "url_details": {
        "title": _on_events(str),
        "description": _on_events(str),
        "url": _on_events(str),
        "image_url": _on_events(str),
        "image_width": _on_events(int),
        "image_height": _on_events(int),
    },
    "test": {
        "bool_property": _anywhere(bool),
        "int_property": _anywhere(int),
        "string_property": _anywhere(str),
        "tokenized_string_property": _anywhere(str),
    },
}


def read_values(
    fields: Fields, location: str, client_id: str | None, *, most: int = MOST_BYTES
) -> Properties:
    """The field `properties` of a request: `{namespace: {name: value}}`, or {} when absent.

    `client_id` is the app whose private properties may be named too; None (an agent) may write
    everything. A string has at most `most` UTF-8 bytes.
    """
    found: Properties = {}
    for namespace in fields.mapping("properties") or {}:
        inner = Fields(fields.mapping("properties") or {}, fields.at("properties"))
        values = inner.mapping(namespace) or {}
        for name, value in values.items():
            path = f"{inner.at(namespace)}.{name}"
            _check_write(path, namespace, name, location, client_id)
            _check_value(path, namespace, name, value)
            if isinstance(value, str) and len(value.encode()) > most:
                raise invalid(path, f"must have at most {most} bytes")
        found[namespace] = dict(values)
    return found


def read_names(fields: Fields, location: str, client_id: str) -> dict[str, list[str]]:
    """The field `properties` of a delete request: `{namespace: [name, …]}`."""
    names = fields.need("properties", fields.mapping("properties"))
    inner = Fields(names, fields.at("properties"))
    found: dict[str, list[str]] = {}
    for namespace in names:
        found[namespace] = inner.strings(namespace) or []
        for name in found[namespace]:
            path = f"{inner.at(namespace)}.{name}"
            _check_write(path, namespace, name, location, client_id)
    return found


def merge(properties: Properties, values: Properties) -> None:
    """Sets the named values, leaves the others."""
    for namespace, named in values.items():
        properties.setdefault(namespace, {}).update(named)
    _drop_empty(properties)


def remove(properties: Properties, names: Mapping[str, list[str]]) -> None:
    """Deletes the named values."""
    for namespace, removed in names.items():
        for name in removed:
            properties.get(namespace, {}).pop(name, None)
    _drop_empty(properties)


def readable(location: str, properties: Mapping[str, Mapping[str, Any]]) -> JsonObject:
    """The part of `properties` that customers may read."""
    found: JsonObject = {}
    for namespace, values in properties.items():
        shown = {
            name: value for name, value in values.items() if _is_readable(location, namespace, name)
        }
        if shown:
            found[namespace] = shown
    return found


def readable_names(location: str, names: Mapping[str, list[str]]) -> JsonObject:
    """The part of `names` that customers may read."""
    found: JsonObject = {}
    for namespace, listed in names.items():
        shown = [name for name in listed if _is_readable(location, namespace, name)]
        if shown:
            found[namespace] = shown
    return found


def _is_readable(location: str, namespace: str, name: str) -> bool:
    known = CATALOGUE.get(namespace, {}).get(name)
    return known is None or "r" in known.access(location)


def _check_write(
    path: str, namespace: str, name: str, location: str, client_id: str | None
) -> None:
    if client_id is None or namespace == client_id:
        return
    known = CATALOGUE.get(namespace, {}).get(name)
    if known is None:
        raise invalid(path, "is no known property")
    if "w" not in known.access(location):
        raise ApiError("authorization", f"`{path}` can't be written by customers")


def _check_value(path: str, namespace: str, name: str, value: object) -> None:
    if isinstance(value, int) and not -INT32 <= value < INT32:
        raise invalid(path, "must be a 32-bit integer")
    known = CATALOGUE.get(namespace, {}).get(name)
    if known is None:
        if not isinstance(value, bool | int | str):
            raise invalid(path, "must be a bool, an int or a string")
        return
    if not isinstance(value, known.type) or (known.type is int and isinstance(value, bool)):
        raise invalid(path, f"must be of type {known.type.__name__}")
    if known.allowed and value not in known.allowed:
        raise invalid(path, "is outside of the property's domain")


def _drop_empty(properties: Properties) -> None:
    for namespace in [name for name, values in properties.items() if not values]:
        del properties[namespace]
