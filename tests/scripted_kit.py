"""A WebSocket server that answers with hand-made frames: for what the sandbox can't say."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from transport_net_kit import websocket_server
from websockets.asyncio.server import ServerConnection

import livechat_customer as lc

OWN = "5f0c1d2e-7a40-4b1f-9c55-0d7e4f3a9b21"
Json = dict[str, Any]

LOGIN: Json = {"customer": {"id": OWN}, "chats": []}


class Identity:
    """A token that no endpoint has to give."""

    async def get_token(self) -> Mapping[str, Any]:
        now = time.time_ns() // 1_000_000
        return {"access_token": "dal:x", "entity_id": OWN, "creation_date": now}

    async def get_fresh_token(self) -> Mapping[str, Any]:
        return await self.get_token()

    async def has_token(self) -> bool:
        return True

    async def invalidate(self) -> None: ...


class Script:
    """What the server says: a payload per action, `{}` for any other.

    A `str` or `bytes` is sent as it is, after "ID" in it was replaced by the request's id.
    """

    def __init__(self, **answers: Any) -> None:
        self.answers = {"login": LOGIN, **answers}
        self.first: dict[str, list[str | bytes]] = {}
        """Frames that go out right before the answer to an action."""

    async def serve(self, socket: ServerConnection) -> None:
        async for text in socket:
            request = json.loads(text)
            action = request["action"]
            for frame in self.first.pop(action, []):
                await socket.send(frame)
            answer = self.answers.get(action, {})
            if not isinstance(answer, str | bytes):
                head = {"request_id": request["request_id"], "action": action, "type": "response"}
                answer = json.dumps({**head, "success": True, "payload": answer})
            elif isinstance(answer, str):
                answer = answer.replace("ID", request["request_id"])
            else:
                answer = answer.replace(b"ID", request["request_id"].encode())
            await socket.send(answer)

    def push(self, action: str, payload: Any, before: str = "get_customer", **more: Any) -> None:
        """Sends a push right before the answer to the next `before`."""
        frame = {"action": action, "type": "push", "version": "3.5", "payload": payload, **more}
        self.first.setdefault(before, []).append(json.dumps(frame))


@asynccontextmanager
async def scripted(script: Script, **options: Any) -> AsyncGenerator[lc.CustomerSDK]:
    """A client that is logged in at a server that follows `script`."""
    given = {
        "organization_id": "o",
        "client_id": "c",
        "profile": "scripted",
        "identity_provider": Identity,
        "log": ":memory:",
        "random": lambda: 0.0,
    }
    async with websocket_server(script.serve) as url:
        api = url.replace("ws://", "http://").rstrip("/")
        async with lc.init(**given, api_url=api, **options) as sdk:
            await sdk.connect()
            yield sdk
