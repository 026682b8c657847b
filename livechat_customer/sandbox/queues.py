"""The queue (protocol: queue): who leaves it lets those behind move up.

Their customers are told by `queue_position_updated`, whoever caused it: these pushes wait in the
world, beside those of the customer that the running operation is about.
"""

from __future__ import annotations

from typing import Final

from livechat_customer.sandbox.pushes import Push
from livechat_customer.sandbox.world import Thread, World

WAIT_PER_PLACE: Final = 60
"""Seconds that a place in the queue is said to cost."""


def enter(world: World, thread: Thread, queued_at: str) -> None:
    """The thread takes the last place."""
    place = sum(1 for waiting in world.waiting() if waiting is not thread) + 1
    thread.queue = {
        "position": place,
        "wait_time": place * WAIT_PER_PLACE,
        "queued_at": queued_at,
    }


def leave(world: World, thread: Thread) -> None:
    """The thread waits no longer, if it did; the ones behind it move up a place."""
    if thread.queue is None:
        return
    freed = thread.queue["position"]
    thread.queue = None
    for chat in world.chats.values():
        other = chat.open_thread
        if other is None or other.queue is None or other.queue["position"] <= freed:
            continue
        place = {
            "position": other.queue["position"] - 1,
            "wait_time": max(0, other.queue["wait_time"] - WAIT_PER_PLACE),
        }
        other.queue = other.queue | place
        payload = {"chat_id": chat.id, "thread_id": other.id, "queue": place}
        world.aside.append((chat.customer_id, Push("queue_position_updated", payload)))
