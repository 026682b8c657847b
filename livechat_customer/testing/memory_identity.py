"""Tokens in process: an identity provider that asks the sandbox's accounts endpoint."""

from __future__ import annotations

import asyncio
from typing import Final

from livechat_customer.errors import AuthError
from livechat_customer.testing.asgi import Answer, App, post
from livechat_customer.testing.virtual_time import wall_clock
from livechat_customer.transport.accounts import CID, CST
from livechat_customer.transport.token import Token

_PATH: Final = "/v2/customer/token"
_EXCEPTIONS: Final = ("identity_exception", "oauth_exception")


class MemoryIdentity:
    """One customer, by the cookie grant; made by the first call, shared by whoever uses this."""

    def __init__(self, app: App, organization_id: str, client_id: str) -> None:
        self._app = app
        self._body = {
            "grant_type": "cookie",
            "response_type": "token",
            "organization_id": organization_id,
            "client_id": client_id,
        }
        self._cookies: dict[str, str] = {}
        self._token: Token | None = None
        self._turn = asyncio.Lock()

    @property
    def customer_id(self) -> str:
        """Whose it is. LookupError before the first token."""
        return self._cookies[CID]

    async def get_token(self) -> Token:
        """The token held, or a new one. Raises AuthError."""
        return self._token or await self.get_fresh_token()

    async def get_fresh_token(self) -> Token:
        """A new token. Raises AuthError."""
        # Two devices that ask at once without cookies would become two customers.
        async with self._turn:
            answer = await post(self._app, _PATH, self._body, self._cookies)
            if answer.status != 200:
                raise _refused(answer)
            self._cookies |= {name: answer.cookies[name] for name in (CID, CST)}
            self._token = Token.from_endpoint(answer.body, wall_clock() // 1_000)
            return self._token

    async def has_token(self) -> bool:
        """One is held, valid or not."""
        return self._token is not None

    async def invalidate(self) -> None:
        """Forget the one held."""
        self._token = None


def _refused(answer: Answer) -> AuthError:
    word = next((str(answer.body[key]) for key in _EXCEPTIONS if key in answer.body), "")
    return AuthError(
        f"The sandbox gave no token ({answer.status}). Look at its faults.",
        code="SSO_OAUTH_EXCEPTION" if word else "TOKEN_FAILED",
        reason=word or "token_failed",
        retryable=word in ("", "server_error", "temporarily_unavailable"),
    )
