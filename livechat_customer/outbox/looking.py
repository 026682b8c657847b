"""What the outbox asks the server before it sends: how a chat stands, and whether an attempt in
doubt had its effect."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from livechat_customer.calls import Answer
from livechat_customer.errors import CustomerSDKError, NotFoundError, ServerError
from livechat_customer.models.commands import LOCAL, START_CHAT
from livechat_customer.projections.hub import Hub
from livechat_customer.projections.outbox_facts import EntryFacts

CHATS: Final = {"limit": 25}

Ask = Callable[[str, Mapping[str, Any]], Awaitable[Answer]]
Chain = Callable[[str, str | None], Awaitable[bool]]


class Looking:
    """`ask(action, payload)` makes a request of the SDK's own. `chain(chat_id, back_to)` reads the
    threads of a chat from the newest back to that one (None: to its first) by requests made then,
    and says whether it could; see `Resyncs.chain`. The answers are folded when they return."""

    def __init__(self, hub: Hub, ask: Ask, chain: Chain) -> None:
        self._hub = hub
        self._ask = ask
        self._chain = chain

    async def read(self, chat_id: str) -> bool:
        """Whether the server said how the chat stands, of a local one which chats there are."""
        try:
            if chat_id.startswith(LOCAL):
                await self._ask("list_chats", CHATS)
            else:
                await self._ask("get_chat", {"chat_id": chat_id})
        except NotFoundError:
            return True
        except CustomerSDKError:
            return False
        return True

    async def search(self, chat_id: str, entry: EntryFacts) -> bool | None:
        """Whether everything was seen that the last attempt may have got into. None: the
        connection ended meanwhile. If the event was seen, the fold knows it by now."""
        attempt = entry.attempts[-1]
        try:
            if attempt.action != START_CHAT and not chat_id.startswith(LOCAL):
                return await self._chain(chat_id, attempt.thread_id)
            await self._ask("list_chats", CHATS)
            found = [state.facts.id for state in self._hub.root.chats.values() if state.exists]
            return all([await self._chain(each, None) for each in found])
        except ServerError:
            return False
        except CustomerSDKError:
            return None
