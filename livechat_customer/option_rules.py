"""What the value of an option may be; `options` says which rule holds for which option."""

from __future__ import annotations

import math
import ssl
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from livechat_customer.transport import transfer

URL: Final = "an https URL (plain http only to a loopback address)"
VERIFIER: Final = transfer.VERIFIER_RULE.removeprefix("must be ")


def is_flag(value: object) -> bool:
    return isinstance(value, bool)


def is_optional_text(value: object) -> bool:
    return value is None or (isinstance(value, str) and bool(value))


def is_group(value: object) -> bool:
    return value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= 0)


def is_url(value: object) -> bool:
    if value is None:
        return True
    scheme, host = _scheme_and_host(value)
    loopback = host in {"127.0.0.1", "localhost", "::1"}
    return bool(host) and (scheme == "https" or (scheme == "http" and loopback))


def is_proxy(value: object) -> bool:
    if value is None:
        return True
    scheme, host = _scheme_and_host(value)
    return bool(host) and scheme in ("http", "https")


def _scheme_and_host(value: object) -> tuple[str, str | None]:
    """Neither of what is no URL."""
    try:
        parts = urlsplit(value) if isinstance(value, str) else urlsplit("")
        return parts.scheme, parts.hostname
    except ValueError:
        return "", None


def is_seconds(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return 0 < value < math.inf


def is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def is_page(value: Any) -> bool:
    return value is None or (_fits(value, dict[str, str]) and set(value) <= {"url", "title"})


def is_pushes(value: Any, versions: Collection[str]) -> bool:
    return value is None or (
        _fits(value, dict[str, list[str] | str])
        and set(value) <= set(versions)
        and all(names == "all" or not isinstance(names, str) for names in value.values())
    )


def _fits(value: Any, kind: Any) -> bool:
    try:
        msgspec.convert(dict(value), kind)
    except (TypeError, ValueError, msgspec.ValidationError):
        return False
    return True


def is_store(value: object) -> bool:
    if value is None or isinstance(value, Path):
        return True
    if isinstance(value, str):
        return bool(value)
    return all(callable(getattr(value, name, None)) for name in ("load", "save", "delete"))


def is_token(value: object) -> bool:
    """It goes into a header: no line breaks, ASCII only."""
    if not isinstance(value, str):
        return False
    return bool(value.strip()) and value.isascii() and value.isprintable()


def is_context(value: object) -> bool:
    return value is None or (
        isinstance(value, ssl.SSLContext)
        and value.verify_mode is ssl.CERT_REQUIRED
        and value.check_hostname
    )


def is_verifier(value: object) -> bool:
    return value is None or (isinstance(value, str) and transfer.is_verifier(value))


def is_log(value: object) -> bool:
    if isinstance(value, str):
        return bool(value)
    return value is None or isinstance(value, Path) or callable(getattr(value, "stream", None))


def one_of(*values: str | None) -> Callable[[object], bool]:
    return lambda value: value in values
