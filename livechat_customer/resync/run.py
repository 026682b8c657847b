"""One resync: the chats it asks for, and the report of what came of it."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from livechat_customer.errors import CustomerSDKError
from livechat_customer.models.sync import OpenEnd, ResyncReport
from livechat_customer.models.wire.responses import LoginChat
from livechat_customer.projections.chats import ChatState
from livechat_customer.projections.hub import Hub
from livechat_customer.resync.asking import Errand
from livechat_customer.resync.plan import (
    GAP,
    MOST_OF_A_RUN,
    MOST_THREADS,
    REFUSED,
    began_here,
    chats_in_order,
    must_list,
)
from livechat_customer.resync.routes import Known, all_again, to_ground
from livechat_customer.resync.tally import Counts, Tally
from livechat_customer.resync.walk import ENDS, Walker
from livechat_customer.store import StreamReader

logger = logging.getLogger(__name__)

LOGIN: Final = "login"
RESYNC: Final = "resync"
DEEP: Final = "deep"
REFRESH: Final = "refresh"

COMPLETE: Final = "complete"
GAPS: Final = "gaps"
INTERRUPTED: Final = "interrupted"

CHATS_AT_ONCE: Final = 3


class Start(msgspec.Struct, frozen=True):
    """What a resync begins with."""

    why: str
    connection: int
    known: Known
    named: Sequence[LoginChat]
    """The chats that the login named."""


class Run:
    """`await ask()` once, then take the `report()`."""

    def __init__(
        self, start: Start, hub: Hub, stream: StreamReader, errand: Errand, clock: Callable[[], int]
    ) -> None:
        self._start = start
        self._hub = hub
        self._stream = stream
        self._errand = errand
        self._clock = clock
        self._counts = Counts()
        self._ends: dict[str, list[OpenEnd]] = {}
        self._chats: deque[str] = deque()
        self._asked = 0
        self._settled: set[str] = set()
        self._began = clock()

    def report(self, verdict: str) -> ResyncReport:
        """What came of it; `verdict` is what `ask()` gave, INTERRUPTED if it did not."""
        counts = self._counts
        ends = tuple(end for found in self._ends.values() for end in found)
        if verdict == INTERRUPTED:
            # What was open stays so where this one did not come by.
            before = self._start.known.ends
            left = [end for end in before if end.chat_id not in self._settled]
            ends = tuple(dict.fromkeys([*ends, *left]))
        elif ends:
            verdict = GAPS
        return ResyncReport(
            why=self._start.why,
            connection=self._start.connection,
            calls=self._errand.calls,
            chats=self._asked,
            threads=len(counts.threads),
            found=counts.found,
            duplicate=counts.duplicate,
            updated=counts.updated,
            unresolved=ends,
            verdict=verdict,
            started_at=self._began,
            finished_at=self._clock(),
        )

    async def ask(self) -> str:
        """Do it. COMPLETE, or INTERRUPTED if the connection ends in between."""
        verdict = COMPLETE
        try:
            async with asyncio.TaskGroup() as workers:
                await self._list()
                for _ in range(min(CHATS_AT_ONCE, len(self._chats))):
                    workers.create_task(self._work())
        except* ENDS:
            verdict = INTERRUPTED
        return verdict

    async def _list(self) -> None:
        """Which chats there are: where the login's word is not enough, the server lists them."""
        if must_list(self._start.named) or self._start.known.unlisted:
            try:
                if not await self._errand.list_chats():
                    self._ends[""] = [OpenEnd("", None, GAP)]
            except ENDS:
                raise
            except CustomerSDKError as error:
                logger.warning("the chats could not be listed: %s", error.code)
                self._ends[""] = [OpenEnd("", None, REFUSED)]
        self._chats.extend(filter(self._may_lack, chats_in_order(self._start.named, self._known)))
        self._ends |= {chat_id: [] for chat_id in self._chats}

    @property
    def _known(self) -> dict[str, ChatState]:
        return self._hub.root.chats

    def _may_lack(self, chat_id: str) -> bool:
        state = self._known.get(chat_id)
        start = self._start
        if start.why != LOGIN or state is None:
            return True
        return not began_here(state, start.known.begun, start.connection)

    async def _work(self) -> None:
        while self._chats:
            await self._chat(self._chats.popleft())

    async def _chat(self, chat_id: str) -> None:
        tally = Tally(self._stream, chat_id, self._hub.root.own, self._counts)
        walker = Walker(self._hub, self._errand, tally, chat_id)
        self._asked += 1
        left = MOST_OF_A_RUN - len(self._counts.threads)
        try:
            if self._start.why == DEEP:
                await all_again(walker)
            else:
                await to_ground(walker, self._start.known, max(1, min(MOST_THREADS, left)))
        finally:
            self._ends[chat_id] = walker.ends
        self._settled.add(chat_id)
