from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livechat_customer.sandbox.wire_json import (
    DEEPEST,
    NotAnObjectError,
    as_list,
    as_object,
    copied,
    dump,
    parse_object,
)

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    # What can be encoded at all.
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=10,
)


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), JSON))
def test_what_is_written_reads_back(value: dict[str, object]) -> None:
    assert parse_object(dump(value)) == value
    assert parse_object(json.dumps(value).encode()) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "[{}]",
        '"text"',
        "{",
        "{'a':1}",
        '{"a":NaN}',
        '{"a":-Infinity}',
        '{"a":1e999}',
        '{"a":' + "[" * (DEEPEST + 1) + "]" * (DEEPEST + 1) + "}",
        '{"a":' + "[" * 100_000,
        b'{"a":"\xff"}',
    ],
)
def test_what_is_no_object_is_refused(text: str | bytes) -> None:
    with pytest.raises(NotAnObjectError):
        parse_object(text)


def test_brackets_in_texts_are_no_nesting() -> None:
    brackets = '[{\\"' * 200
    assert parse_object(dump({"text": brackets})) == {"text": brackets}


def test_half_an_emoji_becomes_a_replacement_character() -> None:
    found = parse_object('{"t\\ud83d":["\\udc4d x", {"a":"\\ud83d\\udc4d"}]}')
    assert found == {"t\ufffd": ["\ufffd x", {"a": "\U0001f44d"}]}
    assert dump(found).encode()


def test_a_copy_shares_nothing() -> None:
    value = {"a": {"b": [1]}}
    copy = copied(value)
    copy["a"]["b"].append(2)
    assert value == {"a": {"b": [1]}}


def test_kinds() -> None:
    assert as_object({}) == {}
    assert as_object([]) is None
    assert as_list([]) == []
    assert as_list({}) is None
