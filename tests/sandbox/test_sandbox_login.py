"""login, subscriptions, and what is told before it (protocol: login, versions, life cycle)."""

from __future__ import annotations

import pytest
from sandbox_kit import Json, Raw, Token, dialled, fetch_token, logged_in, message, started

from livechat_customer.sandbox import Sandbox, SteppingClock


async def test_the_answer(sandbox: Sandbox) -> None:
    token = await fetch_token(sandbox)
    async with dialled(sandbox) as raw:
        answer = await raw.log_in(
            token,
            customer={"name": "Ann", "session_fields": [{"plan": "pro"}]},
            customer_page={"url": "https://a.example/", "title": "A"},
            customer_side_storage={"k": "v"},
            is_mobile=False,
            group_id=0,
            referrer="https://search.example/",
            application={"name": "test", "version": "1", "channel_type": "code"},
        )
    config = answer.pop("__priv_dynamic_config")
    assert config["online_groups_ids"] == [0]
    assert config["customer_groups"]["monitoring"]["id"] == 0
    assert answer == {
        "customer": {
            "id": token.customer_id,
            "type": "customer",
            "name": "Ann",
            "session_fields": [{"plan": "pro"}],
            "statistics": {
                "chats_count": 0,
                "threads_count": 0,
                "visits_count": 1,
                "page_views_count": 1,
                "greetings_shown_count": 0,
                "greetings_accepted_count": 0,
            },
        },
        "customer_id": token.customer_id,
        "has_active_thread": False,
        "chats": [],
    }
    assert sandbox.customers[token.customer_id].side_storage == {"k": "v"}


async def test_chats_in_the_answer(sandbox: Sandbox, raw: Raw, token: Token) -> None:
    chat_id, _ = await started(raw, message())

    async def seen() -> tuple[bool, Json]:
        answer = await raw.log_in(token)
        (chat,) = answer["chats"]
        return answer["has_active_thread"], chat

    own = {"chat_id": chat_id, "has_unread_events": False, "has_active_thread": True}
    assert await seen() == (True, own)
    jane = sandbox.agent("Jane")
    jane.send_event(chat_id, message("note", recipients="agents"))
    jane.send_event(chat_id, {"type": "system_message", "system_message_type": "x"})
    assert await seen() == (True, own)
    jane.send_event(chat_id, "hello")
    assert await seen() == (True, own | {"has_unread_events": True})
    await raw.ok("deactivate_chat", {"id": chat_id})
    unread = own | {"has_unread_events": True, "has_active_thread": False}
    assert await seen() == (False, unread)


async def test_availability_in_the_answer(sandbox: Sandbox, raw: Raw, token: Token) -> None:
    async def config(**login: int) -> tuple[object, int]:
        found = (await raw.log_in(token, **login))["__priv_dynamic_config"]
        group: int = found["customer_groups"]["monitoring"]["id"]
        return found.get("online_groups_ids"), group

    sandbox.set_availability(2, "offline")
    sandbox.set_availability(3, "online_for_queue")
    assert await config(group_id=2) == ([0, 3], 2)
    assert await config() == ([0, 3], 0)
    sandbox.set_availability(0, "offline")
    sandbox.set_availability(3, "offline")
    assert await config() == (None, 0)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"token": None}, "validation"),
        ({"token": 5}, "validation"),
        ({"token": "BARE"}, "authentication"),
        ({"token": "Bearer dal:nonsense"}, "authentication"),
        ({"token": "Basic x"}, "authentication"),
        ({"customer": "Ann"}, "validation"),
        ({"customer": {"email": "nonsense"}}, "validation"),
        ({"customer": {"session_fields": [{f"k{n}": ""} for n in range(101)]}}, "limit_reached"),
        ({"customer_page": {}}, "validation"),
        ({"customer_side_storage": {"a": 1}}, "validation"),
        ({"is_mobile": "no"}, "validation"),
        ({"referrer": 1}, "validation"),
        ({"application": {"name": 1}}, "validation"),
        ({"group_id": "0"}, "validation"),
        ({"group_id": 77}, "group_not_found"),
        ({"pushes": []}, "validation"),
        ({"pushes": {"3.5": "some"}}, "validation"),
        ({"pushes": {"3.5": [1]}}, "validation"),
        ({"pushes": {"3.4": ["all"]}}, "unsupported_version"),
    ],
)
async def test_is_refused_and_may_be_tried_again(
    sandbox: Sandbox, change: Json, error: str
) -> None:
    token = await fetch_token(sandbox)
    async with dialled(sandbox) as raw:
        more = {"customer": {"name": "Ann"}, "customer_side_storage": {"a": "b"}}
        given = {"token": f"Bearer {token.value}"} | more | change
        if given["token"] == "BARE":
            given["token"] = token.value
        assert await raw.refused("login", given) == error
        assert await raw.refused("get_customer") == "authentication"
        untouched = sandbox.customers[token.customer_id]
        assert (untouched.name, untouched.page, untouched.side_storage) == (None, None, {})
        assert (await raw.log_in(token))["customer"]["id"] == token.customer_id


