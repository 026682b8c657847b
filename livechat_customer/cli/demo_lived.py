"""What the live part of the demo leaves to compare with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from livechat_customer.projections.values import ChatItem, Gap, HistoryItem


class Mark(msgspec.Struct, frozen=True):
    """The root digest as of a record."""

    seq: int
    root: str


class Lived(msgspec.Struct, frozen=True):
    """What the live client knew at its end, to compare with."""

    options: dict[str, Any]
    chat_id: str
    chat: ChatItem
    history: tuple[HistoryItem, ...]
    on_server: tuple[str, ...]
    """Ids of the events the server holds, in its order."""
    marks: tuple[Mark, ...]
    """Root digests on the way, the last one at the end."""
    state: str
    sent: int
    received: int
    reconnects: int
    pages: int
    archived: int
    commit_us: int
    """How long the last commit took, in µs."""


def ids_of(history: Iterable[HistoryItem]) -> tuple[str, ...]:
    """The ids of the events, and what no event has where there is a gap."""
    return tuple(map(id_of, history))


def id_of(item: HistoryItem) -> str:
    return "" if isinstance(item, Gap) else item.id
