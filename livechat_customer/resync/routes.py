"""The ways through one chat: back to solid ground, all over again, across a gap, down to a thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from livechat_customer.models.sync import OpenEnd
from livechat_customer.projections.solid import (
    MOST_WALKED,
    gaps,
    is_fresh,
    missing,
    missing_in,
    stale,
)
from livechat_customer.projections.values import Gap
from livechat_customer.resync.plan import (
    GAP,
    MOST_THREADS,
    REFUSED,
    floor_of,
    left_of,
    missing_above,
    newest_before,
    search,
    standing,
    witnessed,
)
from livechat_customer.resync.walk import Walker

NEAR: Final = 50
"""Threads from the newest back among which a gap is reached by pages sooner than one by one."""
ALL: Final = 10_000
"""Threads that are fetched again when everything is."""

Next = Callable[[], str | None]
"""The thread to ask for next; None: there is none."""


class Known(msgspec.Struct, frozen=True):
    """What was there before a resync."""

    begun: int
    """Seq of the record from which on what is new came with this connection."""
    finished: int
    """Seq of the end of the last resync that came to its end; 0: none did."""
    left: tuple[str, ...]
    """Threads before which that one left a gap."""
    ends: tuple[OpenEnd, ...] = ()
    """What the last resync could not settle."""

    witnessed: dict[str, set[str]] = {}
    """By chat the threads whose end was seen as it happened: of this run of the program, and kept
    here, because the next answers cover the traces."""

    @property
    def unlisted(self) -> bool:
        """The chats had to be listed, and could not."""
        return any(not end.chat_id for end in self.ends)

    def settled(self, chat_id: str) -> int:
        """`finished`, but 0 for a chat that the server did not let us read."""
        refused = any(end.chat_id == chat_id and end.why == REFUSED for end in self.ends)
        return 0 if refused else self.finished


async def to_ground(walker: Walker, known: Known, most: int = MOST_THREADS) -> None:
    """From the newest thread back to solid ground, over at most `most` threads."""
    ended = known.witnessed.setdefault(walker.chat_id, set())
    ended |= witnessed(walker.state)
    walker.skip |= ended
    if not await walker.newest():
        return

    settled = known.settled(walker.chat_id)

    def place() -> int:
        return floor_of(walker.state, known.begun, settled)

    def wanted() -> str | None:
        left = left_of(walker.state, place())
        threads = missing(
            walker.state, walker.since, doubtful=walker.doubtful, skip=walker.skip, left=left
        )
        return next(threads, None)

    if walker.answered:
        await _follow(walker, wanted, most)
        last = newest_before(walker.state, known.begun)
        if last is not None and not is_fresh(last, walker.since):
            await _witnessed(walker, last.id)
        walker.settle()
    state = walker.state
    for thread_id in dict.fromkeys([*standing(state, known.left), *missing_above(state, place())]):
        walker.ends.append(OpenEnd(walker.chat_id, thread_id, GAP))


async def all_again(walker: Walker) -> None:
    """Every thread, known or not."""
    if not await walker.newest():
        return
    if walker.answered:
        await _older_again(walker)
    walker.ends += [OpenEnd(walker.chat_id, gap.before, GAP) for gap in gaps(walker.state)]


async def _older_again(walker: Walker) -> None:
    """Every thread but the newest, which was answered."""

    def wanted() -> str | None:
        threads = stale(walker.state, walker.since)
        return next((name for name in threads if name not in walker.skip), None)

    if wanted() is not None:
        await walker.pages(lambda: wanted() is None, ALL)
    while (thread_id := wanted()) is not None:
        await walker.thread(thread_id)
    for thread_id in sorted(walker.shown - walker.skip):
        if walker.doubted(thread_id):
            await walker.thread(thread_id)
    walker.settle()


async def across(walker: Walker, gap: Gap) -> None:
    """What is missing in a gap."""
    state = walker.state
    before = state.facts.threads.get(gap.before)
    if before is None:
        return
    far = len(state.order) - state.place(before)

    def wanted() -> str | None:
        return next(missing_in(walker.state, gap, walker.since, skip=walker.skip), None)

    await _follow(walker, wanted, MOST_THREADS, paged=far > NEAR, ahead=far)


async def down_to(walker: Walker, back_to: str | None) -> bool:
    """Every thread from the newest back to this one, or to the first; whether that could be had,
    whole and without a gap."""
    if not await walker.newest():
        return True

    def wanted() -> str | None:
        doubted = next((name for name in sorted(walker.shown) if _again(walker, name)), None)
        if doubted is not None:
            return doubted
        _, thread_id = search(walker.state, walker.since, back_to)
        return None if thread_id in walker.skip else thread_id

    await _follow(walker, wanted, MOST_THREADS)
    over, _ = search(walker.state, walker.since, back_to)
    return over and not walker.ends and not any(map(walker.doubted, walker.shown))


async def _follow(
    walker: Walker, wanted: Next, most: int, *, paged: bool = False, ahead: int = 0
) -> None:
    """Ask for what is wanted: one by one, and from a few missing threads on by pages. `ahead`:
    threads that stand on pages before the missing ones."""
    singles = 0
    while len(walker.shown) < most + ahead and (thread_id := wanted()) is not None:
        unknown = _unknown(walker, thread_id)
        if unknown and singles >= MOST_WALKED and not paged:
            paged = True
            await walker.pages(lambda: not _unknown(walker, wanted()), most + ahead)
            continue
        singles += unknown
        await walker.thread(thread_id)


def _unknown(walker: Walker, thread_id: str | None) -> bool:
    return thread_id is not None and thread_id not in walker.state.facts.threads


async def _witnessed(walker: Walker, thread_id: str) -> None:
    """A thread, and once more if the answer lacks something."""
    await walker.thread(thread_id)
    if _again(walker, thread_id):
        await walker.thread(thread_id)


def _again(walker: Walker, thread_id: str) -> bool:
    return thread_id not in walker.skip and walker.doubted(thread_id)
