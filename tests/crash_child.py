"""A client in a process of its own that dies where it is told to, and means it: SIGKILL.

Run as a program it imports the library once and forks for each plan that comes on its standard
input; what the forked process says goes out line by line, and how it ended.
"""

from __future__ import annotations

import array
import asyncio
import fcntl
import os
import signal
import socket
import sqlite3
import struct
import sys
import termios
import traceback
from collections.abc import Mapping
from typing import Any, Final, cast

import httpx
import msgspec
import sqlalchemy.dialects.sqlite.aiosqlite
from crash_plan import Plan, Said, Stop

import livechat_customer as lc
import livechat_customer.assembly
from livechat_customer.options import OutboxLimits
from livechat_customer.outbox import Handle
from livechat_customer.store import sql, wall_clock
from livechat_customer.store.connection import Driver
from livechat_customer.store.log import Database
from livechat_customer.store.offload import off_loop
from livechat_customer.store.queue import Batch
from livechat_customer.store.sqlite import SqliteLog
from livechat_customer.store.sqlite_backend import SqliteBackend
from livechat_customer.transport.socket import Socket, WebSocket, open_socket

PATIENCE: Final = 60.0
"""Seconds after which a process that nobody kills gives up."""

IMPORTED: Final = (httpx, sqlalchemy.dialects.sqlite.aiosqlite, livechat_customer.assembly, Driver)
"""What opening and connecting would import."""

_NO_LINGER: Final = struct.pack("ii", 0, 0)


def say(what: str, text: str = "", number: int = 0) -> None:
    os.write(1, msgspec.json.encode(Said(what, text, number)) + b"\n")


def die() -> None:
    """As if the kernel had run out of memory: nothing of ours runs after this."""
    os.kill(os.getpid(), signal.SIGKILL)


class DyingBackend(SqliteBackend):
    """Kills the process right before or right after one commit."""

    def watch(self, plan: Plan) -> None:
        self._stop = plan.stop
        self._durable = plan.durable
        self._met = 0
        self._snapshots_left = plan.snapshot_stop

    async def commit(self, batch: Batch) -> None:
        batch.durable &= self._durable
        here = self._stop is not None and self._is_here(batch, self._stop)
        if here and self._stop is not None and self._stop.when == "before":
            die()
        await super().commit(batch)
        if here:
            die()

    def _is_here(self, batch: Batch, stop: Stop) -> bool:
        before = self._met
        self._met += stop.kind == "any"
        for part in batch.parts:
            for record in part.records:
                self._met += (record.kind, record.action) == (stop.kind, stop.action)
        return before < stop.nth <= self._met

    async def save_snapshot(
        self, stream: int, epoch: int, projector: str, seq: int, state: bytes
    ) -> None:
        self._snapshots_left -= 1
        if self._snapshots_left == 0:
            await self._writing().run(lambda it: _half(it, stream, projector, seq))
        await super().save_snapshot(stream, epoch, projector, seq, state)


def _half(connection: sqlite3.Connection, stream: int, projector: str, seq: int) -> None:
    """The snapshot is being written, and not yet committed."""
    with sql.transaction(connection):
        connection.execute("DELETE FROM snapshots WHERE stream = ?", (stream,))
        connection.execute(
            "INSERT INTO snapshots (stream, projector, seq, state, checksum) VALUES (?, ?, ?, ?, ?)",
            (stream, projector, seq, b"half of it", b""),
        )
        die()


class DyingLog(SqliteLog):
    """A log on such a backend."""

    def __init__(self, path: str, plan: Plan) -> None:
        super().__init__(path, clock=wall_clock)
        self._plan = plan

    async def _connect(self, path: str) -> Database:
        backend = await off_loop(
            lambda: DyingBackend.prepared(path, read_only=False, busy_timeout=5.0)
        )
        cast("DyingBackend", backend).watch(self._plan)
        await backend.open()
        return Database(backend, path)


class TalkingSocket:
    """The client's own socket; says what of a request is still in this machine's buffer."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self.recv = socket.recv
        self.close = socket.close

    async def send(self, frame: bytes) -> None:
        await self._socket.send(frame)
        action = msgspec.json.decode(frame).get("action", "")
        say("written", action, unsent(raw_of(self._socket)))


def raw_of(socket_: WebSocket) -> socket.socket:
    transport = socket_._connection.transport  # pyright: ignore[reportPrivateUsage]
    assert transport.get_write_buffer_size() == 0, "part of it is not the kernel's yet"
    return cast("socket.socket", transport.get_extra_info("socket"))


def unsent(raw: socket.socket) -> int:
    """Bytes that the kernel holds and that the peer's has not taken."""
    found = array.array("i", [0])
    fcntl.ioctl(raw.fileno(), termios.TIOCOUTQ, found)
    return found[0]


async def run(plan: Plan) -> None:
    async def dial(url: str, headers: Mapping[str, str]) -> Socket:
        opened = cast("WebSocket", await open_socket(url, headers))
        if not plan.linger:
            raw_of(opened).setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        return TalkingSocket(opened)

    options: dict[str, Any] = {
        **plan.options,
        "open_socket": dial,
        "random": lambda: 0.0,
        "auto_connect": not plan.offline,
    }
    log = DyingLog(options.pop("log"), plan)
    await log.open()
    limits = OutboxLimits(in_doubt_wait=plan.in_doubt_wait)
    sdk = lc.init(**options, log=log, outbox=limits)
    sdk.on("event_added", lambda added: say("added", added.event.id))
    go = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, go.set)
    async with sdk:
        last = sdk.sync.value.connection
        earlier = [sdk.outbox.handle(entry.custom_id) for entry in sdk.outbox.value]
        if not plan.offline:
            await sdk.connect()
            say("connected")
        for text in plan.first:
            await deliver([queue(sdk, plan.chat_id, text)])
        if plan.wait:
            await settled(sdk, last)
            say("waiting")
            await go.wait()
        await deliver([queue(sdk, plan.chat_id, text) for text in plan.then])
        for handle in earlier:
            await handle
        if not plan.leave:
            await asyncio.Event().wait()
    await log.aclose()
    say("left")


async def settled(sdk: lc.CustomerSDK, last: int) -> None:
    """From now on nothing is on its way but what the app wants; `last`: the last run's connection."""
    async for sync in sdk.sync:
        if sync.status == "idle" and sync.connection > last:
            return


Queued = tuple[str, Handle[lc.Event]]


def queue(sdk: lc.CustomerSDK, chat_id: str | None, text: str) -> Queued:
    return text, sdk.outbox.send_event(chat_id, {"type": "message", "text": text})


async def deliver(queued: list[Queued]) -> None:
    for text, handle in queued:
        await handle.queued
        say("queued", text)
    for text, handle in queued:
        await handle
        say("delivered", text)


def forked(line: str) -> int:
    """The exit status; negative: the signal that killed it."""
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        return os.waitstatus_to_exitcode(status)
    try:
        plan = msgspec.json.decode(line, type=Plan)
        if plan.shadow is not None:
            os.environ["POWER_SHADOW"] = plan.shadow
        say("pid", number=os.getpid())
        asyncio.run(asyncio.wait_for(run(plan), PATIENCE))
    except BaseException:  # noqa: BLE001 - whatever it was, this process must not read on
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    for plan_line in sys.stdin:
        say("ended", number=forked(plan_line))
