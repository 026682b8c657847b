"""Sneak peeks: what the customer is typing, shown to the agents of an open chat.

They are worth nothing a moment later, so they never wait, never pile up and never fail anybody.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, Final

from livechat_customer.errors import CustomerSDKError

logger = logging.getLogger(__name__)

Call = Callable[[str, Mapping[str, Any]], Awaitable[object]]

EVERY: Final = 2.0
"""Seconds from one sneak peek of a chat to its next."""


class SneakPeeks:
    """At most one in `EVERY` seconds and one unanswered per chat; of the others the latest waits.

    `is_open(chat_id)` tells whether one can be sent now, `call(action, payload)` sends it, `start`
    runs the work beside the rest. Only open chats are remembered, each for as long as its last
    sneak peek holds back the next.
    """

    def __init__(
        self,
        is_open: Callable[[str], bool],
        call: Call,
        start: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]],
        every: float = EVERY,
    ) -> None:
        self._is_open = is_open
        self._call = call
        self._start = start
        self._every = every
        self._latest: dict[str, str | None] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._latest)

    def set(self, chat_id: str, text: str) -> None:
        """Show this, now or when its time has come; nothing if the chat is not open."""
        if not self._is_open(chat_id):
            return
        if chat_id in self._latest:
            self._latest[chat_id] = text
            return
        self._latest[chat_id] = text
        task = self._start(self._work(chat_id))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def forget(self, chat_id: str) -> None:
        """What waits is out of date: the message itself is on its way."""
        if chat_id in self._latest:
            self._latest[chat_id] = None

    def end(self) -> None:
        """Nothing more is sent; for good."""
        self._latest.clear()
        for task in self._tasks:
            task.cancel()

    async def _work(self, chat_id: str) -> None:
        now = asyncio.get_running_loop().time
        try:
            while (text := self._latest[chat_id]) is not None and self._is_open(chat_id):
                self._latest[chat_id] = None
                next_at = now() + self._every
                try:
                    await self._call(
                        "send_sneak_peek", {"chat_id": chat_id, "sneak_peek_text": text}
                    )
                except CustomerSDKError as error:
                    logger.debug("a sneak peek was not taken: %s", error.code)
                await asyncio.sleep(next_at - now())
        finally:
            self._latest.pop(chat_id, None)
