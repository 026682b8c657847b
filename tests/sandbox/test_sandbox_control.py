"""The control endpoints, over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from sandbox_kit import Json, Raw, Token, http, logged_in, message, started

from livechat_customer.sandbox import Sandbox


class Remote:
    """A test in another language would do this."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def post(self, path: str, body: Json | None = None) -> Json:
        answer = await self.client.post(f"/_sandbox/{path}", json=body or {})
        assert answer.status_code == 200, (path, answer.text)
        return dict(answer.json())

    async def refused(self, path: str, body: Json | None = None) -> tuple[int, str]:
        answer = await self.client.post(f"/_sandbox/{path}", json=body or {})
        error = answer.json()["error"]
        assert error["message"]
        return answer.status_code, error["type"]

    async def state(self) -> Json:
        return dict((await self.client.get("/_sandbox/state")).json())


@pytest.fixture
async def remote(sandbox: Sandbox) -> AsyncIterator[Remote]:
    async with http(sandbox) as client:
        yield Remote(client)


async def test_an_agents_whole_life(remote: Remote, raw: Raw) -> None:
    chat_id, thread_id = await started(raw, message())
    jane = await remote.post("agents", {"name": "Jane", "job_title": "Chief", "groups": [0, 5]})
    assert jane == {"id": jane["id"], "name": "Jane", "type": "agent"}
    me = f"agents/{jane['id']}"
    sent = await remote.post(f"{me}/send_event", {"chat_id": chat_id, "event": message("hi")})
    assert sent == {"thread_id": thread_id, "event_id": f"{thread_id}_2"}
    assert await remote.post(f"{me}/typing", {"chat_id": chat_id, "is_typing": False}) == {}
    place = {"chat_id": chat_id} | sent
    await remote.post(f"{me}/update_event", place | {"event": message("hello")})
    moment = "2025-01-01T00:00:00.001000Z"
    seen = {"chat_id": chat_id, "seen_up_to": moment}
    await remote.post(f"{me}/mark_events_as_seen", seen)
    await remote.post(f"{me}/delete_event", place)
    await remote.post(f"{me}/transfer_chat", {"chat_id": chat_id, "group_ids": [5]})
    await remote.post(f"{me}/deactivate_chat", {"chat_id": chat_id})
    assert [action for action, _ in await raw.pushes()] == [
        "user_added_to_chat",
        "incoming_event",
        "incoming_typing_indicator",
        "event_updated",
        "events_marked_as_seen",
        "chat_transferred",
        "user_removed_from_chat",
        "incoming_event",
        "incoming_event",
        "chat_deactivated",
    ]
    given = {"chat_id": chat_id, "event": message()}
    assert await remote.refused(f"{me}/send_event", given) == (409, "chat_inactive")


async def test_given_ids_are_kept(remote: Remote) -> None:
    jane = await remote.post("agents", {"name": "Jane", "id": "jane", "avatar": "https://a.b/c"})
    assert jane["id"] == "jane"
    assert await remote.refused("agents", {"name": "Joe", "id": "jane"}) == (400, "validation")


async def test_deletion_reaches_those_who_speak_3_6(
    sandbox: Sandbox, remote: Remote, raw: Raw, token: Token
) -> None:
    chat_id, thread_id = await started(raw, message())
    jane = await remote.post("agents", {"name": "Jane"})
    async with logged_in(sandbox, token, "3.6") as (newer, _):
        place = {"chat_id": chat_id, "thread_id": thread_id, "event_id": f"{thread_id}_1"}
        await remote.post(f"agents/{jane['id']}/delete_event", place)
        assert await newer.pushes() == [("event_deleted", place)]
        assert await raw.pushes() == []
        note = sandbox.agent("Jane").send_event(chat_id, message("note", recipients="agents"))
        await newer.settled()
        hidden = {"chat_id": chat_id, "thread_id": thread_id, "event_id": note.event_id}
        await remote.post(f"agents/{jane['id']}/delete_event", hidden)
        assert await newer.pushes() == []


async def test_availability(remote: Remote, raw: Raw) -> None:
    async def status(group: int, status: str) -> list[Json]:
        assert await remote.post("availability", {"group_id": group, "status": status}) == {}
        pushed = await raw.pushes()
        assert all(action == "groups_status_updated" for action, _ in pushed)
        return [payload["groups"][0] for _, payload in pushed]

    assert await status(7, "online") == [{"id": 7, "status": "online"}]
    assert await status(7, "online") == []
    assert await status(7, "online_for_queue") == [{"id": 7, "status": "online_for_queue"}]
    assert await status(0, "online") == []
    wrong = {"group_id": 0, "status": "asleep"}
    assert await remote.refused("availability", wrong) == (400, "validation")


