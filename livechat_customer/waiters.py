"""Callers of `connect()`: all share one attempt, each gets its end."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from livechat_customer.errors import (
    AuthError,
    CustomerSDKError,
    IdentityMismatchError,
    LoginError,
    NoConnectionError,
    SDKDestroyedError,
)
from livechat_customer.models import Connected
from livechat_customer.models.own import own

DISCONNECT_CALLED: Final = "disconnect() was called. Call connect() to go online again."


class ConnectWaiters:
    """Who waits for the login, and what came of the last one."""

    def __init__(self) -> None:
        self._waiting: list[asyncio.Future[Connected]] = []
        self.connected: Connected | None = None
        """Of the present connection; None while there is none."""

    def wait(self) -> asyncio.Future[Connected]:
        """A future of its own: cancelling it stops nothing."""
        future: asyncio.Future[Connected] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        return future

    def succeed(self, connected: Connected) -> None:
        self.connected = connected
        for future in self._taken():
            future.set_result(connected)

    def fail(self, error: CustomerSDKError) -> None:
        self.connected = None
        for future in self._taken():
            future.set_exception(error)

    def lost(self) -> None:
        """The connection ended and is tried again: who waits goes on waiting."""
        self.connected = None

    def _taken(self) -> list[asyncio.Future[Connected]]:
        taken = [future for future in self._waiting if not future.done()]
        self._waiting.clear()
        return taken


def refusal(data: Mapping[str, Any]) -> CustomerSDKError:
    """What `connect()` raises for a `disconnected` fact that is not followed by a reconnect.

    `data` is the fact's: `reason`, `will`, and `error` {code, message, data} where there is one.
    """
    reason = str(data.get("reason", ""))
    error: Mapping[str, Any] = data.get("error") or {}
    code = str(error.get("code") or reason.upper())
    message = str(error.get("message") or f"Connecting ended: {reason}.")
    if data.get("will") == "none":
        return NoConnectionError(DISCONNECT_CALLED)
    if code == "IDENTITY_MISMATCH":
        return IdentityMismatchError()
    if code.startswith("SSO_"):
        return AuthError(message, code=code, reason=reason)
    if data.get("will") == "pause":
        message = f"{message.rstrip('.')}. Call connect() to try again."
    return LoginError(message, code=code, data=own(error.get("data")))


def destroyed(reason: str) -> SDKDestroyedError:
    """What `connect()` raises after `destroy()` or a fatal reason."""
    if reason in ("", "manual"):
        return SDKDestroyedError()
    return SDKDestroyedError(f"SDK destroyed by the server: {reason}. Make a new one with init().")
