"""Immutable trees of tuples: the inside of `sequence.Rope`.

A leaf is a plain tuple of items; a `Node` holds children of one height and the running total of
their sizes. Nothing is ever changed: each function gives trees that share what they can with those
it was given. All of it rests on `join` and `split`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate, islice
from typing import Any, Final

WIDTH: Final = 64
"""Most items of a leaf, most children of a node."""


class Node:
    """An inner node; `ends[i]` is the size of the first `i + 1` children."""

    __slots__ = ("children", "ends", "height")

    def __init__(
        self, children: tuple[Tree, ...], height: int, ends: tuple[int, ...] | None = None
    ) -> None:
        self.children = children
        self.height = height
        self.ends = tuple(accumulate(map(size_of, children))) if ends is None else ends


Tree = Node | tuple[Any, ...]


def size_of(tree: Tree) -> int:
    return tree.ends[-1] if isinstance(tree, Node) else len(tree)


def height_of(tree: Tree) -> int:
    return tree.height if isinstance(tree, Node) else 0


def build(items: Iterator[Any]) -> tuple[Tree, tuple[Any, ...]]:
    """A balanced tree of full leaves, and the items left over."""
    level: list[Tree] = []
    while len(leaf := tuple(islice(items, WIDTH))) == WIDTH:
        level.append(leaf)
    height = 0
    while len(level) > 1:
        height += 1
        level = [Node(tuple(level[at : at + WIDTH]), height) for at in range(0, len(level), WIDTH)]
    return (level[0] if level else ()), leaf


def get(tree: Tree, index: int) -> Any:
    while isinstance(tree, Node):
        child = bisect_right(tree.ends, index)
        if child:
            index -= tree.ends[child - 1]
        tree = tree.children[child]
    return tree[index]


def replace(tree: Tree, index: int, item: Any) -> Tree:
    """With `item` in the place of the one at `index`."""
    if not isinstance(tree, Node):
        return (*tree[:index], item, *tree[index + 1 :])
    child = bisect_right(tree.ends, index)
    if child:
        index -= tree.ends[child - 1]
    old = tree.children
    changed = replace(old[child], index, item)
    return Node((*old[:child], changed, *old[child + 1 :]), tree.height, tree.ends)


def leaves(tree: Tree) -> Iterator[tuple[Any, ...]]:
    """The leaves, in order."""
    if isinstance(tree, Node):
        for child in tree.children:
            yield from leaves(child)
    else:
        yield tree


def leaves_back(tree: Tree) -> Iterator[tuple[Any, ...]]:
    """The leaves from the last to the first, each turned round."""
    if isinstance(tree, Node):
        for child in reversed(tree.children):
            yield from leaves_back(child)
    else:
        yield tree[::-1]


def join(left: Tree, right: Tree) -> Tree:
    """All of `left`, then all of `right`."""
    if not size_of(left):
        return right
    if not size_of(right):
        return left
    parts = _joined(left, right)
    return parts[0] if len(parts) == 1 else Node(parts, height_of(parts[0]) + 1)


def _joined(left: Tree, right: Tree) -> tuple[Tree, ...]:
    """The same as one or two trees, of the height of the higher."""
    high, low = height_of(left), height_of(right)
    if isinstance(left, Node) and high > low:
        return _grouped((*left.children[:-1], *_joined(left.children[-1], right)), high)
    if isinstance(right, Node) and low > high:
        return _grouped((*_joined(left, right.children[0]), *right.children[1:]), low)
    if isinstance(left, Node) and isinstance(right, Node):
        seam = _joined(left.children[-1], right.children[0])
        return _grouped((*left.children[:-1], *seam, *right.children[1:]), high)
    assert isinstance(left, tuple)
    assert isinstance(right, tuple)
    return (left + right,) if len(left) + len(right) <= WIDTH else (left, right)


def _grouped(children: tuple[Tree, ...], height: int) -> tuple[Tree, ...]:
    if len(children) <= WIDTH:
        return (Node(children, height),)
    half = len(children) // 2
    return (Node(children[:half], height), Node(children[half:], height))


def split(tree: Tree, index: int) -> tuple[Tree, Tree]:
    """The first `index` items, and the others."""
    if index <= 0:
        return (), tree
    if index >= size_of(tree):
        return tree, ()
    if not isinstance(tree, Node):
        return tree[:index], tree[index:]
    child = bisect_right(tree.ends, index)
    before = tree.ends[child - 1] if child else 0
    left, right = split(tree.children[child], index - before)
    return (
        join(_lowest(tree.children[:child], tree.height), left),
        join(right, _lowest(tree.children[child + 1 :], tree.height)),
    )


def _lowest(children: tuple[Tree, ...], height: int) -> Tree:
    """A tree of these children, no higher than it needs to be."""
    if len(children) > 1:
        return Node(children, height)
    return children[0] if children else ()


def same_items(left: tuple[Any, ...], right: tuple[Any, ...]) -> int:
    """How many first items are the same objects, or at least equal ones."""
    shorter = min(len(left), len(right))
    if left[:shorter] == right[:shorter]:
        return shorter
    same = 0
    for one, other in zip(left, right, strict=False):
        if one is not other:
            break
        same += 1
    return same


def same_start(left: Tree, right: Tree) -> int:
    """At least how many first items are the same, told by shared nodes."""
    while isinstance(left, Node) and left.height > height_of(right):
        left = left.children[0]
    while isinstance(right, Node) and right.height > height_of(left):
        right = right.children[0]
    same = 0
    while left is not right:
        if isinstance(left, tuple) or isinstance(right, tuple):
            assert isinstance(left, tuple)
            assert isinstance(right, tuple)
            return same + same_items(left, right)
        equal = same_items(left.children, right.children)
        if equal:
            same += left.ends[equal - 1]
        if equal in (len(left.children), len(right.children)):
            return same
        left, right = left.children[equal], right.children[equal]
    return same + size_of(left)


def same_end(left: Tree, right: Tree) -> int:
    """At least how many last items are the same, told by shared nodes."""
    while isinstance(left, Node) and left.height > height_of(right):
        left = left.children[-1]
    while isinstance(right, Node) and right.height > height_of(left):
        right = right.children[-1]
    same = 0
    while left is not right:
        if isinstance(left, tuple) or isinstance(right, tuple):
            assert isinstance(left, tuple)
            assert isinstance(right, tuple)
            return same + same_items(left[::-1], right[::-1])
        equal = same_items(left.children[::-1], right.children[::-1])
        if equal:
            same += size_of(left) - (left.ends[-equal - 1] if equal < len(left.ends) else 0)
        if equal in (len(left.children), len(right.children)):
            return same
        left, right = left.children[-1 - equal], right.children[-1 - equal]
    return same + size_of(left)
