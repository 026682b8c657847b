"""The public event structs as people write them."""

from __future__ import annotations

from typing import get_args

import msgspec
import pytest

from livechat_customer.models import (
    Custom,
    Event,
    File,
    FilledForm,
    Form,
    Message,
    RichMessage,
    SendableEvent,
    System,
    SystemMessage,
    UnknownEvent,
)


def test_what_is_sent_comes_first_and_the_rest_by_name() -> None:
    assert Message("Hi") == Message(text="Hi")
    assert File("u", "alt") == File(url="u", alternative_text="alt")
    assert Form("f", ()) == Form(form_id="f")
    assert FilledForm("f", ()) == FilledForm(form_id="f")
    assert RichMessage("cards", ()) == RichMessage(template="cards")
    assert SystemMessage("text", "kind", {"a": "b"}) == SystemMessage(
        text="text", system_message_type="kind", text_vars={"a": "b"}
    )
    assert Custom({"a": 1}) == Custom(content={"a": 1})
    with pytest.raises(TypeError):
        Message("Hi", None, "T1_1")  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        Message()  # type: ignore[call-arg]


@pytest.mark.parametrize("kind", get_args(Event))
def test_each_tells_its_type(kind: type[msgspec.Struct]) -> None:
    if kind is UnknownEvent:
        assert UnknownEvent(type="poll").type == "poll"
        return
    assert kind.type == kind.__struct_config__.tag  # type: ignore[attr-defined]


def test_what_can_be_sent() -> None:
    assert set(get_args(Event)) - set(get_args(SendableEvent)) == {System, UnknownEvent}


def test_an_event_can_be_stored_and_read_again() -> None:
    for event in (Message("Hi", id="T_1"), UnknownEvent(type="poll", raw=b'{"a":1}'), System()):
        stored = msgspec.json.encode(event)
        assert msgspec.json.decode(stored, type=Event) == event


def test_a_match_tells_events_apart() -> None:
    event: Event = Message("Hi")
    match event:
        case Message(text=text):
            assert text == "Hi"
        case _:
            pytest.fail("it is a message")
    assert [one.type for one in (Message(""), File(""))] == ["message", "file"]


def test_an_image_is_a_file_with_a_size() -> None:
    assert File("u", width=1, height=1).is_image
    assert not File("u", width=1).is_image
