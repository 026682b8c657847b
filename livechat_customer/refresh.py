"""What is asked after each login, because pushes are neither numbered nor repeated.

One `get_chat` for each chat that the login names, the active one first; `list_chats` when they are
too many. The answers go the way of all answers: into the log, and from there into the views. What
older threads may have missed meanwhile shows as a `Gap` in the history, until it is fetched.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from livechat_customer.errors import CustomerSDKError
from livechat_customer.models.wire.responses import LoginResponse

logger = logging.getLogger(__name__)

MOST_CHATS: Final = 5

Ask = Callable[[str, Mapping[str, Any]], Awaitable[object]]


async def refresh(login: LoginResponse, ask: Ask) -> None:
    """Ask for what `login` names. An error ends it: the next login begins anew."""
    chats = sorted(login.chats, key=lambda chat: not chat.has_active_thread)
    try:
        if len(chats) > MOST_CHATS:
            await ask("list_chats", {"limit": 25})
            return
        for chat in chats:
            await ask("get_chat", {"chat_id": chat.chat_id})
    except CustomerSDKError as error:
        logger.info("the chats could not be refreshed: %s", error.code)
