"""Where one WebSocket frame ends and the next begins (RFC 6455, 5.2): no more than a proxy needs."""

from __future__ import annotations

from asyncio import IncompleteReadError, StreamReader
from typing import Final, NamedTuple

TEXT: Final = 0x1
_FIN: Final = 0x80
_MASKED: Final = 0x80
_LENGTH: Final = 0x7F
_SIZES: Final = {126: 2, 127: 8}
"""Bytes of the longer lengths, by what stands in the short one's place."""


class RawFrame(NamedTuple):
    """`raw` is all of it; `text` its unmasked payload, None where it is no whole text message."""

    raw: bytes
    text: bytes | None


async def read_raw_frame(reader: StreamReader) -> RawFrame:
    """The next frame. IncompleteReadError at the end; its `partial` is all that came of a frame."""
    raw = b""
    try:
        raw = head = await reader.readexactly(2)
        length = head[1] & _LENGTH
        if more := _SIZES.get(length):
            raw += (longer := await reader.readexactly(more))
            length = int.from_bytes(longer)
        mask = b""
        if head[1] & _MASKED:
            raw += (mask := await reader.readexactly(4))
        raw += (payload := await reader.readexactly(length))
    except IncompleteReadError as error:
        raise IncompleteReadError(raw + error.partial, None) from None
    if head[0] != _FIN | TEXT:
        return RawFrame(raw, None)
    return RawFrame(raw, _unmasked(payload, mask) if mask else payload)


def _unmasked(payload: bytes, mask: bytes) -> bytes:
    size = len(payload)
    key = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(payload) ^ int.from_bytes(key)).to_bytes(size)
