"""From the log to the folds: what fills the views at open, and the content of chats on demand.

A snapshot of the root is a cache: one of another projector version or with a failed check counts
as none, and the log is read from its beginning.
"""

from __future__ import annotations

import asyncio
from typing import Final

import msgspec

from livechat_customer.dispatch import pairs
from livechat_customer.errors import LogError
from livechat_customer.projections.digests import StateFold
from livechat_customer.projections.hub import Hub, Loading
from livechat_customer.projections.root import PROJECTOR, RootFold
from livechat_customer.store import Stream, StreamReader

PAGE: Final = 500
"""Records folded between two turns of the event loop: about 2 ms."""
SNAPSHOT_EVERY: Final = 20_000
"""Records between two snapshots of the root."""


async def hydrate(hub: Hub, stream: StreamReader) -> None:
    """Bring `hub`, which knows nothing yet, to the stream's last record."""
    root, seq = await _snapshot(stream)
    if root is not None:
        hub.restore(root, seq)
    async for page in stream.read(hub.seq, page=PAGE):
        hub.fold(pairs(page))
        await asyncio.sleep(0)
    hub.publish()


async def _snapshot(stream: StreamReader) -> tuple[RootFold | None, int]:
    saved = await stream.load_snapshot(PROJECTOR)
    if saved is None:
        return None, 0
    seq, state = saved
    try:
        return RootFold.decode(state), seq
    except msgspec.DecodeError:
        return None, 0


async def save_snapshot(hub: Hub, stream: Stream) -> None:
    """Keep the root's present state, so that opening costs this and the tail only."""
    if hub.seq:
        await stream.save_snapshot(PROJECTOR, hub.seq, hub.root.encode())


async def load_chat(hub: Hub, stream: StreamReader, loading: Loading) -> None:
    """Read what the log holds of a chat's content, in slices that never block the loop."""
    try:
        async for page in stream.read_chat(loading.chat_id, upto=loading.upto, page=PAGE):
            if not loading.wanted:
                return
            loading.feed(pairs(page))
            await asyncio.sleep(0)
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
