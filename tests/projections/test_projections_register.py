"""Registers keep what was said last by the server, in whatever order it is read."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from projections_kit import Log

from livechat_customer.projections.register import (
    NEVER,
    Marks,
    PropertyMarks,
    Rank,
    Register,
    creation_of,
    rank_of,
)


def test_a_push_counts_as_of_itself_and_an_answer_as_of_its_request() -> None:
    log = Log()
    request = log.request("get_chat", chat_id="c")
    push = log.push(("chat_deactivated", {"chat_id": "c", "thread_id": "t"}))
    answer = log.answer(request, {"id": "c"})

    assert rank_of(push) == (2, 2)
    assert rank_of(answer) == (1, 3)
    assert creation_of(push) < rank_of(answer) < rank_of(push)


def test_an_answer_without_a_known_request_replaces_only_what_nobody_said() -> None:
    log = Log()
    answer = log.add("response", "get_chat", b"{}", ref=None)

    assert NEVER < creation_of(answer) < rank_of(answer) < (1, 0)


@given(st.permutations([("a", (1, 5)), ("b", (3, 3)), ("c", (2, 9)), ("d", (3, 4))]))
def test_a_register_keeps_the_greatest_rank(said: list[tuple[str, Rank]]) -> None:
    register = Register("")
    for value, rank in said:
        register.set(value, rank)

    assert register.value == "d"
    assert register.rank == (3, 4)


def test_a_register_says_whether_it_took_the_value() -> None:
    register = Register(0)

    assert register.set(1, (5, 5))
    assert not register.set(2, (5, 5))
    assert not register.set(2, (4, 9))


Said = tuple[str, int, Any]


def marks_after(said: tuple[Said, ...]) -> Marks:
    marks = Marks()
    for kind, stamp, what in said:
        if kind == "show":
            marks.show(dict(what), (stamp, stamp))
        elif kind == "set":
            marks.set(what, stamp, stamp)
        else:
            marks.remove(what, stamp)
    return marks


MAPS: list[tuple[tuple[Said, ...], dict[str, Any]]] = [
    # A whole map: what it lacks is gone, unless a later push set it.
    ((("set", 1, "x"), ("show", 2, {"y": 0}), ("set", 3, "z")), {"y": 0, "z": 3}),
    ((("show", 2, {"x": 0, "y": 0}), ("remove", 1, "x"), ("remove", 3, "y")), {"x": 0}),
    ((("set", 1, "x"), ("remove", 2, "x"), ("set", 3, "x")), {"x": 3}),
    ((("show", 4, {}), ("set", 1, "x"), ("remove", 5, "y")), {}),
]


@pytest.mark.parametrize(("said", "expected"), MAPS)
def test_a_map_comes_out_the_same_in_any_order(
    said: tuple[Said, ...], expected: dict[str, Any]
) -> None:
    found = [marks_after(order) for order in permutations(said)]

    assert all(marks == found[0] for marks in found)
    assert found[0].effective() == expected


def test_names_stand_in_the_order_in_which_they_came() -> None:
    marks = marks_after((("show", 1, {"z": 0}), ("set", 2, "b"), ("set", 3, "a"), ("set", 4, "b")))

    assert list(marks.effective()) == ["z", "b", "a"]


def properties_after(said: tuple[Said, ...]) -> PropertyMarks:
    marks = PropertyMarks()
    for kind, stamp, what in said:
        if kind == "show":
            marks.show(what, (stamp, stamp))
        elif kind == "update":
            marks.update(what, stamp)
        else:
            marks.delete(what, stamp)
    return marks


PROPERTIES: list[tuple[tuple[Said, ...], dict[str, Any]]] = [
    (
        (
            ("show", 3, {"ns": {"a": 1, "b": 1}}),
            ("update", 2, {"ns": {"a": 2}}),
            ("update", 4, {"ns": {"b": 4}, "other": {"c": 4}}),
            ("delete", 5, {"other": ["c"]}),
        ),
        {"ns": {"a": 1, "b": 4}},
    ),
    ((("update", 2, {"ns": {"a": 2}}), ("show", 3, None)), {}),
    ((("delete", 4, {"ns": ["a"]}), ("show", 3, {"ns": {"a": 1}})), {}),
]


@pytest.mark.parametrize(("said", "expected"), PROPERTIES)
def test_properties_come_out_the_same_in_any_order(
    said: tuple[Said, ...], expected: dict[str, Any]
) -> None:
    found = [properties_after(order) for order in permutations(said)]

    assert all(marks == found[0] for marks in found)
    assert found[0].effective() == expected


def test_effective_maps_are_copies() -> None:
    marks = properties_after((("show", 1, {"ns": {"a": 1}}),))

    marks.effective()["ns"]["a"] = 2

    assert marks.effective() == {"ns": {"a": 1}}
