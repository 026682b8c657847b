"""What changed in a list, for user interfaces that patch rather than redraw.

A tuple of changes leads from the previous list to the new one when applied in order; each index is
valid after the changes before it. `applied` does it, and says by that what each change means.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Final, Generic, TypeVar, assert_never

import msgspec

T = TypeVar("T")
R = TypeVar("R")

LIMIT: Final = 1_024
"""Beyond this many touched items the list is given whole."""


class Append(msgspec.Struct, Generic[T], frozen=True, gc=False):
    """`item` stands after the last one."""

    item: T


class Prepend(msgspec.Struct, Generic[T], frozen=True, gc=False):
    """`item` stands before the first one."""

    item: T


class Insert(msgspec.Struct, Generic[T], frozen=True, gc=False):
    """`item` stands at `index`, before the one that stood there."""

    index: int
    item: T


class Set(msgspec.Struct, Generic[T], frozen=True, gc=False):
    """`item` takes the place of the one at `index`."""

    index: int
    item: T


class Move(msgspec.Struct, frozen=True, gc=False):
    """The item at `source` is taken out, and then stands at `target`."""

    source: int
    target: int


class Remove(msgspec.Struct, frozen=True, gc=False):
    """The item at `index` is gone."""

    index: int


class Reset(msgspec.Struct, Generic[T], frozen=True):
    """The list is `items` now: the first thing a subscriber gets, and where too much changed."""

    items: Sequence[T]


Change = Append[T] | Prepend[T] | Insert[T] | Set[T] | Move | Remove | Reset[T]


def applied(items: Iterable[T], changes: Iterable[Change[T]]) -> list[T]:
    """A new list: `items` after `changes`."""
    found = list(items)
    for change in changes:
        match change:
            case Append(item):
                found.append(item)
            case Prepend(item):
                found.insert(0, item)
            case Insert(index, item):
                found.insert(index, item)
            case Set(index, item):
                found[index] = item
            case Move(source, target):
                found.insert(target, found.pop(source))
            case Remove(index):
                del found[index]
            case Reset(whole):
                found = list(whole)
            case _:
                assert_never(change)
    return found


def changes_between(
    old: Sequence[R],
    new: Sequence[R],
    at: int,
    after: int,
    key: Callable[[R], Hashable],
    shown: Callable[[R], T],
) -> list[Change[T]] | None:
    """What leads from `old` to `new`, the middle parts of two lists.

    `at` items stand before them and `after` items behind; both lists have those in common. Rows are
    the same thing when their keys are equal, and unchanged when they are the same object; `shown`
    makes the item that a reader gets. None if it is too much: give the list whole.
    """
    if len(old) + len(new) > LIMIT:
        return None
    changes: list[Change[T]] = []
    wanted = {key(row) for row in new}
    left: list[R] = []
    for row in old:
        if key(row) in wanted:
            left.append(row)
        else:
            changes.append(Remove(at + len(left)))
    names = [key(row) for row in left]
    if not left and at == 0 and after > 0:
        changes.extend(Prepend(shown(row)) for row in reversed(new))
        return changes
    for place, row in enumerate(new):
        name = key(row)
        index = at + place
        if place < len(names) and names[place] == name:
            known = left[place]
        elif name in names[place:]:
            source = names.index(name, place)
            changes.append(Move(at + source, index))
            names.insert(place, names.pop(source))
            known = left.pop(source)
            left.insert(place, known)
        else:
            names.insert(place, name)
            left.insert(place, row)
            last = place == len(names) - 1 and after == 0
            changes.append(Append(shown(row)) if last else Insert(index, shown(row)))
            continue
        if known is not row:
            changes.append(Set(index, shown(row)))
    return changes
