"""Methods of the customer's data, of greetings and of welcome messages."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from front_kit import customer, until
from parity_kit import asked, versions

import livechat_customer as lc
from livechat_customer.errors import (
    CustomerSessionFieldsLimitReachedError,
    GreetingNotFoundError,
    GroupNotFoundError,
)
from livechat_customer.sandbox import Limits, Sandbox

MANY = {f"key{number}": "x" for number in range(100)}


@pytest.mark.shows("method get_customer", by="sandbox")
async def test_get_customer() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        await sdk.start_chat()
        await sdk.update_customer(name="Noor", email="noor@example.com", avatar="https://a.b/c")

        me = await sdk.get_customer()

        assert asked(sandbox, "get_customer") == [{}]
        own = sdk.customer.value
        assert own is not None
        assert (me.type, me.id) == ("customer", own.id)
        assert (me.name, me.email, me.avatar) == ("Noor", "noor@example.com", "https://a.b/c")
        assert me.statistics is not None
        assert (me.statistics.chats_count, me.statistics.visits_count) == (1, 1)
        assert own.statistics == me.statistics


@pytest.mark.shows("method update_customer", by="sandbox")
async def test_update_customer() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        await sdk.update_customer(session_fields={"cart": "1"})
        updated, done = await asyncio.gather(
            sdk.wait_for("customer_updated", lambda it: it.name == "Noor", timeout=10),
            sdk.update_customer(name="Noor", session_fields={"plan": "pro", "cart": "2"}),
        )
        assert done == lc.Success(success=True)
        assert asked(sandbox, "update_customer") == [
            {"session_fields": [{"cart": "1"}]},
            {"name": "Noor", "session_fields": [{"plan": "pro"}, {"cart": "2"}]},
        ]
        assert versions(sandbox, "update_customer") == [None, None]
        assert updated.session_fields == {"cart": "2", "plan": "pro"}
        me = await until(sdk.customer, lambda it: it is not None and it.name == "Noor")
        assert me is not None
        assert me.session_fields == {"cart": "2", "plan": "pro"}, "they are merged"


@pytest.mark.shows("method update_customer", by="sandbox")
@pytest.mark.parametrize(("connection", "said"), [("3.5", "3.6"), ("3.6", None)])
async def test_update_customer_with_what_3_6_brought(connection: str, said: str | None) -> None:
    async with Sandbox() as sandbox, customer(sandbox, api_version=connection) as sdk:
        address = {"city": "Galway", "country": "Ireland"}
        omnichannel = {"twilio": {"phone_number": "+353"}}
        await sdk.update_customer(name="Noor", address=address, omnichannel=omnichannel)
        assert asked(sandbox, "update_customer") == [
            {"name": "Noor", "address": address, "omnichannel": omnichannel}
        ]
        assert versions(sandbox, "update_customer") == [said]
        shown = await sdk.request("get_customer", version="3.6")
        assert shown["address"]["city"] == "Galway"


@pytest.mark.shows("refusal update_customer CUSTOMER_SESSION_FIELDS_LIMIT_REACHED", by="sandbox")
async def test_there_are_too_many_session_fields() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        await sdk.update_customer(session_fields=MANY)
        with pytest.raises(CustomerSessionFieldsLimitReachedError) as caught:
            await sdk.update_customer(session_fields={"one more": "x"})
        assert caught.value.code == "LIMIT_REACHED", "as the server said it"
        assert (await sdk.get_customer()).session_fields == MANY


@pytest.mark.shows("refusal update_customer CUSTOMER_SESSION_FIELDS_LIMIT_REACHED", by="fault")
async def test_there_are_too_many_session_fields_in_the_older_word() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        older = "customer_session_fields_limit_reached"
        sandbox.fault("error", action="update_customer", error=older)
        with pytest.raises(CustomerSessionFieldsLimitReachedError) as caught:
            await sdk.update_customer(session_fields={"a": "b"})
        assert caught.value.code == older.upper()


@pytest.mark.shows("method set_customer_session_fields", by="sandbox")
async def test_set_customer_session_fields() -> None:
    limits = Limits(session_fields=2)
    async with Sandbox(limits=limits) as sandbox, customer(sandbox) as sdk:
        await sdk.update_customer(session_fields={"old": "gone"})
        fields = {"foo": "bar", "test": "qwerty"}
        updated, done = await asyncio.gather(
            sdk.wait_for("customer_updated", lambda it: it.session_fields == fields, timeout=10),
            sdk.set_customer_session_fields(session_fields=fields),
        )
        assert done == lc.Success()
        assert asked(sandbox, "set_customer_session_fields") == [
            {"session_fields": [{"foo": "bar"}, {"test": "qwerty"}]}
        ]
        assert updated.email is None
        await until(sdk.customer, lambda it: it is not None and it.session_fields == fields)
        with pytest.raises(CustomerSessionFieldsLimitReachedError):
            await sdk.set_customer_session_fields(session_fields=fields | {"more": ""})
        await sdk.set_customer_session_fields(session_fields={})
        await until(sdk.customer, lambda it: it is not None and not it.session_fields)


@pytest.mark.shows("method accept_greeting", by="sandbox")
async def test_accept_greeting() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        number, unique_id = sandbox.show_greeting()
        shown = await until(sdk.greeting, lambda it: it is not None)
        assert shown is not None
        assert (shown.id, shown.unique_id, shown.accepted) == (number, unique_id, False)

        accepted, done = await asyncio.gather(
            sdk.wait_for("greeting_accepted", timeout=10),
            sdk.accept_greeting(greeting_id=number, unique_id=unique_id),
        )

        assert done == lc.Success()
        assert accepted.unique_id == unique_id
        assert asked(sandbox, "accept_greeting") == [
            {"greeting_id": number, "unique_id": unique_id}
        ]
        await until(sdk.greeting, lambda it: it is not None and it.accepted)


@pytest.mark.shows("method cancel_greeting", by="sandbox")
async def test_cancel_greeting() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        _, unique_id = sandbox.show_greeting()
        await until(sdk.greeting, lambda it: it is not None)
        canceled, done = await asyncio.gather(
            sdk.wait_for("greeting_canceled", timeout=10),
            sdk.cancel_greeting(unique_id=unique_id),
        )
        assert done == lc.Success()
        assert canceled.unique_id == unique_id
        assert asked(sandbox, "cancel_greeting") == [{"unique_id": unique_id}]
        await until(sdk.greeting, lambda it: it is None)


@pytest.mark.shows("refusal accept_greeting GREETING_NOT_FOUND", by="sandbox")
@pytest.mark.shows("refusal cancel_greeting GREETING_NOT_FOUND", by="sandbox")
async def test_there_is_no_such_greeting() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        with pytest.raises(GreetingNotFoundError) as caught:
            await sdk.accept_greeting(greeting_id=7, unique_id="NOSUCH")
        assert caught.value.code == "GREETING_NOT_FOUND"
        with pytest.raises(GreetingNotFoundError) as caught:
            await sdk.cancel_greeting(unique_id="NOSUCH")
        assert caught.value.code == "GREETING_NOT_FOUND"


@pytest.mark.shows("method send_greeting_button_clicked", by="sandbox")
@pytest.mark.parametrize(("connection", "said"), [("3.5", "3.6"), ("3.6", None)])
async def test_send_greeting_button_clicked(connection: str, said: str | None) -> None:
    async with Sandbox() as sandbox, customer(sandbox, api_version=connection) as sdk:
        button: dict[str, Any] = {"text": "Yes", "postback_id": "yes", "user_ids": []}
        event: dict[str, Any] = {
            "type": "rich_message",
            "template_id": "cards",
            "elements": [{"title": "Hello", "buttons": [button]}],
        }
        _, unique_id = sandbox.show_greeting(event=event)
        given = {"greeting_unique_id": unique_id, "button_id": "yes"}
        assert await sdk.send_greeting_button_clicked(**given) == lc.Success()
        assert asked(sandbox, "send_greeting_button_clicked") == [given]
        assert versions(sandbox, "send_greeting_button_clicked") == [said]
        with pytest.raises(GreetingNotFoundError):
            await sdk.send_greeting_button_clicked(greeting_unique_id="NO", button_id="yes")


@pytest.mark.shows("method request_welcome_message", by="sandbox")
async def test_request_welcome_message() -> None:
    async with Sandbox() as sandbox, customer(sandbox, api_version="3.6") as sdk:
        jane = sandbox.agent("Jane")
        welcome, answer = await asyncio.gather(
            sdk.wait_for("incoming_welcome_message", timeout=10),
            sdk.request_welcome_message(id="w-1", group_id=0),
        )
        assert asked(sandbox, "request_welcome_message") == [{"id": "w-1", "group_id": 0}]
        assert versions(sandbox, "request_welcome_message") == [None]
        assert (answer.id, answer.queue) == ("w-1", False)
        assert answer.predicted_agent is not None
        assert answer.predicted_agent.id == jane.id
        assert welcome.id == "w-1"
        assert isinstance(welcome.event, lc.Message)
        with pytest.raises(GroupNotFoundError):
            await sdk.request_welcome_message(group_id=99)


@pytest.mark.shows("method request_welcome_message", by="sandbox")
async def test_request_welcome_message_on_an_older_connection() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        sandbox.agent("Jane")
        answer = await sdk.request_welcome_message()
        assert asked(sandbox, "request_welcome_message") == [{}]
        assert versions(sandbox, "request_welcome_message") == ["3.6"]
        assert answer.id
