"""A server that takes messages: `python -m benchmarks._desk`, in a process of its own.

One chat per connection, started by the customer. It answers `send_event` as the API does, with a
response and an `incoming_event` that bears the request's id, and keeps the thread for `get_chat`.
"""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec

from benchmarks._server import AGENT, CHAT, CUSTOMER, LOGIN, THREAD

Json = dict[str, Any]


class Desk:
    """The state of one connection."""

    def __init__(self) -> None:
        self.events: list[Json] = []
        self.started = False

    def chat(self) -> Json:
        return {
            "id": CHAT,
            "users": [
                {"id": CUSTOMER, "type": "customer", "present": True},
                {"id": AGENT, "type": "agent", "name": "Jane", "present": True},
            ],
            "access": {"group_ids": [0]},
            "properties": {},
            "thread": {
                "id": THREAD,
                "active": True,
                "created_at": "2026-01-01T00:00:00.000000Z",
                "user_ids": [CUSTOMER, AGENT],
                "access": {"group_ids": [0]},
                "properties": {},
                "events": self.events,
            },
        }

    def take(self, event: Json) -> Json:
        number = len(self.events) + 1
        minutes, seconds = divmod(number // 1_000, 60)
        given: Json = {
            "id": f"{THREAD}_{number}",
            "author_id": CUSTOMER,
            "created_at": f"2026-01-01T01:{minutes:02}:{seconds:02}.{number % 1_000:03}000Z",
            "recipients": "all",
            "properties": {},
        }
        made = event | given
        self.events.append(made)
        return made

    def answers(self, action: str, asked: Json) -> tuple[Json, tuple[str, Json] | None]:
        """The payload of the answer, and a push that goes with it."""
        match action:
            case "login":
                return LOGIN, None
            case "start_chat":
                self.started = True
                push = {"chat": self.chat(), "requester_id": CUSTOMER}
                answer: Json = {"chat_id": CHAT, "thread_id": THREAD, "event_ids": []}
                return answer, ("incoming_chat", push)
            case "send_event":
                made = self.take(asked["event"])
                push = {"chat_id": CHAT, "thread_id": THREAD, "event": made}
                return {"event_id": made["id"]}, ("incoming_event", push)
            case "get_chat" if self.started:
                return self.chat(), None
            case "list_chats":
                return {"chats_summary": [], "total_chats": 0}, None
            case _:
                return {}, None


async def _serve() -> None:
    from websockets.asyncio.server import ServerConnection, serve

    async def handle(connection: ServerConnection) -> None:
        desk = Desk()
        async for message in connection:
            asked = msgspec.json.decode(message)
            action, request_id = asked["action"], asked.get("request_id")
            payload, push = desk.answers(action, asked.get("payload") or {})
            shared = {"request_id": request_id, "version": "3.5"}
            answer = {"action": action, "type": "response", "success": True, "payload": payload}
            await connection.send(msgspec.json.encode(shared | answer), text=True)
            if push is not None:
                name, body = push
                frame = {"action": name, "type": "push", "payload": body}
                await connection.send(msgspec.json.encode(shared | frame), text=True)

    async with serve(handle, "127.0.0.1", 0, compression=None, ping_interval=None) as server:
        (socket,) = server.sockets
        print(socket.getsockname()[1], flush=True)  # noqa: T201 - what the parent reads
        await asyncio.get_running_loop().create_future()


if __name__ == "__main__":
    asyncio.run(_serve())
