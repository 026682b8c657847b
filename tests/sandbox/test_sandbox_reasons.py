"""Every reason of a disconnection and every error of a login, as the control endpoints bring them."""

from __future__ import annotations

import pytest
from sandbox_kit import Json, Raw, Token, dialled, fetch_token, http, logged_in, message, started

from livechat_customer.sandbox import Limits, Sandbox

REASONS: dict[str, Json | None] = {
    "access_token_revoked": None,
    "access_token_expired": None,
    "connection_evicted": None,
    "connection_timeout": None,
    "internal_error": None,
    "service_temporarily_unavailable": None,
    "too_many_unauthorized_connections": None,
    "license_not_found": None,
    "license_expired": None,
    "misdirected_connection": {"region": "fra"},
    "unsupported_version": None,
    "too_many_connections": None,
    "logged_out_remotely": None,
    "customer_temporarily_blocked": {"timeout": 30},
    "customer_banned": None,
    "inactivity_timeout": None,
    "product_version_changed": None,
    "from_the_future": None,
}
LOGIN_ERRORS: dict[str, Json | None] = {
    "authentication": None,
    "authorization": None,
    "customer_banned": None,
    "group_not_found": None,
    "internal": None,
    "license_expired": None,
    "license_not_found": None,
    "misdirected_request": {"region": "fra"},
    "not_allowed": None,
    "request_timeout": None,
    "service_unavailable": None,
    "too_many_requests": None,
    "unsupported_version": None,
    "users_limit_reached": None,
    "validation": None,
    "wrong_product_version": None,
    "from_the_future": None,
}


