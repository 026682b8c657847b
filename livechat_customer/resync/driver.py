"""When it is asked: after every login, when the app wants it, and when something looks lost."""

from __future__ import annotations

import asyncio
import logging
import weakref
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any, cast

import msgspec

from livechat_customer.calls import Answer
from livechat_customer.errors import CustomerSDKError, InvalidArgumentError, NoConnectionError
from livechat_customer.models.sync import ResyncReport
from livechat_customer.models.wire.responses import LoginChat, LoginResponse
from livechat_customer.projections.hub import Hub
from livechat_customer.projections.values import Gap
from livechat_customer.records import (
    CONNECTED,
    DESTROYED,
    DISCONNECTED,
    LIFECYCLE,
    RESYNC_FINISHED,
    RESYNC_STARTED,
    Record,
)
from livechat_customer.resync.asking import Asker, Errand
from livechat_customer.resync.refetch import Refetches
from livechat_customer.resync.routes import Known, across, all_again, down_to
from livechat_customer.resync.run import (
    COMPLETE,
    DEEP,
    GAPS,
    INTERRUPTED,
    LOGIN,
    REFRESH,
    RESYNC,
    Run,
    Start,
)
from livechat_customer.resync.tally import Counts, Tally
from livechat_customer.resync.walk import Walker
from livechat_customer.store import StreamReader

if TYPE_CHECKING:
    from livechat_customer.journal import Receipt

logger = logging.getLogger(__name__)

Fact = Callable[[str, Mapping[str, object], int], "Receipt"]
"""Post a lifecycle record: action, data, number of the connection."""


