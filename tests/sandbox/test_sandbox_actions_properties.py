"""The six methods for properties, and what ratings and transcripts set off."""

from __future__ import annotations

from typing import Any

import pytest
from sandbox_kit import Json, Raw, logged_in, message, started

from livechat_customer.sandbox import Limits, Sandbox

VALUES = {"test": {"int_property": 3, "string_property": "x"}}


def places(chat_id: str, thread_id: str) -> dict[str, tuple[Json, Json]]:
    """What a request says and what a push says, by location."""
    chat = {"chat_id": chat_id}
    thread = chat | {"thread_id": thread_id}
    event = thread | {"event_id": f"{thread_id}_1"}
    return {"chat": ({"id": chat_id}, chat), "thread": (thread, thread), "event": (event, event)}


def found(shown: Json, location: str) -> Any:
    whole = {"chat": shown, "thread": shown["thread"], "event": shown["thread"]["events"][0]}
    return whole[location].get("properties", {}).get("test")


@pytest.mark.parametrize("location", ["chat", "thread", "event"])
@pytest.mark.parametrize("active", [True, False])
async def test_update_and_delete(raw: Raw, location: str, active: bool) -> None:
    chat_id, thread_id = await started(raw, message())
    if not active:
        await raw.ok("deactivate_chat", {"id": chat_id})
        await raw.settled()
    asked, told = places(chat_id, thread_id)[location]
    update, delete = f"update_{location}_properties", f"delete_{location}_properties"
    assert await raw.ok(update, asked | {"properties": VALUES}) == {}
    assert await raw.pushes() == [(f"{location}_properties_updated", told | {"properties": VALUES})]
    changed = {"test": {"int_property": 4}}
    await raw.ok(update, asked | {"properties": changed})
    assert await raw.pushes() == [
        (f"{location}_properties_updated", told | {"properties": changed})
    ]
    shown = await raw.ok("get_chat", {"chat_id": chat_id})
    assert found(shown, location) == {"int_property": 4, "string_property": "x"}
    names = {"test": ["int_property"]}
    assert await raw.ok(delete, asked | {"properties": names}) == {}
    assert await raw.pushes() == [(f"{location}_properties_deleted", told | {"properties": names})]
    await raw.ok(delete, asked | {"properties": {"test": ["string_property"]}})
    shown = await raw.ok("get_chat", {"chat_id": chat_id})
    assert found(shown, location) is None


@pytest.mark.parametrize("verb", ["update", "delete"])
@pytest.mark.parametrize("location", ["chat", "thread", "event"])
async def test_is_refused(raw: Raw, verb: str, location: str) -> None:
    chat_id, thread_id = await started(raw, message())
    asked, _ = places(chat_id, thread_id)[location]
    action = f"{verb}_{location}_properties"
    updating = verb == "update"
    sound: Json = VALUES if updating else {"test": ["int_property"]}
    wrong: Json = {"no": {"p": 1}} if updating else {"no": ["p"]}
    assert await raw.refused(action, asked) == "validation"
    assert await raw.refused(action, asked | {"properties": wrong}) == "validation"
    assert await raw.refused(action, asked | {"properties": 1}) == "validation"
    for name in asked:
        unknown = asked | {name: "NOPE", "properties": sound}
        assert await raw.refused(action, unknown) == "not_found"
        assert await raw.refused(action, unknown | {name: None}) == "validation"
    await raw.settled()
    assert await raw.ok(action, asked | {"properties": {}}) == {}
    assert await raw.pushes() == []


async def test_what_customers_may_not_touch(raw: Raw) -> None:
    chat_id, _ = await started(raw)
    for verb, properties in (
        ("update", {"routing": {"continuous": False}}),
        ("delete", {"routing": ["continuous"]}),
    ):
        given = {"id": chat_id, "properties": properties}
        assert await raw.refused(f"{verb}_chat_properties", given) == "authorization"


async def test_write_only_properties_are_never_shown(sandbox: Sandbox, raw: Raw) -> None:
    chat_id, thread_id = await started(raw)
    given = {"routing": {"ignore_bots": True}}
    place = {"chat_id": chat_id, "thread_id": thread_id}
    await raw.ok("update_thread_properties", place | {"properties": given})
    assert await raw.pushes() == []
    assert sandbox.chats[chat_id].threads[0].properties["routing"]["ignore_bots"] is True
    shown = (await raw.ok("get_chat", {"chat_id": chat_id}))["thread"]["properties"]
    assert shown == {"routing": {"continuous": True}}
    await raw.ok("delete_thread_properties", place | {"properties": {"routing": ["ignore_bots"]}})
    assert await raw.pushes() == []
    assert "ignore_bots" not in sandbox.chats[chat_id].threads[0].properties["routing"]


async def test_a_value_has_at_most_16_kib_wherever_it_is_set(raw: Raw) -> None:
    def values(count: int) -> Json:
        return {"test": {"string_property": "é" * (count // 2) + "a" * (count % 2)}}

    def start(count: int) -> Json:
        thread = {"properties": values(count), "events": [message(properties=values(count))]}
        return {"chat": {"properties": values(count), "thread": thread}, "continuous": True}

    assert await raw.refused("start_chat", start(16_385)) == "validation"
    started_now = await raw.ok("start_chat", start(16_384))
    place = {"id": started_now["chat_id"]}
    update = "update_chat_properties"
    assert await raw.refused(update, place | {"properties": values(16_385)}) == "validation"
    assert await raw.ok(update, place | {"properties": values(16_384)}) == {}


async def test_the_size_of_values_is_a_limit_of_the_sandbox() -> None:
    long = {"test": {"string_property": "four"}}
    async with Sandbox(limits=Limits(property_value=3)) as sandbox, logged_in(sandbox) as (raw, _):
        for chat in (
            {"properties": long},
            {"thread": {"properties": long}},
            {"thread": {"events": [message(properties=long)]}},
        ):
            given = {"chat": chat, "continuous": True}
            assert await raw.refused("start_chat", given) == "validation"


async def test_rating(raw: Raw) -> None:
    chat_id, thread_id = await started(raw)
    place = {"chat_id": chat_id, "thread_id": thread_id}

    async def told(action: str, properties: Json) -> list[tuple[str, str | None, bool]]:
        await raw.ok(action, place | {"properties": properties})
        return [
            (
                frame["action"],
                frame["payload"].get("event", {}).get("system_message_type"),
                "request_id" in frame,
            )
            for frame in await raw.settled()
            if frame["type"] == "push"
        ]

    updated, deleted = "thread_properties_updated", "thread_properties_deleted"
    rating = {"rating": {"score": 1, "comment": "nice"}}
    assert await told("update_thread_properties", rating) == [
        (updated, None, True),
        ("incoming_event", "rating.chat_rated", False),
        ("incoming_event", "rating.chat_commented", False),
    ]
    assert await told("delete_thread_properties", {"rating": ["score"]}) == [
        (deleted, None, True),
        ("incoming_event", "rating.chat_rating_canceled", False),
    ]
    assert await told("delete_thread_properties", {"rating": ["score"]}) == [(deleted, None, True)]
    email = {"routing": {"transcript_email": "a@b.example"}}
    assert await told("update_thread_properties", email) == [
        (updated, None, True),
        ("incoming_event", "transcript_requested", False),
    ]
    # No address: none is wanted any more.
    none = {"routing": {"transcript_email": ""}}
    assert await told("update_thread_properties", none) == [(updated, None, True)]
