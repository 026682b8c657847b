"""Our client and somebody else's at the same server; servers that want none of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from cli_kit import sandbox as command
from foreign_kit import Certificates, Foreign, Json, foreign
from front_kit import customer, texts, until

from livechat_customer.sandbox import Sandbox

pytestmark = pytest.mark.slow

HELLO: Json = {"type": "message", "text": "hello"}
SEEN = (
    "incoming_chat",
    "incoming_event",
    "events_marked_as_seen",
    "thread_properties_updated",
    "event_properties_updated",
    "customer_updated",
    "chat_deactivated",
)


def watch(sdk: Any, seen: list[str]) -> None:
    """Puts down the names of the events as they come. (Names in a variable have no overload.)"""

    def put_down(name: str) -> Callable[[object], None]:
        return lambda _: seen.append(name)

    for name in SEEN:
        sdk.on(name, put_down(name))


@pytest.mark.shows("event incoming_chat", by="foreign")
@pytest.mark.shows("event incoming_event", by="foreign")
@pytest.mark.shows("event thread_properties_updated", by="foreign")
@pytest.mark.shows("event event_properties_updated", by="foreign")
@pytest.mark.shows("event customer_updated", by="foreign")
@pytest.mark.shows("event events_marked_as_seen", by="foreign")
@pytest.mark.shows("event chat_deactivated", by="foreign")
async def test_one_customer_with_two_clients(
    client: Foreign, sandbox: Sandbox, certificates: Certificates
) -> None:
    """What the one does, over RTM and over HTTP, the other sees; at the end they agree."""
    jane = sandbox.agent("Jane")
    async with customer(sandbox, tls=certificates.client()) as sdk:
        own = (await sdk.get_customer()).id
        seen: list[str] = []
        watch(sdk, seen)
        bearer = f"Bearer {(await sdk.auth.get_token()).access_token}"
        await client.step("open", version="3.5")
        assert (await client.rtm("login", token=bearer))["customer"]["id"] == own
        await client.step("sign_in", token=bearer, version="3.6")

        started = await client.rtm("start_chat", chat={"thread": {"events": [HELLO]}})
        chat_id, thread_id = started["chat_id"], started["thread_id"]
        await until(sdk.chats, lambda chats: bool(chats))
        jane.send_event(chat_id, "Good day")
        await client.pushes("incoming_event")
        mine = await sdk.send_event(chat_id=chat_id, event={"type": "message", "text": "from ours"})
        [push] = await client.step("pushes", until="incoming_event")
        assert push["payload"]["event"]["id"] == mine.id
        assert "request_id" not in push, "it was not theirs"
        theirs: Json = {"type": "message", "text": "from theirs"}
        await client.web("send_event", chat_id=chat_id, event=theirs)
        thread = sdk.thread(chat_id, thread_id)
        said = ["hello", "Good day", "from ours", "from theirs"]
        await until(thread, lambda items: texts(items) == said)

        sent = jane.send_event(chat_id, "Anything else?")
        await client.web("mark_events_as_seen", chat_id=chat_id, seen_up_to=sent.created_at)
        place = {"chat_id": chat_id, "thread_id": thread_id}
        values = {"test": {"bool_property": True}}
        await client.rtm("update_thread_properties", **place, properties=values)
        place["event_id"] = sent.event_id
        await client.web("update_event_properties", **place, properties=values)
        await client.rtm("update_customer", name="Ann")
        await client.web("deactivate_chat", id=chat_id)
        await until(sdk.chat(chat_id), lambda chat: chat is not None and not chat.active)
        assert sdk.customer.value is not None
        assert sdk.customer.value.name == "Ann"
        assert await sdk.shared_digest() == sandbox.digest(own)
        assert list(dict.fromkeys(seen)) == list(SEEN)


async def test_a_version_that_is_not_served(client: Foreign, sandbox: Sandbox) -> None:
    await client.step("open", version="3.7", stays=False)
    assert await client.pushes("customer_disconnected") == [
        ("customer_disconnected", {"reason": "unsupported_version"})
    ]
    await sandbox.wait_until(lambda: not sandbox.connections)
    await client.sign_in("3.7")
    assert await client.web_refused("list_chats") == (400, "unsupported_version")


async def test_an_organization_nobody_knows(certificates: Certificates, tmp_path: Path) -> None:
    async with Sandbox(tls=certificates.server(), strict=True) as strict:
        ids = "00000000-0000-4000-8000-000000000000", strict.client_id
        async with foreign(strict.api_url, *ids, certificates, tmp_path) as client:
            await client.step("open", version="3.6", stays=False)
            assert await client.pushes("customer_disconnected") == [
                ("customer_disconnected", {"reason": "license_not_found"})
            ]
            answer = await client.step("token")
            assert answer["status"] == 401
            assert set(answer["body"]) & {"oauth_exception", "identity_exception"}
            await client.step("sign_in", token="Bearer dal:x", version="3.6")
            assert await client.web_refused("list_chats") == (404, "license_not_found")


async def test_the_command_with_a_certificate(certificates: Certificates, tmp_path: Path) -> None:
    """Client, server and who plays the agent are three programs."""
    files = "--certfile", str(certificates.certificate), "--keyfile", str(certificates.key)
    with command("--json", "--bot", *files, home=tmp_path) as running:
        ids = running.ready["organization_id"], running.ready["client_id"]
        async with foreign(running.api_url, *ids, certificates, tmp_path) as client:
            await client.log_in("3.6")
            started = await client.rtm("start_chat", chat={"thread": {"events": [HELLO]}})
            await client.pushes("user_added_to_chat")
            async with httpx.AsyncClient(verify=certificates.client(), trust_env=False) as http:
                state = await http.get(f"{running.api_url}/_sandbox/state")
            [chat] = state.json()["chats"]
            assert (chat["id"], chat["active"]) == (started["chat_id"], True)
