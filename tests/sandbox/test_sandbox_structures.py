from __future__ import annotations

from typing import Any

from livechat_customer.sandbox.clock import ServerClock
from livechat_customer.sandbox.ids import Ids
from livechat_customer.sandbox.structures import (
    chat_object,
    chat_summary,
    event_object,
    has_unread_events,
    newest_first,
    thread_object,
)
from livechat_customer.sandbox.world import AgentProfile, Chat, Customer, Member, Thread, World


def event(number: int, author: str | None = "joe", **more: Any) -> dict[str, Any]:
    found = {"id": f"E{number}", "type": "message", "created_at": f"{number:03d}"} | more
    return found if author is None else found | {"author_id": author}


def small_world(*threads: Thread) -> tuple[World, Chat]:
    world = World(Ids(1), ServerClock())
    world.customers["ann"] = Customer("ann", "org")
    world.agents["joe"] = AgentProfile("joe", "Joe")
    chat = Chat("C", "ann", members={"ann": Member(), "joe": Member(present=False)})
    chat.threads += threads
    return world, chat


def test_what_agents_keep_to_themselves_is_nowhere() -> None:
    hidden = event(2, recipients="agents", type="custom")
    world, chat = small_world(Thread("T", "000", events=[event(1), hidden]))
    assert "E2" not in str(chat_object(world, chat, chat.newest))
    assert "E2" not in str(chat_summary(world, chat))
    assert [one["id"] for one in newest_first(chat)] == ["E1"]


def test_unread_is_what_others_wrote_since() -> None:
    _, chat = small_world(Thread("T", "000"), Thread("U", "010"))
    cases: list[tuple[dict[str, Any], bool]] = [
        (event(1, None), False),
        (event(2, "ann"), False),
        (event(3, recipients="agents"), False),
        (event(4), True),
        (event(15, "ann"), True),
    ]
    for one, unread in cases:
        chat.threads[1 if one["created_at"] > "010" else 0].events.append(one)
        assert has_unread_events(chat) is unread
    chat.members["ann"].events_seen_up_to = "003"
    assert has_unread_events(chat)
    chat.members["ann"].events_seen_up_to = "004"
    assert not has_unread_events(chat)


def test_answers_share_nothing_with_the_state() -> None:
    stored = event(1, properties={"test": {"x": 1}}, content={"a": [1]})
    world, chat = small_world(Thread("T", "000", events=[stored], user_ids=["ann"]))
    shown = chat_object(world, chat, chat.newest)
    shown["thread"]["events"][0]["content"]["a"].append(2)
    shown["thread"]["user_ids"].append("x")
    shown["access"]["group_ids"].append(9)
    assert chat_object(world, chat, chat.newest)["thread"]["events"] == [stored]
    assert (chat.threads[0].user_ids, chat.group_ids) == (["ann"], [0])


def test_optional_things_are_left_out() -> None:
    _, chat = small_world(Thread("T", "000"))
    assert thread_object(chat, chat.threads[0]) == {
        "id": "T",
        "active": True,
        "created_at": "000",
        "user_ids": [],
        "events": [],
        "access": {"group_ids": [0]},
    }
    assert "properties" not in event_object(event(1, properties={}))


def test_an_empty_chat() -> None:
    world, chat = small_world()
    assert "thread" not in chat_object(world, chat, chat.newest)
    assert list(chat_summary(world, chat)) == ["id", "users", "access", "active"]
    assert not has_unread_events(chat)
