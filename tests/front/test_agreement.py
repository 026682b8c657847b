"""Client and server agree: after whatever happened, the views' digest is the sandbox's own.

The sandbox works its digest out from its own state, with code of its own; nothing is asked for in
between, so that what the pushes said has to be enough.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from front_kit import customer, until

import livechat_customer as lc
from livechat_customer.sandbox import Sandbox


class Scene:
    """A running chat with an agent in it."""

    def __init__(self, sandbox: Sandbox, chat_id: str, thread_id: str) -> None:
        self.sandbox = sandbox
        self.chat_id = chat_id
        self.thread_id = thread_id
        self.jane = sandbox.agent("Jane")
        self.joe = sandbox.add_agent("Joe", groups=[4])
        self.first = f"{thread_id}_1"


Act = Callable[[Scene], object]

ACTS: dict[str, tuple[Act, ...]] = {
    "a message": (lambda it: it.jane.send_event(it.chat_id, "Hello"),),
    "a note for agents": (
        lambda it: it.jane.send_event(
            it.chat_id, {"type": "message", "text": "x", "recipients": "agents"}
        ),
    ),
    "coming and going": (
        lambda it: it.jane.join(it.chat_id),
        lambda it: it.jane.leave(it.chat_id),
        lambda it: it.jane.join(it.chat_id),
    ),
    "a look": (lambda it: it.jane.mark_events_as_seen(it.chat_id, "2039-01-01T00:00:00Z"),),
    "a change": (
        lambda it: it.jane.update_event(
            it.chat_id, it.thread_id, it.first, {"type": "message", "text": "changed"}
        ),
    ),
    "thread properties": (
        lambda it: it.jane.update_thread_properties(
            it.chat_id, it.thread_id, {"rating": {"score": 1}, "test": {"a": "b"}}
        ),
    ),
    "the end": (lambda it: it.jane.deactivate_chat(it.chat_id),),
    "a transfer to an agent": (
        lambda it: it.jane.join(it.chat_id),
        lambda it: it.jane.transfer_chat(it.chat_id, [it.joe.id], [4]),
    ),
    "a transfer of an archived chat": (
        lambda it: it.jane.deactivate_chat(it.chat_id),
        lambda it: it.jane.transfer_chat(it.chat_id, group_ids=[4]),
    ),
    "a place in the queue": (
        lambda it: it.sandbox.set_queue(it.chat_id, 3, 90),
        lambda it: it.sandbox.set_queue(it.chat_id, 1, 30),
    ),
    "out of the queue": (
        lambda it: it.sandbox.set_queue(it.chat_id, 3, 90),
        lambda it: it.jane.join(it.chat_id),
        lambda it: it.sandbox.set_queue(it.chat_id, 2, 60),
    ),
    "a transfer of who waits": (
        lambda it: it.sandbox.set_queue(it.chat_id, 3, 90),
        lambda it: it.jane.transfer_chat(it.chat_id, group_ids=[4]),
        lambda it: it.sandbox.set_queue(it.chat_id, 2, 60),
        lambda it: it.jane.transfer_chat(it.chat_id, [it.joe.id]),
    ),
}


@pytest.mark.parametrize("status", ["online", "online_for_queue"])
@pytest.mark.parametrize("acts", ACTS.values(), ids=ACTS.keys())
async def test_what_agents_and_the_router_do(acts: tuple[Act, ...], status: str) -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        sandbox.set_availability(0, status)
        chat = await sdk.start_chat(chat={"thread": {"events": [{"type": "message", "text": "a"}]}})
        assert chat.thread is not None
        me = await sdk.get_customer()
        scene = Scene(sandbox, chat.id, chat.thread.id)
        seen = {await sdk.shared_digest()}
        assert seen == {sandbox.digest(me.id)}
        for number, act in enumerate(acts):
            act(scene)
            # What the server pushed came before this one.
            sandbox.push("incoming_multicast", {"content": {"number": number}}, me.id)
            await sdk.wait_for("incoming_multicast", timeout=10)
            digest = sandbox.digest(me.id)
            assert await sdk.shared_digest() == digest, (number, sdk.chat(chat.id).value)
            seen.add(digest)
        assert len(seen) > 1


async def test_what_the_customer_does() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        me = await sdk.get_customer()
        seen: set[str] = set()

        async def agreed() -> None:
            await sdk.request("ping")
            digest = sandbox.digest(me.id)
            assert await sdk.shared_digest() == digest
            seen.add(digest)

        await agreed()
        chat = await sdk.start_chat(continuous=True)
        await agreed()
        for event in (
            lc.Message("Hello", custom_id="c-1"),
            lc.Custom(content={"f": 1.5}),
            lc.SystemMessage(text="It began", system_message_type="began", recipients="all"),
        ):
            await sdk.send_event(chat_id=chat.id, event=event)
            await agreed()
        said = sandbox.agent("Jane").send_event(chat.id, "Hello")
        await until(sdk.chat(chat.id), lambda it: it is not None and it.unread == 1)
        await agreed()
        await sdk.mark_events_as_seen(chat_id=chat.id, seen_up_to=said.created_at)
        await agreed()
        await sdk.update_customer(name="Ann", session_fields={"plan": "pro"})
        await agreed()
        await sdk.deactivate_chat(id=chat.id)
        await agreed()
        await sdk.resume_chat(chat={"id": chat.id}, continuous=True)
        await agreed()
        assert len(seen) == 10
