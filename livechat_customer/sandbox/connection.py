"""One RTM connection: what it has subscribed to, what is queued for it, how it ends.

Frames leave through one queue in the order they were sent in. Everything here but `write()` is
immediate.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from starlette.websockets import WebSocket, WebSocketDisconnect

from livechat_customer.sandbox.limits import Limits
from livechat_customer.sandbox.pushes import Push
from livechat_customer.sandbox.timers import Timers
from livechat_customer.sandbox.tokens import Token
from livechat_customer.sandbox.versions import push_in
from livechat_customer.sandbox.wire_json import JsonObject, dump
from livechat_customer.sandbox.world import Customer

NORMAL_CLOSURE: Final = 1000


class Wire(Protocol):
    """The socket under a connection, as the server's protocol class offers it."""

    heard: int
    """How many times something arrived, control frames included."""
    heard_at: float
    """When, on the loop's clock."""

    def abort(self) -> None:
        """Ends the TCP connection at once; what was not sent is lost."""
        ...

    def freeze(self) -> None:
        """From now on nothing that arrives is looked at, not even a ping."""
        ...


@dataclass(frozen=True, slots=True)
class Subscription:
    """`login.pushes`: names by version, `all` among them for every push; None: no choice made."""

    chosen: Mapping[str, frozenset[str]] | None = None

    def version_for(self, push: Push, connection_version: str) -> str | None:
        """The version whose format to send it in; None: not wanted."""
        if self.chosen is None:
            return connection_version if push.since <= connection_version else None
        wanted = [
            version
            for version, names in self.chosen.items()
            if push.since <= version and (push.action in names or "all" in names)
        ]
        return max(wanted, default=None)


@dataclass(frozen=True, slots=True)
class _Outgoing:
    text: str
    is_answer: bool


@dataclass(slots=True, eq=False)
class Connection:
    """A client's WebSocket, logged in once `customer` is set."""

    number: int
    version: str
    organization_id: str | None
    limits: Limits = field(repr=False)
    wire: Wire = field(repr=False)
    changed: Callable[[], None] = field(repr=False)
    """Called when something was sent or the state changed."""
    customer: Customer | None = None
    token: Token | None = field(default=None, repr=False)
    subscription: Subscription = field(default_factory=Subscription, repr=False)
    pending: int = 0
    """Requests whose answer was not handed to the socket yet."""
    unsent: int = 0
    """Characters that wait for the socket."""
    ending: bool = False
    """Closed or cut from this side: nothing is read or sent any more."""
    silent: bool = False
    """Half open: looks alive, is not."""
    unsubscribed: bool = False
    """Logged in, and yet no push reaches it."""
    opened_at: int = 0
    """When it was opened, on the server's clock (µs since the epoch)."""
    timers: Timers = field(default_factory=Timers, repr=False)
    _queue: asyncio.Queue[_Outgoing | None] = field(
        default_factory=lambda: asyncio.Queue[_Outgoing | None](), repr=False
    )

    @property
    def customer_id(self) -> str | None:
        return None if self.customer is None else self.customer.id

    def begin(self) -> None:
        """Starts the clocks that end a connection: the login window and idleness."""
        self.timers.after(self.limits.login_window, self._end_of_window)
        self.timers.after(self.limits.idle, self._look_for_life)

    def send(self, frame: JsonObject, *, is_answer: bool = False) -> None:
        """Queues a frame. A client that does not read is cut once too much waits for it."""
        if self.ending or self.silent:
            return
        text = dump(frame)
        self.unsent += len(text)
        if self.unsent > self.limits.unsent:
            self.cut()
            return
        self._queue.put_nowait(_Outgoing(text, is_answer))

    def push(self, push: Push, request_id: str | None = None) -> bool:
        """Queues a push if it is subscribed to; whether it was."""
        version = self.subscription.version_for(push, self.version)
        if version is None or self.unsubscribed:
            return False
        payload = push_in(version, push.action, push.payload)
        if payload is None:
            return False
        self.send(push_frame(push.action, payload, version, request_id))
        return True

    def disconnect(self, reason: str, data: JsonObject | None = None) -> None:
        """Says why, then closes. Can't be unsubscribed from; comes before login, too."""
        payload: JsonObject = {"reason": reason}
        if data is not None:
            payload["data"] = data
        self.send(push_frame("customer_disconnected", payload, self.version))
        if not self.ending and not self.silent:
            self.ending = True
            self._queue.put_nowait(None)

    def cut(self) -> None:
        """Ends the TCP connection without a word."""
        self.ending = True
        self.wire.abort()

    def fall_silent(self) -> None:
        """Nothing is read or written any more, and nobody is told."""
        self.silent = True
        self.timers.clear()
        self.wire.freeze()

    def hear_nothing(self, seconds: float) -> None:
        """For so long no push reaches it."""

        def subscribe() -> None:
            self.unsubscribed = False
            self.changed()

        self.unsubscribed = True
        self.timers.after(seconds, subscribe)

    async def write(self, websocket: WebSocket) -> None:
        """Sends what is queued until the connection ends."""
        try:
            while (item := await self._queue.get()) is not None:
                await websocket.send_text(item.text)
                self.unsent -= len(item.text)
                self.pending -= item.is_answer
                self.changed()
            await websocket.close(NORMAL_CLOSURE)
        except (WebSocketDisconnect, RuntimeError):
            # The client is gone: the reader sees it, too, and ends the connection.
            self.ending = True

    def end(self) -> None:
        """The socket is gone."""
        self.ending = True
        self.timers.clear()

    def _end_of_window(self) -> None:
        if self.customer is None:
            self.disconnect("connection_timeout")

    def _look_for_life(self) -> None:
        quiet = asyncio.get_running_loop().time() - self.wire.heard_at
        if quiet >= self.limits.idle:
            self.disconnect("connection_timeout")
        else:
            self.timers.after(self.limits.idle - quiet, self._look_for_life)


def push_frame(
    action: str, payload: JsonObject, version: str, request_id: str | None = None
) -> JsonObject:
    """The envelope of a push (protocol: push)."""
    frame: JsonObject = {"version": version}
    if request_id is not None:
        frame["request_id"] = request_id
    return frame | {"action": action, "type": "push", "payload": payload}


def answer_frame(action: str, request_id: str | None, payload: JsonObject, ok: bool) -> JsonObject:
    """The envelope of a response (protocol: response)."""
    frame: JsonObject = {} if request_id is None else {"request_id": request_id}
    return frame | {"action": action, "type": "response", "success": ok, "payload": payload}
