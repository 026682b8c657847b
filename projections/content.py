"""The events of one thread: which are known, how each is now, and in which order they stand.

Every merge is a maximum or a union, so facts may come in any order. What a fact is worth was
decided by its record's stamp (`register`); what wins is written at each step.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from livechat_customer.models.wire.events import Event
from livechat_customer.projections.order import EventKey, event_key
from livechat_customer.projections.overlay import Overlay
from livechat_customer.projections.register import Rank
from livechat_customer.projections.sequence import Rope

AGENTS: Final = "agents"
"""Recipients of an event that no answer ever shows: only its sender sees it, once."""

_LAST: Final = "\U0010ffff"
"""Sorts after every time: nothing can be appended."""


class Entry(msgspec.Struct, gc=False):
    """An event as it is now, and what that rests on.

    When the event changes, another entry takes its place: readers may keep this one.
    """

    event: Event
    thread_id: str
    shown: int
    """Greatest stamp of a record that showed it."""
    stamp: int
    """With `seq`, the rank of the newest whole showing."""
    seq: int
    public: Any = None
    """The event as readers get it, once one asked."""
    first: int = 0
    """Least seq of a record that showed it whole; 0: `seq`."""
    placed: str = ""
    """Its creation time as that record told it, if the event's is another: the place stays."""


def key_of(entry: Entry) -> EventKey:
    event = entry.event
    return event_key(entry.placed or event.created_at, event.id)


def for_agents(event: Event) -> bool:
    return event.recipients == AGENTS or event.visibility == AGENTS


