"""Trees of tuples: whatever is joined and split, they stay low and lose nothing."""

from __future__ import annotations

from itertools import chain

from hypothesis import given
from hypothesis import strategies as st

from livechat_customer.projections.tree import (
    WIDTH,
    Tree,
    build,
    get,
    height_of,
    join,
    leaves,
    leaves_back,
    replace,
    same_end,
    same_start,
    size_of,
    split,
)


def tree_of(count: int, first: int = 0) -> Tree:
    tree, rest = build(iter(range(first, first + count)))
    return join(tree, rest)


def items(tree: Tree) -> list[int]:
    return list(chain.from_iterable(leaves(tree)))


sizes = st.integers(0, 3 * WIDTH * WIDTH)


@given(sizes, sizes)
def test_joining_keeps_all_items(left: int, right: int) -> None:
    tree = join(tree_of(left), tree_of(right, left))

    assert items(tree) == list(range(left + right))
    assert size_of(tree) == left + right
    assert list(chain.from_iterable(leaves_back(tree))) == list(range(left + right))[::-1]
    assert height_of(tree) <= 3


@given(sizes, st.integers(-5, 3 * WIDTH * WIDTH + 5))
def test_splitting_keeps_all_items(size: int, index: int) -> None:
    left, right = split(tree_of(size), index)

    assert items(left) == list(range(size))[: max(index, 0)]
    assert items(right) == list(range(size))[max(index, 0) :]


@given(st.integers(1, 3 * WIDTH * WIDTH), st.data())
def test_replacing_changes_one_item(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    tree = tree_of(size)

    changed = replace(tree, index, -1)

    assert get(changed, index) == -1
    assert get(tree, index) == index
    assert index - WIDTH * WIDTH <= same_start(tree, changed) <= index
    assert size - index - 1 - WIDTH * WIDTH <= same_end(tree, changed) <= size - index - 1


def test_prepending_one_by_one_fills_the_leaves() -> None:
    tree: Tree = ()
    for number in range(3 * WIDTH):
        tree = join((number,), tree)

    assert len(list(leaves(tree))) == 3
