"""Client and server agree: after whatever happened, the views' digest is the sandbox's own.

The sandbox works its digest out from its own state, with code of its own; nothing is asked for in
between, so that what the pushes said has to be enough.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

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


RICH: dict[str, Any] = {
    "type": "rich_message",
    "template_id": "cards",
    "elements": [
        {
            "title": "Which one?",
            "buttons": [
                {"text": "A", "postback_id": "p", "user_ids": []},
                {"text": "B", "postback_id": "p", "user_ids": ["other"]},
                {"text": "C", "postback_id": "q", "user_ids": []},
            ],
            "ecommerce": {"product_id": "1", "view_type": "tags"},
        }
    ],
}


class Changes:
    """What a customer changes, as `(action, payload)`, and what others do in between."""

    def __init__(self, sandbox: Sandbox, chat_id: str, thread_id: str, customer_id: str) -> None:
        self.chat = {"id": chat_id}
        self.thread = {"chat_id": chat_id, "thread_id": thread_id}
        self.message = self.thread | {"event_id": f"{thread_id}_1"}
        self.rich = self.thread | {"event_id": f"{thread_id}_2"}
        self.sandbox = sandbox
        self.customer_id = customer_id
        self.jane = sandbox.agent("Jane")
        self.joe = sandbox.add_agent("Joe", groups=[4])

    def steps(self, version: str) -> Iterator[tuple[str, dict[str, Any]] | Callable[[], object]]:
        """Each is a request to make, or a call."""
        chat_id = self.chat["id"]
        for location, place in (
            ("chat", self.chat),
            ("thread", self.thread),
            ("event", self.message),
        ):
            update, delete = f"update_{location}_properties", f"delete_{location}_properties"
            both = {"rating": {"score": 1, "comment": "nice"}, "test": {"int_property": 3}}
            yield update, place | {"properties": both}
            yield update, place | {"properties": {"rating": {"score": 0}}}
            yield delete, place | {"properties": {"rating": ["score"], "test": ["int_property"]}}
        yield (
            "update_thread_properties",
            self.thread | {"properties": {"routing": {"transcript_email": "a@b.example"}}},
        )
        for button, toggled in (("p", True), ("q", True), ("p", False)):
            postback = {"id": button, "toggled": toggled}
            yield "send_rich_message_postback", self.rich | {"postback": postback}
        events: list[dict[str, Any]] = [
            {"type": "form", "form_id": "1", "fields": [{"type": "name", "label": "n"}]},
            {"type": "filled_form", "form_id": "1", "fields": []},
            {"type": "message", "text": "for agents", "recipients": "agents"},
            {"type": "file", "url": "https://cdn.livechatinc.com/f/plan.pdf"},
        ]
        for event in events:
            yield "send_event", {"chat_id": chat_id, "event": event}
        yield lambda: self.jane.update_event(**self.rich, event=RICH | {"template_id": "sticker"})
        yield "update_customer", {"name": "Ann", "email": "a@b.example", "avatar": "//a.example"}
        yield "update_customer", {"session_fields": [{"a": "1"}, {"b": "2"}]}
        yield "set_customer_session_fields", {"session_fields": [{"b": "3"}, {"a": "1"}]}
        yield "set_customer_session_fields", {"session_fields": []}
        yield lambda: self.jane.update_customer(self.customer_id, name="Bob")
        if version == "3.6":
            yield "update_customer", {"phone_number": "1", "address": {"city": "Riga"}}
            yield "update_customer", {"omnichannel": {"twilio": {"phone_number": "5"}}}
            yield "update_customer", {"phone_number": "", "address": {}}
            yield "delete_event", self.message
            said = self.jane.send_event(chat_id, "Oh")
            yield lambda: self.jane.delete_event(chat_id, said.thread_id, said.event_id)
        number, unique_id = self.sandbox.show_greeting(self.customer_id, event=RICH)
        yield "accept_greeting", {"greeting_id": number, "unique_id": unique_id}
        yield "cancel_greeting", {"unique_id": unique_id}
        yield lambda: self.sandbox.route(chat_id, "unassign")
        yield lambda: self.sandbox.route(chat_id, "assign", agent_id=self.joe.id)
        yield lambda: self.joe.transfer_chat(chat_id, group_ids=[4])
        yield "deactivate_chat", self.chat
        yield "update_thread_properties", self.thread | {"properties": {"rating": {"score": 1}}}
        resumed = self.chat | {"access": {"group_ids": [0]}}
        yield "resume_chat", {"chat": resumed, "continuous": True}
        yield lambda: self.sandbox.advance(3_600)
        yield lambda: self.jane.start_chat(self.customer_id, "Still there?")


@pytest.mark.parametrize("version", ["3.5", "3.6"])
async def test_whatever_a_customer_can_change(version: str) -> None:
    """On the device that changes it and on another one."""
    async with Sandbox() as sandbox, customer(sandbox, api_version=version) as sdk:
        me = await sdk.get_customer()
        other = {"agent_token": sandbox.agent_token(), "customer_id": me.id, "profile": "other"}
        async with customer(sandbox, api_version=version, **other) as second:
            opening = {"thread": {"events": [{"type": "message", "text": "a"}, RICH]}}
            begun = await sdk.request("start_chat", {"chat": opening, "continuous": True})
            changes = Changes(sandbox, begun["chat_id"], begun["thread_id"], me.id)
            for number, step in enumerate(changes.steps(version)):
                if callable(step):
                    step()
                else:
                    action, payload = step
                    await sdk.request(action, payload)
                for device in (sdk, second):
                    # What the server pushed came before the answer.
                    await device.request("ping")
                    digest = sandbox.digest(me.id, version)
                    assert await device.shared_digest() == digest, (number, step)


async def test_a_ban_is_the_last_thing_that_is_known() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        chat = await sdk.start_chat(continuous=True)
        me = await sdk.get_customer()
        sandbox.agent("Jane").ban_customer(me.id)
        await until(sdk.connection, lambda it: it.status == "destroyed")
        assert sdk.chat(chat.id).value is not None
        assert await sdk.shared_digest() == sandbox.digest(me.id)


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
