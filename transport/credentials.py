"""What makes the next run the same customer: the identity's two cookies, and the token.

They live in a store of the app's choice, never in the log.
"""

from __future__ import annotations

from typing import Final, Protocol

import msgspec

from livechat_customer.records import StreamKey
from livechat_customer.transport.token import Token

CREDENTIALS_FAILED: Final = "CREDENTIALS"
"""Code of the `AuthError` for credentials that can't be read or kept."""


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """The secrets of one customer. Its `repr` shows none.

    Losing either cookie means a new customer at the next token (Customer Chat API 3.5, 1.5).
    """

    cid: str | None = None
    """The customer's id; with the cookie grant, cookie `__lc_cid`."""
    cst: str | None = None
    """Cookie `__lc_cst`, the identity's secret; None of an identity that has no cookies."""
    token: Token | None = None
    transfer: str | None = None
    """Digest of the identity transfer token that this identity came with."""

    def __repr__(self) -> str:
        return f"Credentials(identity={self.cid is not None}, token={self.token is not None})"


class CredentialStore(Protocol):
    """Keeps credentials by stream.

    An error raised here fails the attempt to connect. An `AuthError` says whether it is made
    again; after any other exception it is, with back-off.
    """

    async def load(self, key: StreamKey) -> Credentials | None: ...

    async def save(self, key: StreamKey, credentials: Credentials) -> None: ...

    async def delete(self, key: StreamKey) -> None: ...


class MemoryCredentials:
    """A store that forgets at exit: each run is a new customer."""

    def __init__(self) -> None:
        self._kept: dict[StreamKey, Credentials] = {}

    async def load(self, key: StreamKey) -> Credentials | None:
        return self._kept.get(key)

    async def save(self, key: StreamKey, credentials: Credentials) -> None:
        self._kept[key] = credentials

    async def delete(self, key: StreamKey) -> None:
        self._kept.pop(key, None)
