"""Equal values kept once. The threads of a chat mostly have the same users, properties and access:
a chat of many threads costs a fraction if they hold the same objects.

What is shared must never be changed in place.
"""

from __future__ import annotations

from typing import Any, Final, TypeVar, cast

import msgspec

T = TypeVar("T")

MOST: Final = 256
"""Values that are remembered; then it begins anew."""

_known: dict[tuple[type[Any], bytes], Any] = {}
_encoder: Final = msgspec.msgpack.Encoder()


def shared(value: T) -> T:
    """The value, or an equal one that was given before."""
    key = (type(value), _encoder.encode(value))
    known = _known.get(key)
    if known is not None:
        return cast("T", known)
    if len(_known) >= MOST:
        _known.clear()
    _known[key] = value
    return value
