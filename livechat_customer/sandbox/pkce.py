"""Proof keys: who redeems a code must know what its challenge was made of (protocol: identity
transfer)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import Final

METHODS: Final = ("plain", "S256")
_VERIFIER: Final = re.compile(r"[A-Za-z0-9\-._~]{43,128}")
_DIGEST: Final = re.compile(r"[A-Za-z0-9\-_]{43}")


@dataclass(frozen=True, slots=True)
class Challenge:
    """A challenge and its method. ValueError when it can't be one."""

    value: str
    method: str = "plain"

    def __post_init__(self) -> None:
        form = _VERIFIER if self.method == "plain" else _DIGEST
        if self.method not in METHODS or not form.fullmatch(self.value):
            raise ValueError("no challenge of that method")

    def is_met_by(self, verifier: str) -> bool:
        """Whether the challenge was made of this verifier."""
        if not _VERIFIER.fullmatch(verifier):
            return False
        made = verifier
        if self.method == "S256":
            digest = hashlib.sha256(verifier.encode()).digest()
            made = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        return hmac.compare_digest(made, self.value)
