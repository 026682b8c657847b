"""What may be sent as an event and what may not (protocol: events)."""

from __future__ import annotations

from typing import Any

import pytest

from livechat_customer.sandbox.api_errors import ApiError
from livechat_customer.sandbox.check import Fields
from livechat_customer.sandbox.incoming_events import Author, read_event, read_events
from livechat_customer.sandbox.limits import Limits

Json = dict[str, Any]
KNOWN = "https://cdn.livechatinc.com/f/a.png"


def details(url: str) -> Json | None:
    return (
        {"name": "a.png", "content_type": "image/png", "width": 4, "height": 3}
        if (url == KNOWN)
        else None
    )


CUSTOMER = Author(Limits(), "0" * 32, details)
BUTTON: Json = {"text": "Yes", "postback_id": "yes", "user_ids": []}
FIELD: Json = {"type": "name", "id": "1", "label": "Name"}


def read(event: Json) -> Json:
    return read_event(Fields(event, "event"), CUSTOMER)


def cards(**element: Any) -> Json:
    return {"type": "rich_message", "template_id": "cards", "elements": [element]}


def form(**field: Any) -> Json:
    return {"type": "filled_form", "form_id": "9", "fields": [{**FIELD, **field}]}


KEPT: dict[str, Json] = {
    "message": {"type": "message", "text": "hello"},
    "message, all of it": {
        "type": "message",
        "text": "Yes",
        "custom_id": "c-1",
        "postback": {
            "id": "yes",
            "thread_id": "T",
            "event_id": "T_1",
            "type": "message",
            "value": "yes",
        },
        "properties": {"test": {"int_property": 4}},
    },
    "postback without type": {
        "type": "message",
        "text": "Yes",
        "postback": {"id": "yes", "thread_id": "T", "event_id": "T_1"},
    },
    "longest text": {"type": "message", "text": "é" * 8_192},
    "form": {"type": "form", "form_id": "9", "fields": [FIELD | {"required": True}]},
    "form with options": {
        "type": "form",
        "form_id": "9",
        "fields": [
            {"type": "radio", "id": "1", "label": "?", "options": [{"id": "0", "label": "A"}]}
        ],
    },
    "filled form": form(answer="Ann"),
    "filled form without answer": form(),
    "radio": form(type="radio", answer={"id": "0", "label": "A"}),
    "select": form(type="select", answer={"id": "0", "label": "A"}),
    "group chooser": form(type="group_chooser", answer={"id": "0", "label": "A", "group_id": 3}),
    "checkbox": form(type="checkbox", answers=[{"id": "0", "label": "A"}]),
    "checkbox for email": form(type="checkbox_for_email", answer=True),
    "rich message": {"type": "rich_message", "template_id": "quick_replies"},
    "unknown template": {"type": "rich_message", "template_id": "hologram"},
    "cards": cards(
        title="T",
        subtitle="S",
        image={"url": "https://a.example/i.png", "width": 4, "height": 3, "name": "i"},
        buttons=[
            BUTTON,
            BUTTON | {"type": "message", "value": "v"},
            BUTTON | {"type": "url", "value": "https://a.example", "target": "new"},
            BUTTON | {"type": "phone", "value": "1", "role": "primary"},
            BUTTON | {"type": "webview", "value": "https://a", "webview_height": "tall"},
            BUTTON | {"type": "cancel"},
        ],
    ),
    "most elements and buttons": {
        "type": "rich_message",
        "template_id": "cards",
        "elements": [{"buttons": [BUTTON] * 13}] * 10,
    },
    "system message": {
        "type": "system_message",
        "system_message_type": "my.own",
        "text": "Hi",
        "text_vars": {"a": "b"},
    },
    "shortest system message": {"type": "system_message", "system_message_type": "x"},
    "custom": {"type": "custom", "content": {"nested": {"json": [1, 2.5, None]}}},
    "empty custom": {"type": "custom"},
}


@pytest.mark.parametrize("name", list(KEPT))
def test_is_kept_as_sent(name: str) -> None:
    assert read(KEPT[name]) == {"recipients": "all"} | KEPT[name]


def test_a_file_gets_its_details() -> None:
    sent = {"type": "file", "url": KNOWN, "alternative_text": "A picture"}
    assert read(sent) == sent | {"recipients": "all"} | (details(KNOWN) or {})


def test_what_the_server_sets_is_ignored() -> None:
    sent = {"type": "message", "text": "x", "id": "mine", "author_id": "me", "created_at": "now"}
    assert read(sent | {"unknown": [1]}) == {
        "type": "message",
        "text": "x",
        "recipients": "all",
    }


@pytest.mark.parametrize("name", ["recipients", "visibility"])
def test_either_name_for_the_recipients(name: str) -> None:
    assert read({"type": "message", "text": "x", name: "agents"})["recipients"] == "agents"


