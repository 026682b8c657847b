"""Handing an identity on to another device (Customer Chat API 3.5, identity transfer)."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from typing import Final

import msgspec

from livechat_customer.errors import InvalidArgumentError

VERIFIER_RULE: Final = "must be 43 to 128 characters of A-Z a-z 0-9 - . _ ~"

_VERIFIER: Final = re.compile(r"[A-Za-z0-9\-._~]{43,128}")
_VERIFIER_BYTES: Final = 48
"""They make 64 characters; 43 to 128 are allowed."""


def is_verifier(text: str) -> bool:
    """A verifier as RFC 7636 has it."""
    return _VERIFIER.fullmatch(text) is not None


class IdentityTransfer(msgspec.Struct, frozen=True):
    """A token that hands the identity on, once. Its `repr` does not show it."""

    token: str
    """What the other device gives as `identity_token`."""
    expires_in: int
    """Lifetime in seconds."""

    def __repr__(self) -> str:
        return f"IdentityTransfer(token=…, expires_in={self.expires_in})"


class Pkce(msgspec.Struct, frozen=True, kw_only=True):
    """A proof that who redeems a transfer token is whom it was minted for (RFC 7636, S256).

    The receiving device makes it and keeps `verifier`; the minting one is given `challenge`.
    """

    verifier: str
    challenge: str

    @classmethod
    def new(cls) -> Pkce:
        """A new, random one."""
        return cls.of(secrets.token_urlsafe(_VERIFIER_BYTES))

    @classmethod
    def of(cls, verifier: str) -> Pkce:
        """The one of a verifier. Raises InvalidArgumentError unless it is 43 to 128 characters of
        `A-Z a-z 0-9 - . _ ~`."""
        if not is_verifier(verifier):
            raise InvalidArgumentError("verifier", VERIFIER_RULE)
        digest = hashlib.sha256(verifier.encode("ascii")).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        return cls(verifier=verifier, challenge=challenge)

    def __repr__(self) -> str:
        return "Pkce(verifier=…)"
