"""`Rope`: an immutable sequence whose versions share structure.

A version handed to a reader never changes, and the next one costs O(log n): changing an item,
inserting or removing anywhere copies one path of a tree. Appending costs next to nothing, because
the last items stand in a tuple of their own beside the tree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, Final, Generic, TypeVar, overload

from livechat_customer.projections import tree as trees
from livechat_customer.projections.tree import Tree

T = TypeVar("T")

TAIL: Final = 16
"""Most items beside the tree: what an append copies."""


class Rope(Sequence[T], Generic[T]):
    """An immutable sequence; every change gives a new one."""

    __slots__ = ("_tail", "_tree", "_tree_size")

    _tree: Tree
    _tree_size: int
    _tail: tuple[T, ...]

    def __init__(self, items: Iterable[T] = ()) -> None:
        tree, rest = trees.build(iter(items))
        self._tree = trees.join(tree, rest)
        self._tree_size = trees.size_of(self._tree)
        self._tail = ()

    @classmethod
    def _of(cls, tree: Tree, tree_size: int, tail: tuple[T, ...]) -> Rope[T]:
        made = cls.__new__(cls)
        made._tree = tree
        made._tree_size = tree_size
        made._tail = tail
        return made

    def __len__(self) -> int:
        return self._tree_size + len(self._tail)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Rope[T]: ...
    def __getitem__(self, index: int | slice) -> T | Rope[T]:
        if isinstance(index, slice):
            return Rope(self[place] for place in range(*index.indices(len(self))))
        place = index if index >= 0 else index + len(self)
        if place < 0:
            raise IndexError("sequence index out of range")
        if place >= self._tree_size:
            return self._tail[place - self._tree_size]
        item: T = trees.get(self._tree, place)
        return item

    def __iter__(self) -> Iterator[T]:
        return chain(chain.from_iterable(trees.leaves(self._tree)), self._tail)

    def __reversed__(self) -> Iterator[T]:
        tail = reversed(self._tail)
        return chain(tail, chain.from_iterable(trees.leaves_back(self._tree)))

    def __repr__(self) -> str:
        return f"<Rope of {len(self)} items>"

    def append(self, item: T) -> Rope[T]:
        return self.extend((item,))

    def extend(self, items: Iterable[T]) -> Rope[T]:
        tail = (*self._tail, *items)
        if len(tail) <= TAIL:
            return self._of(self._tree, self._tree_size, tail)
        more, rest = trees.build(iter(tail))
        tree = trees.join(trees.join(self._tree, more), rest)
        return self._of(tree, self._tree_size + len(tail), ())

    def set(self, index: int, item: T) -> Rope[T]:
        """With `item` in the place of the one at `index`, 0 <= index < len."""
        place = index - self._tree_size
        if place < 0:
            return self._of(trees.replace(self._tree, index, item), self._tree_size, self._tail)
        tail = self._tail
        return self._of(self._tree, self._tree_size, (*tail[:place], item, *tail[place + 1 :]))

    def insert(self, index: int, items: Iterable[T]) -> Rope[T]:
        """With `items` before the one at `index`, 0 <= index <= len."""
        place = index - self._tree_size
        if place >= 0:
            tail = self._tail
            kept = self._of(self._tree, self._tree_size, tail[:place])
            return kept.extend((*items, *tail[place:]))
        left, right = trees.split(self._tree, index)
        middle, rest = trees.build(iter(items))
        tree = trees.join(trees.join(left, trees.join(middle, rest)), right)
        return self._of(tree, trees.size_of(tree), self._tail)

    def delete(self, start: int, stop: int | None = None) -> Rope[T]:
        """Without the items from `start` to `stop` (only the one at `start`, if not given)."""
        end = start + 1 if stop is None else stop
        size = self._tree_size
        tail = self._tail[: max(start - size, 0)] + self._tail[max(end - size, 0) :]
        if start >= size:
            return self._of(self._tree, size, tail)
        left, rest = trees.split(self._tree, start)
        tree = trees.join(left, trees.split(rest, end - start)[1])
        return self._of(tree, trees.size_of(tree), tail)

    def bisect(self, key: Any, of: Callable[[T], Any]) -> int:
        """The first index whose `of(item)` is not less than `key`, in a rope sorted by `of`."""
        low, high = 0, len(self)
        while low < high:
            middle = (low + high) // 2
            if of(self[middle]) < key:
                low = middle + 1
            else:
                high = middle
        return low

    def same_start(self, other: Rope[T]) -> int:
        """At least how many first items are the same; cheap where structure is shared."""
        if self._tree is other._tree:
            return self._tree_size + trees.same_items(self._tail, other._tail)
        return trees.same_start(self._tree, other._tree)

    def same_end(self, other: Rope[T]) -> int:
        """At least how many last items are the same."""
        same = trees.same_items(self._tail[::-1], other._tail[::-1])
        if same < len(self._tail) or same < len(other._tail):
            return same
        return same + trees.same_end(self._tree, other._tree)
