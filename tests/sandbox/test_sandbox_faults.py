"""Each fault, as a client meets it."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import pytest
from sandbox_kit import Json, Raw, Token, dialled, fetch_token, logged_in, message, started
from websockets.exceptions import InvalidStatus

from livechat_customer.sandbox import KINDS, Limits, Sandbox, SteppingClock
from livechat_customer.sandbox.faults import Fault, FaultError, Faults


async def sent(raw: Raw, chat_id: str, text: str = "hello") -> str:
    return await raw.send("send_event", {"chat_id": chat_id, "event": message(text)})


def texts(sandbox: Sandbox, chat_id: str) -> list[str]:
    thread = sandbox.chats[chat_id].threads[-1]
    return [event["text"] for event in thread.events]


async def test_cut_before_the_effect(sandbox: Sandbox, raw: Raw) -> None:
    chat_id, _ = await started(raw)
    sandbox.fault("cut", action="send_event")
    await sent(raw, chat_id)
    assert await raw.closed() == (None, [])
    assert texts(sandbox, chat_id) == []


async def test_drop_after_the_effect(sandbox: Sandbox, raw: Raw, token: Token) -> None:
    chat_id, _ = await started(raw)
    async with logged_in(sandbox, token) as (other, _):
        sandbox.fault("drop", action="send_event")
        await sent(raw, chat_id)
        assert await raw.closed() == (None, [])
        assert texts(sandbox, chat_id) == ["hello"]
        assert [action for action, _ in await other.pushes()] == ["incoming_event"]


async def test_a_lost_answer(sandbox: Sandbox, raw: Raw) -> None:
    chat_id, _ = await started(raw)
    fault = sandbox.fault("lost_answer", action="send_event")
    await sent(raw, chat_id)
    (push,) = await raw.settled()
    assert (push["action"], fault.fired, fault.left) == ("incoming_event", 1, 0)
    assert await raw.ok("send_event", {"chat_id": chat_id, "event": message()})


async def test_a_held_answer(sandbox: Sandbox, raw: Raw) -> None:
    chat_id, _ = await started(raw)
    fault = sandbox.fault("delay", action="get_chat")
    request_id = await raw.send("get_chat", {"chat_id": chat_id})
    await sandbox.wait_until(lambda: fault.fired)
    sandbox.agent("Jane").send_event(chat_id, "meanwhile")
    pushed = await raw.settled()
    assert [push["action"] for push in pushed] == ["user_added_to_chat", "incoming_event"]
    fault.release()
    answer = await raw.next()
    # It was read before what has been pushed since: an answer may be older than a push.
    assert (answer["request_id"], answer["payload"]["thread"]["events"]) == (request_id, [])


async def test_an_answer_that_takes_its_time(sandbox: Sandbox, raw: Raw) -> None:
    sandbox.fault("delay", action="get_customer", seconds=0.02)
    request_id = await raw.send("get_customer")
    assert await raw.settled() == []
    assert (await raw.next())["request_id"] == request_id


async def test_the_server_gives_up_in_the_end() -> None:
    limits = Limits(request_timeout=0.02)
    async with (
        Sandbox(limits=limits, clock=SteppingClock()) as sandbox,
        logged_in(sandbox) as (raw, _),
    ):
        chat_id, _ = await started(raw)
        sandbox.fault("delay", action="send_event", seconds=9)
        refused = await raw.refused("send_event", {"chat_id": chat_id, "event": message()})
        assert refused == "request_timeout"
        assert texts(sandbox, chat_id) == ["hello"]


async def test_a_late_effect(sandbox: Sandbox, raw: Raw, token: Token) -> None:
    chat_id, _ = await started(raw)
    async with logged_in(sandbox, token) as (other, _):
        sandbox.fault("late_effect", action="send_event", seconds=0.02)
        await sent(raw, chat_id)
        assert await raw.closed() == (None, [])
        assert texts(sandbox, chat_id) == []
        push = await other.next()
        assert (push["action"], "request_id" in push) == ("incoming_event", False)
        assert texts(sandbox, chat_id) == ["hello"]
        sandbox.fault("late_effect", action="send_event")
        await other.send("send_event", {"chat_id": "NOPE", "event": message()})
        await other.closed()


@pytest.mark.parametrize(
    ("action", "usual"), [("send_event", ["response", "push"]), ("deactivate_chat", None)]
)
async def test_both_orders(
    sandbox: Sandbox, raw: Raw, action: str, usual: list[str] | None
) -> None:
    chat_id, _ = await started(raw)
    payloads: dict[str, Json] = {
        "send_event": {"chat_id": chat_id, "event": message()},
        "deactivate_chat": {"id": chat_id},
    }
    expected = usual or ["push", "push", "response"]
    sandbox.fault("reorder", action=action)
    await raw.send(action, payloads[action])
    frames = [await raw.next() for _ in expected]
    assert [frame["type"] for frame in frames] == expected[::-1]
    if usual:
        await raw.send(action, payloads[action])
        assert [(await raw.next())["type"] for _ in expected] == expected


async def test_duplicates(sandbox: Sandbox, raw: Raw) -> None:
    chat_id, _ = await started(raw)
    sandbox.fault("duplicate", action="incoming_event")
    sandbox.fault("duplicate", action="send_event")
    await sent(raw, chat_id)
    one, two, three, four = await raw.settled()
    assert one == two
    assert three == four
    assert (one["type"], three["type"]) == ("response", "push")
    await sent(raw, chat_id)
    assert len(await raw.settled()) == 2
    # Nor does a doubled answer free two places among the pending requests.
    assert all(connection.pending <= 1 for connection in sandbox.connections)


async def test_a_lost_push(sandbox: Sandbox, raw: Raw, token: Token) -> None:
    chat_id, _ = await started(raw)
    async with logged_in(sandbox, token) as (other, _):
        sandbox.fault("lost_push", action="incoming_event")
        await sent(raw, chat_id)
        pushed = len(await raw.pushes()), len(await other.pushes())
        assert pushed == (0, 1)


async def test_errors(sandbox: Sandbox, raw: Raw) -> None:
    chat_id, _ = await started(raw)
    sandbox.fault("error", action="send_event", error="too_many_requests", count=2)
    given = {"chat_id": chat_id, "event": message()}
    for _ in range(2):
        answer = await raw.answer("send_event", given)
        assert answer["payload"]["error"] == {
            "type": "too_many_requests",
            "message": "Too many requests",
        }
    assert texts(sandbox, chat_id) == []
    await raw.ok("send_event", given)
    await raw.settled()
    for error, expected in (
        (None, {"type": "internal", "message": "Internal server error"}),
        ({"type": "x", "message": "m", "data": {"a": 1}}, None),
    ):
        sandbox.fault("error", error=error)
        answer = await raw.answer("get_customer")
        assert answer["payload"]["error"] == (expected or error)


async def test_login_errors_and_dismissals(sandbox: Sandbox) -> None:
    token = await fetch_token(sandbox)
    login = {"token": f"Bearer {token.value}"}
    sandbox.fault("error", action="login", error="users_limit_reached")
    reason = "misdirected_connection"
    async with dialled(sandbox) as raw:
        assert await raw.refused("login", login) == "users_limit_reached"
        sandbox.fault("disconnect", action="login", reason=reason, data={"region": "fra"})
        await raw.send("login", login)
        code, (push,) = await raw.closed()
    assert code == 1000
    assert push["payload"] == {"reason": reason, "data": {"region": "fra"}}
    sandbox.fault("disconnect", action="connect", reason="too_many_unauthorized_connections")
    async with dialled(sandbox) as raw:
        _, (push,) = await raw.closed()
    assert push["payload"] == {"reason": "too_many_unauthorized_connections"}
    async with dialled(sandbox) as raw:
        assert await raw.log_in(token)


async def test_refused_handshakes(sandbox: Sandbox) -> None:
    token = await fetch_token(sandbox)
    sandbox.fault("refuse", count=2)
    for _ in range(2):
        with pytest.raises(InvalidStatus, match="403"):
            async with dialled(sandbox):
                pass
    async with dialled(sandbox) as raw:
        await raw.log_in(token)


async def test_tokens_expire(sandbox: Sandbox, raw: Raw, token: Token) -> None:
    async with logged_in(sandbox) as (stranger, _):
        sandbox.fault("expire_token", customer_id=token.customer_id)
        code, (push,) = await raw.closed()
        assert (code, push["payload"]) == (1000, {"reason": "access_token_expired"})
        assert await stranger.ok("ping") == {}
        async with dialled(sandbox) as again:
            login = {"token": f"Bearer {token.value}"}
            assert await again.refused("login", login) == "authentication"
            await again.log_in(await fetch_token(sandbox, token.cookies))
        sandbox.fault("expire_token", seconds=0.01)
        code, (push,) = await stranger.closed()
        assert push["payload"] == {"reason": "access_token_expired"}


async def test_half_open(sandbox: Sandbox, raw: Raw, token: Token) -> None:
    chat_id, _ = await started(raw)
    async with logged_in(sandbox, token) as (other, _):
        sandbox.fault("half_open", action="get_customer")
        await raw.send("get_customer")
        await sandbox.wait_until(lambda: any(one.silent for one in sandbox.connections))
        await raw.send("ping")
        await sent(raw, chat_id)
        ponged = asyncio.ensure_future(await raw.socket.ping())
        sandbox.agent("Jane").send_event(chat_id, "anybody there?")
        # The other device's traffic passes meanwhile; nothing reaches the silent one.
        assert len(await other.pushes()) == 2
        assert texts(sandbox, chat_id) == ["anybody there?"]
        assert not ponged.done()
        assert len(sandbox.connections) == 2
        sandbox.disconnect(token.customer_id)
        assert await raw.closed() == (None, [])
        with pytest.raises(Exception, match="close"):
            await ponged


async def test_faults_find_their_customer(sandbox: Sandbox, raw: Raw, token: Token) -> None:
    async with logged_in(sandbox) as (stranger, _):
        sandbox.fault("error", customer_id=token.customer_id)
        assert await stranger.ok("get_customer")
        assert await raw.ok("ping") == {}
        assert await raw.refused("get_customer") == "internal"
        # A login's token tells whose it is.
        sandbox.fault("error", customer_id=token.customer_id, action="login")
        assert await stranger.ok("ping") == {}
        login = {"token": f"Bearer {token.value}"}
        async with dialled(sandbox) as fresh:
            assert await fresh.refused("login", login) == "internal"


MISTAKES: list[dict[str, Any]] = [
    {"kind": "gremlins"},
    {"kind": "cut", "count": 0},
    {"kind": "delay", "seconds": -1},
    {"kind": "disconnect"},
    {"kind": "refuse", "customer_id": "x"},
    {"kind": "error", "error": {"type": 5}},
    {"kind": "error", "error": {"type": "internal", "message": []}},
    {"kind": "error", "error": {"html": 5}},
    {"kind": "error", "error": {"type": "internal", "status": True}},
]


@pytest.mark.parametrize("given", MISTAKES)
def test_faults_that_cant_be(given: dict[str, Any]) -> None:
    with pytest.raises(FaultError):
        Faults(lambda: None).add(**given)


def test_counting() -> None:
    fired: list[int] = []
    faults = Faults(lambda: fired.append(1))
    twice = faults.add("cut", action="a", count=2)
    ever = faults.add("drop", count=None)
    assert list(faults) == [twice, ever]

    def take(kind: str, action: str = "a") -> Fault | None:
        return faults.take(kind, action, None)

    assert (take("cut", "b"), take("error")) == (None, None)
    assert [take("cut") for _ in range(3)] == [twice, twice, None]
    assert [take("drop") for _ in range(3)] == [ever] * 3
    assert [take("drop", action) for action in ("ping", "login", "connect", "token")] == [None] * 4
    assert len(fired) == 5
    assert faults.remove(ever.id)
    assert take("drop") is None
    assert not faults.remove("nonsense")
    faults.clear()
    assert not faults.remove(ever.id)


def test_removing_releases_what_is_held() -> None:
    faults = Faults(lambda: None)
    fault, order = faults.add("delay"), list[int]()
    assert faults.take("delay", "x", None) is fault
    for number in (1, 2):
        fault.hold(partial(order.append, number))
    assert faults.remove(fault.id)
    fault.release()
    assert order == [1, 2]


def test_every_kind_is_explained() -> None:
    assert all(KINDS.values())
