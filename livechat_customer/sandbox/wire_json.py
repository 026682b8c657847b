"""JSON as it travels: objects of plain Python values, read tolerantly, written compactly.

The sandbox reads with the standard library, as lenient as the real API's parser: half of a
surrogate pair becomes U+FFFD, an unknown key is nobody's business. It refuses what no JSON
writer may send (NaN, infinities) and nesting that only an attack has.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, Final, TypeGuard, cast

JsonObject = dict[str, Any]

DEEPEST: Final = 64
"""Levels of nesting a frame may have."""

_HALF_PAIR: Final = re.compile("[\ud800-\udfff]")


class NotAnObjectError(ValueError):
    """The text is no JSON object."""


def parse_object(text: str | bytes) -> JsonObject:
    """The JSON object in `text`. NotAnObjectError when there is none."""
    try:
        decoded = text.decode("utf-8") if isinstance(text, bytes) else text
        _check_depth(decoded)
        value = json.loads(decoded, parse_constant=_refuse, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise NotAnObjectError("not JSON") from error
    found = as_object(value)
    if found is None:
        raise NotAnObjectError("not a JSON object")
    return cast(JsonObject, _mended(found)) if "\\u" in decoded else found


def dump(value: object) -> str:
    """`value` as one line of JSON."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def copied(value: JsonObject) -> JsonObject:
    """A copy that shares nothing with `value`."""
    return cast(JsonObject, json.loads(dump(value)))


def as_object(value: object) -> JsonObject | None:
    """`value` if it is a JSON object."""
    return cast(JsonObject, value) if isinstance(value, dict) else None


def as_list(value: object) -> list[Any] | None:
    """`value` if it is a JSON array."""
    return value if _is_list(value) else None


def _is_list(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def _check_depth(text: str) -> None:
    if text.count("{") + text.count("[") <= DEEPEST:
        return
    depth = deepest = 0
    quoted = escaped = False
    for character in text:
        if quoted:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == '"':
                quoted = False
        elif character == '"':
            quoted = True
        elif character in "{[":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "}]":
            depth -= 1
    if deepest > DEEPEST:
        raise NotAnObjectError("nested too deeply")


def _refuse(name: str) -> float:
    raise NotAnObjectError(f"{name} is no JSON number")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise NotAnObjectError("a number is too large")
    return number


def _mended(value: object) -> object:
    if isinstance(value, str):
        return _HALF_PAIR.sub("\ufffd", value)
    members = as_object(value)
    if members is not None:
        return {cast(str, _mended(key)): _mended(item) for key, item in members.items()}
    items = as_list(value)
    return [_mended(item) for item in items] if items is not None else value
