"""An agent who never stops: `python -m benchmarks._talker`, a server in a process of its own.

On `go {count, each}` it sends that many `incoming_event` pushes in one chat, as fast as they are
read, and closes the thread after `each` of them; the next one opens with an `incoming_chat`. It
keeps nothing: events follow from their numbers, so it can answer `get_chat` for any thread.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import msgspec

from benchmarks._server import AGENT, CHAT, CUSTOMER, LOGIN

Json = dict[str, Any]

PROPERTIES: Json = {"source": {"client_id": "b" * 32}, "routing": {"continuous": False}}


class Talk:
    """What has been said so far: `said` events in threads of `each`."""

    def __init__(self) -> None:
        self.said = 0
        self.each = 200
        self.open = False

    def thread_id(self, number: int) -> str:
        return f"TH{number:08}"

    def time(self, number: int) -> str:
        seconds, micros = divmod(number * 100, 1_000_000)
        minutes, seconds = divmod(seconds, 60)
        return f"2026-01-01T00:{minutes:02}:{seconds:02}.{micros:06}Z"

    def event(self, number: int) -> Json:
        thread, ordinal = divmod(number, self.each)
        return {
            "id": f"{self.thread_id(thread)}_{ordinal + 1}",
            "type": "message",
            "text": "An answer of about the length that answers have, neither short nor long.",
            "author_id": AGENT,
            "created_at": self.time(number),
            "recipients": "all",
            "properties": {},
        }

    def chat(self, thread: int, *, whole: bool) -> Json:
        """The chat as of now, with this thread; its events only if `whole`."""
        first = thread * self.each
        last = min(first + self.each, self.said)
        newest = max(0, self.said - 1) // self.each
        return {
            "id": CHAT,
            "users": [
                {"id": CUSTOMER, "type": "customer", "present": True},
                {"id": AGENT, "type": "agent", "name": "Jane", "present": True},
            ],
            "access": {"group_ids": [0]},
            "properties": PROPERTIES,
            "thread": {
                "id": self.thread_id(thread),
                "active": thread == newest and self.open,
                "created_at": self.time(first),
                "previous_thread_id": self.thread_id(thread - 1) if thread else None,
                "next_thread_id": self.thread_id(thread + 1) if thread < newest else None,
                "user_ids": [CUSTOMER, AGENT],
                "access": {"group_ids": [0]},
                "properties": PROPERTIES,
                "events": [self.event(number) for number in range(first, last)] if whole else [],
            },
        }

    def answer(self, action: str, asked: Json) -> Json:
        """The payload of an answer."""
        if action == "login":
            return LOGIN
        if action == "get_chat" and self.said:
            known = asked.get("thread_id")
            newest = (self.said - 1) // self.each
            return self.chat(newest if known is None else int(known[2:]), whole=True)
        if action == "list_chats":
            return {"chats_summary": [], "total_chats": 0}
        return {}


def push(action: str, payload: Json) -> bytes:
    return msgspec.json.encode(
        {"version": "3.5", "action": action, "type": "push", "payload": payload}
    )


async def _serve() -> None:
    from websockets.asyncio.server import ServerConnection, serve
    from websockets.exceptions import ConnectionClosed

    async def handle(connection: ServerConnection) -> None:
        # The client goes in the middle of it.
        with suppress(ConnectionClosed):
            await _converse(connection)

    async def _converse(connection: ServerConnection) -> None:
        talk, talking = Talk(), set[asyncio.Task[None]]()
        async for message in connection:
            asked = msgspec.json.decode(message)
            answer = {
                "request_id": asked.get("request_id"),
                "action": asked["action"],
                "type": "response",
                "success": True,
                "payload": talk.answer(asked["action"], asked.get("payload") or {}),
            }
            await connection.send(msgspec.json.encode(answer), text=True)
            if asked["action"] == "go":
                going = asyncio.create_task(_go(connection, talk, **asked["payload"]))
                talking.add(going)

    async def _go(connection: ServerConnection, talk: Talk, count: int, each: int) -> None:
        talk.each = each
        for number in range(talk.said, talk.said + count):
            thread, ordinal = divmod(number, each)
            talk.said, talk.open = number + 1, True
            if ordinal == 0:
                chat = talk.chat(thread, whole=False)
                await connection.send(push("incoming_chat", {"chat": chat}), text=True)
            body = {"chat_id": CHAT, "thread_id": talk.thread_id(thread)}
            event = body | {"event": talk.event(number)}
            await connection.send(push("incoming_event", event), text=True)
            if ordinal == each - 1:
                talk.open = False
                closed = body | {"user_id": AGENT}
                await connection.send(push("chat_deactivated", closed), text=True)
            if number % 50 == 0:
                # Requests are answered meanwhile.
                await asyncio.sleep(0)

    async with serve(handle, "127.0.0.1", 0, compression=None, ping_interval=None) as server:
        (socket,) = server.sockets
        print(socket.getsockname()[1], flush=True)  # noqa: T201 - what the parent reads
        await asyncio.get_running_loop().create_future()


if __name__ == "__main__":
    asyncio.run(_serve())
