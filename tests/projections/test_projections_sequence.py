"""`Rope` behaves as a list of which every version is kept."""

from __future__ import annotations

from bisect import bisect_left

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livechat_customer.projections import tree as trees
from livechat_customer.projections.sequence import Rope

Edit = tuple[str, int, int]
edits = st.lists(
    st.tuples(
        st.sampled_from(["append", "extend", "set", "insert", "delete"]),
        st.integers(0, 10_000),
        st.integers(0, 150),
    ),
    max_size=25,
)


def edited(
    rope: Rope[int], model: list[int], edit: Edit, fresh: int
) -> tuple[Rope[int], list[int]]:
    name, where, count = edit
    new = list(range(fresh, fresh + count))
    if name == "append":
        return rope.append(fresh), [*model, fresh]
    if name == "extend":
        return rope.extend(new), model + new
    if name == "insert":
        at = where % (len(model) + 1)
        return rope.insert(at, new), model[:at] + new + model[at:]
    if not model:
        return rope, model
    at = where % len(model)
    if name == "set":
        return rope.set(at, fresh), [*model[:at], fresh, *model[at + 1 :]]
    end = min(len(model), at + count)
    return rope.delete(at, end), model[:at] + model[end:]


def check_tree(tree: trees.Tree) -> None:
    """Sizes add up, leaves and nodes are not too wide, and children are of one height."""
    if isinstance(tree, tuple):
        assert len(tree) <= trees.WIDTH
        return
    assert 0 < len(tree.children) <= trees.WIDTH
    assert tree.ends[-1] == sum(map(trees.size_of, tree.children))
    for child in tree.children:
        assert trees.height_of(child) == tree.height - 1
        check_tree(child)


@given(st.integers(0, 9_000), edits)
def test_it_equals_a_list_and_old_versions_stay(start: int, steps: list[Edit]) -> None:
    rope, model = Rope(range(start)), list(range(start))
    versions = [(rope, model)]
    for number, step in enumerate(steps):
        rope, model = edited(rope, model, step, 10_000 * (number + 1))
        versions.append((rope, model))
    for old_rope, old_model in versions:
        assert list(old_rope) == old_model
        assert len(old_rope) == len(old_model)
    check_tree(rope._tree)  # pyright: ignore[reportPrivateUsage]
    assert list(reversed(rope)) == model[::-1]
    assert [rope[at] for at in range(-len(model), len(model))] == model + model
    assert list(rope[3:40:2]) == model[3:40:2]


@given(st.integers(0, 9_000), edits)
def test_what_two_versions_share_is_found_and_true(start: int, steps: list[Edit]) -> None:
    old = new = Rope(range(1_000, 1_000 + start))
    model = list(old)
    for number, step in enumerate(steps):
        new, model = edited(new, model, step, 10_000 * (number + 1))
    first, last = old.same_start(new), old.same_end(new)
    assert list(old)[:first] == model[:first]
    assert last == 0 or list(old)[-last:] == model[-last:]


def test_sharing_is_found_where_there_is_much() -> None:
    old = Rope(range(10_000))

    assert old.same_start(old.append(-1)) == 10_000
    assert old.same_end(old.insert(0, [-1])) >= 10_000 - trees.WIDTH**2
    changed = old.set(5_000, -1)
    assert old.same_start(changed) == 5_000
    assert old.same_end(changed) == 4_999


@given(st.lists(st.integers(0, 1_000), max_size=300), st.integers(-1, 1_001))
def test_bisect_finds_the_place(items: list[int], key: int) -> None:
    items.sort()

    assert Rope(items).bisect(key, int) == bisect_left(items, key)


def test_a_change_in_a_long_one_copies_little() -> None:
    rope = Rope(range(200_000))

    tree = rope.insert(100_000, [-1])._tree  # pyright: ignore[reportPrivateUsage]

    assert isinstance(tree, trees.Node)
    assert trees.height_of(tree) <= 3


def test_outside_is_an_index_error() -> None:
    rope = Rope([1, 2])

    with pytest.raises(IndexError, match="out of range"):
        rope[-3]
    with pytest.raises(IndexError, match="out of range"):
        rope[2]
