from __future__ import annotations

import json

from sandbox_kit import Raw, Token, http, message, started

from livechat_customer.sandbox import Sandbox


async def test_everything_is_there_but_secrets(sandbox: Sandbox, raw: Raw, token: Token) -> None:
    chat_id, thread_id = await started(raw, message("hello"))
    jane = sandbox.add_agent("Jane", groups=[2])
    jane.send_event(chat_id, message("note", recipients="agents"))
    await raw.ok("update_customer_page", {"url": "https://a.example/"})
    async with http(sandbox) as client:
        state = (await client.get("/_sandbox/state")).json()
    (customer,) = state["customers"]
    assert customer["organization_id"] == sandbox.organization_id
    assert customer["page"] == {"url": "https://a.example/"}
    (chat,) = state["chats"]
    assert (chat["id"], chat["customer_id"], chat["active"]) == (chat_id, token.customer_id, True)
    (thread,) = chat["threads"]
    assert thread["id"] == thread_id
    assert [event["text"] for event in thread["events"]] == ["hello", "note"]
    assert state["agents"] == [
        {
            "id": jane.id,
            "name": "Jane",
            "type": "agent",
            "job_title": "Support Agent",
            "groups": [2],
            "is_bot": False,
        }
    ]
    assert state["groups"] == [{"id": 0, "status": "online"}, {"id": 2, "status": "online"}]
    assert state["connections"] == [
        {
            "number": 1,
            "customer_id": token.customer_id,
            "organization_id": sandbox.organization_id,
            "version": "3.5",
        }
    ]
    text = json.dumps(state)
    assert token.value not in text
    assert token.cookies["__lc_cst"] not in text
