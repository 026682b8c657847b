"""What all public structs share."""

from collections.abc import Mapping
from typing import Any

import msgspec

Properties = Mapping[str, Mapping[str, Any]]
"""`{namespace: {name: value}}`: values are int, bool or str (Customer Chat API 3.5, properties).

Keys are data and are never renamed.
"""

PropertyNames = Mapping[str, tuple[str, ...]]
"""`{namespace: (name, …)}`: what was, or is to be, deleted."""

SessionFields = Mapping[str, Any]
"""Key to value, in order; values are strings, at most 100 keys. On the wire it is a list of
one-pair objects, of which a later duplicate wins."""


class Model(msgspec.Struct, frozen=True, gc=False):
    """Base of the public structs: values, equal when their fields are.

    Maps inside them are read-only by agreement: nothing of the SDK changes one after handing it
    out, and others may hold the same struct. None is shared with the state.
    """
