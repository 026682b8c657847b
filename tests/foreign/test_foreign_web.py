"""`CustomerWeb` of `lc-sdk-python`, unchanged, over TLS."""

from __future__ import annotations

from pathlib import Path

import pytest
from foreign_kit import Foreign, Json, Raised

from livechat_customer.sandbox import Sandbox

pytestmark = pytest.mark.parametrize("version", ["3.5", "3.6"])

HELLO: Json = {"type": "message", "text": "hello", "custom_id": "c-1"}
CARD: Json = {
    "type": "rich_message",
    "template_id": "quick_replies",
    "elements": [
        {"title": "Sure?", "buttons": [{"text": "Yes", "postback_id": "yes", "user_ids": []}]}
    ],
}
NOBODY = "XXXXXXXXXX"


async def started(client: Foreign) -> tuple[str, str]:
    """(chat, thread) of a chat with one message."""
    chat: Json = {"thread": {"events": [HELLO]}}
    answer = await client.web("start_chat", chat=chat, continuous=True)
    return answer["chat_id"], answer["thread_id"]


async def test_a_conversation(client: Foreign, sandbox: Sandbox, version: str) -> None:
    jane = sandbox.agent("Jane")
    own = await client.sign_in(version)
    assert (await client.web("list_chats"))["chats_summary"] == []
    chat: Json = {"thread": {"events": [HELLO]}}
    answer = await client.web("start_chat", chat=chat)
    chat_id, thread_id = answer["chat_id"], answer["thread_id"]
    assert answer["event_ids"] == [f"{thread_id}_1"]

    sent = jane.send_event(chat_id, "Good day")
    found = await client.web("list_threads", chat_id=chat_id)
    assert [event["text"] for event in found["threads"][0]["events"]] == ["hello", "Good day"]
    assert (
        await client.web("mark_events_as_seen", chat_id=chat_id, seen_up_to=sent.created_at) == {}
    )
    assert sandbox.chats[chat_id].members[own].events_seen_up_to == sent.created_at
    assert await client.web("send_sneak_peek", chat_id=chat_id, sneak_peek_text="Than") == {}
    assert sandbox.chats[chat_id].sneak_peek == "Than"
    thanks: Json = {"type": "message", "text": "Thanks"}
    event_id = (await client.web("send_event", chat_id=chat_id, event=thanks))["event_id"]

    card = jane.send_event(chat_id, CARD)
    place = {"chat_id": chat_id, "thread_id": thread_id, "event_id": card.event_id}
    postback = {"id": "yes", "toggled": True}
    assert await client.web("send_rich_message_postback", **place, postback=postback) == {}
    stored = sandbox.chats[chat_id].threads[0].event(card.event_id)
    assert stored is not None
    assert stored["elements"][0]["buttons"][0]["user_ids"] == [own]

    assert await client.web("deactivate_chat", id=chat_id) == {}
    refused = await client.web_refused("send_event", chat_id=chat_id, event=thanks)
    assert refused == (422, "chat_inactive")
    again = await client.web("resume_chat", chat={"id": chat_id}, continuous=True)
    [first, second] = sandbox.chats[chat_id].threads
    assert (first.id, first.active) == (thread_id, False)
    assert (second.id, second.active) == (again["thread_id"], True)
    [summary] = (await client.web("list_chats", limit=5))["chats_summary"]
    assert (summary["id"], summary["last_thread_id"]) == (chat_id, second.id)
    old = await client.web("get_chat", chat_id=chat_id, thread_id=thread_id)
    assert old["thread"]["events"][2]["id"] == event_id
    page = await client.web("list_threads", chat_id=chat_id, limit=1)
    rest = await client.web("list_threads", chat_id=chat_id, page_id=page["next_page_id"])
    assert [it["id"] for it in page["threads"] + rest["threads"]] == [second.id, first.id]


