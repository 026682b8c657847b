"""What is asked after a login."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from livechat_customer.errors import ConnectionLostError
from livechat_customer.models.wire.responses import LoginChat, LoginResponse
from livechat_customer.refresh import MOST_CHATS, refresh


async def asked(*chats: LoginChat, fail: bool = False) -> list[tuple[str, dict[str, Any]]]:
    heard: list[tuple[str, dict[str, Any]]] = []

    async def ask(action: str, payload: Mapping[str, Any]) -> None:
        heard.append((action, dict(payload)))
        if fail:
            raise ConnectionLostError

    await refresh(LoginResponse(chats=chats), ask)
    return heard


async def test_each_chat_is_asked_for_the_active_one_first() -> None:
    found = await asked(LoginChat("a"), LoginChat("b", has_active_thread=True))
    assert found == [("get_chat", {"chat_id": "b"}), ("get_chat", {"chat_id": "a"})]


async def test_many_chats_are_listed_instead() -> None:
    chats = [LoginChat(str(number)) for number in range(MOST_CHATS + 1)]
    assert await asked(*chats) == [("list_chats", {"limit": 25})]


async def test_nothing_is_asked_without_chats_and_an_error_ends_it_quietly() -> None:
    assert await asked() == []
    assert len(await asked(LoginChat("a"), LoginChat("b"), fail=True)) == 1
