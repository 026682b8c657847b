"""Canonical JSON: equal for equal knowledge, different for anything else."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livechat_customer.models import Access, Thread
from livechat_customer.models.canonical import canonical_json, digest

values = st.recursive(
    st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=15,
)


NOTHINGS: list[Any] = [None, {}, {"x": {}}, {"x": None}]

FORMS: list[tuple[Any, str]] = [
    ({"b": 1, "a": [1, None, {}]}, '{"a":[1,null,{}],"b":1}'),
    ({"a": None, "b": {}, "c": {"d": None, "e": {"f": {}}}, "g": 0}, '{"g":0}'),
    ({"a": "", "b": [], "c": False}, '{"a":"","b":[],"c":false}'),
    ({"é": "ü😀", "z": "\u0001"}, '{"z":"\\u0001","é":"ü😀"}'),
    ({"b": 1.5, "a": 10**30}, f'{{"a":{10**30},"b":1.5}}'),
    ({4: "a"}, '{"4":"a"}'),
    (Access((1, 2)), '{"group_ids":[1,2]}'),
    ("half \ud83d", '"half \\ud83d"'),
    (None, "null"),
]


@pytest.mark.parametrize(("value", "text"), FORMS)
def test_the_form(value: Any, text: str) -> None:
    assert canonical_json(value) == text.encode()
    assert digest(value) == hashlib.sha256(text.encode()).hexdigest()


@given(values)
def test_it_is_json_of_the_same_value(value: Any) -> None:
    assert json.loads(canonical_json({"v": [value]}))["v"][0] == _pruned(value)


@given(st.dictionaries(st.text(), values, max_size=5), st.randoms(use_true_random=False))
def test_the_order_of_keys_and_what_says_nothing_do_not_count(
    value: dict[str, Any], random: Any
) -> None:
    items = [*value.items()]
    random.shuffle(items)
    padded = dict(items)
    for number, nothing in enumerate(NOTHINGS):
        padded.setdefault(f"\0{number}", nothing)
    assert canonical_json(padded) == canonical_json(value)


@given(values, values)
def test_what_differs_differs(one: Any, other: Any) -> None:
    same = json.dumps(_pruned(one), sort_keys=True) == json.dumps(_pruned(other), sort_keys=True)
    assert (canonical_json([one]) == canonical_json([other])) == same


def _pruned(value: Any) -> Any:
    if isinstance(value, dict):
        found = {k: _pruned(v) for k, v in value.items()}  # pyright: ignore
        return {k: v for k, v in found.items() if v != {}}  # pyright: ignore
    if isinstance(value, list):
        return [_pruned(item) for item in value]  # pyright: ignore
    return value


def test_structs_count_as_their_fields() -> None:
    thread = Thread(id="T1", chat_id="C1", properties={"a": {}})
    assert json.loads(canonical_json(thread))["id"] == "T1"
    assert "properties" not in json.loads(canonical_json(thread))


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_infinite_numbers_are_refused(value: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        canonical_json([value])


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(TypeError):
        canonical_json([object()])
