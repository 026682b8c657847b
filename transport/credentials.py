"""What makes the next run the same customer: the identity's two cookies, and the token.

They live in a store of the app's choice, never in the log.
"""

from __future__ import annotations

from typing import Protocol

import msgspec

from livechat_customer.records import StreamKey
from livechat_customer.transport.token import Token


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """The secrets of one customer. Its `repr` shows none.

    Losing either cookie means a new customer at the next token (Customer Chat API 3.5, 1.5).
    """

    cid: str | None = None
    """Cookie `__lc_cid`: the customer's id."""
    cst: str | None = None
    """Cookie `__lc_cst`: its secret."""
    token: Token | None = None

    def __repr__(self) -> str:
        return f"Credentials(identity={self.cid is not None}, token={self.token is not None})"


class CredentialStore(Protocol):
    """Keeps credentials by stream. An error raised here fails the attempt to connect, which is
    made again with back-off."""

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
