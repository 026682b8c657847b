"""Making text of unknown origin safe to print.

What people write in a chat may hold terminal escape sequences: they could recolour the screen,
set its title, or make the terminal answer as if somebody had typed.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_STRING: Final = r"[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"

_ESCAPES: Final = re.compile(
    # Strings that a terminal takes for itself (title, clipboard, queries), up to their end.
    rf"(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f]){_STRING}"
    # Control sequences: colours, cursor, modes.
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"
    # What else begins with ESC.
    r"|\x1b[ -/]*[0-~]?"
)

_BIDI: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that can make a line read in another order than it is written."""


def plain(text: str) -> str:
    """`text` on one line, without escape sequences and control characters."""
    bare = _ESCAPES.sub("", text)
    return " ".join("".join(char if _shown(char) else " " for char in bare).split())


def _shown(char: str) -> bool:
    return char not in _BIDI and unicodedata.category(char) not in ("Cc", "Cs", "Zl", "Zp")
