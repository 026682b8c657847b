"""A raw WebSocket client for the sandbox's tests: frames in, frames out, nothing of our SDK."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from livechat_customer.sandbox import Sandbox

Json = dict[str, Any]
PATIENCE = 5.0


@dataclass(frozen=True)
class Token:
    """What a token call gave."""

    value: str
    customer_id: str
    cookies: dict[str, str]


def message(text: str = "hello", **more: Any) -> Json:
    """A message event as it is sent."""
    return {"type": "message", "text": text} | more


def http(sandbox: Sandbox) -> httpx.AsyncClient:
    """An HTTP client with the sandbox as its base."""
    # Plain HTTP: reading the certificates of the world takes longer than most tests.
    return httpx.AsyncClient(base_url=sandbox.api_url, trust_env=False, verify=False)


async def fetch_token(
    sandbox: Sandbox, cookies: Mapping[str, str] | None = None, **more: Any
) -> Token:
    """A token by the cookie grant; another customer's each time, unless the cookies say who."""
    body = {
        "grant_type": "cookie",
        "response_type": "token",
        "client_id": sandbox.client_id,
        "organization_id": sandbox.organization_id,
    }
    headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in (cookies or {}).items())}
    async with http(sandbox) as client:
        answer = await client.post("/v2/customer/token", json=body | more, headers=headers)
    assert answer.status_code == 200, answer.text
    given = answer.json()
    pairs = (header.split(";")[0].split("=") for header in answer.headers.get_list("set-cookie"))
    return Token(given["access_token"], given["entity_id"], dict(pairs))


class Raw:
    """One WebSocket. `frames` holds all that came, in order."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.frames: list[Json] = []
        self._count = 0

    async def send(self, action: str, payload: Json | None = None, **more: Any) -> str:
        """Sends a request; its id."""
        self._count += 1
        request_id = f"r{self._count}"
        frame = {"request_id": request_id, "action": action, "payload": payload or {}} | more
        await self.socket.send(json.dumps(frame))
        return request_id

    async def next(self) -> Json:
        """The next frame."""
        async with asyncio.timeout(PATIENCE):
            frame = cast(Json, json.loads(await self.socket.recv()))
        self.frames.append(frame)
        return frame

    async def answer(self, action: str, payload: Json | None = None, **more: Any) -> Json:
        """Sends a request and reads on until its response."""
        request_id = await self.send(action, payload, **more)
        while True:
            frame = await self.next()
            if frame["type"] == "response" and frame.get("request_id") == request_id:
                return frame

    async def ok(self, action: str, payload: Json | None = None, **more: Any) -> Json:
        """The payload of a successful response."""
        frame = await self.answer(action, payload, **more)
        assert frame["success"] is True, frame
        return cast(Json, frame["payload"])

    async def refused(self, action: str, payload: Json | None = None, **more: Any) -> str:
        """The error type of a failed response."""
        frame = await self.answer(action, payload, **more)
        assert frame["success"] is False, frame
        return cast(str, frame["payload"]["error"]["type"])

    async def settled(self) -> list[Json]:
        """Everything that came since the last call: a ping's answer comes after all of it."""
        await self.ok("ping")
        frames, self.frames = self.frames[:-1], []
        return frames

    async def pushes(self) -> list[tuple[str, Json]]:
        """(action, payload) of the pushes that came since the last call."""
        return [
            (frame["action"], frame["payload"])
            for frame in await self.settled()
            if frame["type"] == "push"
        ]

    async def log_in(self, token: Token, **more: Any) -> Json:
        return await self.ok("login", {"token": f"Bearer {token.value}"} | more)

    async def closed(self) -> tuple[int | None, list[Json]]:
        """Reads to the end: the close code (None: cut) and the frames that came before it."""
        frames: list[Json] = []
        try:
            while True:
                frames.append(await self.next())
        except ConnectionClosed as end:
            return (None if end.rcvd is None else end.rcvd.code), frames


@asynccontextmanager
async def dialled(
    sandbox: Sandbox,
    version: str = "3.5",
    organization_id: str | None = None,
    **more: Any,
) -> AsyncGenerator[Raw]:
    """A connection that is not logged in."""
    base = sandbox.api_url.replace("http", "ws", 1)
    organization = sandbox.organization_id if organization_id is None else organization_id
    url = f"{base}/v{version}/customer/rtm/ws?organization_id={organization}"
    async with connect(url, proxy=None, compression=None, **more) as socket:
        yield Raw(socket)


@asynccontextmanager
async def logged_in(
    sandbox: Sandbox, token: Token | None = None, version: str = "3.5", **login: Any
) -> AsyncGenerator[tuple[Raw, Token]]:
    """A connection that is logged in, and the token it used."""
    used = token or await fetch_token(sandbox)
    async with dialled(sandbox, version) as raw:
        await raw.log_in(used, **login)
        await raw.settled()
        yield raw, used


async def started(raw: Raw, *events: Json, **more: Any) -> tuple[str, str]:
    """Starts a chat: (chat id, thread id). Its frames are taken off."""
    chat = {"thread": {"events": list(events)}}
    answer = await raw.ok("start_chat", {"chat": chat, "continuous": True} | more)
    await raw.settled()
    return answer["chat_id"], answer["thread_id"]
