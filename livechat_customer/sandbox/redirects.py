"""Redirect URIs: which are sound, and which an app's allow-list takes (protocol: accounts API)."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import SplitResult, unquote, urlsplit


def is_allowed(uri: str, allowed: Sequence[str]) -> bool:
    """Whether the URI is sound and matches one of `allowed`; without any, sound is enough.

    Scheme, host and port must be equal, and the allowed path a beginning of the URI's. A query,
    a fragment or `..` in the path is never right.
    """
    asked = _sound(uri)
    if asked is None:
        return False
    return not allowed or any(_matches(asked, one) for one in allowed)


def _matches(asked: SplitResult, allowed: str) -> bool:
    known = _sound(allowed)
    return (
        known is not None
        and (asked.scheme, asked.netloc.lower()) == (known.scheme, known.netloc.lower())
        and (asked.path or "/").startswith(known.path or "/")
    )


def _sound(uri: str) -> SplitResult | None:
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    # `urlsplit` can't tell an empty query or fragment from none.
    if not parts.scheme or not parts.netloc or "?" in uri or "#" in uri:
        return None
    climbs = ".." in unquote(parts.path).replace("\\", "/").split("/")
    return None if climbs else parts
