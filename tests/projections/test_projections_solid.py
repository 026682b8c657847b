"""Solid ground: which threads are settled, partial, missing, and what is asked next."""

from __future__ import annotations

from itertools import permutations

import pytest
from projections_kit import Frame, Log, folded
from projections_server_kit import CHAT, Json

from livechat_customer.projections.chats import ChatState
from livechat_customer.projections.digests import StateFold
from livechat_customer.projections.solid import (
    gaps,
    lacks,
    missing,
    missing_in,
    solid,
    stale,
)
from livechat_customer.projections.values import Gap
from livechat_customer.records import Record


class Asked:
    """A chat's log: answers to `get_chat`, and what follows from them."""

    def __init__(self) -> None:
        self.log = Log()

    def answer(self, thread: Json, *, late: bool = False) -> Record:
        request = self.log.request("get_chat", chat_id=CHAT, thread_id=thread["id"])
        return self.log.answer(request, {"id": CHAT, "thread": thread}, late=late)

    def not_found(self, thread_id: str) -> Record:
        request = self.log.request("get_chat", chat_id=CHAT, thread_id=thread_id)
        error: Json = {"error": {"type": "not_found", "message": "Thread not found"}}
        return self.log.answer(request, Frame.of_answer("get_chat", error, success=False))

    @property
    def next(self) -> int:
        """Seq of the record to come: where a run begins."""
        return len(self.log.records) + 1

    @property
    def fold(self) -> StateFold:
        return folded(self.log.records)

    @property
    def state(self) -> ChatState:
        return self.fold.root.chats[CHAT]

    def is_solid(self, number: int) -> bool:
        state = self.state
        return solid(state, state.facts.threads[f"T{number}"])

    def is_partial(self, number: int) -> bool:
        fold = self.fold
        state = fold.root.chats[CHAT]
        thread = state.facts.threads[f"T{number}"]
        return lacks(state, thread, fold.chats[CHAT].threads[thread.id])


def at(number: int, second: int = 0) -> str:
    return f"2025-01-{number:02}T12:00:{second:02}.000001Z"


def event(number: int, ordinal: int) -> Json:
    body = {"id": f"T{number}_{ordinal}", "type": "message", "author_id": "a"}
    return body | {"created_at": at(number, ordinal)}


def thread(
    number: int, *, active: bool = False, previous: str = "", after: str = "", events: int = 1
) -> Json:
    found: Json = {"id": f"T{number}", "created_at": at(number), "active": active}
    found["events"] = [event(number, ordinal) for ordinal in range(1, events + 1)]
    if previous:
        found["previous_thread_id"] = previous
    if after:
        found["next_thread_id"] = after
    return found


def incoming(number: int, ordinal: int) -> tuple[str, Json]:
    ids = {"chat_id": CHAT, "thread_id": f"T{number}"}
    return ("incoming_event", ids | {"event": event(number, ordinal)})


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (thread(1, active=True), False),
        (thread(1), False),
        (thread(1, after="T2"), True),
        (thread(1, active=True, after="T2"), False),
    ],
)
def test_ground_is_closed_and_followed_by_another_thread(shown: Json, expected: bool) -> None:
    asked = Asked()
    asked.answer(shown)

    assert asked.is_solid(1) is expected


def test_ground_is_what_was_closed_when_asked_after_a_newer_thread_was_known() -> None:
    asked = Asked()
    asked.answer(thread(1))
    asked.log.push(("incoming_chat", {"chat": {"id": CHAT, "thread": thread(2, active=True)}}))
    assert not asked.is_solid(1), "it may have grown before the newer one began"

    asked.answer(thread(1))
    assert asked.is_solid(1)


def test_a_late_answer_and_a_push_make_no_ground() -> None:
    asked = Asked()
    asked.answer(thread(1, after="T2"), late=True)
    asked.log.push(("incoming_chat", {"chat": {"id": CHAT, "thread": thread(1, after="T2")}}))

    assert not asked.is_solid(1)


