"""What pushes change in an event after something showed it whole.

An event is shown whole by its creation, by answers and by `event_updated`; the newest of these is
its base. Properties set or deleted and buttons toggled by later pushes lie over it. Facts that are
older than the base are in it already and are dropped, so equal knowledge has one form.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from livechat_customer.models.wire.events import Button, Element, Event, RichMessage
from livechat_customer.projections.register import (
    CREATION,
    Mark,
    Properties,
    later_marks,
    mark_properties,
    unmark_properties,
    with_marks,
)

OWN: Final = ""
"""As a toggle's user: the customer, whose id need not be known where the toggle is."""


class Toggle(msgspec.Struct, array_like=True, frozen=True):
    """At `stamp` a user toggled the buttons with this postback id."""

    stamp: int
    postback_id: str
    user_id: str
    toggled: bool


class Overlay(msgspec.Struct):
    """The facts about one event that came by themselves.

    They wait here, with their stamps, also while the event itself is unknown.
    """

    base_stamp: int = CREATION
    """Stamp of the newest whole showing."""
    properties: dict[str, dict[str, Mark]] = {}
    toggles: tuple[Toggle, ...] = ()
    """In the order of their stamps."""
    deleted: bool = False
    """A tombstone: it wins over everything, for ever."""
    shown: int = CREATION
    """Greatest stamp of a fact that proves the event, while it is not known itself."""

    @property
    def plain(self) -> bool:
        """Whether it changes nothing in the event."""
        return not self.properties and not self.toggles

    def rebase(self, stamp: int) -> None:
        """Drops what a whole showing of `stamp` holds already."""
        if stamp <= self.base_stamp:
            return
        self.base_stamp = stamp
        self.properties = later_marks(self.properties, stamp)
        self.toggles = tuple(toggle for toggle in self.toggles if toggle.stamp > stamp)

    def update(self, properties: Properties, stamp: int) -> bool:
        return stamp > self.base_stamp and mark_properties(self.properties, properties, stamp)

    def delete(self, names: Mapping[str, Iterable[str]], stamp: int) -> bool:
        return stamp > self.base_stamp and unmark_properties(self.properties, names, stamp)

    def toggle(self, toggle: Toggle) -> bool:
        """A toggle off makes those before it, of the same user and button, meaningless."""
        if toggle.stamp <= self.base_stamp or toggle in self.toggles:
            return False
        self.toggles = _lean(sorted((*self.toggles, toggle), key=lambda each: each.stamp))
        return True

    @property
    def own(self) -> bool:
        """Whether the customer's id makes a difference."""
        return any(toggle.user_id == OWN for toggle in self.toggles)

    def over(self, base: Event, own: str | None) -> Event:
        """The event as it is now; `own` is the customer's id, if known."""
        event = base
        if self.properties:
            properties = with_marks(base.properties or {}, self.properties)
            event = msgspec.structs.replace(event, properties=properties or None)
        if self.toggles and isinstance(event, RichMessage):
            elements = tuple(self._toggled(element, own) for element in event.elements)
            event = msgspec.structs.replace(event, elements=elements)
        return event

    def _toggled(self, element: Element, own: str | None) -> Element:
        named = {toggle.postback_id for toggle in self.toggles}
        if not any(button.postback_id in named for button in element.buttons):
            return element
        buttons = tuple(self._pressed(button, own) for button in element.buttons)
        return msgspec.structs.replace(element, buttons=buttons)

    def _pressed(self, button: Button, own: str | None) -> Button:
        users: dict[str, Any] = dict.fromkeys(button.user_ids)
        for toggle in self.toggles:
            user_id = toggle.user_id or own
            if toggle.postback_id == button.postback_id and user_id is not None:
                if toggle.toggled:
                    users.setdefault(user_id)
                else:
                    users.pop(user_id, None)
        return msgspec.structs.replace(button, user_ids=tuple(users))


def _lean(toggles: list[Toggle]) -> tuple[Toggle, ...]:
    """Without those that a later toggle off of the same user and button undoes."""
    off = {(each.postback_id, each.user_id): each.stamp for each in toggles if not each.toggled}
    return tuple(
        each for each in toggles if each.stamp >= off.get((each.postback_id, each.user_id), 0)
    )
