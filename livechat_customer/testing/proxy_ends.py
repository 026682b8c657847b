"""One side of a proxied connection, and the ways in which it can end."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from typing import Final, Self, cast

_LINGER_0: Final = struct.pack("ii", 1, 0)
_CHUNK: Final = 16_384


class Gone(Exception):
    """The connection is over; `reset`: without a goodbye."""

    def __init__(self, *, reset: bool) -> None:
        super().__init__()
        self.reset = reset


class End:
    """A TCP connection to the client, or to the server. Leaving its block ends it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self._writer = writer

    @property
    def was_reset(self) -> bool:
        """Whether the peer has reset it."""
        return self.reader.exception() is not None

    async def head(self) -> bytes:
        """The bytes of an HTTP request's or answer's head. Raises Gone."""
        try:
            return await self.reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError) as error:
            raise Gone(reset=True) from error

    async def some(self) -> bytes:
        """What comes next; empty at the end. Raises Gone."""
        try:
            return await self.reader.read(_CHUNK)
        except OSError as error:
            raise Gone(reset=True) from error

    async def swallow(self) -> None:
        """Read until the peer gives up."""
        try:
            while await self.some():
                pass
        except Gone:
            pass

    async def write(self, data: bytes) -> None:
        """Returns when there is room again. Raises Gone."""
        try:
            self._writer.write(data)
            await self._writer.drain()
        except OSError as error:
            raise Gone(reset=True) from error

    def say_goodbye(self) -> None:
        """Nothing more is written."""
        if not self._writer.is_closing() and self._writer.can_write_eof():
            try:
                self._writer.write_eof()
            except OSError:
                return

    def end(self, *, reset: bool) -> None:
        """Ends it: as a peer does that closes, or as one whose machine is gone."""
        transport = self._writer.transport
        if not reset:
            self._writer.close()
            return
        raw = cast("socket.socket | None", transport.get_extra_info("socket"))
        if raw is not None and raw.fileno() != -1:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_0)
        transport.abort()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()
