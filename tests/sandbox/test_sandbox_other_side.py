"""Chats and forms that the other side begins, and where a login's answer leads."""

from __future__ import annotations

import pytest
from sandbox_kit import Json, Raw, Token, http, logged_in, message, started

from livechat_customer.sandbox import ApiError, Sandbox

NAME: Json = {"type": "name", "id": "0", "label": "Name"}


def form_of(kind: str | None) -> Json:
    form: Json = {"form_id": "7", "fields": [NAME | {"required": True}]}
    return form if kind is None else form | {"form_type": kind}


async def test_an_agent_begins_a_chat(sandbox: Sandbox, raw: Raw, token: Token) -> None:
    jane = sandbox.agent("Jane")
    chat_id = jane.start_chat(token.customer_id, "Did it arrive?")
    ((action, payload),) = await raw.pushes()
    assert (action, payload["requester_id"]) == ("incoming_chat", jane.id)
    assert payload["chat"]["id"] == chat_id
    thread = payload["chat"]["thread"]
    assert (thread["active"], thread["user_ids"]) == (True, [token.customer_id, jane.id])
    (event,) = thread["events"]
    assert (event["text"], event["author_id"]) == ("Did it arrive?", jane.id)
    users = {user["id"]: user for user in payload["chat"]["users"]}
    assert users[jane.id]["present"] is True
    # The customer has not seen it.
    assert "events_seen_up_to" not in users[token.customer_id]
    assert (await raw.log_in(token))["chats"][0]["has_unread_events"] is True
    # Jane is in it, so her next event announces nobody.
    await raw.settled()
    jane.send_event(chat_id, "Hello?")
    assert [action for action, _ in await raw.pushes()] == ["incoming_event"]
    with pytest.raises(ApiError, match="chat_already_active"):
        jane.start_chat(token.customer_id)
    await raw.ok("deactivate_chat", {"id": chat_id})
    await raw.settled()
    assert jane.start_chat(token.customer_id) == chat_id
    ((_, payload),) = await raw.pushes()
    assert payload["chat"]["thread"]["previous_thread_id"] == thread["id"]
    assert payload["chat"]["thread"]["events"] == []
    with pytest.raises(ApiError, match="not_found"):
        jane.start_chat("x")


async def test_the_same_from_afar(sandbox: Sandbox, raw: Raw, token: Token) -> None:
    path = f"/_sandbox/agents/{sandbox.agent('Jane').id}/start_chat"
    body = {"customer_id": token.customer_id, "event": message("Hi"), "continuous": False}
    async with http(sandbox) as client:
        answer = await client.post(path, json=body)
        assert answer.json() == {"chat_id": next(iter(sandbox.chats))}
        again = await client.post(path, json=body)
        assert (again.status_code, again.json()["error"]["type"]) == (422, "chat_already_active")
        chat_id = answer.json()["chat_id"]
        form = {"chat_id": chat_id, "form": form_of("postchat")}
        asked = await client.post("/_sandbox/form_event", json=form)
        wrong = await client.post("/_sandbox/form_event", json={"chat_id": chat_id, "form": {}})
        assert wrong.status_code == 400
    (_, begun), (_, told) = await raw.pushes()
    assert "properties" not in begun["chat"]
    assert told["event"]["id"] == asked.json()["event_id"]


@pytest.mark.parametrize("kind", ["ask_for_email", None])
async def test_a_form_that_the_service_sends(sandbox: Sandbox, raw: Raw, kind: str | None) -> None:
    chat_id, _ = await started(raw)
    event_id = sandbox.send_form(chat_id, form_of(kind))
    ((_, told),) = await raw.pushes()
    assert (told["event"]["id"], told["event"].get("form_type")) == (event_id, kind)
    assert "author_id" not in told["event"]
    filled = {"type": "filled_form", "form_id": "7", "fields": [NAME | {"answer": "Ann"}]}
    await raw.ok("send_event", {"chat_id": chat_id, "event": filled})
    ((_, told),) = await raw.pushes()
    assert told["event"].get("form_type") == kind


async def test_a_form_before_the_chat(sandbox: Sandbox, raw: Raw) -> None:
    sandbox.set_form(0, "prechat", {"id": "7", "fields": [NAME]})
    filled = {"type": "filled_form", "form_id": "7", "fields": [NAME | {"answer": "Ann"}]}
    own: Json = {"type": "form", "form_id": "8", "fields": [], "form_type": "mine"}
    chat_id, thread_id = await started(raw, filled, own)
    first, second = (await raw.ok("get_chat", {"chat_id": chat_id}))["thread"]["events"]
    assert first["form_type"] == "prechat"
    # A customer has no say in it.
    assert (second["id"], "form_type" in second) == (f"{thread_id}_2", False)


async def test_where_a_logins_answer_leads(sandbox: Sandbox, token: Token) -> None:
    async with logged_in(sandbox, token) as (raw, _), http(sandbox) as client:
        config = (await raw.log_in(token))["__priv_dynamic_config"]
        group = config["customer_groups"]["monitoring"]
        for name in ("static_config_url", "language_config_url"):
            assert (await client.get(group[name])).status_code == 200
        assert config["static_config_version"]


async def test_a_page_at_login_may_bring_a_greeting(sandbox: Sandbox, token: Token) -> None:
    sandbox.set_goal(url="/prices", greeting={"agent_id": sandbox.agent("Jane").id})
    async with logged_in(sandbox, token) as (raw, _):
        await raw.log_in(token, customer_page={"url": "https://a.example/"})
        assert await raw.pushes() == []
        answer = await raw.answer(
            "login",
            {
                "token": f"Bearer {token.value}",
                "customer_page": {"url": "https://a.example/prices"},
            },
        )
        # It comes after the answer, which does not know it yet.
        assert "greeting" not in answer["payload"]
        assert [action for action, _ in await raw.pushes()] == ["incoming_greeting"]
