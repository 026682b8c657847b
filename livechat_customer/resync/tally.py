"""What an answer brought: found, known already, changed; and which events it lacks.

It is compared with a fold of the chat's own records in the log, from the first that names one of
the threads asked for up to the answer. So it costs a read of that part of the log, and is made
only for what the SDK itself asks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from livechat_customer.announcements import pairs
from livechat_customer.models.wire.chats import Thread
from livechat_customer.projections.chat import ChatFold
from livechat_customer.projections.chats import ChatState
from livechat_customer.projections.content import Content, Entry
from livechat_customer.records import Record
from livechat_customer.store import StreamReader

SLICE = 500
"""Records folded between two turns of the event loop."""


class Counts:
    """Events, over all answers of a run."""

    __slots__ = ("duplicate", "found", "threads", "updated")

    def __init__(self) -> None:
        self.found = 0
        self.duplicate = 0
        self.updated = 0
        self.threads: set[tuple[str, str]] = set()
        """Chat and id of those shown whole."""


class Tally:
    """Of one chat. `take()` its answers in the order of the log."""

    def __init__(self, stream: StreamReader, chat_id: str, own: str | None, counts: Counts) -> None:
        """`own`: the customer's id."""
        self._stream = stream
        self._counts = counts
        self._fold = ChatFold(chat_id, own)
        # All records of the chat in [low, high) are folded.
        self._low = 0
        self._high = 0

    @property
    def doubtful(self) -> set[str]:
        """Threads of which the newest answer lacks an event that was known."""
        return {name for name, content in self._fold.threads.items() if content.doubtful}

    async def take(
        self, state: ChatState, record: Record, payload: object, threads: Iterable[Thread]
    ) -> None:
        """An answer that is in the log and in `state` already. Raises LogError."""
        shown = [thread for thread in threads if thread.id]
        firsts = [
            facts.first_seq
            for thread in shown
            if (facts := state.facts.threads.get(thread.id)) is not None
        ]
        if not self._high:
            self._low = self._high = record.seq
        await self._read(min([*firsts, self._low]), self._low)
        self._low = min([*firsts, self._low])
        await self._read(self._high, record.seq)
        before = {thread.id: _seen(self._fold.threads.get(thread.id)) for thread in shown}
        self._fold.apply(record, payload)
        self._high = record.seq + 1
        for thread in shown:
            self._compare(thread, *before[thread.id])

    def _compare(self, thread: Thread, entries: dict[str, Entry], visible: set[str]) -> None:
        counts = self._counts
        counts.threads.add((self._fold.chat_id, thread.id))
        after, now = _seen(self._fold.threads.get(thread.id))
        changed = {
            name
            for name, entry in entries.items()
            if (name in visible) != (name in now) or after[name].event != entry.event
        }
        counts.updated += len(changed)
        for event in thread.events:
            if not event.id:
                continue
            if event.id not in entries:
                counts.found += 1
            elif event.id not in changed:
                counts.duplicate += 1

    async def _read(self, start: int, stop: int) -> None:
        """Fold the chat's records in [start, stop)."""
        if start >= stop:
            return
        chat_id = self._fold.chat_id
        async for page in self._stream.read_chat(chat_id, start - 1, stop - 1, page=SLICE):
            for record, payload in pairs(page):
                self._fold.apply(record, payload)
            await asyncio.sleep(0)


def _seen(content: Content | None) -> tuple[dict[str, Entry], set[str]]:
    """The known entries by event id, and which of them are shown."""
    if content is None:
        return {}, set()
    return dict(content.entries), {entry.event.id for entry in content.items()}
