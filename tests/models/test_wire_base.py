"""What holds of every wire struct: absence, defaults, immutability, and silence in reprs."""

from __future__ import annotations

import importlib
from typing import Any, Final

import msgspec
import pytest
from models_kit import each, round_trip, structs_in

from livechat_customer.models.wire.base import ABSENT, Empty, Wire
from livechat_customer.models.wire.chats import Access, Thread
from livechat_customer.models.wire.events import Button, Event, Message, UnknownEvent
from livechat_customer.models.wire.pushes import PUSHES
from livechat_customer.models.wire.requests import REQUESTS, LoginRequest
from livechat_customer.models.wire.responses import RESPONSES

_MODULES = [
    importlib.import_module(f"livechat_customer.models.wire.{name}")
    for name in (
        "chats",
        "events",
        "forms",
        "greetings",
        "pushes",
        "requests",
        "responses",
        "users",
    )
]
STRUCTS: list[type[Wire]] = [
    found
    for module in _MODULES
    for found in vars(module).values()
    if isinstance(found, type) and issubclass(found, Wire) and found.__module__ == module.__name__
]


def _decoded() -> list[msgspec.Struct]:
    found: list[msgspec.Struct] = []
    for family, table in (("pushes", PUSHES), ("requests", REQUESTS), ("responses", RESPONSES)):
        found += [msgspec.convert(sample, table[key]) for key, sample in each(family)]
    for key, sample in each("structures"):
        module, name = key.split(".")
        kind = getattr(importlib.import_module(f"livechat_customer.models.wire.{module}"), name)
        found.append(msgspec.convert(sample, kind))
    found += [msgspec.convert(sample, Event) for _, sample in each("events")]
    return [inner for outer in found for inner in structs_in(outer)]


DECODED: Final = _decoded()


def test_an_absent_list_and_an_empty_one_differ_only_in_the_encoding() -> None:
    absent, empty = Access(), Access(group_ids=())
    assert absent == empty
    assert hash(absent) == hash(empty)
    assert absent.group_ids == ()
    assert msgspec.json.encode(absent) == b"{}"
    assert msgspec.json.encode(empty) == b'{"group_ids":[]}'
    assert round_trip(Access, {"group_ids": []}) == {"group_ids": []}
    assert ABSENT is not ()  # noqa: F632 - that is what keeps it out of the encoding


@pytest.mark.parametrize("kind", STRUCTS, ids=lambda kind: kind.__name__)
def test_structs_are_frozen_and_untracked(kind: type[Wire]) -> None:
    config = kind.__struct_config__
    assert config.frozen
    assert not config.gc
    assert config.omit_defaults


@pytest.mark.parametrize(
    "kind", [kind for kind in STRUCTS if kind is not UnknownEvent], ids=lambda kind: kind.__name__
)
def test_each_field_of_each_struct_stands_in_a_sample(kind: type[Wire]) -> None:
    inherited = {name for base in kind.__bases__ for name in getattr(base, "__struct_fields__", ())}
    seen = {
        field.name
        for value in DECODED
        if isinstance(value, kind)
        for field in msgspec.structs.fields(kind)
        if field.required or getattr(value, field.name) is not field.default
    }
    assert seen >= set(kind.__struct_fields__) - inherited
    assert any(isinstance(value, kind) for value in DECODED)


def test_empty_takes_any_object() -> None:
    assert msgspec.json.decode(b'{"more":1}', type=Empty) == Empty()
    assert msgspec.json.encode(Empty()) == b"{}"


def test_a_repr_tells_ids_and_kinds_and_not_what_people_wrote() -> None:
    thread = Thread(
        id="T1",
        active=True,
        events=(
            Message(id="T1_1", author_id="u-1", text="my secret", properties={"a": {"b": "hid"}}),
        ),
    )
    shown = repr(thread)
    assert "T1_1" in shown
    assert "u-1" in shown
    assert "active=True" in shown
    assert "secret" not in shown
    assert "hid" not in shown
    assert "token-1" not in repr(LoginRequest(token="Bearer token-1"))
    assert "who" not in repr(Button(text="who", postback_id="p"))


@pytest.mark.parametrize("value", DECODED, ids=lambda value: type(value).__name__)
def test_reprs_of_samples_hold_no_names_and_texts(value: Any) -> None:
    shown = repr(value)
    for private in ("Noor", "Where is my order", "noor@", "Quay", "https://", "redacted"):
        assert private not in shown
