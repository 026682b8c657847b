"""The seed's error codes: what causes each, what is raised, and that the connection stands it."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import pytest
from events_kit import Heard
from front_kit import customer, until
from parity_kit import asked

import livechat_customer as lc
from livechat_customer import errors
from livechat_customer.sandbox import Sandbox
from livechat_customer.transport.config import SessionConfig


@pytest.mark.shows("error CONNECTION_LOST", by="fault")
async def test_connection_lost() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        chat = await sdk.start_chat()
        heard = Heard(sdk)
        sandbox.fault("drop", action="send_event")
        with pytest.raises(lc.ConnectionLostError) as caught:
            await sdk.send_event(chat_id=chat.id, event=lc.Message("a"))
        assert caught.value.code == "CONNECTION_LOST"
        assert isinstance(caught.value, lc.OutcomeUnknownError)
        added = await heard.until("event_added")
        assert added.event.text == "a", "it did have its effect"
        assert len(asked(sandbox, "send_event")) == 1, "nothing is sent again by itself"


@pytest.mark.shows("error CUSTOMER_BANNED", by="sandbox")
async def test_customer_banned() -> None:
    async with Sandbox() as sandbox:
        again = {"credentials": lc.MemoryCredentials(), "log": ":memory:"}
        async with customer(sandbox, **again) as sdk:
            own = (await sdk.get_customer()).id
            heard = Heard(sdk)
            sandbox.agent("Jane").ban_customer(own)
            assert await heard.until("disconnected") == lc.Disconnected("customer_banned")
            await until(sdk.connection, lambda state: state.status == "destroyed")
        async with lc.init(**sandbox.options(), **again) as sdk:
            heard = Heard(sdk)
            with pytest.raises(lc.LoginError) as caught:
                await sdk.connect()
            assert caught.value.code == "CUSTOMER_BANNED"
            assert heard.of("disconnected") == [
                lc.Disconnected("customer_banned", error="CUSTOMER_BANNED")
            ]
            with pytest.raises(lc.SDKDestroyedError):
                await sdk.get_customer()


@pytest.mark.shows("error GROUP_NOT_FOUND", by="sandbox")
async def test_group_not_found() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        with pytest.raises(errors.GroupNotFoundError) as caught:
            await sdk.start_chat(chat={"access": {"group_ids": [99]}})
        assert caught.value.code == "GROUP_NOT_FOUND"
        with pytest.raises(errors.GroupNotFoundError):
            await sdk.get_predicted_agent(group_id=99)
        assert await sdk.list_group_statuses() == {0: "online"}


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        pytest.param(
            "internal",
            errors.InternalError,
            marks=pytest.mark.shows("error INTERNAL", by="fault"),
        ),
        pytest.param(
            "service_unavailable",
            errors.ServiceUnavailableError,
            marks=pytest.mark.shows("error SERVICE_UNAVAILABLE", by="fault"),
        ),
        pytest.param(
            "pending_requests_limit_reached",
            errors.ServerPendingRequestsLimitReachedError,
            marks=pytest.mark.shows("error PENDING_REQUESTS_LIMIT_REACHED", by="fault"),
        ),
        pytest.param(
            "request_timeout",
            errors.ServerRequestTimeoutError,
            marks=pytest.mark.shows("error REQUEST_TIMEOUT", by="fault"),
        ),
        pytest.param(
            "validation",
            errors.ValidationError,
            marks=pytest.mark.shows("error VALIDATION", by="fault"),
        ),
        pytest.param(
            "customer_banned",
            errors.CustomerBannedError,
            marks=pytest.mark.shows("error CUSTOMER_BANNED", by="fault"),
        ),
        ("something_new", errors.ServerError),
    ],
)
async def test_what_the_server_says(code: str, kind: type[errors.ServerError]) -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        given = {"type": code, "message": "No.", "data": {"limit": 3}}
        sandbox.fault("error", action="get_customer", error=given)
        with pytest.raises(kind) as caught:
            await sdk.get_customer()
        assert type(caught.value) is kind
        assert (caught.value.code, caught.value.message) == (code.upper(), "No.")
        assert caught.value.data == {"limit": 3}
        assert (await sdk.get_customer()).id, "the connection stands"
        assert len(asked(sandbox, "login")) == 1


@pytest.mark.shows("error REQUEST_TIMEOUT", by="fault")
async def test_request_timeout_of_our_own() -> None:
    async with Sandbox() as sandbox:
        soon = lc.Timeouts(request=0.1)
        late = sandbox.fault("delay", action="get_customer")
        async with customer(sandbox, timeouts=soon) as sdk:
            with pytest.raises(lc.RequestTimeoutError) as caught:
                await sdk.get_customer()
            assert caught.value.code == "REQUEST_TIMEOUT"
            assert isinstance(caught.value, lc.OutcomeUnknownError)
            assert sdk.connection.value.status == "connected"
            late.release()
            assert len(asked(sandbox, "login")) == 1


@pytest.mark.shows("error PENDING_REQUESTS_LIMIT_REACHED", by="fault")
async def test_too_many_requests_wait_for_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    import livechat_customer.assembly

    few = partial(SessionConfig, queue_limit=2)
    monkeypatch.setattr(livechat_customer.assembly, "SessionConfig", few)
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        late = sandbox.fault("delay", action="get_customer", count=9)
        calls = [asyncio.create_task(sdk.get_customer()) for _ in range(11)]
        await sandbox.wait_until(lambda: len(asked(sandbox, "get_customer")) == 9)
        with pytest.raises(lc.PendingRequestsLimitReachedError) as caught:
            await sdk.get_customer()
        assert caught.value.code == "PENDING_REQUESTS_LIMIT_REACHED"
        assert isinstance(caught.value, lc.NotSentError)
        late.release()
        found: list[Any] = await asyncio.gather(*calls)
        assert len({who.id for who in found}) == 1, "what waited was sent when there was room"


@pytest.mark.parametrize("end", ["disconnect", "destroy", "a fatal reason"])
async def test_what_waits_for_room_ends_with_the_connection_too(end: str) -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        late = sandbox.fault("delay", action="get_customer", count=9)
        calls = [asyncio.create_task(sdk.get_customer()) for _ in range(11)]
        await sandbox.wait_until(lambda: len(asked(sandbox, "get_customer")) == 9)
        if end == "disconnect":
            await sdk.disconnect()
        elif end == "destroy":
            await sdk.destroy()
        else:
            sandbox.disconnect(reason="customer_banned")
        found = await asyncio.gather(*calls, return_exceptions=True)
        late.release()
        unsent = lc.NoConnectionError if end == "disconnect" else lc.SDKDestroyedError
        assert [type(one) for one in found] == [lc.ConnectionLostError] * 9 + [unsent] * 2
        assert len(asked(sandbox, "get_customer")) == 9


@pytest.mark.shows("error VALIDATION", by="sandbox")
async def test_validation() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        sandbox.received.clear()
        with pytest.raises(lc.InvalidArgumentError) as early:
            await sdk.list_chats(limit="5")  # type: ignore[arg-type]
        assert (early.value.code, early.value.argument) == ("VALIDATION", "limit")
        assert not asked(sandbox, "list_chats")
        with pytest.raises(errors.ValidationError) as late:
            await sdk.request("list_chats", {"limit": "5"})
        assert late.value.code == "VALIDATION"


RETRIED = ["validation", "authorization", "internal", "group_not_found", "something_new"]


@pytest.mark.parametrize("code", RETRIED)
async def test_a_login_error_that_is_retried_can_be_seen(code: str) -> None:
    async with Sandbox() as sandbox:
        sandbox.fault("error", action="login", error={"type": code, "data": {"a": 1}})
        async with lc.init(**sandbox.options(), log=":memory:", random=lambda: 0.0) as sdk:
            heard = Heard(sdk)
            seen: list[str] = []
            sdk.connection.subscribe(
                lambda state: seen.append(state.last_error.code if state.last_error else "")
            )
            await sdk.connect()
            assert code.upper() in seen
            assert seen[-1] == "", "until one succeeds"
            assert heard.names == ["customer_id", "connected"], "it was an attempt that failed"


@pytest.mark.parametrize("code", ["license_expired", "users_limit_reached"])
async def test_a_login_error_that_pauses(code: str) -> None:
    async with Sandbox() as sandbox:
        sandbox.fault("error", action="login", error={"type": code, "data": {"a": 1}})
        async with lc.init(**sandbox.options(), log=":memory:") as sdk:
            heard = Heard(sdk)
            with pytest.raises(lc.LoginError) as caught:
                await sdk.connect()
            assert (caught.value.code, caught.value.data) == (code.upper(), {"a": 1})
            assert heard.of("disconnected") == [lc.Disconnected(code, error=code.upper())]
            state = sdk.connection.value
            assert state.status == "paused"
            assert state.last_error is not None
            assert state.last_error.code == code.upper()
            await sdk.connect()


@pytest.mark.parametrize("code", ["wrong_product_version", "customer_banned"])
async def test_a_login_error_that_destroys(code: str) -> None:
    async with Sandbox() as sandbox:
        sandbox.fault("error", action="login", error=code)
        async with lc.init(**sandbox.options(), log=":memory:") as sdk:
            heard = Heard(sdk)
            with pytest.raises(lc.LoginError) as caught:
                await sdk.connect()
            assert caught.value.code == code.upper()
            assert heard.of("disconnected") == [lc.Disconnected(code, error=code.upper())]
            with pytest.raises(lc.SDKDestroyedError):
                await sdk.connect()


async def test_a_refused_token_is_replaced() -> None:
    async with Sandbox() as sandbox:
        sandbox.fault("error", action="login", error="authentication")
        async with lc.init(**sandbox.options(), log=":memory:", random=lambda: 0.0) as sdk:
            await sdk.connect()
            first, second = asked(sandbox, "login")
            assert first["token"] != second["token"]


async def test_a_misdirected_login_goes_where_it_is_sent() -> None:
    async with Sandbox(region="fra") as sandbox:
        error = {"type": "misdirected_request", "data": {"region": "dal"}}
        sandbox.fault("error", action="login", error=error)
        options = sandbox.options() | {"region": "fra", "log": ":memory:", "random": lambda: 0.0}
        async with lc.init(**options) as sdk:
            heard = Heard(sdk)
            await sdk.connect()
            told = heard.of("disconnected")
            assert [one.reason for one in told] == ["misdirected_request", "misdirected_connection"]
            assert [one.error for one in told] == ["MISDIRECTED_REQUEST", None]
            assert told[1].data == {"region": "fra"}, "it had gone to the other one"