async def control(sandbox: Sandbox, path: str, body: Json) -> Json:
    async with http(sandbox) as client:
        answer = await client.post(f"/_sandbox/{path}", json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def said(reason: str, version: str = "3.5") -> Json:
    """The frame that ends a connection."""
    data = REASONS[reason]
    payload: Json = {"reason": reason} | ({} if data is None else {"data": data})
    return {
        "version": version,
        "action": "customer_disconnected",
        "type": "push",
        "payload": payload,
    }


def asked_for(reason: str) -> Json:
    return {"reason": reason, "data": REASONS[reason]}


@pytest.mark.parametrize("reason", REASONS)
async def test_out_of_the_blue(sandbox: Sandbox, reason: str) -> None:
    # Nobody can unsubscribe from it, and it is said in the connection's version.
    async with (
        logged_in(sandbox, None, "3.6", pushes={"3.5": []}) as (raw, token),
        logged_in(sandbox) as (stranger, _),
        dialled(sandbox) as waiting,
    ):
        body = asked_for(reason) | {"customer_id": token.customer_id}
        assert await control(sandbox, "disconnect", body) == {"connections": 1}
        assert await raw.closed() == (1000, [said(reason, "3.6")])
        # Of all: also of those who are not logged in.
        assert await control(sandbox, "disconnect", asked_for(reason)) == {"connections": 2}
        assert await stranger.closed() == await waiting.closed() == (1000, [said(reason)])


@pytest.mark.parametrize("action", ["connect", "login", "send_event"])
@pytest.mark.parametrize("reason", REASONS)
async def test_instead_of_an_answer(sandbox: Sandbox, action: str, reason: str) -> None:
    token = await fetch_token(sandbox)
    async with dialled(sandbox) as raw:
        payload: Json = {"token": f"Bearer {token.value}"}
        if action == "send_event":
            await raw.log_in(token)
            chat_id, _ = await started(raw)
            payload = {"chat_id": chat_id, "event": message()}
        await control(
            sandbox, "faults", {"kind": "disconnect", "action": action} | asked_for(reason)
        )
        if action == "connect":
            async with dialled(sandbox) as refused:
                assert await refused.closed() == (1000, [said(reason)])
            return
        await raw.send(action, payload)
        assert await raw.closed() == (1000, [said(reason)])
    # The next one gets in.
    async with logged_in(sandbox, token):
        pass


@pytest.mark.parametrize("error", LOGIN_ERRORS)
async def test_errors_of_a_login(sandbox: Sandbox, error: str) -> None:
    token = await fetch_token(sandbox)
    given: Json = {"type": error}
    if LOGIN_ERRORS[error] is not None:
        given["data"] = LOGIN_ERRORS[error]
    await control(sandbox, "faults", {"kind": "error", "action": "login", "error": given})
    async with dialled(sandbox) as raw:
        answer = await raw.answer("login", {"token": f"Bearer {token.value}"})
        found = answer["payload"]["error"]
        assert found.pop("message")
        assert found == given
        # Nobody is logged in; the connection waits for another try.
        assert await raw.refused("list_chats") == "authentication"
        await raw.log_in(token)


@pytest.mark.parametrize("error", LOGIN_ERRORS)
async def test_errors_of_a_request(raw: Raw, sandbox: Sandbox, token: Token, error: str) -> None:
    chat_id, _ = await started(raw)
    body = {"kind": "error", "action": "send_event", "error": error}
    await control(sandbox, "faults", body | {"customer_id": token.customer_id})
    sending = {"chat_id": chat_id, "event": message()}
    async with logged_in(sandbox) as (stranger, _):
        other, _ = await started(stranger)
        assert await stranger.ok("send_event", sending | {"chat_id": other})
    assert await raw.refused("send_event", sending) == error
    assert sandbox.chats[chat_id].threads[-1].events == []
    assert await raw.ok("send_event", sending)


ORDERS: list[tuple[str, list[str]]] = [
    ("start_chat", ["incoming_chat"]),
    ("resume_chat", ["incoming_chat"]),
    ("send_event", ["incoming_event"]),
    ("update_thread_properties", ["thread_properties_updated", "incoming_event"]),
    ("mark_events_as_seen", ["events_marked_as_seen"]),
    ("update_customer", ["customer_updated"]),
    ("deactivate_chat", ["incoming_event", "chat_deactivated"]),
]


@pytest.mark.parametrize("reorder", [False, True])
@pytest.mark.parametrize(("action", "pushes"), ORDERS)
async def test_both_orders_with_the_id_where_it_belongs(
    sandbox: Sandbox, raw: Raw, action: str, pushes: list[str], reorder: bool
) -> None:
    payloads: dict[str, Json] = {"start_chat": {"continuous": True}}
    if action != "start_chat":
        chat_id, thread_id = await started(raw)
        moment = sandbox.agent("Jane").send_event(chat_id, "hi").created_at
        if action == "resume_chat":
            await raw.ok("deactivate_chat", {"id": chat_id})
        payloads |= {
            "resume_chat": {"chat": {"id": chat_id}},
            "send_event": {"chat_id": chat_id, "event": message()},
            "update_thread_properties": {
                "chat_id": chat_id,
                "thread_id": thread_id,
                "properties": {"rating": {"score": 1}},
            },
            "mark_events_as_seen": {"chat_id": chat_id, "seen_up_to": moment},
            "update_customer": {"name": "Ann"},
            "deactivate_chat": {"id": chat_id},
        }
    await raw.settled()
    if reorder:
        sandbox.fault("reorder", action=action)
    request_id = await raw.send(action, payloads[action])
    frames = await raw.settled()
    kinds = ["response", *["push"] * len(pushes)]
    first = (action == "deactivate_chat") is not reorder
    assert [frame["type"] for frame in frames] == (kinds[::-1] if first else kinds)
    told = [frame for frame in frames if frame["type"] == "push"]
    assert [frame["action"] for frame in told] == pushes
    # A system message never bears it: a client would take it for the answer.
    expected = [
        None if frame["payload"].get("event", {}).get("type") == "system_message" else request_id
        for frame in told
    ]
    assert [frame.get("request_id") for frame in told] == expected


async def test_too_many_connections_of_a_customer() -> None:
    async with (
        Sandbox(limits=Limits(connections_per_customer=1)) as sandbox,
        logged_in(sandbox) as (raw, token),
        logged_in(sandbox),
        dialled(sandbox) as second,
    ):
        await second.send("login", {"token": f"Bearer {token.value}"})
        assert await second.closed() == (1000, [said("too_many_connections")])
        # Logging in again on the one there is is none more.
        await raw.log_in(token)


async def test_too_many_who_do_not_log_in() -> None:
    async with (
        Sandbox(limits=Limits(unauthorized_connections=1)) as sandbox,
        logged_in(sandbox),
        dialled(sandbox) as first,
        dialled(sandbox) as second,
    ):
        assert await second.closed() == (1000, [said("too_many_unauthorized_connections")])
        assert await first.ok("ping") == {}


async def test_too_many_customers() -> None:
    async with (
        Sandbox(limits=Limits(online_customers=1)) as sandbox,
        logged_in(sandbox) as (raw, token),
        logged_in(sandbox, token),
        dialled(sandbox) as other,
    ):
        login = {"token": f"Bearer {(await fetch_token(sandbox)).value}"}
        assert await other.refused("login", login) == "users_limit_reached"
        sandbox.disconnect(token.customer_id, "logged_out_remotely")
        await raw.closed()
        assert await other.ok("login", login)


async def test_state_tells_what_agents_would_see(sandbox: Sandbox, raw: Raw, token: Token) -> None:
    chat_id, _ = await started(raw)
    await raw.ok("send_sneak_peek", {"chat_id": chat_id, "sneak_peek_text": "I am wri"})
    async with http(sandbox) as client:
        state = (await client.get("/_sandbox/state")).json()
    (chat,), (customer,) = state["chats"], state["customers"]
    assert (chat["sneak_peek"], chat["anonymized"]) == ("I am wri", False)
    assert (customer["id"], customer["banned"]) == (token.customer_id, False)
