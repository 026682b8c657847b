"""Width and height of a PNG, GIF or JPEG picture, from its first bytes."""

from __future__ import annotations

from typing import Final

_NOT_FRAMES: Final = frozenset({0xC4, 0xC8, 0xCC})


def image_size(data: bytes) -> tuple[int, int] | None:
    """(width, height) in pixels; None for anything else."""
    if data.startswith(b"\x89PNG\r\n\x1a\n") and len(data) >= 24:
        return _number(data[16:20]), _number(data[20:24])
    if data.startswith((b"GIF87a", b"GIF89a")) and len(data) >= 10:
        return int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little")
    if data.startswith(b"\xff\xd8"):
        return _jpeg_size(data)
    return None


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    """Walks the segments to the frame header, which holds the size."""
    place = 2
    while place + 9 <= len(data) and data[place] == 0xFF:
        marker = data[place + 1]
        if 0xC0 <= marker <= 0xCF and marker not in _NOT_FRAMES:
            height, width = (
                _number(data[place + 5 : place + 7]),
                _number(data[place + 7 : place + 9]),
            )
            return width, height
        place += 2 + _number(data[place + 2 : place + 4])
    return None


def _number(data: bytes) -> int:
    return int.from_bytes(data, "big")
