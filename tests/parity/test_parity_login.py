"""What travels with the login: data, page, side storage, subscriptions, versions, options."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from events_kit import Heard
from front_kit import customer
from parity_kit import asked, versions

import livechat_customer as lc
from livechat_customer.sandbox import Sandbox
from livechat_customer.store import wall_clock
from livechat_customer.store.memory import MemoryLog

A = "https://a.example/"
B = "https://b.example/"


def logins(sandbox: Sandbox, field: str) -> list[Any]:
    return [payload.get(field) for payload in asked(sandbox, "login")]


async def reconnected(sandbox: Sandbox, sdk: lc.CustomerSDK) -> None:
    heard = Heard(sdk)
    sandbox.disconnect()
    await heard.until("connected")


@pytest.mark.shows("login side storage", by="sandbox")
async def test_side_storage_is_given_back_as_a_whole_also_after_a_restart(tmp_path: Path) -> None:
    again = {"log": tmp_path / "a.db", "credentials": lc.MemoryCredentials()}
    async with Sandbox() as sandbox:
        async with customer(sandbox, **again) as sdk:
            heard = Heard(sdk)
            sandbox.set_side_storage({"a": "1", "b": "2"})
            sandbox.set_side_storage({"b": "3"})
            await sdk.get_customer()
            assert heard.names == [], "no event tells of it"
            await reconnected(sandbox, sdk)
            sandbox.set_side_storage({"c": "4"})
            await sdk.get_customer()
        for _ in range(2):
            async with customer(sandbox, **again) as sdk:
                pass
        assert logins(sandbox, "customer_side_storage") == [{}, {"b": "3"}, {"c": "4"}, {"c": "4"}]


@pytest.mark.shows("login side storage", by="fault")
async def test_side_storage_that_waits_for_its_commit_is_in_the_next_login() -> None:
    go_on = asyncio.Event()
    go_on.set()

    async def commit() -> None:
        await go_on.wait()

    log = MemoryLog(clock=wall_clock, before_commit=commit)
    async with Sandbox() as sandbox, customer(sandbox, log=log):
        go_on.clear()
        sandbox.set_side_storage({"a": "1"})
        sandbox.disconnect(reason="internal_error")
        await sandbox.wait_until(lambda: not sandbox.connections)
        await sandbox.wait_until(lambda: sandbox.connections)
        async with customer(sandbox):
            go_on.set()  # the time that a login takes has passed
        await sandbox.wait_until(lambda: len(asked(sandbox, "login")) == 3)
        assert logins(sandbox, "customer_side_storage")[2] == {"a": "1"}
    await log.aclose()


@pytest.mark.shows("login side storage", by="sandbox")
async def test_side_storage_is_the_customers_own(tmp_path: Path) -> None:
    async with Sandbox() as sandbox:
        for _ in range(2):
            one = {"log": tmp_path / "a.db", "credentials": lc.MemoryCredentials()}
            async with customer(sandbox, **one) as sdk:
                sandbox.set_side_storage({"a": "1"})
                await sdk.get_customer()
        assert logins(sandbox, "customer_side_storage") == [{}, {}]


async def test_no_record_of_the_login_holds_the_token(tmp_path: Path) -> None:
    async with Sandbox() as sandbox, customer(sandbox, log=tmp_path / "a.db") as sdk:
        stream = await sdk.log.follow((await sdk.log.streams())[0].key)
        records = [record async for page in stream.read() for record in page]
        (login,) = [one for one in records if (one.kind, one.action) == ("request", "login")]
        token = logins(sandbox, "token")[0].removeprefix("Bearer ")
        assert b'"token":"[redacted]"' in login.payload
        assert not any(token.encode() in one.payload for one in records)


@pytest.mark.shows("login customer data", "option customer_data_provider", by="sandbox")
async def test_the_provider_is_asked_before_each_login() -> None:
    given: list[dict[str, Any] | None] = [
        {"name": "Ann", "session_fields": {"plan": "pro", "seats": "3"}},
        {"email": "ann@example.com", "avatar": "https://a.example/ann.png"},
        None,
    ]

    async def provide() -> dict[str, Any] | None:
        return given.pop(0)

    async with (
        Sandbox() as sandbox,
        customer(sandbox, customer_data_provider=provide) as sdk,
    ):
        me = await sdk.get_customer()
        assert (me.name, dict(me.session_fields)) == ("Ann", {"plan": "pro", "seats": "3"})
        await reconnected(sandbox, sdk)
        await reconnected(sandbox, sdk)
        assert (await sdk.get_customer()).email == "ann@example.com"
        assert logins(sandbox, "customer") == [
            {"name": "Ann", "session_fields": [{"plan": "pro"}, {"seats": "3"}]},
            {"email": "ann@example.com", "avatar": "https://a.example/ann.png"},
            {},
        ]


@pytest.mark.shows("option customer_data_provider", by="sandbox")
async def test_a_provider_that_fails_is_asked_again_and_named() -> None:
    given: list[Any] = [RuntimeError("secret"), {"nmae": "Ann"}, {"name": "Ann"}]

    def provide() -> Any:
        now = given.pop(0)
        if isinstance(now, Exception):
            raise now
        return now

    async with Sandbox() as sandbox:
        options = sandbox.options() | {"log": ":memory:", "random": lambda: 0.0}
        async with lc.init(**options, customer_data_provider=provide) as sdk:
            seen: list[str] = []
            sdk.connection.subscribe(
                lambda it: (
                    seen.append(f"{it.last_error.code} {it.last_error.message}")
                    if it.last_error
                    else None
                )
            )
            await sdk.connect()
            assert all("CUSTOMER_DATA_PROVIDER" in line for line in seen)
            assert any("RuntimeError" in line for line in seen)
            assert any("nmae" in line for line in seen)
            assert not any("secret" in line for line in seen)
        assert logins(sandbox, "customer") == [{"name": "Ann"}]


@pytest.mark.shows("option page", "login page", "option referrer", by="sandbox")
async def test_the_page_and_where_the_customer_came_from() -> None:
    page = {"url": A, "title": "A"}
    async with (
        Sandbox() as sandbox,
        customer(sandbox, page=page, referrer="https://search.example/") as sdk,
    ):
        await reconnected(sandbox, sdk)
        assert logins(sandbox, "customer_page") == [page, page]
        assert logins(sandbox, "referrer") == ["https://search.example/"] * 2
        (known,) = sandbox.customers.values()
        assert known.page == page
        assert not asked(sandbox, "update_customer_page"), "the login has said it"
    async with Sandbox() as sandbox, customer(sandbox):
        assert "customer_page" not in asked(sandbox, "login")[0]
        assert "referrer" not in asked(sandbox, "login")[0]


@pytest.mark.shows("method update_customer_page", "login page", by="sandbox")
async def test_a_page_is_merged_and_sent_whole() -> None:
    async with Sandbox() as sandbox, customer(sandbox, page={"url": A, "title": "A"}) as sdk:
        assert sdk.update_customer_page(url=B) is None  # type: ignore[func-returns-value]
        sdk.update_customer_page(title="B")
        await sandbox.wait_until(lambda: len(asked(sandbox, "update_customer_page")) == 2)
        assert asked(sandbox, "update_customer_page") == [
            {"url": B, "title": "A"},
            {"url": B, "title": "B"},
        ]
        (known,) = sandbox.customers.values()
        assert known.page == {"url": B, "title": "B"}
        await reconnected(sandbox, sdk)
        assert logins(sandbox, "customer_page")[1] == {"url": B, "title": "B"}
        assert len(asked(sandbox, "update_customer_page")) == 2


@pytest.mark.shows("method update_customer_page", by="sandbox")
async def test_a_page_is_remembered_while_offline() -> None:
    async with Sandbox() as sandbox:
        sdk = lc.init(**sandbox.options(), log=":memory:", auto_connect=False)
        sdk.update_customer_page(title="A")
        async with sdk:
            await sdk.connect()
            assert logins(sandbox, "customer_page") == [None], "the server wants a url"
            await sdk.disconnect()
            sdk.update_customer_page(url=A)
            await sdk.connect()
            assert logins(sandbox, "customer_page")[1] == {"url": A, "title": "A"}
            await sdk.get_customer()
            assert not asked(sandbox, "update_customer_page")
        sdk.update_customer_page(url=B)


@pytest.mark.shows("method update_customer_page", by="fault")
async def test_a_page_that_changes_during_the_login_is_sent_before_connected() -> None:
    async with Sandbox() as sandbox:
        late = sandbox.fault("delay", action="login")
        async with lc.init(**sandbox.options(), log=":memory:", page={"url": A}) as sdk:
            asked_first: list[asyncio.Task[lc.Customer]] = []
            sdk.on(
                "connected",
                lambda _: asked_first.append(asyncio.create_task(sdk.get_customer())),
            )
            await sandbox.wait_until(lambda: asked(sandbox, "login"))
            sdk.update_customer_page(url=B)
            sdk.update_customer_page(title="B")
            late.release()
            await sdk.connect()
            await asked_first[0]
            aside = ("token", "login", "list_chats")
            after = [it.action for it in sandbox.received if it.action not in aside]
            assert after == ["update_customer_page", "get_customer"]
            assert asked(sandbox, "update_customer_page") == [{"url": B, "title": "B"}]


@pytest.mark.shows("method update_customer_page", by="fault")
async def test_what_becomes_of_a_page_hurts_nobody() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        heard = Heard(sdk)
        sandbox.fault("error", action="update_customer_page", error="internal")
        sdk.update_customer_page(url=A)
        await sdk.get_customer()
        sandbox.fault("cut", action="update_customer_page")
        sdk.update_customer_page(url=B)
        await heard.until("connected")
        assert logins(sandbox, "customer_page") == [None, {"url": B}]
        with pytest.raises(lc.InvalidArgumentError, match="url"):
            sdk.update_customer_page()
        with pytest.raises(lc.InvalidArgumentError, match="title"):
            sdk.update_customer_page(title=5)  # type: ignore[arg-type]
        await sdk.destroy()
        sdk.update_customer_page(url=A)


@pytest.mark.shows("option auto_connect", by="sandbox")
async def test_without_auto_connect_nothing_is_sent_before_connect() -> None:
    async with Sandbox() as sandbox:
        options = sandbox.options() | {"log": ":memory:", "random": lambda: 0.0}
        async with lc.init(**options, auto_connect=False) as sdk:
            assert sdk.connection.value.status == "disconnected"
            assert not sandbox.received, "no token, no goals, nothing"
            await sdk.connect()
            await reconnected(sandbox, sdk)
        async with lc.init(**options) as sdk:
            await sandbox.wait_until(lambda: len(asked(sandbox, "login")) == 3)


@pytest.mark.shows("option group_id", by="sandbox")
async def test_the_group() -> None:
    async with Sandbox() as sandbox:
        sandbox.set_availability(3, "offline")
        async with customer(sandbox, group_id=3) as sdk:
            assert (await sdk.connect()).availability == "offline"
        async with customer(sandbox, group_id=0) as sdk:
            assert (await sdk.connect()).availability == "online"
        async with customer(sandbox):
            pass
        assert logins(sandbox, "group_id") == [3, 0, None]
        assert "group_id" not in asked(sandbox, "login")[2]


@pytest.mark.shows("login push subscriptions", by="sandbox")
async def test_only_what_was_subscribed_to_comes() -> None:
    names = ["incoming_chat", "chat_deactivated"]
    async with Sandbox() as sandbox, customer(sandbox, pushes={"3.5": names}) as sdk:
        heard = Heard(sdk)
        chat = await sdk.start_chat()
        sandbox.agent("Jane").send_event(chat.id, "a")
        sandbox.agent("Jane").deactivate_chat(chat.id)
        await heard.until("chat_deactivated")
        assert set(heard.names) == {"user_data", "chat_deactivated"}
        assert logins(sandbox, "pushes") == [{"3.5": names}]
        sandbox.disconnect(reason="internal_error")
        await heard.until("disconnected")
    async with Sandbox() as sandbox, customer(sandbox):
        assert "pushes" not in asked(sandbox, "login")[0], "all of them"


@pytest.mark.shows("login push subscriptions", by="sandbox")
async def test_newer_pushes_on_an_older_connection() -> None:
    mixed = {"3.5": "all", "3.6": ["event_deleted", "incoming_event"]}
    async with Sandbox() as sandbox, customer(sandbox, pushes=mixed) as sdk:
        told: list[lc.Record] = []
        sdk.records.subscribe(told.append)
        heard = Heard(sdk)
        chat = await sdk.start_chat()
        jane = sandbox.agent("Jane")
        sent = jane.send_event(chat.id, "a")
        jane.think(chat.id)
        jane.delete_event(chat.id, sent.thread_id, sent.event_id)
        assert (await heard.until("event_deleted")).event_id == sent.event_id
        assert "incoming_thinking_indicator" not in heard.names
        assert len(heard.of("incoming_event")) == 1, "in one version, the newest"
        by_action = {one.action: one.api_version for one in told if one.kind == "push"}
        assert by_action["incoming_event"] == by_action["event_deleted"] == "3.6"
        assert by_action["incoming_chat"] == by_action["user_added_to_chat"] == "3.5"
        assert logins(sandbox, "pushes") == [{"3.5": ["all"], "3.6": mixed["3.6"]}]
        assert versions(sandbox, "login") == ["3.5"]


@pytest.mark.shows("login api version 3.6", by="sandbox")
async def test_a_connection_of_the_newer_version() -> None:
    data = {"name": "Ann", "address": {"city": "Wien"}}
    async with (
        Sandbox() as sandbox,
        customer(sandbox, api_version="3.6", customer_data_provider=lambda: data) as sdk,
    ):
        assert sdk.api_version == "3.6"
        assert versions(sandbox, "login") == ["3.6"]
        (connection,) = sandbox.connections
        assert connection.version == "3.6"
        me = await sdk.get_customer()
        assert me.address is not None
        assert me.address.city == "Wien"
        heard = Heard(sdk)
        chat = await sdk.start_chat()
        sandbox.agent("Jane").think(chat.id)
        event_id = sandbox.send_system_event(chat.id, "cdp", "merged", '{"a": 1}')
        told = await heard.until("incoming_event", 1)
        while told.event.id != event_id:
            told = await heard.until("incoming_event", len(heard.of("incoming_event")) + 1)
        assert isinstance(told.event, lc.System)
        assert (told.event.source, told.event.subtype) == ("cdp", "merged")
        assert "incoming_thinking_indicator" in heard.names


@pytest.mark.parametrize(
    "pushes",
    [{"3.4": "all"}, {"v3.5": ["incoming_chat"]}, {"3.5": "some"}, {"3.5": [1]}, ["all"]],
)
def test_subscriptions_that_the_server_would_refuse(pushes: Any) -> None:
    with pytest.raises(lc.ConfigError, match="pushes") as caught:
        lc.init(organization_id="o", client_id="c", pushes=pushes)
    assert caught.value.option == "pushes"
