"""Arguments as the structs they should be, with errors that name the path.

msgspec does the checking; its messages are put into ours, without the values.
"""

import re
from typing import Any, Final, TypeVar

import msgspec

from livechat_customer.errors import InvalidArgumentError, one_line
from livechat_customer.models.events import SENDABLE
from livechat_customer.models.plain import MAX_KEY, plain

T = TypeVar("T")

# Compiled by `re` at the first error: importing is for everyone.
_WHERE: Final = r"(?s)(?P<what>.*?)(?: - at (?:`key` in )?`\$(?P<path>.*)`)?"
_EXPECTED: Final = r"Expected `(?P<wanted>[^`]*)`, got `(?P<given>[^`]*)`"
_MISSING: Final = r"(?s)Object missing required field `(?P<name>.*)`"
_UNKNOWN: Final = r"(?s)Object contains unknown field `(?P<name>.*)`"
_TYPES: Final = {"object": "dict", "array": "list", "null": "None"}

_INT32: Final = 2**31


def checked(value: object, kind: Any, path: str) -> Any:
    """`value`, a struct or plain data, as `kind`. InvalidArgumentError names the path."""
    data = plain(value, path)
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        raise _refusal(str(error), path) from None


def checked_properties(value: object, path: str) -> dict[str, dict[str, Any]]:
    """`{namespace: {name: value}}`, whose values are strings, bools and 32-bit integers.

    InvalidArgumentError names the path, such as `properties.rating.score` (Customer Chat API 3.5,
    properties).
    """
    found: dict[str, dict[str, Any]] = checked(value, dict[str, dict[str, Any]], path)
    for namespace, values in found.items():
        for name, one in values.items():
            at = f"{path}.{one_line(namespace, MAX_KEY)}.{one_line(name, MAX_KEY)}"
            if not isinstance(one, str | int):
                raise InvalidArgumentError(at, "must be a str, an int or a bool")
            if isinstance(one, int) and not -_INT32 <= one < _INT32:
                raise InvalidArgumentError(at, "must be a 32-bit integer; send it as a str")
    return found


def _refusal(text: str, path: str) -> InvalidArgumentError:
    where = re.fullmatch(_WHERE, text)
    what = where["what"] if where else text
    # msgspec writes `[...]` for "some value of this map".
    path += (where["path"] or "" if where else "").replace("[...]", ".*")
    if missing := re.fullmatch(_MISSING, what):
        return InvalidArgumentError(f"{path}.{missing['name']}", "is missing; give it")
    if unknown := re.fullmatch(_UNKNOWN, what):
        return InvalidArgumentError(
            f"{path}.{unknown['name']}", "is no field here; check its spelling or leave it out"
        )
    if expected := re.fullmatch(_EXPECTED, what):
        wanted = " or ".join(_name(one) for one in expected["wanted"].split(" | "))
        return InvalidArgumentError(path, f"must be {wanted}, not {_name(expected['given'])}")
    if what.startswith("Invalid value") and path.endswith(".type"):
        return InvalidArgumentError(path, f"is no event that can be sent; use {SENDABLE}")
    return InvalidArgumentError(path, "has a value that is not possible here")


def _name(kind: str) -> str:
    return _TYPES.get(kind, kind)
