"""Own requests that no push tells of show in the views, and agree with the server."""

from __future__ import annotations

from typing import Any

from resync_kit import in_virtual_time, scene

import livechat_customer as lc
from livechat_customer.testing.memory import MemorySandbox

RICH: dict[str, Any] = {
    "type": "rich_message",
    "template_id": "cards",
    "elements": [{"title": "?", "buttons": [{"text": "A", "postback_id": "p", "user_ids": []}]}],
}


@in_virtual_time
async def test_a_deletion_on_a_connection_of_api_3_5() -> None:
    """`delete_event` is of API 3.6: this connection is not told of it."""
    async with MemorySandbox() as sandbox, scene(sandbox) as it:
        sent = await it.sdk.send_event(chat_id=it.chat_id, event=lc.Message(text="soon gone"))
        assert sent.thread_id is not None
        place = {"chat_id": it.chat_id, "thread_id": sent.thread_id, "event_id": sent.id}
        assert sent.id in await it.events()
        heard: list[str] = []
        it.sdk.records.subscribe(lambda record: heard.append(record.action))
        await it.sdk.request("delete_event", place, version="3.6")

        assert sent.id not in await it.events()
        assert heard == ["delete_event", "delete_event"], "the request and its answer, no push"
        await it.agree()


@in_virtual_time
async def test_a_postback_to_a_closed_thread() -> None:
    async with MemorySandbox() as sandbox, scene(sandbox) as it:
        rich = it.jane.send_event(it.chat_id, RICH)
        await it.sdk.deactivate_chat(id=it.chat_id)
        await it.sdk.send_rich_message_postback(
            chat_id=it.chat_id,
            thread_id=rich.thread_id,
            event_id=rich.event_id,
            postback={"id": "p", "toggled": True},
        )

        history = it.sdk.history(it.chat_id)
        await history.ready()
        (shown,) = (item for item in history.value or () if isinstance(item, lc.RichMessage))
        assert shown.elements[0].buttons[0].user_ids == (it.me,)
        await it.agree()
