"""The sandbox's ASGI application, called in process: a WebSocket over a `Line`, and a POST."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine, Mapping, MutableMapping
from http.cookies import SimpleCookie
from typing import Any, Final, NamedTuple
from urllib.parse import unquote

from livechat_customer.sandbox.rtm import WIRE
from livechat_customer.testing.memory_line import Line
from livechat_customer.testing.wire_faults import DOWN, UP
from livechat_customer.transport.socket import SocketClosed

Message = MutableMapping[str, Any]
App = Callable[
    [Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]],
    Awaitable[None],
]

_HOST: Final = ("127.0.0.1", 9)


class Served:
    """The server's end of a line: what the sandbox knows as a `Wire`."""

    def __init__(self, line: Line) -> None:
        loop = asyncio.get_running_loop()
        self.line = line
        self.heard = 0
        self.heard_at = loop.time()
        self.accepted: asyncio.Future[bool] = loop.create_future()
        """Whether the server took the connection."""
        self._greeted = False
        line.arrived = self._hear

    def start(self, serving: Coroutine[Any, Any, None]) -> None:
        """`serving` is the application's call for this connection."""
        self.task = asyncio.create_task(serving, name="sandbox connection")

    def abort(self) -> None:
        """Ends the connection without a word; what was sent before arrives."""
        self.line.leave(DOWN, drop=False)

    def freeze(self) -> None:
        """From now on nothing that arrives is looked at."""
        self.line.deafen()

    async def receive(self) -> Message:
        if not self._greeted:
            self._greeted = True
            return {"type": "websocket.connect"}
        try:
            frame = await self.line.receive(UP)
        except SocketClosed as end:
            return {"type": "websocket.disconnect", "code": end.code, "reason": end.reason}
        return {"type": "websocket.receive", "text": frame.decode()}

    async def send(self, message: Message) -> None:
        match message["type"]:
            case "websocket.accept":
                # Who opened may have given up.
                if not self.accepted.done():
                    self.accepted.set_result(True)
            case "websocket.send":
                try:
                    await self.line.send(DOWN, message["text"].encode())
                except SocketClosed as end:
                    raise OSError("the client is gone") from end
            case _:
                self._close(message)

    def end(self) -> None:
        """The application is done with it."""
        if not self.accepted.done():
            self.accepted.set_result(False)
        self.line.leave(DOWN, drop=False)
        self.line.gone.set()

    def _close(self, message: Message) -> None:
        if not self.accepted.done():
            self.accepted.set_result(False)
            return
        code, reason = message.get("code", 1000), message.get("reason") or ""
        self.line.finish(DOWN, SocketClosed(code, reason, clean=True))
        self.line.leave(DOWN, drop=False)

    def _hear(self) -> None:
        self.heard += 1
        self.heard_at = asyncio.get_running_loop().time()


async def serve_socket(
    app: App, served: Served, path: str, query: str, headers: Mapping[str, str]
) -> None:
    """The application's call for one WebSocket."""
    scope = _scope("websocket", path, query, headers)
    scope |= {"scheme": "ws", "subprotocols": [], "state": {WIRE: served}}
    try:
        await app(scope, served.receive, served.send)
    finally:
        served.end()


class Answer(NamedTuple):
    """Of an HTTP request."""

    status: int
    body: Mapping[str, Any]
    """The JSON object, empty where there is none."""
    cookies: dict[str, str]


async def post(app: App, path: str, body: object, cookies: Mapping[str, str]) -> Answer:
    """POSTs JSON."""
    headers = {"content-type": "application/json"}
    if cookies:
        headers["cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
    given: list[Message] = [{"type": "http.request", "body": json.dumps(body).encode()}]
    status, said, content = 500, SimpleCookie(), b""

    async def receive() -> Message:
        return given.pop() if given else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        nonlocal status, content
        if message["type"] == "http.response.start":
            status = message["status"]
            for name, value in message["headers"]:
                if name == b"set-cookie":
                    said.load(value.decode())
        else:
            content += message.get("body", b"")

    scope = _scope("http", path, "", headers)
    await app(scope | {"method": "POST", "scheme": "http"}, receive, send)
    found = {name: morsel.value for name, morsel in said.items()}
    return Answer(status, json.loads(content) if content else {}, found)


def _scope(kind: str, path: str, query: str, headers: Mapping[str, str]) -> dict[str, Any]:
    return {
        "type": kind,
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "path": unquote(path),
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [
            (b"host", b"%s:%d" % (_HOST[0].encode(), _HOST[1])),
            *((name.lower().encode(), value.encode()) for name, value in headers.items()),
        ],
        "client": (_HOST[0], 0),
        "server": _HOST,
    }
