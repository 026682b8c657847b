"""The digest of what a client should know."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any, TypeGuard, cast

from sandbox_kit import Json, Raw, Token, message, started

from livechat_customer.sandbox import Sandbox


def is_list(value: Any) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def lean(value: Any) -> Any:
    """Without nulls and empty maps, as the canonical form wants it; written for this test."""
    if isinstance(value, dict):
        pairs = {key: lean(item) for key, item in cast("Json", value).items()}
        return {key: item for key, item in pairs.items() if item not in (None, {})}
    return [lean(item) for item in value] if is_list(value) else value


def hashed(document: Json) -> str:
    text = json.dumps(lean(document), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


async def test_it_is_made_of_the_answers(sandbox: Sandbox, raw: Raw, token: Token) -> None:
    async def expected() -> str:
        customer = await raw.ok("get_customer")
        del customer["statistics"]
        summaries = (await raw.ok("list_chats"))["chats_summary"]
        chats = [await raw.ok("get_chat", {"chat_id": one["id"]}) for one in summaries]
        return hashed({"customer": customer, "chats": sorted(chats, key=lambda one: one["id"])})

    def digest() -> str:
        return sandbox.digest(token.customer_id)

    seen = [digest()]
    assert seen[0] == await expected()
    chat_id, thread_id = await started(raw, message("größer 👍"))
    jane = sandbox.agent("Jane")
    steps: list[Callable[[], object]] = [
        lambda: jane.send_event(chat_id, {"type": "custom", "content": {"f": 1.5, "n": None}}),
        lambda: jane.mark_events_as_seen(chat_id, "2025-01-01T00:00:00Z"),
        lambda: jane.leave(chat_id),
        lambda: sandbox.set_queue(chat_id, 2, 3),
        lambda: jane.delete_event(chat_id, thread_id, f"{thread_id}_1"),
        lambda: jane.deactivate_chat(chat_id),
    ]
    for step in steps:
        step()
        assert digest() == await expected()
        seen.append(digest())
    await raw.ok("update_customer", {"name": "Ann"})
    assert digest() == await expected()
    seen.append(digest())
    assert len(set(seen)) == len(seen)


async def test_what_is_not_part_of_it(sandbox: Sandbox, raw: Raw, token: Token) -> None:
    chat_id, _ = await started(raw, message())
    jane = sandbox.agent("Jane")
    jane.join(chat_id)
    before = sandbox.digest(token.customer_id)
    await raw.ok("update_customer_page", {"url": "https://a.example/"})
    await raw.ok("send_sneak_peek", {"chat_id": chat_id, "sneak_peek_text": "x"})
    sandbox.show_greeting(token.customer_id)
    jane.typing(chat_id)
    jane.send_event(chat_id, message("note", recipients="agents"))
    sandbox.set_availability(0, "offline")
    assert sandbox.digest(token.customer_id) == before
