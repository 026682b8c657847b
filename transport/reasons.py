"""What each reason of `customer_disconnected` and each login error does to the session.

One table for both: a reason means the same whether it comes as a push or as the error of the login
answer. Where the JavaScript SDK retries for ever what can't succeed,
this table pauses.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

REGIONS: Final = frozenset({"dal", "fra"})
"""The only names a server's `data.region` is taken for: a host never comes from the wire."""


class Effect(Enum):
    """What happens next."""

    RECONNECT = "reconnect, with back-off"
    RECONNECT_SLOWLY = "reconnect, with the slower back-off until a login succeeds"
    FRESH_TOKEN = "reconnect with a fresh token"
    SWITCH_REGION = "reconnect to the region named, if it is a known other one"
    PAUSE = "stay offline until connect() is called"
    DESTROY = "end for good"


class Pace(Enum):
    """Which back-off a reconnect follows."""

    SOCKET = "socket"
    LOGIN = "login"
    SLOW_LOGIN = "slow login"
    PUSH = "100 ms at first, then as login"


CONNECTION_LOST: Final = "connection_lost"
CONNECT_FAILED: Final = "connect_failed"
MANUAL: Final = "manual"
IDENTITY_MISMATCH: Final = "identity_mismatch"
LOG_STALLED: Final = "log_stalled"
LOGIN_TIMEOUT: Final = "request_timeout"
TOKEN_FAILED: Final = "token_failed"
CUSTOMER_DATA_PROVIDER: Final = "customer_data_provider"

EFFECTS: Final[dict[str, Effect]] = {
    "customer_banned": Effect.DESTROY,
    "customer_temporarily_blocked": Effect.DESTROY,
    IDENTITY_MISMATCH: Effect.DESTROY,
    "license_not_found": Effect.DESTROY,
    "logged_out_remotely": Effect.DESTROY,
    "product_version_changed": Effect.DESTROY,
    "too_many_connections": Effect.DESTROY,
    "unsupported_version": Effect.DESTROY,
    "wrong_product_version": Effect.DESTROY,
    "inactivity_timeout": Effect.PAUSE,
    "license_expired": Effect.PAUSE,
    "users_limit_reached": Effect.PAUSE,
    "access_token_expired": Effect.FRESH_TOKEN,
    "access_token_revoked": Effect.FRESH_TOKEN,
    "authentication": Effect.FRESH_TOKEN,
    "misdirected_connection": Effect.SWITCH_REGION,
    "misdirected_request": Effect.SWITCH_REGION,
    "service_temporarily_unavailable": Effect.RECONNECT_SLOWLY,
}
"""Any other, known or not: `Effect.RECONNECT`."""

_PUSH_PACE: Final[dict[str, Pace]] = {
    "service_temporarily_unavailable": Pace.SLOW_LOGIN,
    "too_many_unauthorized_connections": Pace.LOGIN,
}

_LOST_CODES: Final[dict[str, str]] = {
    "misdirected_connection": "MISDIRECTED_CONNECTION",
    "misdirected_request": "MISDIRECTED_CONNECTION",
    "service_temporarily_unavailable": "SERVICE_TEMPORARILY_UNAVAILABLE",
    "too_many_unauthorized_connections": "TOO_MANY_UNAUTHORIZED_CONNECTIONS",
}


def effect_of(reason: str) -> Effect:
    return EFFECTS.get(reason, Effect.RECONNECT)


def push_pace(reason: str) -> Pace:
    """The back-off after a `customer_disconnected` push with this reason."""
    return _PUSH_PACE.get(reason, Pace.PUSH)


def login_pace(reason: str) -> Pace:
    """The back-off after a login error of this type."""
    slow = effect_of(reason) is Effect.RECONNECT_SLOWLY
    return Pace.SLOW_LOGIN if slow else Pace.LOGIN


def lost_code(reason: str) -> str:
    """Code of the `ConnectionLostError` of the requests in flight."""
    return _LOST_CODES.get(reason, "CONNECTION_LOST")


def other_region(current: str | None, named: object) -> str | None:
    """The region to switch to: `named`, if it is a known one and not where we are; else None."""
    if not isinstance(named, str) or named not in REGIONS or named == (current or "dal"):
        return None
    return named