async def test_greetings(sandbox: Sandbox, remote: Remote, raw: Raw, token: Token) -> None:
    first = await remote.post("greetings")
    second = await remote.post(
        "greetings",
        {
            "customer_id": token.customer_id,
            "id": 40,
            "event": message("Sale!"),
            "agent_id": sandbox.agent("Jane").id,
            "addon": "email",
            "subtype": "announcement",
        },
    )
    assert second["id"] == 40
    (shown, one), (canceled, gone), (_, two) = await raw.pushes()
    assert (shown, canceled) == ("incoming_greeting", "greeting_canceled")
    assert (one["id"], one["unique_id"]) == (first["id"], first["unique_id"])
    assert gone == {"unique_id": first["unique_id"]}
    assert (two["event"]["text"], two["agent"]["name"]) == ("Sale!", "Jane")
    assert (two["addon"], two["subtype"]) == ("email", "announcement")
    for body in ({"customer_id": "x"}, {"agent_id": "x"}):
        assert await remote.refused("greetings", body) == (404, "not_found")


async def test_forms_and_queues(remote: Remote, raw: Raw) -> None:
    chat_id, thread_id = await started(raw)
    form: Json = {"id": "1", "fields": []}
    await remote.post("forms", {"group_id": 0, "type": "postchat", "form": form})
    asked = await raw.ok("get_form", {"group_id": 0, "type": "postchat"})
    assert asked == {"enabled": True, "form": form}
    wrong = {"group_id": 9, "type": "prechat", "form": form}
    assert await remote.refused("forms", wrong) == (404, "group_not_found")
    queue = {"position": 3, "wait_time": 90}
    await raw.settled()
    await remote.post("queue", {"chat_id": chat_id} | queue)
    place = {"chat_id": chat_id, "thread_id": thread_id}
    assert await raw.pushes() == [("queue_position_updated", place | {"queue": queue})]
    await raw.ok("deactivate_chat", {"id": chat_id})
    assert await remote.refused("queue", {"chat_id": chat_id} | queue) == (409, "chat_inactive")


async def test_history(remote: Remote, raw: Raw, token: Token) -> None:
    threads = [
        {
            "id": "OLD",
            "created_at": "2024-05-01T10:00:00.000000Z",
            "events": [
                message("old", id="E", created_at="2024-05-01T10:00:01Z", author_id="someone")
            ],
        }
    ]
    answer = await remote.post("history", {"customer_id": token.customer_id, "threads": threads})
    assert await raw.pushes() == []
    shown = await raw.ok("get_chat", answer)
    assert [event["id"] for event in shown["thread"]["events"]] == ["E"]
    mistakes: list[tuple[Json, tuple[int, str]]] = [
        ({"chat_id": "x", "threads": []}, (404, "not_found")),
        ({"customer_id": "x", "threads": []}, (404, "not_found")),
        ({"threads": []}, (400, "validation")),
        ({"chat_id": answer["chat_id"]}, (400, "validation")),
        ({"chat_id": answer["chat_id"], "threads": [{}]}, (400, "validation")),
    ]
    for body, refusal in mistakes:
        assert await remote.refused("history", body) == refusal


async def test_pushes_go_out_as_they_are(sandbox: Sandbox, remote: Remote) -> None:
    async with (
        logged_in(sandbox, pushes={"3.5": []}) as (raw, token),
        logged_in(sandbox, None, "3.6") as (stranger, _),
    ):
        body: Json = {"action": "from_the_future", "payload": {"x": [1]}}
        own = await remote.post("push", body | {"customer_id": token.customer_id})
        assert own == {"connections": 1}
        assert await remote.post("push", body) == {"connections": 2}
        frame = {"action": "from_the_future", "type": "push", "payload": {"x": [1]}}
        assert await raw.settled() == [{"version": "3.5"} | frame] * 2
        assert await stranger.settled() == [{"version": "3.6"} | frame]
        assert await remote.refused("push", {"action": "x"}) == (400, "validation")


async def test_disconnecting(sandbox: Sandbox, remote: Remote, raw: Raw, token: Token) -> None:
    async with logged_in(sandbox) as (stranger, _):
        reason = {"reason": "internal_error", "data": {"a": 1}}
        body = {"customer_id": token.customer_id} | reason
        assert await remote.post("disconnect", body) == {"connections": 1}
        code, (push,) = await raw.closed()
        assert (code, push["action"], push["payload"]) == (1000, "customer_disconnected", reason)
        assert await stranger.ok("ping") == {}
        assert await remote.post("disconnect") == {"connections": 1}
        assert await stranger.closed() == (None, [])
    async with logged_in(sandbox, token):
        pass


