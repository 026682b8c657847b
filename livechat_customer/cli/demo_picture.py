"""The picture that the demo uploads: a PNG, made here, so that none is shipped."""

from __future__ import annotations

import struct
import zlib
from functools import cache
from typing import Final

NAME: Final = "lamp.png"
WIDTH: Final = 960
HEIGHT: Final = 720


@cache
def picture() -> bytes:
    """A lamp's green light on a dark wall, about 2 MB, since nothing is compressed."""
    rows = b"".join(b"\0" + _row(number) for number in range(HEIGHT))
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        (
            _chunk(b"IHDR", header),
            _chunk(b"IDAT", zlib.compress(rows, level=0)),
            _chunk(b"IEND", b""),
        )
    )


def _row(number: int) -> bytes:
    """The light is a cone: as wide as the row is far down."""
    lit = number * WIDTH // HEIGHT
    light = bytes((70, 230 - number // 6, 110)) * lit
    wall = bytes((24, 28, 40))
    left = (WIDTH - lit) // 2
    return wall * left + light + wall * (WIDTH - lit - left)


def _chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)
