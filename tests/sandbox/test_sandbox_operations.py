from __future__ import annotations

import pytest

from livechat_customer.sandbox import operations
from livechat_customer.sandbox.api_errors import ApiError
from livechat_customer.sandbox.clock import ServerClock, SteppingClock
from livechat_customer.sandbox.ids import Ids
from livechat_customer.sandbox.world import AgentProfile, Chat, Customer, Member, World


@pytest.fixture
def world() -> World:
    world = World(Ids(1), ServerClock(SteppingClock()))
    world.customers["ann"] = Customer("ann", "org")
    world.agents["joe"] = AgentProfile("joe", "Joe")
    world.chats["C"] = Chat("C", "ann", members={"ann": Member()})
    return world


def test_ids_and_times_of_events_go_up(world: World) -> None:
    chat = world.chats["C"]
    texts = [{"type": "message", "text": str(number)} for number in range(12)]
    thread, events = operations.open_thread(world, chat, texts, active=True)
    assert [event["id"] for event in events] == [f"{thread.id}_{number}" for number in range(1, 13)]
    times = [thread.created_at, *(event["created_at"] for event in events)]
    assert times == sorted(set(times))
    assert chat.members["ann"].events_seen_up_to == times[-1]
    # A number is never given twice, whatever became of its event.
    thread.events.clear()
    again = operations.add_event(world, thread, {"type": "message"}, "ann")
    assert again["id"] == f"{thread.id}_13"


def test_only_the_newest_thread_is_open(world: World) -> None:
    chat = world.chats["C"]
    with pytest.raises(ApiError, match="inactive"):
        operations.need_open(chat)
    operations.open_thread(world, chat, [], active=True)
    pushes = operations.close_thread(world, chat, "ann", "manual_archived_customer", customer="A")
    assert [push.action for push in pushes] == ["incoming_event", "chat_deactivated"]
    assert [push.with_request_id for push in pushes] == [False, True]
    with pytest.raises(ApiError, match="inactive"):
        operations.close_thread(world, chat, "ann", "manual_archived_customer", customer="A")
    thread, _ = operations.open_thread(world, chat, [], active=True)
    assert operations.need_open(chat) is thread


def test_joining_ends_the_queue(world: World) -> None:
    chat = world.chats["C"]
    world.groups[0] = "online_for_queue"
    thread, _ = operations.open_thread(world, chat, [], active=True)
    assert thread.queue is not None
    assert list(world.waiting()) == [thread]
    assert len(operations.join(world, chat, world.agents["joe"])) == 1
    assert operations.join(world, chat, world.agents["joe"]) == []
    assert list(world.waiting()) == []
    assert thread.user_ids == ["ann", "joe"]


def test_one_group_online_is_enough_to_skip_the_queue(world: World) -> None:
    chat = world.chats["C"]
    world.groups |= {0: "online_for_queue", 1: "online"}
    chat.group_ids = [0, 1]
    thread, _ = operations.open_thread(world, chat, [], active=True)
    assert thread.queue is None


def test_marks_only_move_forwards(world: World) -> None:
    chat = world.chats["C"]
    assert not operations.see_all(chat)
    assert len(operations.mark_seen(chat, "ann", "2025")) == 1
    assert operations.mark_seen(chat, "ann", "2025") == []
    assert operations.mark_seen(chat, "ann", "2024") == []
    assert chat.members["ann"].events_seen_up_to == "2025"
