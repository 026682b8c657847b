from __future__ import annotations

from livechat_customer.sandbox.clock import ServerClock
from livechat_customer.sandbox.ids import Ids
from livechat_customer.sandbox.world import Chat, Customer, Greeting, Thread, World


def test_finding_things() -> None:
    thread = Thread("T", "2025", events=[{"id": "E"}])
    chat = Chat("C", "ann", threads=[thread])
    assert chat.thread("T") is chat.newest is chat.open_thread is thread
    assert chat.thread("U") is None
    assert thread.event("E") == {"id": "E"}
    assert thread.event("F") is None
    thread.active = False
    assert chat.open_thread is None
    assert Chat("D", "ann").newest is None


def test_one_group_is_enough() -> None:
    world = World(Ids(1), ServerClock())
    world.groups |= {1: "offline", 2: "online_for_queue"}
    assert world.reachable([0])
    assert world.reachable([1, 2])
    assert not world.reachable([1, 99])
    assert not world.reachable([])


def test_chats_belong_to_somebody() -> None:
    world = World(Ids(1), ServerClock())
    for number, owner in enumerate(["ann", "bob", "ann"]):
        world.chats[str(number)] = Chat(str(number), owner)
    assert [chat.id for chat in world.chats_of("ann")] == ["0", "2"]
    assert world.chats_of("nobody") == []


def test_the_greeting_last_shown() -> None:
    customer = Customer("ann", "org")
    assert customer.greeting is None
    customer.greetings += [Greeting("1", {}), Greeting("2", {})]
    assert customer.greeting is customer.greetings[1]
    # Cancelling the last does not bring back the one before.
    customer.greetings[1].canceled = True
    assert customer.greeting is None
