"""What pushes change in an event, whole showings aside."""

from __future__ import annotations

from itertools import permutations

import pytest

from livechat_customer.models.wire.events import Button, Element, Message, RichMessage
from livechat_customer.projections.overlay import Overlay, Toggle

RICH = RichMessage(
    "R_1",
    elements=(
        Element(buttons=(Button("Yes", "yes", ("ann", "bob")), Button("No", "no"))),
        Element(buttons=(Button("Yes again", "yes"),)),
        Element(title="no buttons"),
    ),
)


def pressed(*toggles: Toggle, base_stamp: int = -1) -> list[list[tuple[str, ...]]]:
    overlay = Overlay(base_stamp=base_stamp)
    for toggle in toggles:
        overlay.toggle(toggle)
    event = overlay.over(RICH, None)
    assert isinstance(event, RichMessage)
    return [[button.user_ids for button in element.buttons] for element in event.elements]


@pytest.mark.parametrize(
    ("toggles", "yes", "yes_again"),
    [
        ([Toggle(5, "yes", "cid", True)], ("ann", "bob", "cid"), ("cid",)),
        ([Toggle(5, "yes", "ann", False)], ("bob",), ()),
        ([Toggle(5, "yes", "ann", True)], ("ann", "bob"), ("ann",)),
        # Off and on again: it stands last, as at the server.
        (
            [Toggle(5, "yes", "ann", False), Toggle(6, "yes", "ann", True)],
            ("bob", "ann"),
            ("ann",),
        ),
        ([Toggle(5, "yes", "cid", True), Toggle(6, "yes", "cid", False)], ("ann", "bob"), ()),
        ([Toggle(5, "maybe", "cid", True)], ("ann", "bob"), ()),
    ],
)
def test_toggles_lie_over_the_buttons(
    toggles: list[Toggle], yes: tuple[str, ...], yes_again: tuple[str, ...]
) -> None:
    for order in permutations(toggles):
        assert pressed(*order) == [[yes, ()], [yes_again], []]


def test_what_a_whole_showing_holds_already_is_dropped() -> None:
    overlay = Overlay()
    overlay.update({"ns": {"a": 1}}, 5)
    overlay.update({"ns": {"b": 1}}, 7)
    overlay.toggle(Toggle(5, "yes", "cid", True))

    overlay.rebase(6)

    assert overlay.toggles == ()
    assert overlay.over(Message("M_1", properties={"ns": {"c": 1}}), None).properties == {
        "ns": {"c": 1, "b": 1}
    }
    assert not overlay.update({"ns": {"a": 2}}, 6)
    assert not overlay.toggle(Toggle(6, "yes", "cid", True))


def test_it_is_plain_once_nothing_is_left_of_it() -> None:
    overlay = Overlay()
    overlay.delete({"ns": ["a"]}, 5)
    assert not overlay.plain

    overlay.rebase(5)

    assert overlay.plain


def test_toggles_that_undo_each_other_do_not_pile_up() -> None:
    overlay = Overlay()
    for stamp in range(100):
        overlay.toggle(Toggle(stamp, "yes", "cid", stamp % 2 == 0))

    assert len(overlay.toggles) == 1


def test_it_never_changes_the_event_itself() -> None:
    base = Message("M_1", properties={"ns": {"a": 1}})
    overlay = Overlay()
    overlay.update({"ns": {"a": 2}}, 5)

    assert overlay.over(base, None).properties == {"ns": {"a": 2}}
    assert base.properties == {"ns": {"a": 1}}