def test_ground_is_the_same_in_whatever_order_the_records_are_read() -> None:
    asked = Asked()
    asked.answer(thread(2, active=True))
    asked.answer(thread(1))
    asked.not_found("T2")
    asked.answer(thread(2, active=True))

    found = set[bool]()
    for order in permutations(record for record in asked.log.records if record.kind == "response"):
        state = folded(order).root.chats[CHAT]
        found.add(solid(state, state.facts.threads["T1"]))
    assert found == {True}


def test_an_event_that_an_answer_lacks_makes_the_thread_partial_until_a_second_one_agrees() -> None:
    asked = Asked()
    for ordinal in (1, 2):
        asked.log.push(incoming(1, ordinal))
    assert not asked.is_partial(1)
    asked.answer(thread(1))
    assert asked.is_partial(1)
    asked.answer(thread(1))
    assert not asked.is_partial(1)
    assert len(asked.fold.chats[CHAT].threads["T1"].items()) == 1
    asked.answer(thread(1, events=2))
    assert len(asked.fold.chats[CHAT].threads["T1"].items()) == 2, "it was seen again"


def test_an_event_with_a_tombstone_may_be_lacking() -> None:
    asked = Asked()
    for ordinal in (1, 2):
        asked.log.push(incoming(1, ordinal))
    gone = {"chat_id": CHAT, "thread_id": "T1", "event_id": "T1_2"}
    asked.log.push(("event_deleted", gone))
    asked.answer(thread(1))

    assert not asked.is_partial(1)


def summary(number: int, *ordinals: int) -> Json:
    kinds = dict(zip(("message", "file"), ordinals, strict=False))
    last = {
        kind: {
            "thread_id": f"T{number}",
            "thread_created_at": at(number),
            "event": event(number, ordinal) | {"type": kind},
        }
        for kind, ordinal in kinds.items()
    }
    return {"chats_summary": [{"id": CHAT, "last_event_per_type": last}]}


def test_an_event_that_only_a_summary_named_makes_the_thread_partial() -> None:
    asked = Asked()
    asked.log.ask("list_chats", summary(1, 3, 2))
    asked.answer(thread(1))
    assert asked.is_partial(1)
    state = asked.state
    assert lacks(state, state.facts.threads["T1"]), "without the content too"

    # A newer message hides the older one from the root; its content still tells.
    newer = incoming(1, 9)
    newer[1]["event"] |= {"type": "file"}
    asked.log.push(newer)
    asked.log.push(incoming(1, 8))
    assert asked.is_partial(1)
    state = asked.state
    assert not lacks(state, state.facts.threads["T1"])
    whole = thread(1, events=3)
    whole["events"] += [newer[1]["event"], event(1, 8)]
    asked.answer(whole)
    asked.answer(whole)
    assert not asked.is_partial(1)


def chain(*numbers: int, newest: int) -> Asked:
    """These threads, each asked for; the one before and after each is named."""
    asked = Asked()
    for number in numbers:
        last = number == newest
        after = "" if last else f"T{number + 1}"
        before = f"T{number - 1}" if number > 1 else ""
        asked.answer(thread(number, active=last, previous=before, after=after))
    return asked


def test_gaps_stand_where_nothing_links_neighbours() -> None:
    asked = chain(1, 2, 5, 6, 9, newest=9)

    assert gaps(asked.state) == [Gap("T6", "T9"), Gap("T2", "T5")]


def test_what_is_missing_is_asked_for_from_the_newest_back() -> None:
    asked = chain(1, 2, 5, newest=5)
    since = asked.next - 2

    assert list(missing(asked.state, since)) == ["T4"]
    asked.answer(thread(4, previous="T3", after="T5"))
    assert list(missing(asked.state, since)) == ["T3"]
    asked.answer(thread(3, previous="T2", after="T4"))
    assert list(missing(asked.state, since)) == []


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, ["T8", "T4"]),
        ({"left": ["T5"]}, ["T8"]),
        ({"left": ["T9"]}, []),
        ({"skip": ["T8"]}, ["T4"]),
        ({"doubtful": ["T2"]}, ["T8", "T4", "T2"]),
        ({"doubtful": ["T9"]}, ["T9", "T8", "T4"]),
    ],
)
def test_what_is_left_out_and_what_is_asked_once_more(
    options: dict[str, list[str]], expected: list[str]
) -> None:
    asked = chain(1, 2, 5, 9, newest=9)

    assert list(missing(asked.state, asked.next - 2, **options)) == expected