async def test_faults(remote: Remote, raw: Raw) -> None:
    fault = await remote.post("faults", {"kind": "error", "error": {"type": "internal"}})
    assert list(fault) == ["id"]
    assert await raw.refused("get_customer") == "internal"
    await remote.post("faults", {"kind": "error", "error": "not_allowed", "count": None})
    assert [await raw.refused("get_customer") for _ in range(3)] == ["not_allowed"] * 3
    assert await remote.refused("faults", {"kind": "gremlins"}) == (400, "validation")
    for body in (
        {},
        {"kind": "delay", "seconds": "long"},
        {"kind": "cut", "count": "many"},
        {"kind": "assumption"},
        {"kind": "assumption", "assumption": "all will be well"},
        {"kind": "cut", "assumption": "pushes_in_order"},
    ):
        assert await remote.refused("faults", body) == (400, "validation")


async def test_an_assumption_is_broken(remote: Remote, raw: Raw) -> None:
    chat_id, _ = await started(raw)
    await remote.post("faults", {"kind": "assumption", "assumption": "custom_id_echoed"})
    event = {"type": "message", "text": "hi", "custom_id": "mine"}
    await raw.ok("send_event", {"chat_id": chat_id, "event": event})
    assert "custom_id" not in next(
        push["event"] for name, push in await raw.pushes() if name == "incoming_event"
    )


async def test_a_held_answer_is_released_by_deleting_the_fault(remote: Remote, raw: Raw) -> None:
    fault = await remote.post("faults", {"kind": "delay", "action": "get_customer"})
    await raw.send("get_customer")
    assert await raw.settled() == []
    answer = await remote.client.delete(f"/_sandbox/faults/{fault['id']}")
    assert (answer.status_code, answer.json()) == (200, {})
    assert (await raw.next())["action"] == "get_customer"
    gone = await remote.client.delete("/_sandbox/faults/nonsense")
    assert (gone.status_code, gone.json()["error"]["type"]) == (404, "not_found")


async def test_state_and_reset(sandbox: Sandbox, remote: Remote, raw: Raw, token: Token) -> None:
    chat_id, _ = await started(raw, message("hello"))
    await remote.post("agents", {"name": "Jane"})
    state = await remote.state()
    assert list(state) == ["customers", "chats", "agents", "groups", "connections"]
    assert [one["id"] for one in state["customers"]] == [token.customer_id]
    assert [one["id"] for one in state["chats"]] == [chat_id]
    assert [one["name"] for one in state["agents"]] == ["Jane"]
    assert token.value not in str(state)
    assert await remote.post("reset") == {}
    assert await raw.closed() == (None, [])
    assert await remote.state() == {
        "customers": [],
        "chats": [],
        "agents": [],
        "groups": [{"id": 0, "status": "online"}],
        "connections": [],
    }


@pytest.mark.usefixtures("token")
async def test_mistakes(remote: Remote) -> None:
    assert await remote.refused("nonsense") == (404, "not_found")
    assert await remote.refused("agents/x/send_event") == (404, "not_found")
    jane = await remote.post("agents", {"name": "Jane"})
    assert await remote.refused(f"agents/{jane['id']}/dance") == (404, "not_found")
    me = f"agents/{jane['id']}/send_event"
    assert await remote.refused(me, {"event": message()}) == (400, "validation")
    unknown = {"chat_id": "x", "event": message()}
    assert await remote.refused(me, unknown) == (404, "not_found")
    assert await remote.refused("agents") == (400, "validation")
    for content in (b"{", b"[]", b"\xff"):
        answer = await remote.client.post("/_sandbox/agents", content=content)
        assert (answer.status_code, answer.json()["error"]["type"]) == (400, "validation")
    wrong_verb = await remote.client.get("/_sandbox/reset")
    assert (wrong_verb.status_code, wrong_verb.json()["error"]["type"]) == (405, "validation")
    mistakes: list[tuple[str, Json]] = [
        ("forms", {"group_id": 0, "type": "survey", "form": {}}),
        ("queue", {"chat_id": "x", "position": 0, "wait_time": 1}),
        ("queue", {"chat_id": "x", "position": 1, "wait_time": -1}),
        ("faults", {"kind": "error", "error": {"type": ["internal"]}}),
        ("faults", {"kind": "error", "error": {"type": "internal", "status": "teapot"}}),
        ("advance", {"seconds": -1}),
        ("advance", {"seconds": 1e300}),
        ("greetings", {"event": {"type": "message"}}),
    ]
    for path, body in mistakes:
        assert await remote.refused(path, body) == (400, "validation"), path
    assert len((await remote.state())["agents"]) == 1
    empty = await remote.client.post("/_sandbox/reset")
    assert empty.status_code == 200
