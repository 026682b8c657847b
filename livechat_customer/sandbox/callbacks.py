"""Requests that the sandbox itself makes, to programs on this machine only, once and without
waiting for them (protocol: request_email_verification).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx

from livechat_customer.sandbox.guard import is_loopback
from livechat_customer.sandbox.wire_json import JsonObject


@dataclass(slots=True)
class Callback:
    """One request that was due, and what became of it."""

    uri: str
    body: JsonObject = field(repr=False)
    status: int | None = None
    """The HTTP status of the answer; None: there was none."""
    done: bool = False


class Callbacks:
    """Every request, in the order it was made in."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self.made: list[Callback] = []
        self._changed = changed
        self._tasks: set[asyncio.Task[None]] = set()

    def send(self, uri: str, body: JsonObject) -> None:
        """Posts the body as JSON. What is not on this machine is put down, but not called."""
        callback = Callback(uri, body)
        self.made.append(callback)
        if not is_loopback(urlsplit(uri).hostname):
            callback.done = True
            return
        task = asyncio.get_running_loop().create_task(self._post(callback))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def clear(self) -> None:
        """None was made, none is on its way."""
        self.made.clear()
        self._cancel()

    async def close(self) -> None:
        """None is on its way any more."""
        self._cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _cancel(self) -> None:
        for task in self._tasks:
            task.cancel()

    async def _post(self, callback: Callback) -> None:
        # A certificate of this machine's is signed by nobody in particular.
        async with httpx.AsyncClient(verify=False, trust_env=False) as client:
            try:
                answer = await client.post(callback.uri, json=callback.body)
                callback.status = answer.status_code
            except (httpx.HTTPError, httpx.InvalidURL):
                pass
        callback.done = True
        self._changed()
