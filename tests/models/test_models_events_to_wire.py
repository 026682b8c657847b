"""Events to send: each type's form on the wire, and what is refused."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from livechat_customer.errors import InvalidArgumentError
from livechat_customer.models import (
    Button,
    Custom,
    Element,
    FieldAnswer,
    FieldOption,
    File,
    FilledField,
    FilledForm,
    Form,
    FormField,
    Image,
    Message,
    MessagePostback,
    RichMessage,
    SendableEvent,
    SystemMessage,
    from_wire,
)
from livechat_customer.models.events_to_wire import MAX_TEXT, check_event, event_payload
from livechat_customer.models.wire import events as wire

CASES: list[tuple[SendableEvent, dict[str, Any]]] = [
    (Message("Hi"), {"type": "message", "text": "Hi"}),
    (Message(""), {"type": "message", "text": ""}),
    (
        Message(
            "Hi",
            MessagePostback("p", "T1", "T1_1", type="message", value="v"),
            custom_id="c",
            properties={"a": {"b": False, "c": ""}},
            recipients="agents",
        ),
        {
            "type": "message",
            "text": "Hi",
            "postback": {
                "id": "p",
                "thread_id": "T1",
                "event_id": "T1_1",
                "type": "message",
                "value": "v",
            },
            "custom_id": "c",
            "properties": {"a": {"b": False, "c": ""}},
            "recipients": "agents",
        },
    ),
    (File("https://cdn.invalid/1"), {"type": "file", "url": "https://cdn.invalid/1"}),
    (
        File("https://cdn.invalid/1", "A box"),
        {"type": "file", "url": "https://cdn.invalid/1", "alternative_text": "A box"},
    ),
    (
        FilledForm(
            "f-1",
            (
                FilledField("name", "1", "Name", "Noor"),
                FilledField("group_chooser", "2", "Where", FieldAnswer("0", "Sales", 4)),
                FilledField("checkbox", "3", "What", answers=(FieldAnswer("1", "Tea"),)),
                FilledField("checkbox_for_email", "4", "Copy", answer=False),
                FilledField("question", "5", "More"),
            ),
        ),
        {
            "type": "filled_form",
            "form_id": "f-1",
            "fields": [
                {"type": "name", "id": "1", "label": "Name", "answer": "Noor"},
                {
                    "type": "group_chooser",
                    "id": "2",
                    "label": "Where",
                    "answer": {"id": "0", "label": "Sales", "group_id": 4},
                },
                {
                    "type": "checkbox",
                    "id": "3",
                    "label": "What",
                    "answers": [{"id": "1", "label": "Tea"}],
                },
                {"type": "checkbox_for_email", "id": "4", "label": "Copy", "answer": False},
                {"type": "question", "id": "5", "label": "More"},
            ],
        },
    ),
    (
        Form("f-1", (FormField("1", "select", "Topic", True, (FieldOption("0", "A"),)),)),
        {
            "type": "form",
            "form_id": "f-1",
            "fields": [
                {
                    "id": "1",
                    "type": "select",
                    "label": "Topic",
                    "required": True,
                    "options": [{"id": "0", "label": "A"}],
                }
            ],
        },
    ),
    (
        RichMessage(
            "cards",
            (
                Element(
                    "Title",
                    image=Image("https://cdn.invalid/i", width=3),
                    buttons=(
                        Button("Yes", "yes"),
                        Button("Site", "site", ("u",), "url", "https://x.invalid", role="danger"),
                    ),
                ),
                Element(subtitle="Sub"),
            ),
        ),
        {
            "type": "rich_message",
            "template_id": "cards",
            "elements": [
                {
                    "title": "Title",
                    "image": {"url": "https://cdn.invalid/i", "width": 3},
                    "buttons": [
                        {"text": "Yes", "postback_id": "yes", "user_ids": []},
                        {
                            "text": "Site",
                            "postback_id": "site",
                            "user_ids": ["u"],
                            "type": "url",
                            "value": "https://x.invalid",
                            "role": "danger",
                        },
                    ],
                },
                {"subtitle": "Sub"},
            ],
        },
    ),
    (RichMessage("sticker"), {"type": "rich_message", "template_id": "sticker"}),
    (
        SystemMessage("Moved", "app.moved", {"to": "Ines"}),
        {
            "type": "system_message",
            "text": "Moved",
            "system_message_type": "app.moved",
            "text_vars": {"to": "Ines"},
        },
    ),
    (
        SystemMessage(system_message_type="app.x"),
        {"type": "system_message", "system_message_type": "app.x"},
    ),
    (Custom(), {"type": "custom"}),
    (Custom({}), {"type": "custom", "content": {}}),
    (
        Custom({"a": None, "b": [], "c": {}}),
        {"type": "custom", "content": {"a": None, "b": [], "c": {}}},
    ),
]


@pytest.mark.parametrize(("event", "payload"), CASES, ids=range(len(CASES)))
def test_an_event_in_the_wire_s_words(event: SendableEvent, payload: dict[str, Any]) -> None:
    check_event(event, "event")
    assert event_payload(event) == payload


@pytest.mark.parametrize(("event", "payload"), CASES, ids=range(len(CASES)))
def test_what_is_sent_reads_back_as_it_was(event: SendableEvent, payload: dict[str, Any]) -> None:
    read = from_wire.event(msgspec.convert(payload, wire.Event), None)
    assert type(read) is type(event)
    assert msgspec.structs.replace(read, author_id=None) == event
    assert from_wire.sent_event(payload, None) == read


def test_what_the_server_assigns_is_not_sent() -> None:
    event = File(
        "https://cdn.invalid/1",
        id="T1_1",
        thread_id="T1",
        author_id="u",
        created_at="2025-01-01T12:00:00.000001Z",
        name="a.png",
        size=4,
        confirmed=False,
    )
    assert event_payload(event) == {"type": "file", "url": "https://cdn.invalid/1"}


@pytest.mark.parametrize(
    ("event", "argument"),
    [
        (Message("a" * (MAX_TEXT + 1)), "event.text"),
        (Message("é" * (MAX_TEXT // 2) + "a"), "event.text"),
        (Message("a", MessagePostback("p", "T", "E", type="message")), "event.postback"),
        (Message("a", MessagePostback("p", "T", "E", value="v")), "event.postback"),
        (Message("a", recipients="friends"), "event.recipients"),
        (File(""), "event.url"),
        (Form(""), "event.form_id"),
        (FilledForm(""), "event.form_id"),
        (RichMessage(""), "event.template"),
        (RichMessage("cards", (Element(),) * 11), "event.elements"),
        (
            RichMessage("cards", (Element(), Element(buttons=(Button("a", "b"),) * 14))),
            "event.elements[1].buttons",
        ),
        (SystemMessage("text"), "event.system_message_type"),
    ],
)
def test_what_the_server_would_refuse(event: SendableEvent, argument: str) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        check_event(event, "event")
    assert caught.value.argument == argument


@pytest.mark.parametrize(
    "event",
    [
        Message("a" * MAX_TEXT),
        Message("é" * (MAX_TEXT // 2)),
        RichMessage("cards", (Element(buttons=(Button("a", "b"),) * 13),) * 10),
    ],
)
def test_the_limits_themselves_are_allowed(event: SendableEvent) -> None:
    check_event(event, "event")
