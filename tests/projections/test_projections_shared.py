"""Equal values are one object; others never are."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from livechat_customer.models.wire.chats import Access
from livechat_customer.projections.shared import MOST, shared

values = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats(-2, 2) | st.text(max_size=2),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=1), inner),
    max_leaves=4,
)


def spelled(value: object) -> str:
    """Unlike `==` it tells 1 from 1.0 and True, and one order of names from another."""
    return repr(value)


@given(st.lists(values, max_size=8))
def test_what_comes_back_is_what_was_given(given_: list[Any]) -> None:
    for value in given_:
        assert spelled(shared(value)) == spelled(value)


def test_equal_ones_are_the_same() -> None:
    one = {"source": {"client_id": "c", "tags": [1, 2]}}
    assert shared({**one}) is shared({**one})
    assert shared(Access(group_ids=(1, 0))) is shared(Access(group_ids=(1, 0)))
    assert shared(Access(group_ids=(1,))) is not shared(Access(group_ids=(0,)))


def test_it_does_not_grow() -> None:
    kept = [shared({"n": number}) for number in range(3 * MOST)]
    assert [value["n"] for value in kept] == list(range(3 * MOST))
    assert shared({"n": 3 * MOST - 1}) is kept[-1]
