"""Arguments as plain JSON: structs, dicts, lists and scalars become fresh builtins.

What JSON or the wire can't carry is refused here, by its path: other types, keys that are no
strings, half an emoji, infinite numbers, integers beyond 64 bits.
"""

import math
from collections.abc import Mapping
from typing import Any, Final, cast

import msgspec

from livechat_customer.errors import InvalidArgumentError, one_line

MAX_DEPTH: Final = 100
MAX_KEY: Final = 40
"""Characters of a key that a path shows."""
_MIN_INT: Final = -(2**63)
_MAX_INT: Final = 2**64 - 1


def plain(value: object, path: str) -> Any:
    """A deep copy of `value` in JSON's builtins. InvalidArgumentError names the path."""
    try:
        return _plain(value, path, MAX_DEPTH)
    except _TooDeep:
        # The path would be as long as the value is deep.
        raise InvalidArgumentError(
            path, f"is nested more than {MAX_DEPTH} levels deep; flatten it"
        ) from None


class _TooDeep(Exception):
    """Nested beyond `MAX_DEPTH`."""


def _plain(value: object, path: str, depth: int) -> Any:
    if value is None or value is True or value is False:
        return value
    if isinstance(value, str):
        return _text(value, path)
    if isinstance(value, int):
        if not _MIN_INT <= value <= _MAX_INT:
            raise InvalidArgumentError(path, "the number is out of range; send it as a str")
        return int(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise InvalidArgumentError(path, "must be a finite number")
        return float(value)
    if depth == 0:
        raise _TooDeep
    if isinstance(value, msgspec.Struct):
        return _struct(value, path, depth - 1)
    if isinstance(value, Mapping):
        return _map(cast("Mapping[object, object]", value), path, depth - 1)
    if isinstance(value, list | tuple):
        items = cast("list[object]", value)
        return [_plain(item, f"{path}[{i}]", depth - 1) for i, item in enumerate(items)]
    raise InvalidArgumentError(path, f"can't be a {type(value).__name__}; use what JSON has")


def _text(value: str, path: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise InvalidArgumentError(
            path, "holds a lone surrogate, half of a character; send whole characters"
        ) from None
    return str.__str__(value)


def _map(value: Mapping[object, object], path: str, depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, item in value.items():
        if not isinstance(key, str):
            raise InvalidArgumentError(path, f"has a key of {type(key).__name__}; use str keys")
        found[_text(key, path)] = _plain(item, f"{path}.{one_line(key, MAX_KEY)}", depth)
    return found


def _struct(value: msgspec.Struct, path: str, depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    config = value.__struct_config__
    if config.tag_field is not None:
        found[config.tag_field] = config.tag
    for name, encoded in zip(value.__struct_fields__, value.__struct_encode_fields__, strict=True):
        found[encoded] = _plain(getattr(value, name), f"{path}.{name}", depth)
    return found
