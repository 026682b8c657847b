"""From the log to the folds: what fills the views at open, and the content of chats on demand.

A snapshot is a cache: one of another projector version or with a failed check counts as none, and
the log is read from its beginning. Two are kept: the root, and which events were seen.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final, TypeVar

import msgspec

from livechat_customer.announcements import pairs
from livechat_customer.errors import LogError
from livechat_customer.projections.digests import StateFold
from livechat_customer.projections.hub import Hub, Loading, Pair
from livechat_customer.projections.root import PROJECTOR, RootFold
from livechat_customer.projections.seen import SEEN, SeenFold
from livechat_customer.store import Stream, StreamReader

logger = logging.getLogger(__name__)

F = TypeVar("F")

PAGE: Final = 500
"""Records folded between two turns of the event loop: about 2 ms."""
FIRST_PAGE: Final = 64
"""Records of a chat that are read first when somebody wants its history."""
SNAPSHOT_EVERY: Final = 20_000
"""Records between two snapshots of the root."""


async def hydrate(hub: Hub, stream: StreamReader) -> SeenFold:
    """Bring `hub`, which knows nothing yet, to the stream's last record. Returns which events the
    stream holds."""
    root, root_seq = await load_snapshot(stream, PROJECTOR, RootFold.decode)
    if root is not None:
        hub.restore(root, root_seq)
    kept, seen_seq = await load_snapshot(stream, SEEN, SeenFold.decode)
    seen = kept or SeenFold()
    # Saved one after the other, so one may be older.
    async for page in stream.read(min(root_seq, seen_seq), page=PAGE):
        batch = list(pairs(page))
        hub.fold(_after(root_seq, batch))
        for record, payload in _after(seen_seq, batch):
            seen.take(record, payload)
        await asyncio.sleep(0)
    hub.publish()
    return seen


def _after(seq: int, batch: list[Pair]) -> list[Pair]:
    return batch if batch[0][0].seq > seq else [pair for pair in batch if pair[0].seq > seq]


async def load_snapshot(
    stream: StreamReader, projector: str, decode: Callable[[bytes], F]
) -> tuple[F | None, int]:
    """A fold as it was saved, with its seq; None and 0 where there is none of use."""
    saved = await stream.load_snapshot(projector)
    if saved is None:
        return None, 0
    seq, state = saved
    try:
        return decode(state), seq
    except msgspec.DecodeError:
        return None, 0


async def save_snapshot(hub: Hub, seen: SeenFold, stream: Stream) -> None:
    """Keep the present state, so that opening costs this and the tail only.

    Where that can't be done nothing is lost: the older snapshot stays, the tail is longer.
    """
    seq = hub.seq
    if seq:
        root, events = hub.root.encode(), seen.encode()
        try:
            await stream.save_snapshot(PROJECTOR, seq, root)
            await stream.save_snapshot(SEEN, seq, events)
        except LogError as error:
            logger.info("no snapshot was saved: %s", error.message)


async def load_chat(hub: Hub, stream: StreamReader, loading: Loading) -> None:
    """Read what the log holds of a chat's content, the newest part first, in slices that never
    block the loop. The views show the first slice at once, then whenever it is twice as many."""
    chat_id, upto, slices = loading.chat_id, loading.upto, 0
    try:
        for size in (FIRST_PAGE, PAGE):
            async for page in stream.read_chat(
                chat_id, loading.after, upto, size, newest_first=True
            ):
                if not loading.wanted:
                    return
                loading.feed(pairs(page))
                upto = page[0].seq - 1
                slices += 1
                if slices & (slices - 1) == 0:
                    hub.publish()
                await asyncio.sleep(0)
                if size == FIRST_PAGE:
                    break
    except LogError as error:
        loading.done(error)
    else:
        loading.done()
    hub.publish()


async def whole_state(stream: StreamReader, upto: int | None = None) -> StateFold:
    """Everything up to `upto` folded anew from the log, the content of every chat too."""
    state = StateFold()
    async for page in stream.read(0, upto, page=PAGE):
        for record, payload in pairs(page):
            state.apply(record, payload)
        await asyncio.sleep(0)
    return state
