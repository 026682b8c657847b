"""Facts that replace one another, and when: registers dated with stamps.

The wire carries no revisions. What dates a fact is the record that brought it (`Record.stamp`): a
push counts as of its own place in the log, an answer as of its request, because the server read it
at some moment after that. The greater rank wins; so reading the same records in any order ends in
the same value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, Generic, TypeVar

import msgspec

from livechat_customer.records import Record

T = TypeVar("T")

Rank = tuple[int, int]
"""`(stamp, seq)` of the record that said it; seq decides between equal stamps."""

NEVER: Final[Rank] = (-2, 0)
"""Rank of what nobody has said."""

CREATION: Final = -1
"""Stamp of the content a thing was created with: whatever else is known of it is newer."""


def rank_of(record: Record) -> Rank:
    """What a register fact of this record is dated with."""
    return (record.stamp, record.seq)


def creation_of(record: Record) -> Rank:
    """The rank of content that shows how something began, or how it was at an unknown time."""
    return (CREATION, record.seq)


class Register(msgspec.Struct, Generic[T], gc=False):
    """One value, replaced by what has a greater rank."""

    value: T
    rank: Rank = NEVER

    def set(self, value: T, rank: Rank) -> bool:
        """Takes `value` if it is newer; whether it was."""
        if rank <= self.rank:
            return False
        self.value = value
        self.rank = rank
        return True


class Mark(msgspec.Struct, array_like=True, gc=False):
    """A value set by a push at `stamp`; `present` is false where the push took it away."""

    stamp: int
    present: bool
    value: Any = None


_NOTHING: Final[dict[str, Any]] = {}
"""Stands for all empty maps of marks, most of which stay so; never changed."""


class Marks(msgspec.Struct, omit_defaults=True, gc=False):
    """A map that answers show whole and pushes change name by name.

    `base` is the newest whole map, of rank `rank`; `marks` are the changes pushed after its stamp.
    Older ones never matter again and are dropped, so equal knowledge has one form.
    """

    base: dict[str, Any] = {}
    rank: Rank = NEVER
    marks: dict[str, Mark] = msgspec.field(default_factory=lambda: _NOTHING)
    since: dict[str, int] = msgspec.field(default_factory=lambda: _NOTHING)
    """The least stamp of a push about each name: the order in which the names came."""

    def show(self, base: dict[str, Any], rank: Rank) -> bool:
        """The whole map as of `rank`: a name it lacks is gone unless a later push set it."""
        if rank <= self.rank:
            return False
        self.base = base
        self.rank = rank
        stamp = rank[0]
        if self.marks:
            self.marks = {name: mark for name, mark in self.marks.items() if mark.stamp > stamp}
        return True

    def set(self, name: str, value: Any, stamp: int) -> bool:
        return self._mark(name, Mark(stamp, True, value))

    def remove(self, name: str, stamp: int) -> bool:
        return self._mark(name, Mark(stamp, False))

    def _mark(self, name: str, mark: Mark) -> bool:
        self.since = self.since | {name: min(mark.stamp, self.since.get(name, mark.stamp))}
        known = self.marks.get(name)
        if mark.stamp <= self.rank[0] or (known is not None and mark.stamp <= known.stamp):
            return False
        self.marks = self.marks | {name: mark}
        return True

    def effective(self) -> dict[str, Any]:
        """The map now, a new one: in the order of `base`, then in the order of the pushes."""
        found = dict(self.base)
        for name in sorted(self.marks, key=self.since.__getitem__):
            mark = self.marks[name]
            if mark.present:
                found[name] = mark.value
            else:
                found.pop(name, None)
        return found


Properties = Mapping[str, Mapping[str, Any]]


class PropertyMarks(msgspec.Struct, omit_defaults=True, gc=False):
    """Properties, `{namespace: {name: value}}`: as `Marks`, one level deeper."""

    base: dict[str, dict[str, Any]] = {}
    rank: Rank = NEVER
    marks: dict[str, dict[str, Mark]] = msgspec.field(default_factory=lambda: _NOTHING)

    def show(self, base: dict[str, dict[str, Any]] | None, rank: Rank) -> bool:
        """The whole map as of `rank`; absent and empty mean the same."""
        if rank <= self.rank:
            return False
        self.base = base or {}
        self.rank = rank
        if self.marks:
            self.marks = later_marks(self.marks, rank[0])
        return True

    def update(self, properties: Properties, stamp: int) -> bool:
        """These names were set by a push."""
        if stamp <= self.rank[0]:
            return False
        self.marks = dict(self.marks)
        return mark_properties(self.marks, properties, stamp)

    def delete(self, names: Mapping[str, Iterable[str]], stamp: int) -> bool:
        """These names were deleted by a push."""
        if stamp <= self.rank[0]:
            return False
        self.marks = dict(self.marks)
        return unmark_properties(self.marks, names, stamp)

    def effective(self) -> dict[str, dict[str, Any]]:
        """The properties now, in maps of their own; no empty namespaces."""
        return with_marks(self.base, self.marks)


PropertyMarkMap = dict[str, dict[str, Mark]]


def mark_properties(marks: PropertyMarkMap, properties: Properties, stamp: int) -> bool:
    changed = False
    for namespace, values in properties.items():
        for name, value in values.items():
            changed |= _mark_property(marks, namespace, name, Mark(stamp, True, value))
    return changed


def unmark_properties(
    marks: PropertyMarkMap, names: Mapping[str, Iterable[str]], stamp: int
) -> bool:
    changed = False
    for namespace, gone in names.items():
        for name in gone:
            changed |= _mark_property(marks, namespace, name, Mark(stamp, False))
    return changed


def _mark_property(marks: PropertyMarkMap, namespace: str, name: str, mark: Mark) -> bool:
    space = marks.setdefault(namespace, {})
    known = space.get(name)
    if known is not None and mark.stamp <= known.stamp:
        return False
    space[name] = mark
    return True


def later_marks(marks: PropertyMarkMap, stamp: int) -> PropertyMarkMap:
    """Those set after `stamp`."""
    kept: PropertyMarkMap = {}
    for namespace, space in marks.items():
        later = {name: mark for name, mark in space.items() if mark.stamp > stamp}
        if later:
            kept[namespace] = later
    return kept


def with_marks(base: Properties, marks: PropertyMarkMap) -> dict[str, dict[str, Any]]:
    """`base` with the marks applied; maps of its own, without empty namespaces."""
    found = {namespace: dict(values) for namespace, values in base.items() if values}
    for namespace, space in marks.items():
        values = found.setdefault(namespace, {})
        for name, mark in space.items():
            if mark.present:
                values[name] = mark.value
            else:
                values.pop(name, None)
        if not values:
            del found[namespace]
    return found
