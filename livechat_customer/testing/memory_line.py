"""One connection in process: two directions of frames, with what goes wrong between the ends.

`Channel` is a buffer with room for so many bytes; a direction is a channel that the sender fills, a
task that carries frames as a `Judge` says, and a channel that the receiver empties.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

from livechat_customer.testing.wire_faults import (
    DOWN,
    UP,
    Cut,
    Deliver,
    FallSilent,
    Judge,
    Part,
    Refuse,
    Step,
    Wait,
    read_frame,
)
from livechat_customer.transport.socket import SocketClosed

ROOM: Final = 256 * 1024
"""Bytes that may wait in a buffer, as in a socket's; a frame always fits into an empty one."""

ABNORMAL: Final = 1006


class Channel:
    """Frames that wait for their receiver, then perhaps an end."""

    def __init__(self) -> None:
        self._frames: deque[bytes] = deque()
        self._size = 0
        self._end: SocketClosed | None = None
        self._changed: asyncio.Event = asyncio.Event()

    async def put(self, frame: bytes) -> None:
        """Returns when there is room for it. Raises SocketClosed."""
        while self._end is None and self._frames and self._size + len(frame) > ROOM:
            await self._changed.wait()
        if self._end is not None:
            raise _copy(self._end)
        self._frames.append(frame)
        self._size += len(frame)
        self._tell()

    async def get(self) -> bytes:
        """The next frame. Raises SocketClosed when there will be none."""
        while not self._frames:
            if self._end is not None:
                raise _copy(self._end)
            await self._changed.wait()
        frame = self._frames.popleft()
        self._size -= len(frame)
        self._tell()
        return frame

    def end(self, end: SocketClosed, *, drop: bool = False) -> None:
        """No more frames come; those that wait are still taken, or dropped. The first end counts."""
        if drop:
            self._frames.clear()
            self._size = 0
        if self._end is None:
            self._end = end
        self._tell()

    def _tell(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()


class Line:
    """A connection from its opening to its end, between a client's socket and a server's."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self.arrived: Callable[[], None] = _nothing
        """Called when a frame reaches the server's end."""
        self._sent = {UP: Channel(), DOWN: Channel()}
        self._come = {UP: Channel(), DOWN: Channel()}
        self._silent = False
        self._deaf = False
        self._carriers: list[asyncio.Task[None]] = []
        self.gone = asyncio.Event()
        """Set when the server's end is gone, too."""

    def begin(self, done: Callable[[], None]) -> None:
        """Carry frames; `done` is called when there will be no more."""

        def ended(_: object) -> None:
            if all(carrier.done() for carrier in self._carriers):
                done()

        self._carriers = [
            asyncio.create_task(self._carry(way), name=f"line {way}") for way in (UP, DOWN)
        ]
        for carrier in self._carriers:
            carrier.add_done_callback(ended)

    async def send(self, way: str, frame: bytes) -> None:
        """Raises SocketClosed."""
        await self._sent[way].put(frame)

    async def receive(self, way: str) -> bytes:
        """Raises SocketClosed."""
        return await self._come[way].get()

    def finish(self, way: str, end: SocketClosed) -> None:
        """The sender of `way` says goodbye; what it sent before still arrives."""
        self._sent[way].end(end)

    def leave(self, way: str, *, drop: bool) -> None:
        """The sender of `way` is gone without a word, and reads no more. What it sent and has not
        arrived still does, or is dropped, as by a reset. The other end learns of it, unless
        nothing passes."""
        other = DOWN if way == UP else UP
        self._sent[way].end(_cut(), drop=drop)
        self._come[other].end(_cut(), drop=True)
        if not self._silent:
            self._sent[other].end(_cut(), drop=True)
            if drop:
                self._come[way].end(_cut())

    def cut(self, way: str | None = None, *, reset: bool = True) -> None:
        """Something between the ends cuts the connection, both learn of it; `way`: at this point
        of that direction. With `reset` all that is under way is lost."""
        for each in (UP, DOWN):
            self._sent[each].end(_cut(), drop=reset or each == way)
            if reset and not self._silent:
                self._come[each].end(_cut())

    def fall_silent(self) -> None:
        """Nothing passes any more, and nobody is told."""
        self._silent = True

    def deafen(self) -> None:
        """The server looks at nothing any more; it still sees the end."""
        self._deaf = True

    def forget(self) -> None:
        """The end for both, whatever goes wrong between them."""
        self._silent = False
        self.cut()

    async def aclose(self) -> None:
        """Leaves no task."""
        for carrier in self._carriers:
            carrier.cancel()
        await asyncio.gather(*self._carriers, return_exceptions=True)

    async def _carry(self, way: str) -> None:
        try:
            while True:
                held = self._judge.held(way)
                try:
                    async with asyncio.timeout(held):
                        content = await self._sent[way].get()
                except TimeoutError:
                    steps = self._judge.idle(way)
                else:
                    steps = [] if self._silent else self._judge.frame(way, read_frame(content))
                for step in steps:
                    await self._do(way, step)
        except SocketClosed as end:
            for step in self._judge.idle(way):
                await self._do(way, step)
            # Who looks at nothing does not see a goodbye either.
            if not self._silent and not (self._deaf and way == UP and end.clean):
                self._come[way].end(end)

    async def _do(self, way: str, step: Step) -> None:
        match step:
            case Deliver(frame):
                if not self._silent:
                    await self._deliver(way, frame.content)
            case Wait(seconds):
                await asyncio.sleep(seconds)
            case Cut(reset):
                self.cut(way, reset=reset)
            case FallSilent():
                self._silent = True
            case Part() | Refuse():
                # No whole frame arrives; the opening is the opener's.
                pass

    async def _deliver(self, way: str, content: bytes) -> None:
        if way == UP:
            if self._deaf:
                return
            self.arrived()
        try:
            await self._come[way].put(content)
        except SocketClosed:
            return


def _nothing() -> None:
    pass


def _cut() -> SocketClosed:
    return SocketClosed(ABNORMAL)


def _copy(end: SocketClosed) -> SocketClosed:
    """Raising the same one again and again would make its traceback longer and longer."""
    return SocketClosed(end.code, end.reason, clean=end.clean)
