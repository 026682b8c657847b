"""The built-in identity providers: how the accounts API is asked for a token, and what is kept.

Customer Chat API 3.5, 1.5: the `cookie` grant, the `agent_token` grant, and the `identity_token`
that a customer brings along from another device.
"""

from __future__ import annotations

import hashlib
import inspect
import logging
import ssl
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from typing import Any, Final, cast

import msgspec

from livechat_customer.errors import AuthError
from livechat_customer.records import StreamKey
from livechat_customer.transport.accounts import CID, CST, TokenAnswer, post_token
from livechat_customer.transport.credentials import (
    CREDENTIALS_FAILED,
    Credentials,
    CredentialStore,
)
from livechat_customer.transport.token import Token

logger = logging.getLogger(__name__)

TRANSFER_ENDED: Final = "IDENTITY_TRANSFER_ENDED"
"""Code of the `AuthError` for an identity that has no way to a new token."""

AgentToken = str | Callable[[], str | Awaitable[str]]
"""An agent's access token with the scope `customers:own`, or a function that gives one."""


class Grant(ABC):
    """A provider whose token and identity are kept in a credential store.

    `url` is the token endpoint, `clock` gives µs since the epoch, `timeout` is in seconds.
    """

    name: str
    """`grant_type`."""

    def __init__(
        self,
        *,
        url: str,
        organization_id: str,
        client_id: str,
        key: StreamKey,
        store: CredentialStore,
        clock: Callable[[], int],
        timeout: float = 10.0,
        proxy: str | None = None,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._url = url
        self._organization_id = organization_id
        self._client_id = client_id
        self._key = key
        self._store = store
        self._clock = clock
        self._timeout = timeout
        self._proxy = proxy
        self._context = context
        self._unsaved: Credentials | None = None
        self._kept: str | None = None

    async def get_token(self) -> Token:
        held = await self._held()
        if held.token is None or not self._fits(held) or held.token.expired(self._now_ms()):
            return await self.get_fresh_token()
        return held.token

    async def get_fresh_token(self) -> Token:
        answer, found = await self._fetch(await self._held())
        await self._keep(found)
        return answer

    async def has_token(self) -> bool:
        held = await self._held()
        return held.token is not None and self._fits(held)

    async def invalidate(self) -> None:
        held = await self._held()
        if held.token is not None:
            await self._keep(msgspec.structs.replace(held, token=None))

    @abstractmethod
    async def _fetch(self, held: Credentials) -> tuple[Token, Credentials]:
        """A new token, and what is kept from now on. Raises `AuthError`."""

    def _fits(self, held: Credentials) -> bool:
        """The token held is of the customer who is wanted."""
        return True

    async def _ask(
        self, grant: str, body: dict[str, Any] | None = None, **more: Any
    ) -> tuple[Token, TokenAnswer]:
        answer = await post_token(
            self._url,
            {
                "response_type": "token",
                "grant_type": grant,
                "client_id": self._client_id,
                "organization_id": self._organization_id,
            }
            | (body or {}),
            timeout=self._timeout,
            proxy=self._proxy,
            context=self._context,
            **more,
        )
        try:
            return Token.from_endpoint(answer.body, self._now_ms()), answer
        except msgspec.ValidationError as error:
            raise AuthError(
                "The token endpoint's answer holds no token. Check accounts_url.",
                code="TOKEN_FAILED",
                reason="token_failed",
                retryable=True,
            ) from error

    def _now_ms(self) -> int:
        return self._clock() // 1000

    # The store. What it fails to keep stays here, so that trying again makes no second customer.

    async def _held(self) -> Credentials:
        if self._unsaved is not None:
            unsaved = self._unsaved
            await self._keep(unsaved)
            return unsaved
        try:
            found = await self._store.load(self._key) or Credentials()
        except AuthError:
            raise
        except Exception as error:
            raise _store_failed("load", error) from error
        self._kept = found.cid
        return found

    async def _keep(self, found: Credentials) -> None:
        self._unsaved = found
        try:
            await self._store.save(self._key, found)
        except Exception as error:
            if found.cid is not None and found.cid == self._kept:
                # The identity itself is safe: only the token would be fetched again.
                logger.warning("the credentials could not be saved: %s", type(error).__name__)
                return
            if isinstance(error, AuthError):
                raise
            raise _store_failed("save", error) from error
        self._unsaved, self._kept = None, found.cid


class CookieGrant(Grant):
    """A customer of this device's own: two cookies are the identity.

    With `identity_token` (and its `code_verifier`) the identity is one from another device
    instead: the token is redeemed once. Such an identity has no cookies, so that it ends with
    its access token, unless the endpoint gives cookies, too.
    """

    def __init__(
        self,
        *,
        redirect_uri: str | None = None,
        identity_token: str | None = None,
        code_verifier: str | None = None,
        **given: Any,
    ) -> None:
        super().__init__(**given)
        self._redirect_uri = redirect_uri
        self._code = identity_token
        self._verifier = code_verifier

    def _fits(self, held: Credentials) -> bool:
        return self._code is None or held.transfer == _digest(self._code)

    async def _fetch(self, held: Credentials) -> tuple[Token, Credentials]:
        if self._code is not None and not self._fits(held):
            return await self._redeem(self._code)
        body: dict[str, Any] = {}
        if self._redirect_uri is not None:
            body["redirect_uri"] = self._redirect_uri
        cookies: dict[str, str] = {}
        if held.cid is not None and held.cst is not None:
            cookies = {CID: held.cid, CST: held.cst}
        elif held.transfer is not None:
            # Asked without cookies, the endpoint would make a new customer.
            raise AuthError(
                "An identity from another device can't be renewed here. Have it transferred again "
                "and give the new identity_token, or use another profile.",
                code=TRANSFER_ENDED,
                reason="identity_transfer_ended",
            )
        token, answer = await self._ask("cookie", body, cookies=cookies)
        return token, Credentials(
            cid=answer.cookies.get(CID, held.cid),
            cst=answer.cookies.get(CST, held.cst),
            token=token,
            transfer=held.transfer,
        )

    async def _redeem(self, code: str) -> tuple[Token, Credentials]:
        body = {"code": code}
        if self._verifier is not None:
            body["code_verifier"] = self._verifier
        token, answer = await self._ask(
            "identity_token",
            body,
            check="identity_token and code_verifier: each can be used once, and not for long",
        )
        return token, Credentials(
            cid=answer.cookies.get(CID, token.entity_id),
            cst=answer.cookies.get(CST),
            token=token,
            transfer=_digest(code),
        )


class AgentTokenGrant(Grant):
    """A customer in the hands of a backend, on the authority of one of its agents.

    `customer_id` says which customer; without it the first token makes one, who is kept.
    """

    def __init__(
        self, *, agent_token: AgentToken, customer_id: str | None = None, **given: Any
    ) -> None:
        super().__init__(**given)
        self._agent_token = agent_token
        self._customer_id = customer_id

    def _fits(self, held: Credentials) -> bool:
        wanted = self._customer_id
        return wanted is None or (held.token is not None and held.token.entity_id == wanted)

    async def _fetch(self, held: Credentials) -> tuple[Token, Credentials]:
        wanted = self._customer_id or held.cid
        token, _ = await self._ask(
            "agent_token",
            {} if wanted is None else {"entity_id": wanted},
            bearer=await self._agent(),
            check="agent_token (scope customers:own), customer_id and client_id",
        )
        if wanted is not None and token.entity_id != wanted:
            raise AuthError(
                "The token endpoint gave another customer's token. Check customer_id.",
                code="IDENTITY_MISMATCH",
                reason="identity_mismatch",
            )
        same = held.cid == token.entity_id
        return token, Credentials(cid=token.entity_id, cst=held.cst if same else None, token=token)

    async def _agent(self) -> str:
        given = self._agent_token
        try:
            made = given() if callable(given) else given
            found = cast("object", await made if inspect.isawaitable(made) else made)
        except Exception as error:
            raise AuthError(
                f"agent_token raised {type(error).__name__}. Mend it; it is called again.",
                code="AGENT_TOKEN",
                reason="agent_token",
                retryable=True,
            ) from error
        if isinstance(found, str) and found.strip() and found.isascii() and found.isprintable():
            return found.strip()
        raise AuthError(
            "agent_token gave no token. Give a non-empty string.",
            code="AGENT_TOKEN",
            reason="agent_token",
        )


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def _store_failed(what: str, error: Exception) -> AuthError:
    return AuthError(
        f"The credential store raised {type(error).__name__} at {what}(). Mend it.",
        code=CREDENTIALS_FAILED,
        reason="credentials",
        retryable=True,
    )