def test_a_doubtful_thread_is_asked_for_a_second_time_and_no_third_time() -> None:
    asked = chain(1, newest=1)
    since = asked.next - 2
    assert list(missing(asked.state, since, doubtful=["T1"])) == ["T1"]
    asked.answer(thread(1, active=True))
    assert list(missing(asked.state, since, doubtful=["T1"])) == []


def test_a_thread_that_began_meanwhile_is_known_whole() -> None:
    asked = chain(1, newest=1)
    since = asked.next - 2
    begun = thread(2, active=True, previous="T1")
    asked.log.push(("incoming_chat", {"chat": {"id": CHAT, "thread": begun}}))

    assert list(missing(asked.state, since)) == []
    assert list(missing(asked.state, asked.next)) == ["T2", "T1"], "a later run asks"


def test_a_thread_that_was_not_found_is_asked_for_again_once_it_is_named_since() -> None:
    asked = Asked()
    asked.answer(thread(1, after="T2"))
    asked.not_found("T1")
    since = asked.next
    asked.answer(thread(2, active=True, previous="T1"))

    for found in (missing(asked.state, since), stale(asked.state, since)):
        assert list(found) == ["T1"]
    assert list(missing(asked.state, since, skip=["T1"])) == []
    asked.not_found("T1")
    for found in (missing(asked.state, since), stale(asked.state, since)):
        assert list(found) == []
    assert list(missing(asked.state, asked.next)) == ["T2"], "it was named before it was removed"
    asked.answer(thread(1, after="T2"))
    assert gaps(asked.state) == []


def test_what_only_a_summary_named_is_not_walked_to() -> None:
    asked = Asked()
    asked.log.ask("list_chats", summary(1, 1))
    asked.answer(thread(9, active=True, previous="T8"))

    assert list(missing(asked.state, 1)) == []
    assert gaps(asked.state) == [Gap("T1", "T9")]


def test_a_thread_of_unknown_place_is_asked_for() -> None:
    asked = chain(9, newest=9)
    asked.log.push(("chat_deactivated", {"chat_id": CHAT, "thread_id": "T7"}))

    found = list(missing(asked.state, 1))
    assert found[0] == "T7"
    asked.not_found("T7")
    assert list(missing(asked.state, 1)) == []


def test_a_thread_that_the_chain_leaves_out_is_asked_for() -> None:
    asked = chain(1, 2, newest=9)
    since = asked.next
    asked.answer(thread(3, active=True, previous="T1"))

    assert list(missing(asked.state, since)) == ["T2"]
    asked.not_found("T2")
    assert list(missing(asked.state, since)) == []
    assert gaps(asked.state) == []


def test_a_gap_is_filled_from_its_newer_side() -> None:
    asked = chain(1, 2, 5, newest=5)
    gap = Gap("T2", "T5")
    since = asked.next

    assert list(missing_in(asked.state, gap, since)) == ["T4"]
    assert list(missing_in(asked.state, gap, since, skip=["T4"])) == []
    asked.answer(thread(4, previous="T3", after="T5"))
    asked.answer(thread(3, previous="T2", after="T4"))
    assert list(missing_in(asked.state, gap, since)) == []
    assert gaps(asked.state) == []


def test_a_gap_holds_threads_that_are_only_named() -> None:
    asked = Asked()
    asked.log.ask("list_chats", summary(3, 1))
    asked.answer(thread(1, after="T2"))
    asked.answer(thread(5, active=True, previous="T4"))

    found = list(missing_in(asked.state, Gap("T1", "T5"), asked.next))
    assert found == ["T4", "T3"]


def test_a_gap_whose_sides_are_gone_needs_no_filling() -> None:
    asked = chain(1, 9, newest=9)
    asked.not_found("T1")

    assert list(missing_in(asked.state, Gap("T1", "T9"), asked.next)) == []


def test_everything_is_asked_for_where_nothing_is_fresh() -> None:
    asked = chain(1, 2, 9, newest=9)

    assert list(stale(asked.state, 1)) == []
    assert list(stale(asked.state, asked.next)) == ["T9", "T2", "T1"]
