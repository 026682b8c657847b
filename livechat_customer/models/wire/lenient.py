"""JSON that msgspec refuses: half an emoji, bad UTF-8, very large numbers.

`loads` reads it with the standard library, with U+FFFD for what is no character, and
null for numbers that are none.
"""

import json
import math
import re
from typing import Any, Final, TypeGuard

REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"
_SURROGATE: Final = "[\ud800-\udfff]"
"""Compiled by `re` at the first text that is not ASCII."""


def is_map(value: Any) -> TypeGuard[dict[str, Any]]:
    """Whether `value` is a JSON object."""
    return isinstance(value, dict)


def is_list(value: Any) -> TypeGuard[list[Any]]:
    """Whether `value` is a JSON array."""
    return isinstance(value, list)


def loads(data: bytes) -> Any:
    """The JSON value, or None when it can't be read at all (no JSON, nested too deeply)."""
    try:
        return mended(json.loads(data.decode("utf-8", "replace"), parse_constant=_no_number))
    except (ValueError, RecursionError):
        return None


def _no_number(_: str) -> None:
    """NaN and the infinities are no JSON."""


def mended(value: Any) -> Any:
    """`value`, JSON's builtins, without lone surrogates and infinite numbers."""
    if isinstance(value, str):
        return value if value.isascii() else re.sub(_SURROGATE, REPLACEMENT, value)
    if is_list(value):
        return [mended(item) for item in value]
    if is_map(value):
        return {mended(k): mended(v) for k, v in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def dumps(value: Any) -> bytes:
    """`value`, as `loads` gives it, as JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
