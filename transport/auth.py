"""Where tokens come from: the cookie grant or a provider of the app's, behind one source.

The source adds what both need: one fetch at a time however many ask, a token replaced ahead of its
end, and errors of one kind.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol, TypeVar

import msgspec

from livechat_customer.errors import AuthError
from livechat_customer.records import StreamKey
from livechat_customer.transport.credentials import Credentials, CredentialStore
from livechat_customer.transport.http import CID, CST, post_token
from livechat_customer.transport.token import Token

logger = logging.getLogger(__name__)

T = TypeVar("T")


class IdentityProvider(Protocol):
    """A token source of the app's own (Customer Chat API 3.5, 1.8).

    Tokens are `Token`s or dicts with a `Token`'s fields. Raise `AuthError` to say whether trying
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


class CookieGrant:
    """The built-in provider: the `cookie` grant, with the identity's cookies and the token kept in
    a credential store. `clock` gives µs since the epoch."""

    def __init__(
        self,
        *,
        url: str,
        organization_id: str,
        client_id: str,
        key: StreamKey,
        store: CredentialStore,
        clock: Callable[[], int],
        redirect_uri: str | None = None,
        timeout: float = 10.0,
        proxy: str | None = None,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._url = url
        self._body = {
            "response_type": "token",
            "grant_type": "cookie",
            "client_id": client_id,
            "organization_id": organization_id,
        }
        if redirect_uri is not None:
            self._body["redirect_uri"] = redirect_uri
        self._key = key
        self._store = store
        self._clock = clock
        self._timeout = timeout
        self._proxy = proxy
        self._context = context

    async def get_token(self) -> Token:
        held = await self._held()
        if held.token is not None and not held.token.expired(self._clock() // 1000):
            return held.token
        return await self.get_fresh_token()

    async def get_fresh_token(self) -> Token:
        held = await self._held()
        cookies = {CID: held.cid, CST: held.cst}
        answer = await post_token(
            self._url,
            self._body,
            cookies={name: value for name, value in cookies.items() if value is not None},
            timeout=self._timeout,
            proxy=self._proxy,
            context=self._context,
        )
        try:
            token = Token.from_endpoint(answer.body, self._clock() // 1000)
        except msgspec.ValidationError as error:
            raise AuthError(
                "The token endpoint's answer holds no token. Check accounts_url.",
                code="TOKEN_FAILED",
                reason="token_failed",
                retryable=True,
            ) from error
        await self._store.save(
            self._key,
            Credentials(
                cid=answer.cookies.get(CID, held.cid),
                cst=answer.cookies.get(CST, held.cst),
                token=token,
            ),
        )
        return token

    async def has_token(self) -> bool:
        return (await self._held()).token is not None

    async def invalidate(self) -> None:
        held = await self._held()
        if held.token is not None:
            await self._store.save(self._key, Credentials(cid=held.cid, cst=held.cst))

    async def _held(self) -> Credentials:
        return await self._store.load(self._key) or Credentials()


class TokenSource:
    """Tokens for whoever needs one. `clock` gives µs since the epoch.

    Callers share a fetch that is under way; cancelling one of them does not stop it. After
    `aclose()` none is under way.
    """

    def __init__(self, provider: IdentityProvider, clock: Callable[[], int]) -> None:
        self._provider = provider
        self._clock = clock
        self._pending: dict[bool, asyncio.Task[Token]] = {}

    async def token(self) -> Token:
        """A token that is valid for a while. Raises `AuthError`."""
        return await self._share(fresh=True in self._pending)

    async def fresh_token(self) -> Token:
        """A new token, because the one at hand was refused. Raises `AuthError`."""
        return await self._share(True)

    async def invalidate(self) -> None:
        """Forget the token held."""
        await _guarded(self._provider.invalidate())

    async def aclose(self) -> None:
        tasks = list(self._pending.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _share(self, fresh: bool) -> Token:
        task = self._pending.get(fresh)
        if task is None:
            task = asyncio.create_task(self._fresh() if fresh else self._current())
            self._pending[fresh] = task
            task.add_done_callback(lambda done: self._finished(fresh, done))
        return await asyncio.shield(task)

    def _finished(self, fresh: bool, task: asyncio.Task[Token]) -> None:
        del self._pending[fresh]
        if not task.cancelled():
            task.exception()  # seen, even where every caller was cancelled

    async def _current(self) -> Token:
        held = await _guarded(self._provider.has_token())
        token = _checked(await _guarded(self._provider.get_token()))
        now = self._clock() // 1000
        if not held or not token.expires_soon(now):
            return token
        try:
            return await self._fresh()
        except AuthError as error:
            if token.expired(now) or not error.retryable:
                raise
            logger.warning("the token could not be renewed ahead of its end; using it as it is")
            return token

    async def _fresh(self) -> Token:
        return _checked(await _guarded(self._provider.get_fresh_token()))


async def _guarded(call: Awaitable[T]) -> T:
    """A provider's exceptions as `AuthError`s. Their texts are not shown: they may hold a token."""
    try:
        return await call
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
        return msgspec.convert(dict(given), Token)
    except (msgspec.ValidationError, TypeError, ValueError):
        raise AuthError(
            "The identity provider gave no Token: see Token.from_endpoint().",
            code="IDENTITY_PROVIDER",
            reason="identity_provider",
        ) from None
