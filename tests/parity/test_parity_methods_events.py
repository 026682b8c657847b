"""Methods of events: sending, deleting, reading marks, buttons; and `request`."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from front_kit import customer, texts, until
from parity_kit import asked, versions

import livechat_customer as lc
from livechat_customer.errors import (
    ChatInactiveError,
    NotAllowedError,
    NotFoundError,
    ValidationError,
)
from livechat_customer.sandbox import Sandbox

BUTTON: dict[str, Any] = {"text": "Yes", "postback_id": "yes", "user_ids": []}
RICH: dict[str, Any] = {
    "type": "rich_message",
    "template_id": "quick_replies",
    "elements": [{"title": "Well?", "buttons": [BUTTON, BUTTON | {"postback_id": "no"}]}],
}


@pytest.mark.shows("method send_event", by="sandbox")
async def test_send_event() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        chat = await sdk.start_chat()
        heard: list[lc.IncomingEvent] = []
        sdk.on("incoming_event", heard.append)
        properties = {"test": {"string_property": "p"}}

        given = lc.Message("hi", custom_id="c-1", properties=properties)
        sent = await sdk.send_event(chat_id=chat.id, event=given)

        event = {"type": "message", "text": "hi", "custom_id": "c-1", "properties": properties}
        assert asked(sandbox, "send_event") == [{"chat_id": chat.id, "event": event}]
        assert versions(sandbox, "send_event") == [None]
        assert isinstance(sent, lc.Message)
        own = sdk.customer.value
        assert own is not None
        assert chat.thread is not None
        assert (sent.text, sent.custom_id, sent.author_id) == ("hi", "c-1", own.id)
        assert (sent.thread_id, sent.confirmed) == (chat.thread.id, True)
        assert sent.properties["test"] == {"string_property": "p"}
        assert heard == [], "own events are not emitted"
        history = sdk.history(chat.id)
        await history.ready()
        assert texts(history.value) == ["hi"]


EVENTS: list[dict[str, Any]] = [
    {"type": "message", "text": "hi"},
    {
        "type": "filled_form",
        "form_id": "1",
        "fields": [{"type": "name", "id": "0", "label": "Name", "answer": "Noor"}],
    },
    {
        "type": "filled_form",
        "form_id": "1",
        "fields": [
            {
                "type": "group_chooser",
                "id": "1",
                "label": "Whom?",
                "answer": {"id": "0", "label": "Sales", "group_id": 0},
            },
            {
                "type": "checkbox",
                "id": "2",
                "label": "What?",
                "answers": [{"id": "0", "label": "This"}, {"id": "1", "label": "That"}],
            },
        ],
    },
    {
        "type": "form",
        "form_id": "2",
        "fields": [{"type": "email", "id": "0", "label": "Mail", "required": True}],
    },
    {"type": "system_message", "system_message_type": "left", "text": "gone", "recipients": "all"},
    {"type": "custom", "content": {"any": ["thing"]}},
    {"type": "rich_message", "template": "quick_replies", "elements": RICH["elements"]},
]
"""As callers write them: only `template` has another name than on the wire."""


@pytest.mark.shows("method send_event", by="sandbox")
@pytest.mark.parametrize("event", EVENTS, ids=[event["type"] for event in EVENTS])
async def test_send_event_of_each_type(event: dict[str, Any]) -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        chat = await sdk.start_chat()
        sent = await sdk.send_event(chat_id=chat.id, event=event)
        wire = {"template_id" if name == "template" else name: it for name, it in event.items()}
        assert asked(sandbox, "send_event")[0]["event"] == wire
        assert sent.type == event["type"]
        assert sent.confirmed
        item = sdk.chat(chat.id).value
        assert item is not None
        assert item.last_event == sent


@pytest.mark.shows("method send_event", by="sandbox")
async def test_send_event_to_the_last_thread_of_an_inactive_chat() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        chat = await sdk.start_chat()
        await sdk.deactivate_chat(id=chat.id)
        with pytest.raises(ChatInactiveError):
            await sdk.send_event(chat_id=chat.id, event=lc.Message("hi"))
        sent = await sdk.send_event(
            chat_id=chat.id, event=lc.Message("hi"), attach_to_last_thread=True
        )
        assert [it.get("attach_to_last_thread") for it in asked(sandbox, "send_event")] == [
            None,
            True,
        ]
        assert chat.thread is not None
        assert sent.thread_id == chat.thread.id
        item = sdk.chat(chat.id).value
        assert item is not None
        assert not item.active


@pytest.mark.shows("method mark_events_as_seen", by="sandbox")
async def test_mark_events_as_seen() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        chat = await sdk.start_chat()
        own = sdk.customer.value
        assert own is not None
        sent = sandbox.agent("Jane").send_event(chat.id, "hi")
        await until(sdk.chat(chat.id), lambda it: it is not None and it.unread == 1)

        seen, done = await asyncio.gather(
            sdk.wait_for("events_marked_as_seen", timeout=10),
            sdk.mark_events_as_seen(chat_id=chat.id, seen_up_to=sent.created_at),
        )

        assert done == lc.Success()
        assert asked(sandbox, "mark_events_as_seen") == [
            {"chat_id": chat.id, "seen_up_to": sent.created_at}
        ]
        assert (seen.chat_id, seen.user_id, seen.seen_up_to) == (chat.id, own.id, sent.created_at)
        item = await until(sdk.chat(chat.id), lambda it: it is not None and not it.has_unread)
        assert item is not None
        assert item.events_seen_up_to_map[own.id] == sent.created_at


@pytest.mark.shows("method send_rich_message_postback", by="sandbox")
async def test_send_rich_message_postback() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        chat = await sdk.start_chat()
        own = sdk.customer.value
        assert own is not None
        sent = sandbox.agent("Jane").send_event(chat.id, RICH)
        history = sdk.history(chat.id)

        def pressed() -> dict[str, tuple[str, ...]]:
            found = [one for one in history.value or () if isinstance(one, lc.RichMessage)]
            return {
                button.postback_id: button.user_ids
                for message in found
                for element in message.elements
                for button in element.buttons
            }

        await until(history, lambda _: bool(pressed()))
        place = {"chat_id": chat.id, "thread_id": sent.thread_id, "event_id": sent.event_id}
        pushed, done = await asyncio.gather(
            sdk.wait_for("incoming_rich_message_postback", timeout=10),
            sdk.send_rich_message_postback(**place, postback={"id": "yes"}),
        )
        assert done == lc.Success()
        assert (pushed.user_id, pushed.event_id) == (own.id, sent.event_id)
        assert (pushed.postback.id, pushed.postback.toggled) == ("yes", True)
        await until(history, lambda _: pressed() == {"yes": (own.id,), "no": ()})
        await sdk.send_rich_message_postback(**place, postback=lc.Postback("yes", toggled=False))
        await until(history, lambda _: pressed() == {"yes": (), "no": ()})
        assert asked(sandbox, "send_rich_message_postback") == [
            place | {"postback": {"id": "yes", "toggled": True}},
            place | {"postback": {"id": "yes", "toggled": False}},
        ]
        assert versions(sandbox, "send_rich_message_postback") == [None, None]
        with pytest.raises(NotFoundError):
            await sdk.send_rich_message_postback(**place, postback={"id": "maybe"})


@pytest.mark.shows("method send_rich_message_postback", by="sandbox")
@pytest.mark.parametrize(("connection", "said"), [("3.5", "3.6"), ("3.6", None)])
async def test_send_rich_message_postback_with_what_3_6_brought(
    connection: str, said: str | None
) -> None:
    async with Sandbox() as sandbox, customer(sandbox, api_version=connection) as sdk:
        chat = await sdk.start_chat()
        sent = sandbox.agent("Jane").send_event(chat.id, RICH)
        place = {"chat_id": chat.id, "thread_id": sent.thread_id, "event_id": sent.event_id}
        newer = {
            "id": "yes",
            "button_type": "message",
            "button_value": "y",
            "ecommerce": {"product_id": "p", "quantity": 2},
        }
        done = await sdk.send_rich_message_postback(**place, postback=newer)
        assert done == lc.Success()
        assert versions(sandbox, "send_rich_message_postback") == [said]
        assert asked(sandbox, "send_rich_message_postback") == [
            place | {"postback": newer | {"toggled": True}}
        ]


@pytest.mark.shows("method delete_event", by="sandbox")
@pytest.mark.parametrize(("connection", "said"), [("3.5", "3.6"), ("3.6", None)])
async def test_delete_event(connection: str, said: str | None) -> None:
    async with Sandbox() as sandbox, customer(sandbox, api_version=connection) as sdk:
        chat = await sdk.start_chat()
        await sdk.send_event(chat_id=chat.id, event=lc.Message("first"))
        sent = await sdk.send_event(chat_id=chat.id, event=lc.Message("second"))
        assert sent.thread_id is not None
        place = {"chat_id": chat.id, "thread_id": sent.thread_id, "event_id": sent.id}
        history = sdk.history(chat.id)
        await until(history, lambda items: texts(items) == ["first", "second"])

        assert await sdk.delete_event(**place) == lc.Success()

        assert asked(sandbox, "delete_event") == [place]
        assert versions(sandbox, "delete_event") == [said]
        if connection == "3.5":
            # The push is not told to older connections: an answer has to show it.
            await sdk.list_threads(chat_id=chat.id)
            await sdk.list_threads(chat_id=chat.id)
        await until(history, lambda items: texts(items) == ["first"])
        theirs = sandbox.agent("Jane").send_event(chat.id, "mine")
        with pytest.raises(NotAllowedError):
            await sdk.delete_event(**place | {"event_id": theirs.event_id})
        with pytest.raises(NotFoundError):
            await sdk.delete_event(**place)


@pytest.mark.shows("method request", by="sandbox")
async def test_request() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        found = await sdk.request("list_group_statuses", {"all": True}, timeout=10)
        assert found == {"groups_status": {"0": "online"}}
        assert asked(sandbox, "list_group_statuses") == [{"all": True}]
        assert (await sdk.request("get_customer"))["type"] == "customer"
        own = {"chat_id": "C", "thread_id": "T", "event_id": "T_1"}
        with pytest.raises(ValidationError):
            await sdk.request("delete_event", own)
        with pytest.raises(NotFoundError):
            await sdk.request("delete_event", own, version="3.6")
        assert versions(sandbox, "delete_event") == [None, "3.6"]
        with pytest.raises(ValidationError):
            await sdk.request("make_coffee")
