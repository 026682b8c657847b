"""Changes lead from one list to the next."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livechat_customer.projections.changes import (
    LIMIT,
    Append,
    Change,
    Insert,
    Move,
    Prepend,
    Remove,
    Reset,
    Set,
    applied,
    changes_between,
)


class Row:
    """Something with a name, whose content may become another."""

    def __init__(self, name: str, content: int = 0) -> None:
        self.name = name
        self.content = content

    def __repr__(self) -> str:
        return f"{self.name}{self.content}"


def between(old: list[Row], new: list[Row], at: int = 0, after: int = 0) -> list[Change[Row]]:
    changes: list[Change[Row]] | None = changes_between(
        old, new, at, after, lambda row: row.name, lambda row: row
    )
    assert changes is not None
    return changes


A, B, C, D = (Row(name) for name in "abcd")
B2 = Row("b", 2)


@pytest.mark.parametrize(
    ("old", "new", "at", "after", "expected"),
    [
        ([], [A], 0, 0, [Append(A)]),
        ([], [A, B], 3, 0, [Append(A), Append(B)]),
        ([], [A, B], 0, 3, [Prepend(B), Prepend(A)]),
        ([], [A], 2, 3, [Insert(2, A)]),
        ([B], [B2], 4, 1, [Set(4, B2)]),
        ([A, B], [B], 1, 1, [Remove(1)]),
        ([A, B, C], [C, A, B], 0, 0, [Move(2, 0)]),
        ([A, B], [B2, A], 0, 0, [Move(1, 0), Set(0, B2)]),
        ([A, B], [A, C, B], 0, 0, [Insert(1, C)]),
        ([A, B], [A, B], 0, 0, []),
    ],
)
def test_each_kind(
    old: list[Row], new: list[Row], at: int, after: int, expected: list[Change[Row]]
) -> None:
    assert between(old, new, at, after) == expected


rows = st.lists(st.integers(0, 12), unique=True, max_size=12)


@given(rows, rows, st.sets(st.integers(0, 12)), st.integers(0, 3), st.integers(0, 3))
def test_applying_them_to_the_old_list_gives_the_new_one(
    old: list[int], new: list[int], touched: set[int], before: int, behind: int
) -> None:
    known = {number: Row(str(number)) for number in range(13)}
    changed = known | {number: Row(str(number), 1) for number in touched}
    head = [Row(f"head{number}") for number in range(before)]
    tail = [Row(f"tail{number}") for number in range(behind)]
    was = [known[number] for number in old]
    now = [changed[number] for number in new]

    changes = between(was, now, before, behind)

    assert applied([*head, *was, *tail], changes) == [*head, *now, *tail]


def test_a_reset_gives_the_whole_list() -> None:
    assert applied([A, B], [Append(C), Reset((D,)), Append(A)]) == [D, A]


def test_too_much_is_not_told_one_by_one() -> None:
    new = [Row(str(number)) for number in range(LIMIT + 1)]

    assert changes_between([], new, 0, 0, lambda row: row.name, lambda row: row) is None
