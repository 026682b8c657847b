"""A server that only sends: `python -m benchmarks._server`, in a process of its own.

It prints its port, answers `login`, and on `go {count, pause}` sends that many `incoming_event`
pushes, one every `pause` seconds or as fast as it can. The `custom_id` of each holds the moment it
was sent, in ns of the machine's monotonic clock, which all processes share.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import msgspec

CHAT, THREAD, CUSTOMER, AGENT = "PJ0MRSHTDG", "K600PKZON8", "c" * 32, "a" * 32


def frame(number: int, sent: int) -> bytes:
    """A push of about 430 bytes."""
    minutes, seconds = divmod(number // 1_000_000, 60)
    created = f"2026-01-01T00:{minutes % 60:02}:{seconds:02}.{number % 1_000_000:06}Z"
    push: dict[str, Any] = {
        "version": "3.5",
        "action": "incoming_event",
        "type": "push",
        "payload": {
            "chat_id": CHAT,
            "thread_id": THREAD,
            "event": {
                "id": f"{THREAD}_{number + 1}",
                "custom_id": str(sent),
                "type": "message",
                "text": "An answer of about the length that answers have, neither short nor long.",
                "author_id": AGENT,
                "created_at": created,
                "recipients": "all",
                "properties": {"source": {"client_id": "b" * 32}},
            },
        },
    }
    return msgspec.json.encode(push)


LOGIN: dict[str, Any] = {
    "customer": {"id": CUSTOMER, "type": "customer", "statistics": {}},
    "has_active_thread": False,
    "chats": [],
    "__priv_dynamic_config": {
        "online_groups_ids": [0],
        "customer_groups": {"monitoring": {"id": 0}},
    },
}


async def _serve() -> None:
    from websockets.asyncio.server import ServerConnection, serve

    async def handle(connection: ServerConnection) -> None:
        async for message in connection:
            asked = msgspec.json.decode(message)
            answer = {
                "request_id": asked.get("request_id"),
                "action": asked["action"],
                "type": "response",
                "success": True,
                "payload": LOGIN if asked["action"] == "login" else {},
            }
            await connection.send(msgspec.json.encode(answer), text=True)
            if asked["action"] == "go":
                await _go(connection, asked["payload"]["count"], asked["payload"]["pause"])

    async def _go(connection: ServerConnection, count: int, pause: float) -> None:
        if pause == 0:
            for made in [frame(number, 0) for number in range(count)]:
                await connection.send(made, text=True)
            return
        due = time.monotonic()
        for number in range(count):
            due += pause
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            await connection.send(frame(number, time.monotonic_ns()), text=True)

    async with serve(handle, "127.0.0.1", 0, compression=None, ping_interval=None) as server:
        (socket,) = server.sockets
        print(socket.getsockname()[1], flush=True)  # noqa: T201 - what the parent reads
        await asyncio.get_running_loop().create_future()


@contextmanager
def server(module: str = "benchmarks._server") -> Generator[str]:
    """The server of this module in a child process; gives its URL without the scheme."""
    import subprocess
    import sys

    child = subprocess.Popen([sys.executable, "-m", module], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    try:
        yield f"127.0.0.1:{child.stdout.readline().strip()}"
    finally:
        child.terminate()
        child.wait()
        child.stdout.close()


if __name__ == "__main__":
    asyncio.run(_serve())
