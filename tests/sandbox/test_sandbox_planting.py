"""Planted history."""

from __future__ import annotations

from typing import Any

import pytest
from sandbox_kit import Json, Raw, Token, message, started

from livechat_customer.sandbox import ApiError, Sandbox


def thread(created_at: str, *events: Json, **more: Any) -> Json:
    return {"created_at": created_at, "events": list(events)} | more


def event(created_at: str, **more: Any) -> Json:
    return message("old", created_at=created_at) | more


async def test_everything_is_kept_and_linked(sandbox: Sandbox, raw: Raw, token: Token) -> None:
    chat_id, newest = await started(raw)
    future = {"type": "hologram", "created_at": "2024-01-02T00:00:02Z", "shape": {"x": [1]}}
    sandbox.plant_history(
        [
            thread(
                "2024-01-02T00:00:00Z",
                event("2024-01-02T00:00:09Z", author_id=token.customer_id),
                future,
                event("2024-01-02T00:00:01Z", id="mine", author_id="joe", recipients="agents"),
                id="B",
                properties={"test": {"int_property": 1}},
                access={"group_ids": [3]},
            ),
            thread("2024-01-01T00:00:00Z", id="A"),
        ],
        chat_id=chat_id,
    )
    assert await raw.pushes() == []
    page = await raw.ok("list_threads", {"chat_id": chat_id, "sort_order": "asc"})
    first, second, third = page["threads"]
    assert [one["id"] for one in page["threads"]] == ["A", "B", newest]
    assert (first["next_thread_id"], second["previous_thread_id"]) == ("B", "A")
    assert (second["next_thread_id"], third["previous_thread_id"]) == (newest, "B")
    assert (second["active"], third["active"]) == (False, True)
    assert [one["created_at"][17:] for one in second["events"]] == ["02.000000Z", "09.000000Z"]
    assert second["events"][0] == future | {
        "id": "B_2",
        "created_at": "2024-01-02T00:00:02.000000Z",
        "recipients": "all",
    }
    assert second["properties"] == {"test": {"int_property": 1}}
    assert second["access"] == {"group_ids": [3]}
    assert second["user_ids"] == [token.customer_id, "joe"]
    joe = next(user for user in (await raw.ok("get_chat", {"chat_id": chat_id}))["users"][1:])
    assert joe == {
        "id": "joe",
        "type": "agent",
        "name": "Former agent",
        "avatar": "",
        "job_title": "Support Agent",
        "present": False,
    }
    assert sandbox.chats[chat_id].threads[1].event("mine") is not None


async def test_a_chat_is_made_for_who_has_none(sandbox: Sandbox, raw: Raw, token: Token) -> None:
    given = [thread("2024-01-01T00:00:00Z", event("2024-01-01T00:00:00Z", author_id="joe"))]
    chat_id = sandbox.plant_history(given, customer_id=token.customer_id)
    again = sandbox.plant_history([thread("2024-01-03T00:00:00Z")], customer_id=token.customer_id)
    assert chat_id == again
    login = await raw.log_in(token)
    (chat,) = login["chats"]
    assert chat == {"chat_id": chat_id, "has_unread_events": True, "has_active_thread": False}
    resumed = await raw.ok("resume_chat", {"chat": {"id": chat_id}})
    thread_ids = [one.id for one in sandbox.chats[chat_id].threads]
    assert (len(thread_ids), thread_ids[-1]) == (3, resumed["thread_id"])


async def test_new_things_come_after_planted_ones(sandbox: Sandbox, raw: Raw, token: Token) -> None:
    moment = "2030-01-01T00:00:00.000000Z"
    chat_id = sandbox.plant_history(
        [thread("2029-01-01T00:00:00Z", event(moment))], customer_id=token.customer_id
    )
    await raw.ok("resume_chat", {"chat": {"id": chat_id}})
    assert sandbox.chats[chat_id].threads[-1].created_at > moment


async def test_null_counts_as_absent(raw: Raw, token: Token, sandbox: Sandbox) -> None:
    moment = "2024-01-01T00:00:00.000000Z"
    nothing = event(moment, postback=None, properties=None, elements=None)
    chat_id = sandbox.plant_history([thread(moment, nothing)], customer_id=token.customer_id)
    shown = (await raw.ok("get_chat", {"chat_id": chat_id}))["thread"]["events"]
    assert not {"postback", "properties", "elements"} & shown[0].keys()


SOUND = thread("2020-01-01T00:00:00Z")
MISTAKES: list[tuple[list[Json], str]] = [
    ([SOUND, {}], "threads[1].created_at"),
    ([thread("soon")], "threads[0].created_at"),
    ([thread("2024-01-01T00:00:00Z", {"type": "message"})], "threads[0].events[0].created_at"),
    ([thread("2024-01-01T00:00:00Z", {"created_at": "2024-01-01T00:00:00Z"})], "events[0].type"),
    ([thread("2024-01-01T00:00:00Z", id="A"), thread("2024-01-01T00:00:00Z", id="A")], "[1].id"),
    (
        [thread("2024-01-01T00:00:00Z", *[event("2024-01-01T00:00:00Z", id="E")] * 2)],
        "threads[0].events",
    ),
    ([SOUND, thread("2031-01-01T00:00:00Z")], "threads"),
    (
        [thread("2024-01-01T00:00:00Z", event("2024-01-01T00:00:00Z", properties={"a": 5}))],
        "threads[0].events[0].properties.a",
    ),
    (
        [thread("2024-01-01T00:00:00Z", event("2024-01-01T00:00:00Z", elements=["x"]))],
        "threads[0].events[0].elements[0]",
    ),
]


@pytest.mark.parametrize(("threads", "path"), MISTAKES)
async def test_mistakes_plant_nothing(
    sandbox: Sandbox, raw: Raw, threads: list[Json], path: str
) -> None:
    chat_id, _ = await started(raw)
    with pytest.raises(ApiError) as refused:
        sandbox.plant_history(threads, chat_id=chat_id)
    assert refused.value.type == "validation"
    assert path in refused.value.message
    assert len(sandbox.chats[chat_id].threads) == 1


def test_somebody_has_to_be_named() -> None:
    sandbox = Sandbox()
    for given, error in (
        ({}, "validation"),
        ({"chat_id": "x"}, "not_found"),
        ({"customer_id": "x"}, "not_found"),
    ):
        with pytest.raises(ApiError) as refused:
            sandbox.plant_history([], **given)
        assert refused.value.type == error
