"""Identifiers in the shapes the Customer Chat API uses (protocol: identifiers, time, pages).

Each kind has a random stream of its own, so that one more token does not change the next chat's
id. The same seed gives the same ids in the same order.
"""

from __future__ import annotations

import random
import string
from typing import Final

_LETTERS: Final = string.ascii_uppercase + string.digits


class Ids:
    """A source of identifiers; `seed=None` takes one from the operating system."""

    def __init__(self, seed: int | None) -> None:
        self._seed = seed
        self._streams: dict[str, random.Random] = {}

    def _stream(self, kind: str) -> random.Random:
        found = self._streams.get(kind)
        if found is None:
            found = random.Random() if self._seed is None else random.Random(f"{self._seed}/{kind}")
            self._streams[kind] = found
        return found

    def uuid(self, kind: str) -> str:
        """Lower case, with dashes: organizations and customers."""
        digits = self.hexadecimal(kind, 32)
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))

    def hexadecimal(self, kind: str, length: int) -> str:
        """Agents and clients (32), secrets of cookies (76)."""
        return f"{self._stream(kind).getrandbits(length * 4):0{length}x}"

    def letters(self, kind: str, length: int = 10) -> str:
        """Chats, threads, greetings: capital letters and digits."""
        return "".join(self._stream(kind).choices(_LETTERS, k=length))

    def token(self, region: str) -> str:
        """An access token: `<region>:<secret>`."""
        return f"{region}:{self.hexadecimal('token', 40)}"
