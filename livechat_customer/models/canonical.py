"""One byte string per value: what digests are made of, equal for client, log and sandbox.

Keys are sorted by code point; nulls and empty maps inside maps are left out, since an answer may
leave a field out or send it empty. Lists keep all their items. Times stay as the server wrote
them.
"""

import hashlib
import json
from typing import Any, cast

import msgspec


def canonical_json(value: object) -> bytes:
    """The canonical JSON of builtins or structs, in UTF-8 without white space.

    ValueError for infinite numbers, TypeError for what is no JSON.
    """
    builtins: Any = msgspec.to_builtins(value, str_keys=True)
    # Half an emoji can't be UTF-8; escaping it keeps the text apart from others.
    return json.dumps(
        _pruned(builtins),
        ensure_ascii=False,
        allow_nan=False,
        sort_keys=True,
        separators=(",", ":"),
    ).encode("utf-8", "backslashreplace")


def _pruned(value: Any) -> Any:
    if isinstance(value, dict):
        found = cast("dict[str, Any]", value)
        pairs = ((key, _pruned(item)) for key, item in found.items())
        return {key: item for key, item in pairs if item is not None and item != {}}
    if isinstance(value, list | tuple):
        return [_pruned(item) for item in cast("list[Any]", value)]
    return value


def digest(value: object) -> str:
    """SHA-256 of the canonical JSON, in hex."""
    return hashlib.sha256(canonical_json(value)).hexdigest()
