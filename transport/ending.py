"""Why an attempt or a connection ended, and what is done about it: one value for all the ways."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import msgspec

from livechat_customer.errors import one_line
from livechat_customer.transport.envelope import Envelope, json_or_none
from livechat_customer.transport.inputs import Closed, OpenFailed, TokenFailed
from livechat_customer.transport.reasons import (
    CONNECT_FAILED,
    CONNECTION_LOST,
    IDENTITY_MISMATCH,
    MANUAL,
    TOKEN_FAILED,
    Effect,
    Pace,
    effect_of,
    login_pace,
    push_pace,
)


class Trouble(msgspec.Struct, frozen=True):
    """The error shown with a `disconnected` fact."""

    code: str
    message: str
    data: Mapping[str, object] | None = None


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """Why it ended, and what happens next."""

    reason: str
    effect: Effect = Effect.RECONNECT
    pace: Pace = Pace.SOCKET
    trouble: Trouble | None = None
    data: object = None
    """`data` of a `customer_disconnected` push."""
    named_region: object = None
    announced: bool = False
    """The server said why, in words that are not for the login alone."""
    close_code: int | None = None
    gone: bool = False
    """The socket is closed already, or there is none."""
    reset: bool = False
    """The peer is not to be trusted to take part in a closing handshake."""

    @property
    def will(self) -> str:
        """What comes next, in the word of the fact."""
        if self.reason == MANUAL:
            return "none"
        match self.effect:
            case Effect.PAUSE:
                return "pause"
            case Effect.DESTROY:
                return "destroy"
            case _:
                return "reconnect"

    def fact(self, number: int, was_connected: bool, delay: float | None) -> dict[str, object]:
        """The data of the `disconnected` fact; keys without a value are left out."""
        found: dict[str, object] = {
            "number": number,
            "reason": self.reason,
            "will": self.will,
            "was_connected": was_connected,
        }
        if self.trouble is not None:
            error: dict[str, object] = {
                "code": self.trouble.code,
                "message": one_line(self.trouble.message),
            }
            if self.trouble.data is not None:
                error["data"] = self.trouble.data
            found["error"] = error
        if self.announced:
            found["announced"] = True
        if self.data is not None:
            found["data"] = self.data
        if self.close_code is not None:
            found["close_code"] = self.close_code
        if delay is not None:
            found["retry_in_ms"] = round(delay * 1000)
        return found


def lost(message: str, *, reason: str = CONNECTION_LOST) -> Ending:
    """We give the connection up."""
    return Ending(reason=reason, trouble=Trouble(reason.upper(), message), reset=True)


def by_push(envelope: Envelope) -> Ending:
    """The server said why (`customer_disconnected`, Customer Chat API 3.5, 4.17)."""
    reason = envelope.payload.reason or "unknown"
    data = json_or_none(envelope.payload.data)
    return Ending(
        reason=reason,
        effect=effect_of(reason),
        pace=push_pace(reason),
        data=data,
        named_region=_region(data),
        announced=True,
    )


def by_login_error(envelope: Envelope) -> Ending:
    """The login was refused."""
    error = envelope.payload.error
    reason = (error.type if error is not None else "") or "unknown"
    data = error.details if error is not None else None
    message = error.message if error is not None else ""
    return Ending(
        reason=reason,
        effect=effect_of(reason),
        pace=login_pace(reason),
        trouble=Trouble(reason.upper(), message or "The login was refused.", data),
        named_region=_region(data),
        announced=effect_of(reason) is Effect.SWITCH_REGION,
    )


def by_login_step(reason: str, message: str) -> Ending:
    """The login did not get as far as an answer."""
    return Ending(reason=reason, pace=Pace.LOGIN, trouble=Trouble(reason.upper(), message))


def by_identity() -> Ending:
    """The token is another customer's than the one of this session."""
    trouble = Trouble(IDENTITY_MISMATCH.upper(), "The new token belongs to another customer.")
    return Ending(reason=IDENTITY_MISMATCH, effect=Effect.DESTROY, trouble=trouble)


def by_token(failed: TokenFailed) -> Ending:
    """No token: what the endpoint refuses for good ends the session, another customer's token,
    too; what is wrong on our side (a certificate, a provider's answer) pauses it."""
    final = failed.code.startswith("SSO_") or failed.reason == IDENTITY_MISMATCH
    given_up = Effect.DESTROY if final else Effect.PAUSE
    return Ending(
        reason=failed.reason or TOKEN_FAILED,
        effect=Effect.RECONNECT if failed.retryable else given_up,
        pace=Pace.LOGIN,
        trouble=Trouble(failed.code, failed.message),
    )


def by_open_failure(failed: OpenFailed) -> Ending:
    return Ending(
        reason=CONNECT_FAILED,
        effect=Effect.PAUSE if failed.final else Effect.RECONNECT,
        trouble=Trouble(CONNECT_FAILED.upper(), failed.error),
        gone=True,
    )


def by_close(closed: Closed) -> Ending:
    return Ending(reason=CONNECTION_LOST, close_code=closed.code, gone=True)


def _region(data: object) -> object:
    return cast("dict[str, object]", data).get("region") if isinstance(data, dict) else None
