"""The public events, type by type."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from models_kit import each, sample

from livechat_customer import models
from livechat_customer.models import from_wire
from livechat_customer.models.wire import events as wire

TIME = "2025-03-01T09:00:01.000001Z"


def public(given: dict[str, Any], thread_id: str | None = "ST7H2K8M3N") -> Any:
    return from_wire.event(msgspec.convert(given, wire.Event), thread_id)


@pytest.mark.parametrize(("kind", "given"), each("events"))
def test_common_fields(kind: str, given: dict[str, Any]) -> None:
    event = public(given)
    assert event.type == kind
    assert event.id == given["id"]
    assert event.thread_id == "ST7H2K8M3N"
    assert event.created_at == given["created_at"]
    assert event.custom_id == given.get("custom_id")
    assert event.properties == given.get("properties", {})
    assert event.recipients == given.get("recipients", given.get("visibility"))
    assert event.confirmed
    system = kind in {"form", "system_message"}
    assert event.author_id == ("system" if system else given.get("author_id"))


def test_a_message() -> None:
    assert public(sample("events", "message")) == models.Message(
        "Where is my order?",
        id="ST7H2K8M3N_1",
        thread_id="ST7H2K8M3N",
        author_id="5f0c1d2e-7a40-4b1f-9c55-0d7e4f3a9b21",
        created_at=TIME,
        custom_id="c-1",
        properties={"chats": {"formatting": "commonmark"}},
        recipients="all",
    )
    postback = public(sample("events", "message", 1)).postback
    assert postback == models.MessagePostback(
        "track",
        "ST7H2K8M3N",
        "ST7H2K8M3N_1",
        "message",
        "Track it",
        models.Ecommerce("p-1", "o-2", 3),
    )


def test_an_image() -> None:
    event = public(sample("events", "file"))
    assert isinstance(event, models.File)
    assert event.is_image
    assert (event.name, event.content_type, event.size) == ("photo.png", "image/png", 52100)
    assert event.alternative_text == "A dented box"
    assert event.thumbnails == models.Thumbnails(
        default=models.Thumbnail("https://cdn.invalid/f/photo-300.png", 300, 225),
        high=models.Thumbnail("https://cdn.invalid/f/photo-600.png", 600, 450),
    )


def test_another_file() -> None:
    event = public(sample("events", "file", 1))
    assert not event.is_image
    assert event.thumbnails is None
    assert event.size == 9000


@pytest.mark.parametrize(
    ("size", "default", "high"),
    [
        ((640, 480), (300, 225), (600, 450)),
        ((480, 640), (225, 300), (450, 600)),
        ((1000, 1000), (300, 300), (600, 600)),
        ((300, 10), (300, 10), (300, 10)),
        ((200, 100), (200, 100), (200, 100)),
        ((450, 301), (300, 201), (450, 301)),
        ((10_000, 1), (300, 1), (600, 1)),
        ((1201, 800), (300, 200), (600, 400)),
    ],
)
def test_thumbnails_fit_are_never_enlarged_and_rounded_up(
    size: tuple[int, int], default: tuple[int, int], high: tuple[int, int]
) -> None:
    event = public({"type": "file", "url": "u", "width": size[0], "height": size[1]})
    thumbnails = event.thumbnails
    assert (thumbnails.default.width, thumbnails.default.height) == default
    assert (thumbnails.high.width, thumbnails.high.height) == high
    assert thumbnails.default.url is None


@pytest.mark.parametrize(
    "size", [{"width": 4}, {"width": 0, "height": 4}, {"width": -1, "height": 3}]
)
def test_a_picture_without_a_size_is_a_file(size: dict[str, int]) -> None:
    assert public({"type": "file", "url": "u"} | size).thumbnails is None


def test_a_form() -> None:
    event = public(sample("events", "form"))
    assert isinstance(event, models.Form)
    assert event.form_type == "prechat"
    assert [field.type for field in event.fields] == [
        "header",
        "name",
        "select",
        "group_chooser",
        "rating",
        "checkbox_for_email",
    ]
    assert [field.required for field in event.fields] == [False, True, False, True, False, False]
    assert event.fields[2].options[0] == models.FieldOption("0", "Order", checked=True)
    assert event.fields[3].options == (models.FieldOption("0", "Shipping", 4),)
    assert event.fields[4].comment_label == "Tell us more"
    assert event.fields[5].checked is True


def test_the_fields_of_a_ticket_form_are_numbered() -> None:
    event = public({"type": "form", "fields": [{"type": "name"}, {"type": "email", "id": "9"}, {}]})
    assert [field.id for field in event.fields] == ["0", "9", "2"]


def test_a_filled_form() -> None:
    event = public(sample("events", "filled_form"))
    assert isinstance(event, models.FilledForm)
    answers = [field.answer for field in event.fields]
    assert answers == [
        "Noor",
        models.FieldAnswer("0", "Order"),
        models.FieldAnswer("0", "Shipping", 4),
        None,
        None,
        False,
        None,
    ]
    assert event.fields[3].answers == (
        models.FieldAnswer("0", "Tea"),
        models.FieldAnswer("2", "Coffee"),
    )
    assert event.fields[4].answers == ()


def test_a_rich_message() -> None:
    event = public(sample("events", "rich_message"))
    assert isinstance(event, models.RichMessage)
    assert event.template == "cards"
    first, second = event.elements
    assert first.image == models.Image(
        "https://cdn.invalid/i/tea.jpg",
        "tea.jpg",
        "A tin of tea",
        "image/jpeg",
        4096,
        320,
        200,
    )
    assert [button.role for button in first.buttons] == ["default", "primary", "default"]
    assert first.buttons[0].user_ids == ("5f0c1d2e-7a40-4b1f-9c55-0d7e4f3a9b21",)
    assert first.buttons[2].webview_height == "tall"
    assert second == models.Element("Empty")


@pytest.mark.parametrize("template", ["ecommerce", "something_new", ""])
def test_other_templates_are_kept(template: str) -> None:
    event = public({"type": "rich_message", "template_id": template})
    assert isinstance(event, models.RichMessage)
    assert event.template == template


def test_a_product() -> None:
    element = public(sample("events", "rich_message", 1)).elements[0]
    assert element.ecommerce == models.ElementEcommerce("p-1", "tags", "Size", ({"id": "s"}, "m"))


def test_the_rest() -> None:
    system_message = public(sample("events", "system_message"))
    assert system_message.text_vars == {"customer": "Noor"}
    assert system_message.system_message_type == "manual_archived_customer"
    assert public(sample("events", "custom")).content == {"basket": {"items": [1, 2.5, None, True]}}
    assert public({"type": "custom"}).content is None
    system = public(sample("events", "system"))
    assert (system.source, system.subtype, system.version) == ("ai_agents", "handoff", 2)
    unknown = from_wire.event(wire.UnknownEvent(id="T_1", type="poll", raw=b"{}"), "T")
    assert unknown == models.UnknownEvent(id="T_1", type="poll", raw=b"{}", thread_id="T")


def test_maps_are_never_shared_between_events_without_any() -> None:
    one, other = public({"type": "message"}), public({"type": "message"})
    assert one.properties == {}
    assert one.properties is not other.properties
