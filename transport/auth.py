"""Where tokens come from: a provider, built in (`grants`) or the app's own, behind one source.

The source adds what both need: one fetch at a time however many ask, a token replaced ahead of its
end, and errors of one kind.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, Protocol, TypeVar, cast

import msgspec

from livechat_customer.errors import AuthError, SDKDestroyedError
from livechat_customer.transport.grants import TRANSFER_ENDED
from livechat_customer.transport.token import Token

logger = logging.getLogger(__name__)

T = TypeVar("T")

TOKEN_TIMEOUT: Final = 30.0
"""Seconds for a token, whoever provides it."""


class IdentityProvider(Protocol):
    """A token source of the app's own (Customer Chat API 3.5, 1.8).

    Tokens are `Token`s, or dicts with a `Token`'s fields or with those of the JavaScript SDK's
    token object. The four may be plain functions, too. Raise `AuthError` to say whether trying
    again can help; any other exception counts as a passing failure.
    """

    async def get_token(self) -> Token | Mapping[str, Any]:
        """The token held, if it is still valid; else a new one."""
        ...

    async def get_fresh_token(self) -> Token | Mapping[str, Any]:
        """A new token, always."""
        ...

    async def has_token(self) -> bool:
        """A token is held, valid or not."""
        ...

    async def invalidate(self) -> None:
        """Forget the token held."""
        ...


class TokenSource:
    """Tokens for whoever needs one. `clock` gives µs since the epoch.

    Callers share a fetch that is under way; cancelling one of them does not stop it. A fresh token
    is fetched after what is under way, never beside it: two fetches without cookies would make two
    customers. What takes longer than `timeout` seconds is given up. After `aclose()` none is under
    way.
    """

    def __init__(
        self, provider: IdentityProvider, clock: Callable[[], int], timeout: float = TOKEN_TIMEOUT
    ) -> None:
        self._provider = provider
        self._clock = clock
        self._timeout = timeout
        self._turn = asyncio.Lock()
        self._pending: dict[bool, asyncio.Task[Token]] = {}
        self._closed = False

    async def token(self) -> Token:
        """A token that is valid for a while. Raises `AuthError`."""
        return await self._share(fresh=True in self._pending)

    async def fresh_token(self) -> Token:
        """A new token, because the one at hand was refused. Raises `AuthError`."""
        return await self._share(True)

    async def has_token(self) -> bool:
        """A token is held, valid or not."""
        return bool(await _guarded(self._provider.has_token))

    async def invalidate(self) -> None:
        """Forget the token held."""
        await _guarded(self._provider.invalidate)

    async def aclose(self) -> None:
        """Stop the fetches under way; from now on `SDKDestroyedError` is raised."""
        self._closed = True
        tasks = list(self._pending.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _share(self, fresh: bool) -> Token:
        if self._closed:
            raise SDKDestroyedError
        task = self._pending.get(fresh)
        if task is None:
            task = asyncio.create_task(self._fetch(self._fresh if fresh else self._current))
            self._pending[fresh] = task
            task.add_done_callback(lambda done: self._finished(fresh, done))
        return await asyncio.shield(task)

    def _finished(self, fresh: bool, task: asyncio.Task[Token]) -> None:
        del self._pending[fresh]
        if not task.cancelled():
            task.exception()  # seen, even where every caller was cancelled

    async def _fetch(self, how: Callable[[], Awaitable[Token]]) -> Token:
        try:
            async with self._turn, asyncio.timeout(self._timeout):
                return await how()
        except TimeoutError as error:
            raise AuthError(
                "No token came in time. Check the network or the identity provider.",
                code="TOKEN_FAILED",
                reason="token_failed",
                retryable=True,
            ) from error

    async def _current(self) -> Token:
        held = await _guarded(self._provider.has_token)
        token = _checked(await _guarded(self._provider.get_token))
        now = self._clock() // 1000
        if not held or not token.expires_soon(now):
            return token
        try:
            return await self._fresh()
        except AuthError as error:
            lasting = error.retryable or error.code == TRANSFER_ENDED
            if token.expired(now) or not lasting:
                raise
            logger.warning("the token could not be renewed ahead of its end; using it as it is")
            return token

    async def _fresh(self) -> Token:
        return _checked(await _guarded(self._provider.get_fresh_token))


async def _guarded(call: Callable[[], Awaitable[T]]) -> T:
    """A provider's exceptions as `AuthError`s. Their texts are not shown: they may hold a token."""
    try:
        found: Any = call()
        return cast("T", await found if inspect.isawaitable(found) else found)
    except AuthError:
        raise
    except Exception as error:
        raise AuthError(
            f"The identity provider raised {type(error).__name__}. Check it.",
            code="IDENTITY_PROVIDER",
            reason="identity_provider",
            retryable=True,
        ) from error


def _checked(given: Token | Mapping[str, Any]) -> Token:
    if isinstance(given, Token):
        return given
    try:
        return Token.from_provider(given)
    except (msgspec.ValidationError, AttributeError, TypeError, ValueError):
        raise AuthError(
            "The identity provider gave no Token: see Token.from_endpoint().",
            code="IDENTITY_PROVIDER",
            reason="identity_provider",
        ) from None
