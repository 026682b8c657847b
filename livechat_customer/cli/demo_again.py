"""The demo without a server: the log opened again offline, and replayed."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlsplit

import msgspec
from msgspec.structs import replace

import livechat_customer as lc
from livechat_customer.cli.demo_lived import Lived
from livechat_customer.cli.demo_steps import Act, Happened, Show
from livechat_customer.projections.values import ChatItem, HistoryItem
from livechat_customer.replay import replay


class Offline(msgspec.Struct, frozen=True):
    """What the log alone shows."""

    chat: ChatItem | None
    history: tuple[HistoryItem, ...]
    status: str


class Replayed(msgspec.Struct, frozen=True):
    """What replaying it shows."""

    roots: tuple[str, ...]
    """Root digests as of the live client's marks."""
    state: str
    """State digest as of the last mark."""
    chat: ChatItem | None
    history: tuple[HistoryItem, ...]
    records: int


async def server_is_gone(lived: Lived) -> bool:
    """Whether nobody listens any more where the server was."""
    address = urlsplit(str(lived.options["api_url"]))
    try:
        _, writer = await asyncio.open_connection(address.hostname, address.port)
    except OSError:
        return True
    writer.close()
    await writer.wait_closed()
    return False


async def offline(log: str, lived: Lived, show: Show) -> Offline:
    """Open the log with no server and look at the same chat."""
    show(Act("No server", "the log is opened again, with nobody to connect to"))
    options: dict[str, Any] = {**lived.options, "log": log, "auto_connect": False}
    async with lc.init(**options) as sdk:
        view = sdk.history(lived.chat_id)
        await view.ready()
        seen = Offline(
            chat=sdk.chat(lived.chat_id).value,
            history=tuple(view.value or ()),
            status=sdk.connection.value.status,
        )
    show(Happened(f"{seen.status}: {len(seen.history)} events of the chat, from the log alone"))
    for item in seen.history[-3:]:
        if isinstance(item, lc.Message):
            show(Happened(f"… “{item.text}”"))
    return seen


async def replayed(log: str, lived: Lived, show: Show) -> Replayed:
    """Fold the log again, record by record, stopping where the live client took a digest."""
    show(Act("Replay", "the records once more, with no network"))
    roots: list[str] = []
    async with replay(log) as session:
        for mark in lived.marks:
            await session.run_to(mark.seq)
            roots.append(session.root_digest())
        state = await session.state_digest()
        await session.run()
        view = session.history(lived.chat_id)
        await view.ready()
        seen = Replayed(
            roots=tuple(roots),
            state=state,
            chat=session.chat(lived.chat_id).value,
            history=tuple(view.value or ()),
            records=session.seq,
        )
    show(Happened(f"{seen.records} records, compared at {len(roots)} places"))
    return seen


def without_source(chat: ChatItem | None) -> ChatItem | None:
    """The chat without the word on whether this connection has confirmed it."""
    if chat is None:
        return None
    thread = None if chat.thread is None else replace(chat.thread, from_log=True)
    return replace(chat, thread=thread, from_log=True)
