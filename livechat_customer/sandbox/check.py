"""Reading the fields of a request: right type or a `validation` error with the field's path.

`null` counts as absent, unknown fields are ignored, a bool is no int.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from livechat_customer.models.times import format_us, parse_us
from livechat_customer.sandbox.api_errors import invalid
from livechat_customer.sandbox.wire_json import JsonObject, as_list, as_object

T = TypeVar("T")
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")


class Fields:
    """The fields of one JSON object that stands at `path` in the request."""

    def __init__(self, data: JsonObject, path: str = "") -> None:
        self.data = data
        self.path = path

    def at(self, name: str) -> str:
        """The path of the field `name`."""
        return f"{self.path}.{name}" if self.path else name

    def has(self, name: str) -> bool:
        return self.data.get(name) is not None

    def string(self, name: str) -> str | None:
        return self._typed(name, "a string", _as_text)

    def integer(self, name: str) -> int | None:
        return self._typed(name, "an integer", _as_integer)

    def number(self, name: str) -> float | None:
        return self._typed(name, "a number", _as_number)

    def boolean(self, name: str) -> bool | None:
        return self._typed(name, "a boolean", _as_boolean)

    def mapping(self, name: str) -> JsonObject | None:
        return self._typed(name, "an object", as_object)

    def array(self, name: str) -> list[Any] | None:
        return self._typed(name, "an array", as_list)

    def fields(self, name: str) -> Fields | None:
        found = self.mapping(name)
        return None if found is None else Fields(found, self.at(name))

    def time(self, name: str) -> str | None:
        """An RFC 3339 time in the server's own form: UTC, six digits."""
        found = self.string(name)
        if found is None:
            return None
        try:
            return format_us(parse_us(found))
        except (ValueError, OverflowError):
            raise invalid(self.at(name), "must be an RFC 3339 time") from None

    def objects(self, name: str) -> list[Fields] | None:
        """An array of objects."""
        items = self.array(name)
        if items is None:
            return None
        found: list[Fields] = []
        for index, item in enumerate(items):
            path = f"{self.at(name)}[{index}]"
            member = as_object(item)
            if member is None:
                raise invalid(path, "must be an object")
            found.append(Fields(member, path))
        return found

    def strings(self, name: str) -> list[str] | None:
        """An array of strings."""
        return self._all(name, "a string", _as_text)

    def integers(self, name: str) -> list[int] | None:
        """An array of integers."""
        return self._all(name, "an integer", _as_integer)

    def string_map(self, name: str) -> dict[str, str] | None:
        """An object whose values are strings."""
        found = self.mapping(name)
        if not all(isinstance(value, str) for value in (found or {}).values()):
            raise invalid(self.at(name), "must hold strings only")
        return found

    def email(self, name: str) -> str | None:
        found = self.string(name)
        if found is not None and not _EMAIL.fullmatch(found):
            raise invalid(self.at(name), "must be an e-mail address")
        return found

    def url(self, name: str) -> str:
        """An http or https URL, which is required."""
        found = self.need(name, self.string(name))
        try:
            parts = urlsplit(found)
            sound = parts.scheme in ("http", "https") and bool(parts.hostname)
            # A port that is none is only seen when it is asked for.
            sound = sound and parts.port != 0 and found.isprintable()
        except ValueError:
            sound = False
        if not sound:
            raise invalid(self.at(name), "must be an http or https URL")
        return found

    def one_of(self, name: str, values: tuple[str, ...]) -> str | None:
        found = self.string(name)
        if found is not None and found not in values:
            raise invalid(self.at(name), f"must be one of {', '.join(values)}")
        return found

    def between(self, name: str, low: int, high: int) -> int | None:
        found = self.integer(name)
        if found is not None and not low <= found <= high:
            raise invalid(self.at(name), f"must be from {low} to {high}")
        return found

    def need(self, name: str, found: T | None) -> T:
        """`found`, read from the field `name`; absent or an empty string is refused."""
        if found is None or found == "":
            raise invalid(self.at(name), "is required")
        return found

    def _typed(self, name: str, kind: str, read: Callable[[object], T | None]) -> T | None:
        value = self.data.get(name)
        if value is None:
            return None
        found = read(value)
        if found is None:
            raise invalid(self.at(name), f"must be {kind}")
        return found

    def _all(self, name: str, kind: str, read: Callable[[object], T | None]) -> list[T] | None:
        items = self.array(name)
        if items is None:
            return None
        found: list[T] = []
        for index, item in enumerate(items):
            value = read(item)
            if value is None:
                raise invalid(f"{self.at(name)}[{index}]", f"must be {kind}")
            found.append(value)
        return found


def _as_text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _as_integer(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _as_number(value: object) -> float | None:
    return value if isinstance(value, float) else _as_integer(value)


def _as_boolean(value: object) -> bool | None:
    return value if isinstance(value, bool) else None
