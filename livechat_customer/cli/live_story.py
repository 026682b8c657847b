"""The conversation that a live probe holds with a real account, as a new customer of its own.

Two devices of that customer start a chat, write in it, close and resume it, and read it back; one
message's connection is reset at once. No agent is needed. All that travels is kept for the verdicts.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import secrets
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

import msgspec

from livechat_customer.cli.live_timeline import FLOW, IN_TIME, LATE, LOGIN, Timeline
from livechat_customer.client import CustomerSDK, init
from livechat_customer.errors import CustomerSDKError, ServerError
from livechat_customer.options import Options, SocketOpener, Timeouts
from livechat_customer.records import Record
from livechat_customer.transport.credentials import MemoryCredentials
from livechat_customer.transport.socket import Socket, open_socket

THREADS: Final = 3
MESSAGES: Final = 3
"""In each thread."""

LEAVING: Final = 0.05
"""Seconds that a frame gets to leave the machine before its connection is reset."""

_OTHERS_OWN: Final = ("customer_id", "identity_token", "code_verifier", "credentials", "log")
"""Options that would make it somebody who exists already, or leave something behind."""


class Waits(msgspec.Struct, frozen=True):
    """Seconds."""

    settle: float = 3.0
    """After a login, until what it subscribed to certainly comes."""
    in_time: float = 16.0
    """After a reset, for the effect of what was written before."""
    late: float = 30.0
    """After that, for an effect that should not come any more."""
    push: float = 10.0
    """For a push."""


class Story:
    """One conversation; `timeline` fills as it goes on."""

    def __init__(self, options: Mapping[str, Any], waits: Waits) -> None:
        given = {name: value for name, value in options.items() if name not in _OTHERS_OWN}
        # Both devices find each other's identity here, and nobody finds it later.
        given |= {"credentials": MemoryCredentials(), "log": ":memory:"}
        # One after the other: at once they would become two customers.
        given |= {"profile": "doctor", "auto_connect": False}
        checked = Options.checked(**given)
        self._reset = ResetAfter(checked.open_socket or _opener(checked))
        self._a = init(**given)
        self._b = init(**given | {"open_socket": self._reset.open})
        self._waits = waits
        self._nonce = secrets.token_hex(4)
        self._count = 0
        self._came = asyncio.Event()
        self.timeline = Timeline()
        self.chat_id = ""

    async def tell(self) -> None:
        """Hold the conversation. CustomerSDKError where it can't go on."""
        async with self._a as a, self._b as b:
            for device, sdk in (("A", a), ("B", b)):
                sdk.records.subscribe(functools.partial(self._take, device))
                await sdk.connect()
            await asyncio.sleep(self._waits.settle)
            try:
                await self._converse(a, b)
            finally:
                with contextlib.suppress(CustomerSDKError):
                    await a.request("deactivate_chat", {"id": self.chat_id})
            await self._until(self._all_is_pushed)

    async def _converse(self, a: CustomerSDK, b: CustomerSDK) -> None:
        answer = await a.request("start_chat", {"chat": self._thread(), "continuous": True})
        self.chat_id = answer["chat_id"]
        await self._send_late(b)
        for number in range(THREADS):
            if number > 0:
                await a.request("deactivate_chat", {"id": self.chat_id})
                await self._until(functools.partial(self._is_closed, number))
                chat = {"id": self.chat_id, **self._thread()}
                await a.request("resume_chat", {"chat": chat, "continuous": True})
            for _ in range(MESSAGES):
                await self._send(a, FLOW)
                await self._read(a, "get_chat", {"chat_id": self.chat_id})
            await self._read(a, "list_chats", {})
        await self._send_at_login(a, b)
        await self._read_back(a)
        # A customer has one chat: this is refused.
        again = {"chat": self._thread(), "continuous": True}
        second = await self._read(a, "start_chat", again)
        if "chat_id" in second:
            await self._read(a, "deactivate_chat", {"id": second["chat_id"]})

    async def _send_late(self, b: CustomerSDK) -> None:
        """A message whose connection is reset as soon as it is written."""
        custom_id = self._custom_id(LATE)
        self._reset.after(custom_id.encode())
        with contextlib.suppress(CustomerSDKError):
            await b.request("send_event", self._message(custom_id))
        await asyncio.sleep(self._waits.in_time)
        self.timeline.mark(IN_TIME)
        await asyncio.sleep(self._waits.late)
        await b.connect()
        await asyncio.sleep(self._waits.settle)

    async def _send_at_login(self, a: CustomerSDK, b: CustomerSDK) -> None:
        """A message right after the other device's login."""
        await self._until(self._all_is_pushed)
        await b.disconnect()
        await b.connect()
        event_id = await self._send(a, LOGIN)
        await self._until(lambda: self._is_pushed("B", event_id))
        await self._read(a, "get_chat", {"chat_id": self.chat_id})

    async def _read_back(self, a: CustomerSDK) -> None:
        for thread_id in reversed(self.timeline.threads()):
            await self._read(a, "get_chat", {"chat_id": self.chat_id, "thread_id": thread_id})
        page: dict[str, Any] = {"limit": 1}
        for _ in range(THREADS + 1):
            found = await self._read(a, "list_threads", {"chat_id": self.chat_id, **page})
            if "next_page_id" not in found:
                break
            page = {"page_id": found["next_page_id"]}

    async def _send(self, sdk: CustomerSDK, purpose: str) -> str | None:
        """A message; its id, None if it was refused."""
        found = await self._read(sdk, "send_event", self._message(self._custom_id(purpose)))
        return cast("str | None", found.get("event_id"))

    async def _read(
        self, sdk: CustomerSDK, action: str, payload: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The answer; empty if it was refused: the timeline knows."""
        try:
            return await sdk.request(action, payload)
        except ServerError:
            return {}

    def _take(self, device: str, record: Record) -> None:
        self.timeline.take(device, record)
        self._came.set()

    async def _until(self, holds: Callable[[], bool]) -> None:
        """Wait for pushes, but not for ever."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._waits.push):
                while not holds():
                    self._came.clear()
                    await self._came.wait()

    def _is_pushed(self, device: str, event_id: str | None) -> bool:
        return any(event["id"] == event_id for event in self.timeline.pushed(device))

    def _all_is_pushed(self) -> bool:
        wanted = {one.event_id for one in self.timeline.sent() if one.ok and one.purpose == FLOW}
        return all(
            wanted <= {event["id"] for event in self.timeline.pushed(device)} for device in "AB"
        )

    def _is_closed(self, times: int) -> bool:
        closings = [one for one in self.timeline.entries if one.action == "chat_deactivated"]
        return sum(one.device == "A" for one in closings) >= times

    def _custom_id(self, purpose: str) -> str:
        self._count += 1
        return f"doctor-{purpose}-{self._count}-{self._nonce}"

    def _message(self, custom_id: str) -> dict[str, Any]:
        text = "A check by livechat-customer doctor; nobody needs to answer."
        event = {"type": "message", "text": text, "custom_id": custom_id}
        return {"chat_id": self.chat_id, "event": event}

    def _thread(self) -> dict[str, Any]:
        return {"thread": {"events": [self._message(self._custom_id("opening"))["event"]]}}


class ResetAfter:
    """Opens sockets of which one is reset right after a certain frame was written."""

    def __init__(self, opener: SocketOpener) -> None:
        self._opener = opener
        self._text = b""

    def after(self, text: bytes) -> None:
        """Reset the connection that writes a frame with this in it, once."""
        self._text = text

    async def open(self, url: str, headers: Mapping[str, str]) -> Socket:
        """The option `open_socket`."""
        return _Watched(await self._opener(url, headers), self)

    def is_last(self, frame: bytes) -> bool:
        """Whether it is to be reset after this frame."""
        if not self._text or self._text not in frame:
            return False
        self._text = b""
        return True


class _Watched:
    """A `Socket`."""

    def __init__(self, socket: Socket, reset: ResetAfter) -> None:
        self._socket = socket
        self._reset = reset

    async def recv(self) -> bytes:
        return await self._socket.recv()

    async def send(self, frame: bytes) -> None:
        await self._socket.send(frame)
        if self._reset.is_last(frame):
            await asyncio.sleep(LEAVING)
            await self._socket.close(reset=True)

    async def close(self, code: int = 1000, *, reset: bool = False) -> None:
        await self._socket.close(code, reset=reset)


def _opener(options: Options) -> SocketOpener:
    times: Timeouts = options.timeouts
    return functools.partial(
        open_socket,
        open_timeout=times.connect,
        close_timeout=times.close,
        proxy=options.proxy,
        context=options.tls,
    )
