"""`sdk.history(chat_id)`: the view of a chat's history, which can be asked to become complete."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any, Protocol

from livechat_customer.errors import NoConnectionError
from livechat_customer.models.sync import ResyncReport
from livechat_customer.projections.history import History
from livechat_customer.projections.live import ListView
from livechat_customer.projections.values import Gap, HistoryItem


class Filler(Protocol):
    """Who can ask the server."""

    def fill(self, chat_id: str, gap: Gap) -> Awaitable[bool]: ...
    def refresh(self, chat_id: str) -> Awaitable[ResyncReport]: ...


class HistoryView(ListView[History | None, HistoryItem]):
    """All known events of a chat, oldest first, with a `Gap` where some may be missing."""

    def __init__(self, chat_id: str, filler: Filler | None, *given: Any) -> None:
        super().__init__(*given)
        self._chat_id = chat_id
        self._filler = filler

    async def fill(self, gap: Gap) -> bool:
        """Fetch what is missing in a gap of `value.gaps`; whether nothing is any more.

        At most 100 threads at a time; where there are more, what is left is a smaller gap. Raises
        InvalidArgumentError for a gap of other threads, and what requests raise when there is no
        connection or it ends (Customer Chat API 3.5, get_chat, list_threads).
        """
        return await self._who().fill(self._chat_id, gap)

    async def refresh(self) -> ResyncReport:
        """Fetch all threads of the chat again, also those that were settled long ago: what was
        edited or deleted in them since shows only then. Raises as `fill`.
        """
        return await self._who().refresh(self._chat_id)

    def _who(self) -> Filler:
        if self._filler is None:
            raise NoConnectionError("A replay asks the server nothing.")
        return self._filler
