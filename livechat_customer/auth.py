"""`sdk.auth`: the customer's access token, for calls of your own, and handing the identity on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, cast

import msgspec

from livechat_customer.errors import AuthError, InvalidArgumentError
from livechat_customer.transport.auth import TokenSource
from livechat_customer.transport.token import Token
from livechat_customer.transport.transfer import IdentityTransfer

S256: Final = "S256"
METHODS: Final = (S256, "plain")

Mint = Callable[[Token, dict[str, str]], Awaitable[IdentityTransfer]]
"""Asks for a transfer token, as the bearer of the token, with what is to be sent besides."""


class Auth:
    """Tokens of this customer. The connection's state does not matter, and nothing of it changes.

    All who ask at the same time share one fetch. The methods raise `AuthError` when there is no
    token to be had, `SDKDestroyedError` after `aclose()`.
    """

    def __init__(self, tokens: TokenSource, mint: Mint) -> None:
        self._tokens = tokens
        self._mint = mint

    async def get_token(self) -> Token:
        """The token held, or a new one if it has expired or soon will (less than an hour left)."""
        return await self._tokens.token()

    async def get_fresh_token(self) -> Token:
        """A new token, always."""
        return await self._tokens.fresh_token()

    async def has_token(self) -> bool:
        """Whether a token is held, expired or not."""
        return await self._tokens.has_token()

    async def invalidate(self) -> None:
        """Forget the token held: the next one who asks gets a new one. The identity stays."""
        await self._tokens.invalidate()

    async def transfer_identity(
        self, code_challenge: str | None = None, *, code_challenge_method: str = S256
    ) -> IdentityTransfer:
        """Mint a token with which another device becomes this customer, once and within an hour.

        The other device gives it as option `identity_token`. With `code_challenge` it must know
        the `code_verifier`, too (`Pkce` makes both; method `S256`, or `plain`). Raises `AuthError`
        and `InvalidArgumentError` (Customer Chat API 3.5, identity transfer).
        """
        more: dict[str, str] = {}
        if code_challenge is not None:
            if code_challenge_method not in METHODS:
                raise InvalidArgumentError("code_challenge_method", "must be 'S256' or 'plain'.")
            if not code_challenge or not isinstance(cast("object", code_challenge), str):
                raise InvalidArgumentError("code_challenge", "must be a string. See Pkce.")
            more = {
                "code_challenge": code_challenge,
                "code_challenge_method": code_challenge_method,
            }
        token = await self._tokens.token()
        try:
            return await self._mint(token, more)
        except AuthError as error:
            if error.retryable or not error.code.startswith("SSO_"):
                raise
        # The token may have been revoked since: a fresh one tells.
        return await self._mint(await self._tokens.fresh_token(), more)


def read_transfer(answer: object) -> IdentityTransfer:
    """The transfer token of the endpoint's answer. Raises `AuthError`."""
    try:
        found = msgspec.convert(answer, _Minted, strict=False)
    except msgspec.ValidationError:
        raise AuthError(
            "The identity transfer endpoint gave no token. Check accounts_url.",
            code="TOKEN_FAILED",
            reason="token_failed",
            retryable=True,
        ) from None
    return IdentityTransfer(found.identity_transfer_token, int(found.expires_in))


class _Minted(msgspec.Struct, frozen=True):
    identity_transfer_token: str
    expires_in: float = 3_600