class Resyncs:
    """All that the SDK asks by itself to keep the views complete. Tell it of every record."""

    def __init__(
        self,
        hub: Hub,
        *,
        send: Callable[[str, Mapping[str, Any]], Awaitable[Answer]],
        fact: Fact,
        start: Callable[[Coroutine[Any, Any, None]], object],
        stream: Callable[[], StreamReader],
        clock: Callable[[], int],
        random: Callable[[], float],
    ) -> None:
        """`send` makes a request and gives its answer, `start` runs work beside the rest, `clock`
        gives µs since the epoch."""
        self._hub = hub
        self._fact = fact
        self._start = start
        self._stream = stream
        self._clock = clock
        self._asker = Asker(send, random)
        self._errands: weakref.WeakSet[Errand] = weakref.WeakSet()
        self._turn = asyncio.Lock()
        self._running = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._witnessed: dict[str, set[str]] = {}
        self._named: tuple[LoginChat, ...] = ()
        self._refetches = Refetches(hub, self._errand, start, self.settled)

    def heard(self, record: Record, payload: object) -> None:
        """A record was committed and the views show it."""
        if record.kind != LIFECYCLE:
            if type(payload) is LoginResponse:
                self._named = payload.chats
            else:
                self._refetches.heard(record, payload)
        elif record.action == CONNECTED:
            self._begin()
            self._start(self._after_login(record))
        elif record.action in (DISCONNECTED, DESTROYED):
            self._lost(cast("Mapping[str, Any]", payload))

    async def resync(self, deep: bool = False) -> ResyncReport:
        """Ask now; see `CustomerSDK.resync`."""
        self._begin()
        return await self._run(DEEP if deep else RESYNC)

    async def settled(self) -> None:
        """Return when no resync runs: after a login, when its resync has ended."""
        while self._running:
            await self._idle.wait()

    async def chain(self, chat_id: str, back_to: str | None) -> bool:
        """Whether the chat's threads could be read whole by requests made after this call, from
        the newest back to this one (None: to the chat's first), with nothing missing between them
        or in them. A chat that does not exist is as good as read. What was found is in the log.

        Raises NotSentError or OutcomeUnknownError when the connection ends.
        """
        return await down_to(self._walker(chat_id, Counts()), back_to)

    async def fill(self, chat_id: str, gap: Gap) -> bool:
        """Fetch what is missing in a gap; see `HistoryView.fill`."""
        chat_id = self._hub.started(chat_id)
        walker = self._walker(chat_id, Counts(), self._hub.seq + 1)
        threads = walker.state.facts.threads
        known = isinstance(gap, Gap) and gap.before in threads and gap.after in threads  # pyright: ignore[reportUnnecessaryIsInstance]
        if not known:
            raise InvalidArgumentError("gap", "There is none. Take one of history.value.gaps.")
        await across(walker, gap)
        state = walker.state
        before, after = (state.facts.threads.get(name) for name in (gap.before, gap.after))
        if before is None or after is None:
            return True
        return all(map(state.linked, range(state.place(after), state.place(before))))

    async def refresh(self, chat_id: str) -> ResyncReport:
        """Fetch the whole chat again; see `HistoryView.refresh`."""
        chat_id = self._hub.started(chat_id)
        began = self._clock()
        counts = Counts()
        walker = self._walker(chat_id, counts)
        await all_again(walker)
        return ResyncReport(
            why=REFRESH,
            connection=self._hub.root.current,
            calls=walker.errand.calls,
            chats=1,
            threads=len(counts.threads),
            found=counts.found,
            duplicate=counts.duplicate,
            updated=counts.updated,
            unresolved=tuple(walker.ends),
            verdict=GAPS if walker.ends else COMPLETE,
            started_at=began,
            finished_at=self._clock(),
        )

    async def _after_login(self, record: Record) -> None:
        try:
            await self._run(LOGIN, record)
        except CustomerSDKError as error:
            logger.info("what was missed could not be asked for: %s", error.code)
        except Exception:
            logger.exception("asking for what was missed failed; the next login tries again")

    async def _run(self, why: str, login: Record | None = None) -> ResyncReport:
        """`_begin()` was called."""
        try:
            async with self._turn:
                return await self._report(why, login)
        finally:
            self._end()

    async def _report(self, why: str, login: Record | None) -> ResyncReport:
        number = self._hub.root.current
        if not number or (login is not None and number != login.connection):
            raise NoConnectionError
        sync = self._hub.root.state.sync
        errand = self._errand()
        begun = self._fact(RESYNC_STARTED, {"why": why, "number": number}, number)
        known = Known(
            begun=login.seq if login is not None else begun.seq or 0,
            finished=max(0, sync.left.rank[0]),
            left=sync.left.value,
            ends=sync.finished.value.unresolved if sync.finished.value is not None else (),
            witnessed=self._witnessed,
        )
        start = Start(why, number, known, self._named if login is not None else self._known())
        run = Run(start, self._hub, self._stream(), errand, self._clock)
        verdict = INTERRUPTED
        try:
            verdict = await run.ask()
        finally:
            # Also when nobody waits for it any more.
            report = run.report(verdict)
            data = {"report": msgspec.to_builtins(report)}
            receipt = self._fact(RESYNC_FINISHED, data, number)
        await receipt.committed()
        return report

    def _known(self) -> list[LoginChat]:
        """Without a login's word the chats that exist: others would have been pushed."""
        return [
            LoginChat(chat_id) for chat_id, state in self._hub.root.chats.items() if state.exists
        ]

    def _walker(self, chat_id: str, counts: Counts, since: int = 0) -> Walker:
        tally = Tally(self._stream(), chat_id, self._hub.root.own, counts)
        return Walker(self._hub, self._errand(), tally, chat_id, since)

    def _errand(self) -> Errand:
        """For the connection that stands. NoConnectionError if none does."""
        if not self._hub.root.current:
            raise NoConnectionError
        errand = Errand(self._asker)
        self._errands.add(errand)
        return errand

    def _lost(self, data: Mapping[str, Any]) -> None:
        for errand in self._errands:
            errand.over = True
        self._errands.clear()
        self._refetches.forget()
        self._asker.lost(data.get("close_code"))

    def _begin(self) -> None:
        self._running += 1
        self._idle.clear()

    def _end(self) -> None:
        self._running -= 1
        if not self._running:
            self._idle.set()
