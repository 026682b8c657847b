"""How the SDK asks on its own account: a few requests at a time, and with patience.

Everything it asks only reads, so a request without an answer may be made again. What the server
puts off (`too_many_requests` and its like) is asked again after a back-off that all share, so that
coming back online does not trip the limit for good.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

from livechat_customer.calls import Answer
from livechat_customer.errors import CustomerSDKError, NoConnectionError
from livechat_customer.models.wire.decode import UnknownPayload
from livechat_customer.models.wire.responses import ListChatsResponse
from livechat_customer.transport.backoff import Curve

AT_ONCE: Final = 4
"""Requests of this kind in flight; the connection bears nine, and the app wants some of them."""
ATTEMPTS: Final = 6
"""How often a request is made that the server puts off."""
PATIENCE: Final = Curve(300, 30_000, 0.3)
PUT_OFF: Final = frozenset(
    {
        "INTERNAL",
        "PENDING_REQUESTS_LIMIT_REACHED",
        "REQUEST_TIMEOUT",
        "SERVICE_UNAVAILABLE",
        "TOO_MANY_REQUESTS",
    }
)
"""Refusals that time may heal (Customer Chat API 3.5, retry policy)."""
TOO_BIG: Final = 1009
"""Close code of a connection that was sent more than it takes."""
TWICE: Final = 2
CHATS_PAGE: Final = 25
CHATS_PAGES: Final = 40
"""Pages of chats that are read at most."""

Send = Callable[[str, Mapping[str, Any]], Awaitable[Answer]]
_Key = tuple[str, str | None, str | None]


class TooLargeError(CustomerSDKError):
    """The answer is larger than a frame may be, or unreadable; twice, so it is not asked again."""

    default_code = "ANSWER_TOO_LARGE"
    default_message = (
        "The answer is too large or unreadable. It is not asked for again in this run."
    )


class Asker:
    """`read()` for all of an SDK's own requests; one for its whole life.

    `send` makes a request and gives its answer; `random` gives numbers in [0, 1).
    """

    def __init__(self, send: Send, random: Callable[[], float]) -> None:
        self._send = send
        self._random = random
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._alone = asyncio.Lock()
        self._asking: set[_Key] = set()
        self._unreadable: dict[_Key, int] = {}
        """How often the answer could not be taken; of this run of the program."""
        self._refusals = 0
        self._not_before = 0.0
        self._end = asyncio.Event()
        self.oversized: dict[str, set[str]] = {}
        """By chat the threads that are too large to take, as far as this run of the program knows."""

    def lost(self, close_code: int | None) -> None:
        """The connection ended: nobody waits for a better time any more."""
        if close_code == TOO_BIG:
            for key in self._asking:
                self._failed(key)
        end, self._end = self._end, asyncio.Event()
        end.set()
        self._refusals = 0
        self._not_before = 0.0

    async def read(
        self, action: str, payload: Mapping[str, Any], *, sent: Callable[[], None] | None = None
    ) -> Answer:
        """The answer; what is put off is asked for again. `sent()` is called for each request.

        Raises what a request raises, and TooLargeError.
        """
        key = (action, payload.get("chat_id"), payload.get("thread_id"))
        attempt = 0
        while True:
            attempt += 1
            async with self._turn(key):
                await self._patience()
                if sent is not None:
                    sent()
                self._asking.add(key)
                try:
                    answer = await self._send(action, payload)
                except CustomerSDKError as error:
                    if error.code not in PUT_OFF or attempt >= ATTEMPTS:
                        raise
                    self._put_off()
                    continue
                finally:
                    self._asking.discard(key)
            self._refusals = 0
            if not isinstance(answer.response, UnknownPayload):
                self._unreadable.pop(key, None)
                return answer
            self._failed(key)

    @asynccontextmanager
    async def _turn(self, key: _Key) -> AsyncGenerator[None]:
        """A slot; for what failed once all of them, so that there is no doubt whose fault it is."""
        failed = self._unreadable.get(key, 0)
        if failed >= TWICE:
            raise TooLargeError
        taken = 0
        try:
            if failed:
                async with self._alone:
                    while taken < AT_ONCE:
                        await self._slots.acquire()
                        taken += 1
            else:
                await self._slots.acquire()
                taken = 1
            yield
        finally:
            for _ in range(taken):
                self._slots.release()

    def _failed(self, key: _Key) -> None:
        self._unreadable[key] = self._unreadable.get(key, 0) + 1

    def _put_off(self) -> None:
        now = asyncio.get_running_loop().time()
        if now >= self._not_before:  # else it was on its way when another was put off
            delay = PATIENCE.delay_ms(self._refusals, self._random) / 1000
            self._refusals += 1
            self._not_before = now + delay

    async def pause(self, seconds: float) -> None:
        """Wait. NoConnectionError if the connection ends meanwhile."""
        end = self._end
        try:
            async with asyncio.timeout(seconds):
                await end.wait()
        except TimeoutError:
            return
        raise NoConnectionError

    async def _patience(self) -> None:
        """Wait as long as the server wants to be let alone."""
        loop = asyncio.get_running_loop()
        while (left := self._not_before - loop.time()) > 0:
            await self.pause(left)


class Errand:
    """What is asked for one purpose, on one connection: when that ends, so does the errand."""

    def __init__(self, asker: Asker) -> None:
        self.asker = asker
        self.calls = 0
        """Requests made."""
        self.over = False

    async def ask(self, action: str, payload: Mapping[str, Any]) -> Answer:
        """As `Asker.read`. NoConnectionError once the errand is over."""
        self._check()
        answer = await self.asker.read(action, payload, sent=self._sent)
        self._check()
        return answer

    async def list_chats(self) -> bool:
        """All chats, in as many pages as they take, within bounds; whether all were listed."""
        payload: dict[str, Any] = {"limit": CHATS_PAGE}
        for _ in range(CHATS_PAGES):
            page = (await self.ask("list_chats", payload)).response
            if not isinstance(page, ListChatsResponse):
                return False
            if page.next_page_id is None:
                return True
            payload = {"page_id": page.next_page_id}
        return False

    def _sent(self) -> None:
        self._check()
        self.calls += 1

    def _check(self) -> None:
        if self.over:
            raise NoConnectionError
