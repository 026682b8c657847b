"""Envelopes: request ids, versions, what can't be read, the pending limit."""

from __future__ import annotations

import json
import logging

import pytest
from sandbox_kit import Json, Raw, Token, dialled, logged_in, message, started

from livechat_customer.sandbox import Limits, Sandbox, SteppingClock
from livechat_customer.sandbox import requests as requests_module
from livechat_customer.sandbox.calls import Call

UNREADABLE: list[tuple[str | bytes, str, str | None]] = [
    ("", "", None),
    ("hello", "", None),
    ("[1]", "", None),
    ("null", "", None),
    ('"text"', "", None),
    ("{", "", None),
    ('{"a":NaN}', "", None),
    ("[" * 5_000, "", None),
    (b'{"request_id":"7","action":"ping"}', "", None),
    ("{}", "", None),
    ('{"request_id":"7"}', "", "7"),
    ('{"request_id":"7","action":5}', "", "7"),
    ('{"request_id":"7","action":null}', "", "7"),
    ('{"request_id":7,"action":"ping"}', "ping", None),
    ('{"request_id":"7","action":"ping","payload":[]}', "ping", "7"),
    ('{"request_id":"7","action":"ping","payload":"x"}', "ping", "7"),
    ('{"request_id":"7","action":"ping","version":3}', "ping", "7"),
]


@pytest.mark.parametrize(("text", "action", "request_id"), UNREADABLE)
async def test_what_cant_be_read_is_answered(
    raw: Raw, text: str | bytes, action: str, request_id: str | None
) -> None:
    await raw.socket.send(text)
    frame = await raw.next()
    assert frame.pop("request_id", None) == request_id
    error = frame["payload"]["error"]
    assert error["type"] == "validation"
    assert error["message"]
    assert frame == {
        "action": action,
        "type": "response",
        "success": False,
        "payload": {"error": error},
    }
    assert await raw.ok("ping") == {}


@pytest.mark.parametrize(
    "action", ["nonsense", "", "incoming_event", "upload_file", "get_url_info"]
)
async def test_unknown_actions(raw: Raw, action: str) -> None:
    answer = await raw.answer(action)
    assert answer["action"] == action
    assert answer["payload"]["error"]["type"] == "validation"


async def test_ping(raw: Raw) -> None:
    await raw.socket.send('{"action":"ping","payload":{}}')
    assert await raw.next() == {
        "action": "ping",
        "type": "response",
        "success": True,
        "payload": {},
    }
    await raw.socket.send('{"action":"ping","request_id":""}')
    assert (await raw.next())["request_id"] == ""


async def test_requests_without_an_id(raw: Raw) -> None:
    await raw.socket.send('{"action":"start_chat","payload":{"continuous":true}}')
    answer, push = await raw.next(), await raw.next()
    assert (answer["action"], push["action"]) == ("start_chat", "incoming_chat")
    assert "request_id" not in answer
    assert "request_id" not in push


async def test_what_is_not_ours_is_ignored(raw: Raw) -> None:
    answer = await raw.ok("get_customer", None, author_id="someone", unknown=[1])
    assert answer["type"] == "customer"


async def test_before_login(sandbox: Sandbox) -> None:
    async with dialled(sandbox) as raw:
        assert await raw.ok("ping") == {}
        for action in ("get_customer", "list_chats", "nonsense"):
            assert await raw.refused(action) == "authentication"


async def test_versions_of_one_call(sandbox: Sandbox, raw: Raw, token: Token) -> None:
    chat_id, thread_id = await started(raw, message())
    place = {"chat_id": chat_id, "thread_id": thread_id, "event_id": f"{thread_id}_1"}
    assert await raw.refused("delete_event", place) == "validation"
    assert await raw.refused("delete_event", place, version="3.5") == "validation"
    assert await raw.ok("delete_event", place, version="3.6") == {}
    for version in ("3.4", "3.7", "v3.5", ""):
        assert await raw.refused("get_customer", version=version) == "unsupported_version"
    async with logged_in(sandbox, token, "3.6") as (newer, _):
        assert await newer.refused("get_customer", version="3.5") == "unsupported_version"
        assert await newer.ok("get_customer", version="3.6")


@pytest.mark.parametrize("version", ["3.4", "9", "3.5.1", "latest"])
async def test_versions_that_are_not_served(sandbox: Sandbox, version: str) -> None:
    async with dialled(sandbox, version) as raw:
        code, (push,) = await raw.closed()
    assert (code, push["payload"]) == (1000, {"reason": "unsupported_version"})


async def test_the_eleventh_unanswered_request_is_refused(sandbox: Sandbox, raw: Raw) -> None:
    fault = sandbox.fault("delay", action="get_customer", count=None)
    ids = [await raw.send("get_customer") for _ in range(10)]
    for action in ("get_customer", "ping", "login"):
        assert await raw.refused(action) == "pending_requests_limit_reached"
    fault.release()
    assert [(await raw.next())["request_id"] for _ in ids] == ids
    assert await raw.ok("ping") == {}


async def test_a_lost_answer_keeps_its_place() -> None:
    limits = Limits(pending_requests=2)
    async with (
        Sandbox(clock=SteppingClock(), limits=limits) as sandbox,
        logged_in(sandbox) as (raw, _),
    ):
        sandbox.fault("lost_answer", action="get_customer")
        await raw.send("get_customer")
        for _ in range(5):
            assert await raw.ok("ping") == {}
        sandbox.fault("lost_answer", action="get_customer")
        await raw.send("get_customer")
        assert await raw.refused("ping") == "pending_requests_limit_reached"


async def test_requests_are_on_record(sandbox: Sandbox, raw: Raw, token: Token) -> None:
    request_id = await raw.send("get_customer", {"n": 1})
    await raw.socket.send("nonsense")
    await raw.settled()
    record = [one for one in sandbox.received if one.connection == 1]
    assert [one.action for one in record] == ["login", "ping", "get_customer", "", "ping"]
    assert [one.customer_id for one in record] == [token.customer_id] * 5
    assert record[2].request_id == request_id
    assert record[2].payload == {"n": 1}
    assert record[0].payload["token"] == f"Bearer {token.value}"
    assert token.value not in repr(record)
    assert record[3].frame == {}


async def test_the_record_is_bounded() -> None:
    async with Sandbox(limits=Limits(received=3)) as sandbox, logged_in(sandbox) as (raw, _):
        for _ in range(5):
            await raw.ok("ping")
        assert len(sandbox.received) == 3


async def test_a_defect_of_the_sandbox_is_an_internal_error(
    sandbox: Sandbox,
    raw: Raw,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(call: Call, **_: object) -> Json:
        raise RuntimeError("broken")

    monkeypatch.setattr(requests_module, "perform", broken)
    with caplog.at_level(logging.CRITICAL, requests_module.__name__):
        assert await raw.refused("get_customer") == "internal"
    monkeypatch.undo()
    assert await raw.ok("get_customer")


async def test_frames_are_compact_json_in_utf_8(raw: Raw) -> None:
    chat_id, _ = await started(raw)
    text = "größer 👍 \u2028"
    await raw.socket.send(
        json.dumps(
            {"action": "send_event", "payload": {"chat_id": chat_id, "event": message(text)}}
        )
    )
    await raw.socket.recv()
    push = await raw.socket.recv()
    assert isinstance(push, str)
    assert "größer 👍" in push
    assert ": " not in push.replace(text, "")
    assert json.loads(push)["payload"]["event"]["text"] == text
