"""One connection's two directions as tasks: what is read goes to the pump, what is ready is written.

A link never decides anything: it opens one socket, reports what happens to it, and ends.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

from livechat_customer.transport.outputs import Send
from livechat_customer.transport.socket import OpenError, Socket, SocketClosed

logger = logging.getLogger(__name__)

_ABNORMAL: Final = 1006


class LinkOwner(Protocol):
    """What a link reports to."""

    def opened(self, number: int) -> None: ...
    def open_failed(self, number: int, error: str, final: bool) -> None: ...
    def received(self, number: int, frame: bytes) -> Awaitable[None] | None:
        """Take a frame; what it returns, if anything, is awaited before the next is read."""
        ...

    def closed(self, number: int, code: int, reason: str, clean: bool) -> None: ...
    def about_to_write(self, send: Send) -> bool:
        """Whether `send` may still be written; it is, in the same step of the loop."""
        ...


class Link:
    """Connection `number`, from opening to the end."""

    def __init__(
        self, number: int, owner: LinkOwner, open_it: Callable[[], Awaitable[Socket]]
    ) -> None:
        self.number = number
        self._owner = owner
        self._open_it = open_it
        self._socket: Socket | None = None
        self._unwritten: deque[Send] = deque()
        self._writable = asyncio.Event()
        self._given_up = False
        self.task = asyncio.create_task(self._run(), name=f"livechat connection {number}")
        """Ends when nothing of the connection is left."""

    def write(self, send: Send) -> None:
        """Write this after all that was given before."""
        self._unwritten.append(send)
        self._writable.set()

    def close(self, code: int, reset: bool) -> asyncio.Task[None]:
        """Give the connection up; the task returned ends when nothing of it is left."""
        self._given_up = True
        return asyncio.create_task(
            self._close(code, reset), name=f"livechat connection {self.number} closing"
        )

    async def _close(self, code: int, reset: bool) -> None:
        if self._socket is None:
            self.task.cancel()
        else:
            await self._socket.close(code, reset=reset)
        await asyncio.wait([self.task])

    async def _run(self) -> None:
        try:
            self._socket = await self._open_it()
        except OpenError as error:
            self._owner.open_failed(self.number, error.message, error.final)
            return
        self._owner.opened(self.number)
        writing = asyncio.create_task(self._write(), name=f"livechat connection {self.number} out")
        try:
            end = await self._read(self._socket)
        except Exception:
            # A fault of ours must not leave a connection that nobody reads.
            logger.exception("connection %d could not be read on", self.number)
            end = SocketClosed(_ABNORMAL, "reading failed")
        finally:
            writing.cancel()
            await asyncio.wait([writing])
            await self._socket.close(1000, reset=True)
        if not self._given_up:
            self._owner.closed(self.number, end.code, end.reason, end.clean)

    async def _read(self, socket: Socket) -> SocketClosed:
        try:
            while True:
                pause = self._owner.received(self.number, await socket.recv())
                if pause is not None:
                    await pause
        except SocketClosed as end:
            return end

    async def _write(self) -> None:
        assert self._socket is not None
        while True:
            await self._writable.wait()
            while self._unwritten:
                send = self._unwritten.popleft()
                if send.loggable and not self._owner.about_to_write(send):
                    continue
                try:
                    await self._socket.send(send.frame)
                except SocketClosed:
                    return
            self._writable.clear()