async def test_properties_and_a_rating(client: Foreign, sandbox: Sandbox, version: str) -> None:
    await client.sign_in(version)
    chat_id, thread_id = await started(client)
    thread = sandbox.chats[chat_id].threads[0]
    places: dict[str, Json] = {
        "chat": {"id": chat_id},
        "thread": {"chat_id": chat_id, "thread_id": thread_id},
        "event": {"chat_id": chat_id, "thread_id": thread_id, "event_id": f"{thread_id}_1"},
    }
    values = {"test": {"string_property": "s", "int_property": 1}}
    for place, ids in places.items():
        assert await client.web(f"update_{place}_properties", **ids, properties=values) == {}
        gone = {"test": ["int_property"]}
        assert await client.web(f"delete_{place}_properties", **ids, properties=gone) == {}
    left = {"string_property": "s"}
    shown = await client.web("get_chat", chat_id=chat_id)
    assert shown["properties"]["test"] == left
    assert shown["thread"]["properties"]["test"] == left
    assert shown["thread"]["events"][0]["properties"]["test"] == left

    rating: Json = {"rating": {"score": 0}}
    await client.web("update_thread_properties", **places["thread"], properties=rating)
    assert thread.properties["rating"] == {"score": 0}
    assert thread.events[-1]["system_message_type"] == "rating.chat_rated"
    await client.web(
        "delete_thread_properties", **places["thread"], properties={"rating": ["score"]}
    )
    assert thread.events[-1]["system_message_type"] == "rating.chat_rating_canceled"


async def test_the_customer(client: Foreign, sandbox: Sandbox, version: str) -> None:
    own = await client.sign_in(version)
    ann: Json = {"name": "Ann", "email": "ann@example.org"}
    assert await client.web("update_customer", **ann, session_fields=[{"plan": "pro"}]) == {}
    assert await client.web("set_customer_session_fields", session_fields=[{"cart": "1"}]) == {}
    customer = await client.web("get_customer")
    assert (customer["id"], customer["name"], customer["email"]) == (own, *ann.values())
    assert customer["session_fields"] == [{"cart": "1"}]
    callback = "https://verified.example.org/back"
    assert await client.web("request_email_verification", callback_uri=callback) == {}
    assert sandbox.verify_email(own) == 1
    assert [it.uri for it in sandbox.callbacks] == [callback]
    if version == "3.6":
        assert await client.web("update_customer", phone_number="+4812345") == {}
        assert (await client.web("get_customer"))["phone_number"] == "+4812345"


async def test_what_is_shown(client: Foreign, sandbox: Sandbox, version: str) -> None:
    jane = sandbox.agent("Jane")
    own = await client.sign_in(version)
    sandbox.set_availability(3, "offline")
    statuses = await client.web("list_group_statuses", all=True)
    assert statuses == {"groups_status": {"0": "online", "3": "offline"}}
    assert await client.web("get_form", group_id=3, type="postchat") == {"enabled": False}
    url = sandbox.add_page("offers", "Our offers", "All of them")
    assert await client.web("get_url_info", url=url) == {
        "url": url,
        "title": "Our offers",
        "description": "All of them",
    }
    elsewhere = "https://example.org/"
    assert await client.web("get_url_info", url=elsewhere) == {"url": elsewhere}

    for verb in "accept", "cancel":
        number, unique_id = sandbox.show_greeting(own)
        more: Json = {"greeting_id": number} if verb == "accept" else {}
        assert await client.web(f"{verb}_greeting", unique_id=unique_id, **more) == {}
    first, second = sandbox.customers[own].greetings
    assert (first.accepted, second.canceled) == (True, True)
    sandbox.set_goal(url="/checkout")
    goal: Json = {"session_fields": [], "group_id": 0}
    assert await client.web("check_goals", **goal, page_url="https://example.org/") == {}
    assert await client.web("check_goals", **goal, page_url="https://example.org/checkout") == {}
    assert len(sandbox.customers[own].greetings) == 3

    # Who would answer is told only to those who are logged in over RTM, too.
    token = await client.token()
    bearer = f"Bearer {token['access_token']}"
    await client.step("sign_in", token=bearer, version=version)
    assert await client.web_refused("get_predicted_agent") == (403, "authorization")
    await client.step("open", version=version)
    await client.rtm("login", token=bearer)
    assert (await client.web("get_predicted_agent"))["agent"]["id"] == jane.id
    if version == "3.6":
        welcome = await client.web("request_welcome_message")
        assert welcome["predicted_agent"]["id"] == jane.id


async def test_the_configuration(client: Foreign, sandbox: Sandbox, version: str) -> None:
    await client.sign_in(version)
    sandbox.set_license_properties({"test": {"a": 1, "b": 2}, "lc2": {"secret": True}})
    sandbox.set_group_properties(0, {"test": {"c": 3}})
    dynamic = await client.web("get_dynamic_configuration", group_id=0, url="https://example.org/")
    assert dynamic["organization_id"] == sandbox.organization_id
    dynamic = dynamic if version == "3.5" else dynamic["livechat"]
    assert dynamic["online_group_ids"] == [0]
    found = await client.web("get_configuration", group_id=0, version=dynamic["config_version"])
    assert found["buttons"]
    assert found["properties"] == {
        "license": {"test": {"a": 1, "b": 2}},
        "group": {"test": {"c": 3}},
    }
    localization = {"language": "en", "version": dynamic["localization_version"]}
    sandbox.set_localization("en", {"hello": "Hello %name%"})
    assert await client.web("get_localization", group_id=0, **localization) == {
        "hello": "Hello %name%"
    }
    listed = await client.web("list_license_properties", namespace="test", name="b")
    assert listed == {"test": {"b": 2}}
    assert await client.web("list_group_properties", group_id=0) == {"test": {"c": 3}}
    assert await client.web_refused("list_group_properties", group_id=7) == (404, "group_not_found")
    assert await client.web_refused("get_configuration") == (400, "validation")