class Content:
    """The events of one thread."""

    __slots__ = (
        "_at",
        "_hidden",
        "_items",
        "_limit",
        "answers",
        "bases",
        "doubtful",
        "entries",
        "last",
        "overlays",
        "own",
        "run",
        "thread_id",
    )

    def __init__(self, thread_id: str, own: str | None = None) -> None:
        self.thread_id = thread_id
        self.own = own
        """The customer's id, once known."""
        self.entries: dict[str, Entry] = {}
        """By event id, hidden ones too."""
        self.bases: dict[str, Event] = {}
        """What newer pushes were laid over, where that changed something."""
        self.overlays: dict[str, Overlay] = {}
        self.answers: tuple[int, int] = (0, 0)
        """The greatest two stamps of answers that showed the thread whole."""
        self.doubtful: set[str] = set()
        """Events that the newest whole answer lacks and the one before still had."""
        self._hidden: set[str] = set()
        """Known events that are not shown: deleted, or two answers agree that they are gone."""
        self._items: Rope[Entry] = Rope()
        # Entries come in long ascending runs: pushes at the end, pages of older records somewhere
        # before. A run is gathered in a list and put into the rope when somebody looks.
        self.run: list[Entry] = []
        self._at = 0
        self._limit: EventKey | None = None
        self.last: str = ""
        """An event whose time key is greater, and that is not known yet, may join `run`."""

    def items(self) -> Rope[Entry]:
        """The shown entries in order; an immutable version."""
        if self.run:
            at_end = self._limit is None
            self._items = (
                self._items.extend(self.run) if at_end else self._items.insert(self._at, self.run)
            )
            self.run = []
            if not at_end:
                self._continue_at_end()
        return self._items

    def show(self, event: Event, rank: Rank, shown: int) -> None:
        """Something showed the whole event; the showing of the greatest rank is its base."""
        entry = self.entries.get(event.id)
        overlay = self.overlays.get(event.id)
        if entry is not None:
            entry.shown = max(entry.shown, shown)
            entry = self._shown_first(entry, event, rank[1])
            if rank > (entry.stamp, entry.seq):
                self._rebase(entry, event, rank, overlay)
        else:
            if overlay is not None:
                shown = max(shown, overlay.shown)
            entry = Entry(event, self.thread_id, shown, *rank)
            self.entries[event.id] = entry
            self._hidden.add(event.id)
            if overlay is not None:
                overlay.shown = -1
                overlay.rebase(rank[0])
                self._apply(entry, event, overlay)
        self._settle(event.id)

    def _shown_first(self, entry: Entry, event: Event, seq: int) -> Entry:
        """The place of an event is that of its first showing, also where others say otherwise."""
        first = entry.first or entry.seq
        entry.first = min(first, seq)
        placed = entry.placed or entry.event.created_at
        if seq >= first or event.created_at == placed:
            return entry
        return self._replace(entry, entry.event, event.created_at)

    def _rebase(self, entry: Entry, event: Event, rank: Rank, overlay: Overlay | None) -> None:
        entry.stamp, entry.seq = rank
        if overlay is None:
            self._become(entry, event)
            return
        overlay.rebase(rank[0])
        self._apply(entry, event, overlay)

    def overlay_of(self, event_id: str, shown: int) -> Overlay:
        """Where a fact about this event goes; call `overlaid` after changing it."""
        overlay = self.overlays.get(event_id)
        entry = self.entries.get(event_id)
        if overlay is None:
            overlay = Overlay() if entry is None else Overlay(base_stamp=entry.stamp)
            self.overlays[event_id] = overlay
        if entry is None:
            overlay.shown = max(overlay.shown, shown)
        else:
            entry.shown = max(entry.shown, shown)
        return overlay

    def overlaid(self, event_id: str) -> None:
        """Makes the event what its overlay says now."""
        entry = self.entries.get(event_id)
        if entry is None:
            return
        self._apply(entry, self.bases.get(event_id, entry.event), self.overlays[event_id])
        self._settle(event_id)

    def answered(self, stamp: int) -> None:
        """An answer showed the thread whole: what it showed must have been told before."""
        first, second = self.answers
        if stamp <= 0 or stamp in self.answers or stamp < second:
            return
        self.answers = (stamp, first) if stamp > first else (first, stamp)
        for event_id in self.entries:
            self._settle(event_id)

    def learn(self, own: str) -> bool:
        """Who the customer is, is known; whether an event may be another now."""
        self.own = own
        waiting = [event_id for event_id, overlay in self.overlays.items() if overlay.own]
        for event_id in waiting:
            self.overlaid(event_id)
        return bool(waiting)

    def deleted(self, event_id: str) -> bool:
        overlay = self.overlays.get(event_id)
        return overlay is not None and overlay.deleted

    def _apply(self, entry: Entry, base: Event, overlay: Overlay) -> None:
        event_id = base.id
        if overlay.plain:
            self.bases.pop(event_id, None)
            if not overlay.deleted:
                del self.overlays[event_id]
            self._become(entry, base)
        else:
            self.bases[event_id] = base
            self._become(entry, overlay.over(base, self.own))

    def _become(self, entry: Entry, event: Event) -> None:
        """The entry's event is `event` now; where that is another, a new entry stands for it."""
        if event != entry.event:
            self._replace(entry, event, entry.placed or entry.event.created_at)

    def _replace(self, entry: Entry, event: Event, placed: str) -> Entry:
        """Another entry for the event, created then."""
        made = Entry(event, self.thread_id, entry.shown, entry.stamp, entry.seq)
        made.first = entry.first
        if placed != event.created_at:
            made.placed = placed
        self.entries[event.id] = made
        if event.id in self._hidden:
            return made
        items = self.items()
        place = items.bisect(key_of(entry), key_of)
        if key_of(made) == key_of(entry):
            self._items = items.set(place, made)
        else:
            self._items = items.delete(place)
            self._continue_at_end()
            self._insert(made)
        return made

    def _settle(self, event_id: str) -> None:
        """Shows or hides the event, by what is known of it now."""
        entry = self.entries[event_id]
        first, second = self.answers
        absent = entry.shown < first and not for_agents(entry.event)
        gone = self.deleted(event_id) or (absent and entry.shown < second)
        if absent and not gone:
            if event_id not in self.doubtful:
                self.doubtful.add(event_id)
        elif event_id in self.doubtful:
            self.doubtful.discard(event_id)
        if gone == (event_id in self._hidden):
            return
        if gone:
            self._hidden.add(event_id)
            items = self.items()
            self._items = items.delete(items.bisect(key_of(entry), key_of))
            self._continue_at_end()
        else:
            self._hidden.discard(event_id)
            self._insert(entry)

    def _insert(self, entry: Entry) -> None:
        key = key_of(entry)
        run = self.run
        if not run or key < key_of(run[-1]) or (self._limit is not None and key > self._limit):
            items = self.items()
            at = len(items)
            if at and key < key_of(items[-1]):
                at = items.bisect(key, key_of)
                self._limit = key_of(items[at])
                self.last = _LAST
            else:
                self._limit = None
            self._at = at
        self.run.append(entry)
        if self._limit is None:
            self.last = key[0]

    def _continue_at_end(self) -> None:
        """The next run stands after everything."""
        self._limit = None
        self._at = len(self._items)
        self.last = key_of(self._items[-1])[0] if self._items else ""