REFUSED: list[tuple[Json, str]] = [
    ({}, "event.type"),
    ({"type": 1}, "event.type"),
    ({"type": "system"}, "event.type"),
    ({"type": "hologram"}, "event.type"),
    ({"type": "message"}, "event.text"),
    ({"type": "message", "text": ""}, "event.text"),
    ({"type": "message", "text": 1}, "event.text"),
    ({"type": "message", "text": "é" * 8_192 + "e"}, "event.text"),
    ({"type": "message", "text": "x", "custom_id": 1}, "event.custom_id"),
    ({"type": "message", "text": "x", "recipients": "nobody"}, "event.recipients"),
    ({"type": "message", "text": "x", "visibility": 1}, "event.visibility"),
    ({"type": "message", "text": "x", "properties": []}, "event.properties"),
    ({"type": "message", "text": "x", "properties": {"nope": {"a": 1}}}, "event.properties.nope.a"),
    ({"type": "message", "text": "x", "postback": "yes"}, "event.postback"),
    ({"type": "message", "text": "x", "postback": {"id": "1"}}, "event.postback.thread_id"),
    (
        KEPT["postback without type"]
        | {"postback": {"id": "1", "thread_id": "T", "event_id": "E", "type": "url"}},
        "event.postback.type",
    ),
    ({"type": "file"}, "event.url"),
    ({"type": "file", "url": "https://evil.example/a.png"}, "event.url"),
    ({"type": "form", "form_id": "9"}, "event.fields"),
    ({"type": "form", "fields": []}, "event.form_id"),
    ({"type": "form", "form_id": "9", "fields": [{"type": "name"}]}, "event.fields[0].label"),
    ({"type": "filled_form", "fields": []}, "event.form_id"),
    ({"type": "filled_form", "form_id": "9"}, "event.fields"),
    (form(id=None), "event.fields[0].id"),
    (form(label=None), "event.fields[0].label"),
    (form(type="header"), "event.fields[0].type"),
    (form(answer={"id": "0"}), "event.fields[0].answer"),
    (form(type="radio", answer="A"), "event.fields[0].answer"),
    (form(type="radio", answer={"id": "0"}), "event.fields[0].answer.label"),
    (form(type="group_chooser", answer={"id": "0", "label": "A"}), "answer.group_id"),
    (form(type="checkbox", answers={"id": "0"}), "event.fields[0].answers"),
    (form(type="checkbox_for_email", answer="yes"), "event.fields[0].answer"),
    ({"type": "rich_message"}, "event.template_id"),
    (KEPT["cards"] | {"elements": {}}, "event.elements"),
    (KEPT["cards"] | {"elements": [{}] * 11}, "event.elements"),
    (cards(title=1), "event.elements[0].title"),
    (cards(image={}), "event.elements[0].image.url"),
    (cards(image={"url": "u", "width": "4"}), "event.elements[0].image.width"),
    (cards(buttons=[BUTTON] * 14), "event.elements[0].buttons"),
    (cards(buttons=[{}]), "event.elements[0].buttons[0].text"),
    (cards(buttons=[{"text": "a", "user_ids": []}]), "buttons[0].postback_id"),
    (cards(buttons=[{"text": "a", "postback_id": "b"}]), "buttons[0].user_ids"),
    (cards(buttons=[BUTTON | {"type": "teleport"}]), "buttons[0].type"),
    (cards(buttons=[BUTTON | {"type": "url"}]), "buttons[0].value"),
    (cards(buttons=[BUTTON | {"type": "webview", "value": "v"}]), "buttons[0].webview_height"),
    (cards(buttons=[BUTTON | {"role": "king"}]), "buttons[0].role"),
    ({"type": "system_message", "text": "x"}, "event.system_message_type"),
    (KEPT["system message"] | {"text_vars": {"a": 1}}, "event.text_vars"),
    (KEPT["system message"] | {"text": "x" * 16_385}, "event.text"),
    ({"type": "custom", "content": "text"}, "event.content"),
]


@pytest.mark.parametrize(("event", "path"), REFUSED)
def test_is_refused_by_the_fields_name(event: Json, path: str) -> None:
    with pytest.raises(ApiError) as refused:
        read(event)
    assert refused.value.type == "validation"
    assert f"{path}`" in refused.value.message


def test_several() -> None:
    fields = Fields({"events": [KEPT["message"], {"type": "message"}]}, "chat.thread")
    with pytest.raises(ApiError, match=r"`chat\.thread\.events\[1\]\.text`"):
        read_events(fields, "events", CUSTOMER)
    assert read_events(Fields({}), "events", CUSTOMER) == []
