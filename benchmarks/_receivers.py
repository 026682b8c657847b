"""Three receivers of the same pushes: the SDK, its pipeline without a log, and `websockets` alone.

Each takes `count` pushes, sent every `pause` seconds, and calls `got(push)` for each; it returns
the seconds from the first frame asked for to the last one delivered.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from websockets.asyncio.client import connect

import livechat_customer as lc
from benchmarks._server import CUSTOMER
from livechat_customer.announcements import Announcements
from livechat_customer.calls import Calls
from livechat_customer.dispatch import Dispatch
from livechat_customer.emitter import Emitter
from livechat_customer.models.payloads import EVENT_PAYLOADS, IncomingEvent
from livechat_customer.page import CurrentPage
from livechat_customer.projections.hub import Hub
from livechat_customer.projections.root import RootFold
from livechat_customer.projections.seen import SeenFold
from livechat_customer.records import Record
from livechat_customer.transport.codec import decode_frame
from livechat_customer.waiters import ConnectWaiters

Got = Callable[[IncomingEvent], None]


class Identity:
    """A token that no endpoint has to give."""

    async def get_token(self) -> Mapping[str, Any]:
        now = time.time_ns() // 1_000_000
        return {"access_token": "dal:x", "entity_id": CUSTOMER, "creation_date": now}

    async def get_fresh_token(self) -> Mapping[str, Any]:
        return await self.get_token()

    async def has_token(self) -> bool:
        return True

    async def invalidate(self) -> None: ...


async def sdk(host: str, path: str, count: int, pause: float, got: Got) -> float:
    """Frame in, committed, folded, emitted to a subscriber."""
    done = asyncio.Event()
    left = count

    def take(push: IncomingEvent) -> None:
        nonlocal left
        got(push)
        left -= 1
        if not left:
            done.set()

    options = {
        "organization_id": "bench",
        "client_id": "bench",
        "profile": "bench",
        "identity_provider": Identity,
        "api_url": f"http://{host}",
        "log": path,
    }
    async with lc.init(**options) as client:
        await client.connect()
        client.observe("incoming_event").subscribe(take)
        started = time.perf_counter()
        await client.request("go", {"count": count, "pause": pause})
        await done.wait()
        return time.perf_counter() - started


async def unlogged(host: str, count: int, pause: float, got: Got) -> float:
    """The same decoding, folding and emitting, straight from the socket."""
    emitter = Emitter(EVENT_PAYLOADS)
    emitter.observe("incoming_event").subscribe(got)
    hub = Hub(RootFold(), seq=0, load=lambda loading: None, report=emitter.failed)
    tell = Dispatch(
        hub,
        hub.publish,
        Calls(),
        emitter,
        ConnectWaiters(),
        Announcements(emitter.wanted, SeenFold()),
        CurrentPage(None, lambda page: None),
        lambda record: None,
        lambda record, payload: None,
        lambda reason: None,
    )
    async with connect(f"ws://{host}/", compression=None, ping_interval=None) as socket:
        started = time.perf_counter()
        await _go(socket, count, pause)
        for seq in range(1, count + 1):
            frame = await socket.recv(decode=False)
            envelope = decode_frame(frame)
            tell([_record(seq, frame, envelope.chat_id, envelope.thread_id)])
        return time.perf_counter() - started


async def bare(host: str, count: int, pause: float) -> float:
    """`websockets` receiving only."""
    async with connect(f"ws://{host}/", compression=None, ping_interval=None) as socket:
        started = time.perf_counter()
        await _go(socket, count, pause)
        for _ in range(count):
            await socket.recv(decode=False)
        return time.perf_counter() - started


async def _go(socket: Any, count: int, pause: float) -> None:
    await socket.send(
        msgspec.json.encode({"action": "go", "payload": {"count": count, "pause": pause}}),
        text=True,
    )
    await socket.recv(decode=False)


def _record(seq: int, frame: bytes, chat_id: str | None, thread_id: str | None) -> Record:
    return Record(
        seq=seq,
        kind="push",
        connection=1,
        action="incoming_event",
        request_id=None,
        ref=None,
        chat_id=chat_id,
        thread_id=thread_id,
        recorded_at=time.time_ns() // 1_000,
        api_version="3.5",
        late=False,
        args=None,
        payload=frame,
    )
