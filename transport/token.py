"""A customer access token, as the session machine and the identity provider pass it about.

Customer Chat API 3.5, "Custom identity provider": the fields keep the names and the units of the
JavaScript SDK's token object (milliseconds), so that a provider can be ported as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

REFRESH_AHEAD_MS: Final = 3_600_000
"""A token with less than an hour left is replaced before connecting."""


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """A token and whom it stands for. Its `repr` does not show the token."""

    access_token: str
    entity_id: str
    """The customer's id: `author_id` and user id in chats."""
    token_type: str = "Bearer"
    expires_in: int = 28_800_000
    """Lifetime in milliseconds."""
    creation_date: int
    """When it was received, in milliseconds since the epoch."""
    organization_id: str | None = None

    @classmethod
    def from_endpoint(cls, answer: Mapping[str, Any], now_ms: int) -> Token:
        """The token of a token endpoint's answer, whose `expires_in` is in *seconds*.

        Raises `msgspec.ValidationError` where a field is missing or of the wrong type.
        """
        wire = msgspec.convert(answer, _Answer, strict=False)
        return cls(
            access_token=wire.access_token,
            entity_id=wire.entity_id,
            token_type=wire.token_type,
            expires_in=int(wire.expires_in * 1000),
            creation_date=now_ms,
            organization_id=wire.organization_id,
        )

    @classmethod
    def from_provider(cls, given: Mapping[str, Any]) -> Token:
        """The token of an identity provider's dict: a `Token`'s fields, or those of the JavaScript
        SDK's token object (`accessToken`, `entityId` …), times in milliseconds.

        Raises `msgspec.ValidationError` where a field is missing or of the wrong type.
        """
        fields = {_JAVASCRIPT.get(name, name): value for name, value in given.items()}
        return msgspec.convert(fields, cls)

    @property
    def authorization(self) -> str:
        """What `login` and the `Authorization` header take: type and token."""
        return f"{self.token_type} {self.access_token}"

    def expired(self, now_ms: int) -> bool:
        return now_ms >= self.creation_date + self.expires_in

    def expires_soon(self, now_ms: int) -> bool:
        """Less than an hour is left; of a token that lives shorter than two, less than half."""
        left = self.creation_date + self.expires_in - now_ms
        return left < min(REFRESH_AHEAD_MS, self.expires_in // 2)

    def __repr__(self) -> str:
        return f"Token(entity_id={self.entity_id!r}, access_token=…)"


_JAVASCRIPT: Final = {
    "accessToken": "access_token",
    "entityId": "entity_id",
    "tokenType": "token_type",
    "expiresIn": "expires_in",
    "creationDate": "creation_date",
    "organizationId": "organization_id",
}


class _Answer(msgspec.Struct, frozen=True):
    access_token: str
    entity_id: str
    token_type: str = "Bearer"
    expires_in: float = 28_800
    organization_id: str | None = None
