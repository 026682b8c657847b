"""The events of a thread: known, shown, in order."""

from __future__ import annotations

from itertools import permutations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from projections_kit import Log, payload

from livechat_customer.models.wire.events import Event, Message
from livechat_customer.projections.chat import ChatFold
from livechat_customer.projections.content import Content, for_agents, key_of
from livechat_customer.projections.register import Rank


def message(number: int, text: str = "", at: int | None = None) -> Message:
    second = number if at is None else at
    created_at = f"2025-01-01T12:{second // 60:02}:{second % 60:02}.000001Z"
    return Message(f"T_{number}", created_at, "ann", text=text)


def shown(content: Content) -> list[str]:
    return [entry.event.id for entry in content.items()]


def texts(content: Content) -> list[str]:
    found: list[str] = []
    for entry in content.items():
        assert isinstance(entry.event, Message)
        found.append(entry.event.text)
    return found


@given(st.permutations(range(12)), st.lists(st.booleans(), min_size=12, max_size=12))
def test_events_stand_in_their_order_however_they_come(order: list[int], looks: list[bool]) -> None:
    content = Content("T")
    for number, look in zip(order, looks, strict=True):
        content.show(message(number, at=number // 3), (-1, number), number)
        if look:
            content.items()

    assert shown(content) == [f"T_{number}" for number in range(12)]
    assert [key_of(entry) for entry in content.items()] == sorted(
        key_of(entry) for entry in content.items()
    )


def test_pages_read_from_the_newest_back_stand_right() -> None:
    content = Content("T")
    for start in (200, 100, 0):
        for number in range(start, start + 100):
            content.show(message(number), (-1, number), number)

    assert shown(content) == [f"T_{number}" for number in range(300)]


def test_a_version_handed_out_stays() -> None:
    content = Content("T")
    content.show(message(1, "old"), (-1, 1), 1)
    before = content.items()

    content.show(message(1, "new"), (5, 5), 5)
    content.show(message(2), (-1, 6), 6)

    assert [entry.event for entry in before] == [message(1, "old")]
    assert texts(content) == ["new", ""]


Step = tuple[str, int, Rank, int]


@pytest.mark.parametrize(
    ("said", "text"),
    [
        # A creation never replaces a body known otherwise.
        ((("answer", (5, 9)), ("created", (-1, 10))), "answer"),
        ((("update", (7, 7)), ("answer", (6, 9))), "update"),
        ((("update", (7, 7)), ("answer", (8, 9))), "answer"),
        ((("created", (-1, 3)), ("again", (-1, 4))), "again"),
    ],
)
def test_the_newest_whole_showing_is_the_event(
    said: tuple[tuple[str, Rank], ...], text: str
) -> None:
    for order in permutations(said):
        content = Content("T")
        for body, rank in order:
            content.show(message(1, body), rank, rank[1])

        assert texts(content) == [text]


def test_facts_about_an_unknown_event_wait() -> None:
    content = Content("T")
    overlay = content.overlay_of("T_1", 5)
    overlay.update({"ns": {"early": 1, "late": 1}}, 5)
    overlay.update({"ns": {"late": 2}}, 9)
    content.overlaid("T_1")
    assert shown(content) == []

    content.show(message(1), (7, 8), 7)

    (entry,) = content.items()
    assert entry.event.properties == {"ns": {"late": 2}}
    assert entry.shown == 7


def test_a_tombstone_wins_for_ever() -> None:
    for order in permutations(range(3)):
        content = Content("T")
        content.show(message(2), (-1, 1), 1)
        for step in order:
            if step == 0:
                content.show(message(1), (-1, 2), 2)
            elif step == 1:
                content.overlay_of("T_1", -1).deleted = True
                content.overlaid("T_1")
            else:
                content.show(message(1, "again"), (99, 99), 99)

        assert shown(content) == ["T_2"]
        assert content.deleted("T_1")


def answered(content: Content, stamp: int, *events: Event) -> None:
    for event in events:
        content.show(event, (stamp, stamp + 1), stamp)
    content.answered(stamp)


def test_one_answer_makes_a_missing_event_doubtful_two_take_it_away() -> None:
    content = Content("T")
    answered(content, 10, message(1), message(2))

    answered(content, 20, message(2))
    assert shown(content) == ["T_1", "T_2"]
    assert content.doubtful == {"T_1"}

    answered(content, 30, message(2))
    assert shown(content) == ["T_2"]
    assert not content.doubtful


def test_an_event_that_is_seen_again_comes_back() -> None:
    content = Content("T")
    answered(content, 10, message(1), message(2))
    answered(content, 20, message(2))
    answered(content, 30, message(2))

    answered(content, 40, message(1), message(2))

    assert shown(content) == ["T_1", "T_2"]
    assert not content.doubtful


def test_the_same_answer_twice_is_no_second_one() -> None:
    content = Content("T")
    answered(content, 10, message(1))
    answered(content, 20)
    answered(content, 20)

    assert shown(content) == ["T_1"]


def test_an_answer_asked_for_before_the_event_says_nothing_of_it() -> None:
    content = Content("T")
    content.show(message(1), (-1, 15), 15)

    answered(content, 10)
    answered(content, 14)

    assert shown(content) == ["T_1"]
    assert not content.doubtful


@pytest.mark.parametrize("field", ["recipients", "visibility"])
def test_no_answer_can_take_away_what_only_agents_see(field: str) -> None:
    content = Content("T")
    hidden = msgspec.structs.replace(message(1), **{field: "agents"})
    content.show(hidden, (-1, 5), 5)

    answered(content, 10)
    answered(content, 20)

    assert for_agents(hidden)
    assert shown(content) == ["T_1"]
    assert not content.doubtful


def test_answers_may_be_read_in_any_order() -> None:
    answers: list[tuple[int, list[Event]]] = [
        (10, [message(1), message(2), message(3)]),
        (20, [message(2), message(3)]),
        (30, [message(3)]),
    ]
    for order in permutations(answers):
        content = Content("T")
        for stamp, events in order:
            answered(content, stamp, *events)

        assert shown(content) == ["T_2", "T_3"]
        assert content.doubtful == {"T_2"}


def test_an_event_keeps_its_place_also_where_its_time_is_told_otherwise() -> None:
    """The place is that of the first record that showed it, in whatever order they are read."""
    showings = [
        (message(1), (-1, 1)),
        (message(2), (-1, 2)),
        (message(1, at=30), (9, 9)),
        (message(3), (-1, 10)),
        (message(1, at=40), (11, 12)),
        (message(1, at=35), (12, 11)),
    ]
    for order in permutations(showings):
        content = Content("T")
        for event, rank in order:
            content.show(event, rank, rank[1])
            content.items()

        assert shown(content) == ["T_1", "T_2", "T_3"]
        assert content.entries["T_1"].event == message(1, at=35), "what it says is the newest"


def test_the_place_is_kept_while_it_is_hidden() -> None:
    content = Content("T")
    for number in (1, 2):
        content.show(message(number), (-1, number), number)
    answered(content, 5, message(2))
    answered(content, 7, message(2))
    assert shown(content) == ["T_2"]
    content.show(message(1, at=30), (9, 9), 9)

    assert shown(content) == ["T_1", "T_2"]


def test_after_a_deletion_an_older_event_still_stands_before_the_others() -> None:
    """Also where it comes as a push, by the short way."""
    log, fold = Log(), ChatFold("C")
    ids = {"chat_id": "C", "thread_id": "T"}

    def push(action: str, **body: object) -> None:
        record = log.push((action, ids | body))
        fold.apply(record, payload(record))

    for number in (5, 6, 7):
        push("incoming_event", event=msgspec.to_builtins(message(number)) | {"type": "message"})
    push("event_deleted", event_id="T_7")
    assert shown(fold.threads["T"]) == ["T_5", "T_6"]
    push("incoming_event", event=msgspec.to_builtins(message(1)) | {"type": "message"})

    assert shown(fold.threads["T"]) == ["T_1", "T_5", "T_6"]
