"""What options do: each is seen by a server, not only accepted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from front_kit import customer, until

import livechat_customer as lc
from livechat_customer.sandbox import Sandbox
from livechat_customer.transport.credentials import MemoryCredentials


async def login(**options: Any) -> dict[str, Any]:
    """The payload of the login that a client with these options sends."""
    async with Sandbox() as sandbox, customer(sandbox, **options):
        return next(it.payload for it in sandbox.received if it.action == "login")


async def test_the_login_says_who_asks_and_subscribes_to_all() -> None:
    sent = await login()
    assert sent["application"]["name"] == "livechat-customer"
    assert "pushes" not in sent, "none named: all are sent"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"group_id": 0}, {"group_id": 0}),
        ({"referrer": "https://a.example/"}, {"referrer": "https://a.example/"}),
        ({"mobile": True}, {"is_mobile": True}),
        (
            {"page": {"url": "https://b.example/", "title": "B"}},
            {"customer_page": {"url": "https://b.example/", "title": "B"}},
        ),
        ({"pushes": {"3.5": ["incoming_event"]}}, {"pushes": {"3.5": ["incoming_event"]}}),
    ],
    ids=["group_id", "referrer", "mobile", "page", "pushes"],
)
async def test_an_option_is_in_the_login(options: dict[str, Any], expected: dict[str, Any]) -> None:
    sent = await login(**options)
    assert {name: sent.get(name) for name in expected} == expected


async def test_the_customers_data_is_asked_for_before_each_login() -> None:
    asked: list[int] = []

    def provider() -> dict[str, Any]:
        asked.append(len(asked))
        return {"name": f"Ann {len(asked)}", "session_fields": {"plan": "pro"}}

    async with (
        Sandbox() as sandbox,
        customer(sandbox, customer_data_provider=provider) as sdk,
    ):
        me = await sdk.get_customer()
        assert (me.name, dict(me.session_fields)) == ("Ann 1", {"plan": "pro"})
        sandbox.disconnect()
        await until(sdk.connection, lambda it: it.status == "reconnecting")
        await until(sdk.connection, lambda it: it.status == "connected")
        assert (await sdk.get_customer()).name == "Ann 2"
    assert asked == [0, 1]


@pytest.mark.parametrize("version", ["3.5", "3.6"])
async def test_both_api_versions_are_spoken(version: str) -> None:
    async with Sandbox() as sandbox, customer(sandbox, api_version=version) as sdk:
        chat = await sdk.start_chat(continuous=True)
        sent = await sdk.send_event(chat_id=chat.id, event=lc.Message("a"))
        assert sent.thread_id is not None
        sandbox.agent("Jane").send_event(chat.id, "b")
        await until(sdk.chat(chat.id), lambda it: it is not None and it.unread == 1)
        me = await sdk.get_customer()
        assert await sdk.shared_digest() == sandbox.digest(me.id)
        records: set[str] = set()
        stream = await sdk.log.follow((await sdk.log.streams())[0].key)
        async for page in stream.read():
            records |= {it.api_version for it in page if it.kind in ("push", "response")}
        assert records == {version}


async def test_a_redirect_uri_is_given_where_one_is_demanded() -> None:
    async with Sandbox(strict=True) as sandbox:
        async with lc.init(
            **sandbox.options(), redirect_uri="https://a.example/", log=":memory:"
        ) as sdk:
            await sdk.connect()
        async with lc.init(
            **{**sandbox.options(), "client_id": "somebody else"},
            redirect_uri="https://a.example/",
            log=":memory:",
        ) as sdk:
            with pytest.raises(lc.AuthError):
                await sdk.connect()


async def test_credentials_that_are_kept_make_the_same_customer_again(tmp_path: Path) -> None:
    kept = MemoryCredentials()
    async with Sandbox() as sandbox:
        ids: list[str] = []
        for _ in range(2):
            async with customer(sandbox, log=tmp_path / "a.db", credentials=kept) as sdk:
                ids.append((await sdk.get_customer()).id)
                assert len(await sdk.log.streams()) == 1
        assert ids[0] == ids[1]


async def test_each_profile_is_a_customer_and_a_stream_of_its_own(tmp_path: Path) -> None:
    async with (
        Sandbox() as sandbox,
        customer(sandbox, log=tmp_path / "a.db", profile="ann") as ann,
        customer(sandbox, log=tmp_path / "a.db", profile="joe") as joe,
    ):
        chat = await ann.start_chat(continuous=True)
        assert (await ann.get_customer()).id != (await joe.get_customer()).id
        assert list(joe.chats.value) == []
        assert [item.id for item in ann.chats.value] == [chat.id]
        assert [info.key.profile for info in await ann.log.streams()] == ["ann", "joe"]