async def test_a_file(client: Foreign, sandbox: Sandbox, version: str, tmp_path: Path) -> None:
    await client.sign_in(version)
    chat_id, thread_id = await started(client)
    data = bytes(range(256)) * 300
    notes = tmp_path / "notes ä.bin"
    notes.write_bytes(data)
    answer = await client.step("upload", path=str(notes))
    assert answer["status"] == 200, answer
    url = answer["body"]["url"]
    assert url.startswith("https://")
    event = {"type": "file", "url": url}
    sent = await client.web("send_event", chat_id=chat_id, event=event)
    shown = (await client.web("get_chat", chat_id=chat_id))["thread"]["events"][-1]
    assert (shown["id"], shown["name"], shown["size"]) == (sent["event_id"], notes.name, len(data))
    assert bytes.fromhex((await client.step("fetch", url=shown["url"]))["hex"]) == data

    event = {"type": "file", "url": "https://example.org/notes.bin"}
    refused = await client.web_refused("send_event", chat_id=chat_id, event=event)
    assert refused == (400, "validation")
    notes.write_bytes(bytes(10 * 1024 * 1024 + 1))
    answer = await client.step("upload", path=str(notes))
    assert (answer["status"], answer["body"]["error"]["type"]) == (413, "entity_too_large")
    program = tmp_path / "setup.exe"
    program.write_bytes(b"MZ")
    answer = await client.step("upload", path=str(program))
    assert (answer["status"], answer["body"]["error"]["type"]) == (400, "validation")
    assert [thread.id for thread in sandbox.chats[chat_id].threads] == [thread_id]


async def test_what_is_refused(client: Foreign, sandbox: Sandbox, version: str) -> None:
    await client.step("sign_in", token="Bearer dal:nobodys", version=version)
    assert await client.web_refused("list_chats") == (401, "authentication")
    await client.sign_in(version)
    refused = client.web_refused
    chat_id, _ = await started(client)
    assert await refused("start_chat", continuous=True) == (422, "limit_reached")
    assert await refused("resume_chat", chat={"id": chat_id}) == (422, "chat_already_active")
    assert await refused("get_chat", chat_id=NOBODY) == (404, "not_found")
    assert await refused("list_chats", limit=26) == (400, "validation")
    assert await refused("list_chats", payload=[]) == (400, "validation")
    assert await refused("get_url_info", url="no url") == (400, "validation")
    assert await refused("cancel_greeting", unique_id=NOBODY) == (404, "greeting_not_found")
    # Another customer's chat is nobody's.
    await client.sign_in(version)
    assert await refused("get_chat", chat_id=chat_id) == (404, "not_found")
    token = await client.token()
    await client.step("sign_in", token=f"Bearer {token['access_token']}", version=version)
    assert await client.web("list_chats")
    await client.step("revoke", token=token["access_token"])
    assert await refused("list_chats") == (401, "authentication")


async def test_what_only_the_newer_version_has(
    client: Foreign, sandbox: Sandbox, version: str
) -> None:
    await client.sign_in(version)
    chat_id, thread_id = await started(client)
    place = {"chat_id": chat_id, "thread_id": thread_id, "event_id": f"{thread_id}_1"}
    if version == "3.5":
        with pytest.raises(Raised, match="AttributeError"):
            await client.web("delete_event", **place)
        return
    assert await client.web("delete_event", **place) == {}
    assert sandbox.chats[chat_id].threads[0].events == []


async def test_a_certificate_nobody_vouches_for(
    client: Foreign, sandbox: Sandbox, version: str
) -> None:
    token = await client.token()
    bearer = f"Bearer {token['access_token']}"
    await client.step("sign_in", token=bearer, version=version, trusting=False)
    with pytest.raises(Raised, match=r"ConnectError.*CERTIFICATE_VERIFY_FAILED"):
        await client.web("list_chats")
    assert [it.action for it in sandbox.received] == ["token"]
