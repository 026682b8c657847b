"""Resident memory after a million pushes, of a client whose views are watched all the time.

An agent closes the thread after every 200 events and the next one begins; the client, in a process
of its own with its log in a file, has subscribers on the chats, the connection and the newest
thread, and turns to the next thread when there is one. Baseline: the same process after the first
100,000 pushes.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from reactivex.abc import DisposableBase

import livechat_customer as lc
from benchmarks._receivers import Identity
from benchmarks._server import CHAT, server
from benchmarks.harness import Figure, Result, Scale, folder
from livechat_customer.projections.history import ThreadEvents
from livechat_customer.projections.views import ChatList

EACH = 200
MB = 1 << 20


def resident() -> float:
    """Of this process, in MB."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / MB


class Watcher:
    """Looks at the newest thread, whichever that is."""

    def __init__(self, sdk: lc.CustomerSDK) -> None:
        self._sdk = sdk
        self._thread_id: str | None = None
        self._thread: DisposableBase | None = None
        self._arrived: tuple[int, asyncio.Future[None]] | None = None
        self.events = 0
        sdk.chats.subscribe(self._chats)
        sdk.connection.subscribe(lambda state: None)
        sdk.observe("incoming_event").subscribe(self._event)

    def _chats(self, chats: ChatList) -> None:
        thread = chats[0].thread if chats else None
        if thread is not None and thread.id != self._thread_id:
            self._thread_id = thread.id
            if self._thread is not None:
                self._thread.dispose()
            self._thread = self._sdk.thread(CHAT, thread.id).subscribe(self._look)

    def _look(self, events: ThreadEvents | None) -> None:
        """As a user interface would, but for the drawing."""

    def _event(self, push: lc.IncomingEvent) -> None:
        self.events += 1
        if self._arrived is not None and self.events >= self._arrived[0]:
            self._arrived[1].set_result(None)
            self._arrived = None

    async def until(self, events: int) -> None:
        if self.events < events:
            arrived: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._arrived = (events, arrived)
            await arrived


async def watch(host: str, path: str, marks: list[int]) -> list[float]:
    """MB at each mark."""
    found: list[float] = []
    options: dict[str, Any] = {
        "organization_id": "bench",
        "client_id": "bench",
        "profile": "bench",
        "identity_provider": Identity,
        "api_url": f"http://{host}",
        "log": path,
    }
    async with lc.init(**options) as sdk:
        await sdk.connect()
        watcher = Watcher(sdk)
        for mark in marks:
            await sdk.request("go", {"count": mark - watcher.events, "each": EACH})
            await watcher.until(mark)
            found.append(resident())
    return found


def run(scale: Scale) -> Result:
    marks = [scale.pick(100_000, 1_000), scale.pick(1_000_000, 3_000)]
    with server("benchmarks._talker") as host, folder() as place:
        arguments = [host, str(place / "log.db"), *map(str, marks)]
        child = subprocess.run(
            [sys.executable, "-m", "benchmarks.soak_memory", *arguments],
            check=True,
            capture_output=True,
            text=True,
        )
    before, after = json.loads(child.stdout)
    figure = Figure("resident", after / before, 1.2, True, after, before, "MB")
    what = f"memory after {marks[1]:,} pushes, a thread closed every {EACH}"
    return Result("soak_memory", what, f"after {marks[0]:,}", [figure])


if __name__ == "__main__":
    measured = asyncio.run(watch(sys.argv[1], sys.argv[2], [int(mark) for mark in sys.argv[3:]]))
    print(json.dumps(measured))  # noqa: T201 - what the parent reads