async def test_a_token_of_another_organization(sandbox: Sandbox) -> None:
    token = await fetch_token(sandbox, organization_id="another")
    async with dialled(sandbox) as raw:
        await raw.send("login", {"token": f"Bearer {token.value}"})
        code, frames = await raw.closed()
    assert code == 1000
    assert frames == [
        {
            "version": "3.5",
            "action": "customer_disconnected",
            "type": "push",
            "payload": {"reason": "license_not_found"},
        }
    ]
    async with dialled(sandbox, organization_id="another") as raw:
        assert (await raw.log_in(token))["customer_id"] == token.customer_id


async def test_a_second_login_starts_over(sandbox: Sandbox, raw: Raw, token: Token) -> None:
    await started(raw)
    other = await fetch_token(sandbox)
    answer = await raw.log_in(other, pushes={"3.5": []})
    assert (answer["customer"]["id"], answer["chats"]) == (other.customer_id, [])
    assert await raw.ok("list_chats") == {"chats_summary": [], "total_chats": 0}
    again = await raw.log_in(token)
    assert len(again["chats"]) == 1


async def test_visits_are_counted(sandbox: Sandbox) -> None:
    token = await fetch_token(sandbox)
    for visits in (1, 2):
        async with logged_in(sandbox, token) as (raw, _):
            async with logged_in(sandbox, token):
                statistics = (await raw.ok("get_customer"))["statistics"]
            assert statistics["visits_count"] == visits
        await sandbox.wait_until(lambda: not sandbox.connections)


async def test_other_devices_learn_what_a_login_changed(
    sandbox: Sandbox, raw: Raw, token: Token
) -> None:
    async with logged_in(sandbox, token, customer={"name": "Ann"}) as (other, _):
        changed = ("customer_updated", {"id": token.customer_id, "name": "Ann"})
        assert await raw.pushes() == [changed]
        assert await other.pushes() == []


async def test_subscriptions(sandbox: Sandbox, token: Token) -> None:
    async def pushed(version: str, pushes: Json | None) -> list[tuple[str, str]]:
        login = {} if pushes is None else {"pushes": pushes}
        async with logged_in(sandbox, token, version, **login) as (raw, _):
            sent = jane.send_event(chat_id, "hello")
            jane.delete_event(chat_id, sent.thread_id, sent.event_id)
            return [(frame["action"], frame["version"]) for frame in await raw.settled()]

    async with logged_in(sandbox, token) as (first, _):
        chat_id, _ = await started(first)
    jane = sandbox.agent("Jane")
    jane.join(chat_id)
    created, deleted = "incoming_event", "event_deleted"
    assert await pushed("3.5", None) == [(created, "3.5")]
    assert await pushed("3.6", None) == [(created, "3.6"), (deleted, "3.6")]
    assert await pushed("3.5", {}) == []
    assert await pushed("3.5", {"3.5": []}) == []
    assert await pushed("3.5", {"3.5": ["chat_deactivated", "customer_page_updated"]}) == []
    assert await pushed("3.5", {"3.5": [created, deleted]}) == [(created, "3.5")]
    assert await pushed("3.5", {"3.5": ["all"]}) == [(created, "3.5")]
    mixed = {"3.5": [created], "3.6": [deleted]}
    assert await pushed("3.5", mixed) == [(created, "3.5"), (deleted, "3.6")]
    both = {"3.5": ["all"], "3.6": "all"}
    assert await pushed("3.5", both) == [(created, "3.6"), (deleted, "3.6")]


async def test_the_end_is_always_told(sandbox: Sandbox) -> None:
    async with logged_in(sandbox, version="3.6", pushes={"3.6": []}) as (raw, token):
        sandbox.disconnect(token.customer_id, "logged_out_remotely", {"by": "test"})
        code, frames = await raw.closed()
    assert (code, frames[0]["version"]) == (1000, "3.6")
    assert frames[0]["payload"] == {"reason": "logged_out_remotely", "data": {"by": "test"}}


async def test_a_token_ends_its_connection() -> None:
    clock = SteppingClock(step=0)
    async with Sandbox(clock=clock) as sandbox:
        token = await fetch_token(sandbox)
        clock.advance(28_799.9)
        async with logged_in(sandbox, token) as (raw, _):
            code, frames = await raw.closed()
        assert (code, frames[-1]["payload"]) == (1000, {"reason": "access_token_expired"})
        clock.advance(0.1)
        async with dialled(sandbox) as raw:
            login = {"token": f"Bearer {token.value}"}
            assert await raw.refused("login", login) == "authentication"
