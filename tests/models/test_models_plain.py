"""Arguments as plain JSON."""

from __future__ import annotations

import enum
from types import MappingProxyType
from typing import Any

import msgspec
import pytest
from hypothesis import given
from models_kit import json_values

from livechat_customer.errors import InvalidArgumentError, NotSentError
from livechat_customer.models import Message, NewThread
from livechat_customer.models.plain import MAX_DEPTH, plain


class Colour(enum.StrEnum):
    RED = "red"


class Number(enum.IntEnum):
    ONE = 1


CASES: list[tuple[Any, Any]] = [
    (None, None),
    (True, True),
    (3, 3),
    (1.5, 1.5),
    ("text 😀", "text 😀"),
    (Colour.RED, "red"),
    (Number.ONE, 1),
    ((1, [2, (3,)]), [1, [2, [3]]]),
    (MappingProxyType({"a": MappingProxyType({"b": 1})}), {"a": {"b": 1}}),
    ({"a": None}, {"a": None}),
    (2**64 - 1, 2**64 - 1),
    (-(2**63), -(2**63)),
]


@pytest.mark.parametrize(("value", "expected"), CASES)
def test_what_json_has(value: object, expected: object) -> None:
    found = plain(value, "it")
    assert found == expected
    assert type(found) is type(expected)


def test_structs_become_what_they_decode_from() -> None:
    found = plain({"thread": NewThread(events=(Message("Hi"),))}, "chat")
    event = found["thread"]["events"][0]
    assert event["type"] == "message"
    assert event["text"] == "Hi"
    assert msgspec.convert(found["thread"], NewThread) == NewThread(events=(Message("Hi"),))


def test_it_is_a_copy() -> None:
    mine: dict[str, Any] = {"a": {"b": [1]}}
    found = plain(mine, "it")
    mine["a"]["b"].append(2)
    assert found == {"a": {"b": [1]}}


@pytest.mark.parametrize(
    ("value", "argument"),
    [
        (object(), "it"),
        (b"bytes", "it"),
        ({1, 2}, "it"),
        ({"a": [0, {"b": object()}]}, "it.a[1].b"),
        ({5: 1}, "it"),
        ({"a": {None: 1}}, "it.a"),
        (float("nan"), "it"),
        ([float("inf")], "it[0]"),
        (2**64, "it"),
        (-(2**63) - 1, "it"),
        ({"a": "half \ud83d"}, "it.a"),
        ({"half \ud83d": 1}, "it"),
        (Message("half \ud83d"), "it.text"),
    ],
)
def test_what_it_has_not(value: object, argument: str) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        plain(value, "it")
    assert caught.value.argument == argument
    assert isinstance(caught.value, NotSentError)
    assert "half" not in str(caught.value).partition(":")[2].replace("half of", "")


def test_depth_is_bounded_even_in_a_circle() -> None:
    deep: Any = 1
    for _ in range(MAX_DEPTH):
        deep = [deep]
    assert plain(deep, "it") == deep
    with pytest.raises(InvalidArgumentError, match="nested"):
        plain({"a": deep}, "it")
    with pytest.raises(InvalidArgumentError, match="must be a finite number"):
        plain({"k" * 500: float("nan")}, "it")
    circle: list[Any] = []
    circle.append(circle)
    with pytest.raises(InvalidArgumentError, match="nested"):
        plain(circle, "it")


@given(json_values)
def test_what_passes_can_be_encoded(value: Any) -> None:
    try:
        found = plain(value, "it")
    except InvalidArgumentError:
        return
    assert msgspec.json.decode(msgspec.json.encode(found)) == found
