"""The methods that go over HTTP: goals, the e-mail's verification, configuration."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from front_kit import customer
from parity_kit import asked

import livechat_customer as lc
from livechat_customer.errors import AuthenticationError, GroupNotFoundError, ValidationError
from livechat_customer.models.wire.decode import json_of
from livechat_customer.sandbox import Sandbox

Ask = Callable[[lc.CustomerSDK], Awaitable[object]]

ALL: list[tuple[str, Ask]] = [
    ("check_goals", lambda sdk: sdk.check_goals(page_url="https://example.com/")),
    (
        "request_email_verification",
        lambda sdk: sdk.request_email_verification(callback_uri="https://example.com/"),
    ),
    ("list_license_properties", lambda sdk: sdk.list_license_properties()),
    ("list_group_properties", lambda sdk: sdk.list_group_properties(id=0)),
    ("get_dynamic_configuration", lambda sdk: sdk.get_dynamic_configuration()),
    ("get_configuration", lambda sdk: sdk.get_configuration(group_id=0, version="1")),
    (
        "get_localization",
        lambda sdk: sdk.get_localization(group_id=0, language="en", version="1"),
    ),
]
"""Each of them once, and its action."""

every = pytest.mark.parametrize(("action", "ask"), ALL, ids=[action for action, _ in ALL])


@asynccontextmanager
async def offline(sandbox: Sandbox, **options: Any) -> AsyncGenerator[lc.CustomerSDK]:
    """A client that is open and does not connect."""
    given = {"log": ":memory:", "auto_connect": False, **sandbox.options(), **options}
    async with lc.init(**given) as sdk:
        yield sdk


@pytest.mark.shows("method check_goals", by="sandbox")
async def test_check_goals() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        agent = sandbox.add_agent("Jane")
        sandbox.set_goal(
            url="/pricing",
            session_fields={"plan": "free"},
            group_id=0,
            greeting={"agent_id": agent.id},
        )
        greeted = asyncio.create_task(sdk.wait_for("incoming_greeting", timeout=10))
        await asyncio.sleep(0)

        done = await sdk.check_goals(
            page_url="https://example.com/pricing", group_id=0, session_fields={"plan": "free"}
        )

        assert done == lc.Success()
        assert asked(sandbox, "check_goals") == [
            {
                "session_fields": [{"plan": "free"}],
                "group_id": 0,
                "page_url": "https://example.com/pricing",
            }
        ]
        shown = await greeted
        assert shown.agent is not None
        assert shown.agent.name == "Jane"


@pytest.mark.parametrize("group_id", [None, 0])
async def test_check_goals_in_no_group(group_id: int | None) -> None:
    async with Sandbox() as sandbox, offline(sandbox, group_id=group_id) as sdk:
        await sdk.check_goals(page_url="https://example.com/")
    assert asked(sandbox, "check_goals") == [
        {"session_fields": [], "group_id": 0, "page_url": "https://example.com/"}
    ]


async def test_check_goals_in_the_group_of_the_options() -> None:
    async with Sandbox() as sandbox:
        sandbox.set_availability(7, "online")
        async with offline(sandbox, group_id=7) as sdk:
            await sdk.check_goals(page_url="https://example.com/")
            assert asked(sandbox, "check_goals")[0]["group_id"] == 7


@pytest.mark.shows("method request_email_verification", by="sandbox")
async def test_request_email_verification() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        with pytest.raises(ValidationError, match="email"):
            await sdk.request_email_verification(callback_uri="https://example.com/verified")

        await sdk.update_customer(email="jo@example.com")
        done = await sdk.request_email_verification(callback_uri="https://example.com/verified")

        assert done == lc.Success()
        assert asked(sandbox, "request_email_verification")[1] == {
            "callback_uri": "https://example.com/verified"
        }
        updated = asyncio.create_task(sdk.wait_for("customer_updated", timeout=10))
        await asyncio.sleep(0)
        assert sandbox.verify_email() == 1
        assert (await updated).email_verified is True
        assert [(one.uri, one.body) for one in sandbox.callbacks] == [
            ("https://example.com/verified", {"email": "jo@example.com"})
        ]


@pytest.mark.shows("method list_license_properties", by="sandbox")
async def test_list_license_properties() -> None:
    async with Sandbox() as sandbox, offline(sandbox) as sdk:
        sandbox.set_license_properties({"a": {"x": "1", "y": True}, "b": {"x": 3}})

        assert await sdk.list_license_properties() == {"a": {"x": "1", "y": True}, "b": {"x": 3}}
        assert await sdk.list_license_properties(namespace="a") == {"a": {"x": "1", "y": True}}
        assert await sdk.list_license_properties(namespace="a", name="x") == {"a": {"x": "1"}}
        assert sandbox.customers == {}, "it is public: nobody was made a customer for it"


@pytest.mark.shows("method list_group_properties", by="sandbox")
async def test_list_group_properties() -> None:
    async with Sandbox() as sandbox, offline(sandbox) as sdk:
        sandbox.set_group_properties(0, {"a": {"x": "1"}, "b": {"x": 3}})

        assert await sdk.list_group_properties(id=0) == {"a": {"x": "1"}, "b": {"x": 3}}
        assert await sdk.list_group_properties(id=0, name="x", namespace="b") == {"b": {"x": 3}}
        with pytest.raises(GroupNotFoundError):
            await sdk.list_group_properties(id=99)


@pytest.mark.parametrize("version", ["3.5", "3.6"])
@pytest.mark.shows("method get_dynamic_configuration", by="sandbox")
async def test_get_dynamic_configuration(version: str) -> None:
    """3.6 moved most of it; the result is the same."""
    async with Sandbox() as sandbox, offline(sandbox, api_version=version) as sdk:
        sandbox.set_availability(7, "online")

        found = await sdk.get_dynamic_configuration(
            group_id=7, url="https://example.com/?a=b&c", channel_type="code", test=True
        )

        given = asked(sandbox, "get_dynamic_configuration")[0]
        assert {name: given[name] for name in ("group_id", "url", "channel_type", "test")} == {
            "group_id": 7,
            "url": "https://example.com/?a=b&c",
            "channel_type": "code",
            "test": "true",
        }
        assert found == lc.DynamicConfiguration(
            organization_id=sandbox.organization_id,
            group_id=7,
            client_limit_exceeded=False,
            domain_allowed=True,
            online_group_ids=(0, 7),
            config_version="1",
            localization_version="1",
            language="en",
            default_widget=None if version == "3.5" else "livechat",
            livechat_active=None if version == "3.5" else True,
        )


async def test_get_dynamic_configuration_while_all_are_offline() -> None:
    async with Sandbox() as sandbox, offline(sandbox) as sdk:
        sandbox.set_availability(0, "offline")
        assert (await sdk.get_dynamic_configuration()).online_group_ids == ()


@pytest.mark.shows("method get_configuration", by="sandbox")
async def test_get_configuration() -> None:
    form = {"id": "f", "fields": [{"id": "1", "type": "name", "label": "Name", "required": True}]}
    async with Sandbox() as sandbox, offline(sandbox) as sdk:
        sandbox.set_form(0, "prechat", form)
        sandbox.set_group_properties(0, {"a": {"x": 1}})
        sandbox.set_license_properties({"b": {"y": "2"}})
        now = await sdk.get_dynamic_configuration()
        assert now.config_version is not None

        found = await sdk.get_configuration(group_id=0, version=now.config_version)

        assert found.prechat_form == lc.FormTemplate(
            id="f", fields=(lc.FormField(id="1", type="name", label="Name", required=True),)
        )
        assert found.ticket_form is None
        assert [(one.type, one.online_value) for one in found.buttons] == [("text", "Chat now")]
        assert found.group_properties == {"a": {"x": 1}}
        assert found.license_properties == {"b": {"y": "2"}}


@pytest.mark.shows("method get_localization", by="sandbox")
async def test_get_localization() -> None:
    async with Sandbox() as sandbox, offline(sandbox) as sdk:
        sandbox.set_localization("pl", {"Welcome": "Cześć, %name%!", "error": "Błąd"})

        found = await sdk.get_localization(group_id=0, language="pl", version="1")

        assert found == {"Welcome": "Cześć, %name%!", "error": "Błąd"}
        with pytest.raises(ValidationError):
            await sdk.get_localization(group_id=0, language="xx", version="1")


@pytest.mark.parametrize(
    ("method", "given", "argument"),
    [
        ("check_goals", {"page_url": ""}, "page_url"),
        ("check_goals", {"page_url": 7}, "page_url"),
        ("check_goals", {"page_url": "u", "group_id": -1}, "group_id"),
        ("check_goals", {"page_url": "u", "group_id": True}, "group_id"),
        ("check_goals", {"page_url": "u", "session_fields": {"a": 1}}, "session_fields.*"),
        ("request_email_verification", {"callback_uri": ""}, "callback_uri"),
        ("list_license_properties", {"namespace": 7}, "namespace"),
        ("list_license_properties", {"name": ""}, "name"),
        ("list_group_properties", {"id": "0"}, "id"),
        ("get_dynamic_configuration", {"group_id": "0"}, "group_id"),
        ("get_dynamic_configuration", {"test": "true"}, "test"),
        ("get_dynamic_configuration", {"url": 7}, "url"),
        ("get_configuration", {"group_id": 0, "version": 1}, "version"),
        ("get_localization", {"group_id": 0, "language": "", "version": "1"}, "language"),
    ],
)
async def test_arguments_are_checked_before_anything_is_sent(
    method: str, given: dict[str, Any], argument: str
) -> None:
    async with Sandbox() as sandbox, offline(sandbox) as sdk:
        with pytest.raises(lc.InvalidArgumentError) as failed:
            await getattr(sdk, method)(**given)
        assert failed.value.argument == argument
        assert list(sandbox.received) == []


@every
async def test_they_need_an_open_sdk(action: str, ask: Ask) -> None:
    async with Sandbox() as sandbox:
        sdk = lc.init(log=":memory:", auto_connect=False, **sandbox.options())
        with pytest.raises(lc.NoConnectionError):
            await ask(sdk)
        async with sdk:
            pass
        with pytest.raises(lc.SDKDestroyedError):
            await ask(sdk)
        assert asked(sandbox, action) == []


@every
async def test_what_came_of_them_is_in_the_log(action: str, ask: Ask) -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        await sdk.update_customer(email="jo@example.com")
        told: list[dict[str, Any]] = []
        sdk.records.subscribe(
            lambda record: (
                told.append(json_of(record))
                if (record.kind, record.action) == ("http", action)
                else None
            )
        )
        await ask(sdk)
        assert told == [{"status": 200}], "it was committed before the caller heard of it"

        sandbox.fault("error", action=action, error={"type": "internal", "message": "the-secret"})
        with pytest.raises(lc.ServerError, match="the-secret"):
            await ask(sdk)
        sandbox.fault("cut", action=action)
        with pytest.raises(lc.ConnectionLostError):
            await ask(sdk)
        assert told[1:] == [{"status": 500, "code": "INTERNAL"}, {"code": "CONNECTION_LOST"}]


@every
async def test_they_end_with_the_sdk(action: str, ask: Ask) -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        await sdk.update_customer(email="jo@example.com")
        fault = sandbox.fault("delay", action=action)

        async def wait() -> object:
            return await ask(sdk)

        waiting = asyncio.create_task(wait())
        await sandbox.wait_until(lambda: fault.fired)
        await sdk.aclose()
        with pytest.raises(lc.CustomerSDKError) as caught:
            await waiting
        changes = action in ("check_goals", "request_email_verification")
        kind = lc.OutcomeUnknownError if changes else lc.SDKDestroyedError
        assert isinstance(caught.value, kind), "what was sent may have had its effect"
        assert caught.value.code == "SDK_DESTROYED"
        fault.release()


async def test_cancelling_the_caller_ends_the_call() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        fault = sandbox.fault("delay", action="get_localization")
        asking = asyncio.create_task(sdk.get_localization(group_id=0, language="en", version="1"))
        await sandbox.wait_until(lambda: fault.fired)
        asking.cancel()
        await asyncio.wait([asking])
        assert asking.cancelled()
        fault.release()


async def test_a_time_out_of_the_options() -> None:
    async with Sandbox() as sandbox, offline(sandbox, timeouts=lc.Timeouts(request=0.2)) as sdk:
        fault = sandbox.fault("delay", action="get_dynamic_configuration")
        with pytest.raises(lc.RequestTimeoutError):
            await sdk.get_dynamic_configuration()
        fault.release()


async def test_a_token_that_ended_is_replaced_once() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        await sdk.disconnect()
        sandbox.fault("expire_token")
        await sdk.check_goals(page_url="https://example.com/")

        sandbox.fault("error", action="check_goals", error="authentication", count=2)
        with pytest.raises(AuthenticationError):
            await sdk.check_goals(page_url="https://example.com/")
        assert len(asked(sandbox, "check_goals")) == 3


@every
async def test_in_another_region(action: str, ask: Ask) -> None:
    async with Sandbox(region="fra") as sandbox, customer(sandbox) as sdk:
        await sdk.update_customer(email="jo@example.com")
        await ask(sdk)
        assert len(asked(sandbox, action)) == 1


async def test_no_token_and_no_address_shows(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    everything: list[bytes] = []
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        await sdk.update_customer(email="jo@example.com")
        sdk.records.subscribe(lambda record: everything.append(record.payload))
        await sdk.request_email_verification(callback_uri="https://example.com/the-secret")
        await sdk.check_goals(page_url="https://example.com/the-secret")
        token = await sdk.auth.get_token()

    for shown in (caplog.text, b"".join(everything).decode()):
        for secret in ("the-secret", token.access_token):
            assert secret not in shown
