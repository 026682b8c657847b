"""What the service does by itself, in Python and under `/_sandbox/`."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sandbox_kit import Json, Raw, Token, http, logged_in, message, started

from livechat_customer.sandbox import ApiError, Sandbox


class Remote:
    """A test in another language would do this."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def post(self, path: str, body: Json | None = None, status: int = 200) -> Json:
        async with http(self._sandbox) as client:
            answer = await client.post(f"/_sandbox/{path}", json=body or {})
        assert answer.status_code == status, answer.text
        return dict(answer.json())


@pytest.fixture
def remote(sandbox: Sandbox) -> Remote:
    return Remote(sandbox)


@pytest.fixture
async def newer(sandbox: Sandbox, token: Token) -> AsyncIterator[Raw]:
    async with logged_in(sandbox, token, "3.6") as (one, _):
        yield one


@pytest.mark.parametrize("content", [{"a": [1]}, "text", 7, None])
async def test_multicasts(
    sandbox: Sandbox, remote: Remote, raw: Raw, token: Token, content: object
) -> None:
    jane = sandbox.agent("Jane")
    async with logged_in(sandbox) as (stranger, _):
        await remote.post("multicast", {"content": content})
        expected: Json = {"content": content}
        assert await raw.pushes() == await stranger.pushes() == [("incoming_multicast", expected)]
        body = {"content": content, "customer_id": token.customer_id}
        await remote.post(f"agents/{jane.id}/multicast", body)
        signed = expected | {"author_id": jane.id}
        assert await raw.pushes() == [("incoming_multicast", signed)]
        assert await stranger.pushes() == []
    await remote.post("multicast", {}, 400)


async def test_side_storage(sandbox: Sandbox, remote: Remote, raw: Raw, token: Token) -> None:
    given = {"customer_side_storage": {"a": "b"}}
    await remote.post("side_storage", given)
    assert await raw.pushes() == [("customer_side_storage_updated", given)]
    assert sandbox.customers[token.customer_id].side_storage == {"a": "b"}
    # The client brings it back.
    await raw.log_in(token, customer_side_storage={"a": "c"})
    assert sandbox.customers[token.customer_id].side_storage == {"a": "c"}
    await remote.post("side_storage", {"customer_side_storage": {"a": 1}}, 400)
    await remote.post("side_storage", {}, 400)
    await remote.post("side_storage", given | {"customer_id": "x"}, 404)


async def test_system_events_are_for_3_6(
    sandbox: Sandbox, remote: Remote, raw: Raw, newer: Raw
) -> None:
    chat_id, thread_id = await started(raw, message())
    await newer.settled()
    body = {"chat_id": chat_id, "source": "ai_agents", "subtype": "handoff", "custom_id": "c"}
    answer = await remote.post("system_event", body)
    assert answer == {"event_id": f"{thread_id}_2"}
    assert await raw.pushes() == []
    ((action, payload),) = await newer.pushes()
    event = payload["event"]
    assert (action, event["id"], event["details"]) == ("incoming_event", answer["event_id"], "{}")
    assert (event["type"], event["version"], event["custom_id"]) == ("system", 1, "c")
    assert "author_id" not in event
    for one, count in ((raw, 1), (newer, 2)):
        shown = await one.ok("get_chat", {"chat_id": chat_id})
        assert len(shown["thread"]["events"]) == count
        (summary,) = (await one.ok("list_chats"))["chats_summary"]
        assert ("system" in summary["last_event_per_type"]) is (count == 2)
    await remote.post("system_event", {"chat_id": chat_id}, 400)


async def test_any_system_message(sandbox: Sandbox, remote: Remote, raw: Raw) -> None:
    chat_id, _ = await started(raw)
    named = {"system_message_type": "customer_added"}
    variables = {"initiator": "Jane", "customer": "Ann"}
    body = {"chat_id": chat_id, "text_vars": variables} | named
    answer = await remote.post("system_message", body)
    ((_, payload),) = await raw.pushes()
    assert payload["event"]["id"] == answer["event_id"]
    assert payload["event"]["text"] == "Jane added Ann to the chat"
    await remote.post("system_message", body | {"system_message_type": "x"}, 400)
    await raw.ok("deactivate_chat", {"id": chat_id})
    await remote.post("system_message", body, 409)


async def test_a_chat_without_its_personal_data(remote: Remote, raw: Raw, newer: Raw) -> None:
    chat_id, thread_id = await started(raw, message())
    await remote.post("anonymize", {"chat_id": chat_id})
    place = {"chat_id": chat_id, "thread_id": thread_id}
    values: Json = {"properties": {"test": {"int_property": 1}}}
    names: Json = {"properties": {"test": ["int_property"]}}
    event = place | {"event_id": f"{thread_id}_1"}
    refused: list[tuple[str, Json]] = [
        ("send_event", {"chat_id": chat_id, "event": message()}),
        ("resume_chat", {"chat": {"id": chat_id}}),
        ("send_rich_message_postback", event | {"postback": {"id": "x", "toggled": True}}),
        ("update_chat_properties", {"id": chat_id} | values),
        ("delete_chat_properties", {"id": chat_id} | names),
        ("update_thread_properties", place | values),
        ("delete_thread_properties", place | names),
        ("update_event_properties", event | values),
        ("delete_event_properties", event | names),
        ("delete_event", event),
    ]
    for action, payload in refused:
        assert await newer.refused(action, payload) == "chat_anonymized", action
    assert (await raw.ok("get_chat", {"chat_id": chat_id}))["id"] == chat_id
    await remote.post("anonymize", {"chat_id": "NOPE"}, 404)


async def test_routing_and_time_from_afar(remote: Remote, raw: Raw) -> None:
    chat_id, _ = await started(raw)
    jane = await remote.post("agents", {"name": "Jane"})
    body = {"chat_id": chat_id, "move": "assign", "agent_id": jane["id"]}
    await remote.post("route", body)
    assert [action for action, _ in await raw.pushes()] == [
        "chat_transferred",
        "user_added_to_chat",
        "incoming_event",
    ]
    await remote.post("route", {"chat_id": chat_id, "move": "archive", "cause": "x"}, 400)
    await remote.post("advance", {"seconds": 1_800})
    assert [action for action, _ in await raw.pushes()] == ["incoming_event", "chat_deactivated"]
    await remote.post("route", body, 409)
    await remote.post("advance", {"seconds": -1}, 400)


async def test_welcomes_from_afar(remote: Remote, newer: Raw) -> None:
    await remote.post("welcome", status=404)
    jane = await remote.post("agents", {"name": "Jane"})
    await remote.post("welcome_text", {"text": "Hi!"})
    shown = await remote.post("welcome")
    await remote.post("welcome", {"agent_id": jane["id"]})
    pushed = await newer.pushes()
    assert [action for action, _ in pushed] == ["incoming_welcome_message"] * 2
    assert pushed[0][1]["id"] == shown["id"]
    assert pushed[0][1]["event"]["text"] == "Hi!"
    await remote.post("welcome", {"agent_id": "x"}, 404)


async def test_unbanning(sandbox: Sandbox, remote: Remote, token: Token) -> None:
    jane = sandbox.agent("Jane")
    await remote.post(f"agents/{jane.id}/ban_customer", {"customer_id": token.customer_id})
    assert sandbox.customers[token.customer_id].banned
    await remote.post("unban", {"customer_id": token.customer_id})
    async with logged_in(sandbox, token):
        pass
    with pytest.raises(ApiError, match="not_found"):
        sandbox.unban("x")
