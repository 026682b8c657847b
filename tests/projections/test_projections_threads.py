"""What is known of a thread besides its events."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from projections_kit import Log
from projections_server_kit import CHAT

from livechat_customer.models.wire.chats import Access, Queue, Thread
from livechat_customer.models.wire.events import Message
from livechat_customer.projections.register import rank_of
from livechat_customer.projections.threads import ThreadFacts
from livechat_customer.records import Record

WAITING = Queue(3, 180, "2025-01-01T12:00:00.000001Z")


def answers(count: int) -> list[Record]:
    """Records of answers, one after the other; their stamps are 1, 3, 5 …"""
    log = Log()
    return [log.ask("get_chat", {"id": CHAT}, chat_id=CHAT) for _ in range(count)]


def after(*shown: tuple[Thread, Record]) -> ThreadFacts:
    facts = ThreadFacts("T", 1)
    for thread, record in shown:
        facts.show(thread, record, rank_of(record))
    return facts


def test_the_newest_showing_counts_in_any_order() -> None:
    one, two, three = answers(3)
    shown = [
        (Thread("T", True, access=Access((1,)), previous_thread_id=None, queue=WAITING), one),
        (Thread("T", True, access=Access((2,)), previous_thread_id="S"), two),
        (
            Thread("T", False, access=Access((3,)), previous_thread_id="S", next_thread_id="U"),
            three,
        ),
    ]
    found = [after(*order) for order in permutations(shown)]

    assert all(facts == found[0] for facts in found)
    facts = found[0]
    assert facts.access.value == Access((3,))
    assert (facts.previous.value, facts.next.value) == ("S", "U")
    assert facts.queue_now() is None
    assert facts.opened
    assert facts.closed_seq == three.seq
    assert facts.answers == (5, 3)
    assert facts.whole is not None
    assert facts.whole.stamp == 5


def test_it_is_final_once_an_answer_showed_it_closed_and_followed_by_another() -> None:
    (answer,) = answers(1)
    assert not after((Thread("T", True), answer)).final
    assert not after((Thread("T", False), answer)).final, "the newest one can still grow"
    assert after((Thread("T", False, next_thread_id="U"), answer)).final

    log = Log()
    push = log.push(("incoming_chat", {"chat": {"id": CHAT}}))
    assert not after((Thread("T", False, next_thread_id="U"), push)).final


def test_late_showings_count_for_what_cannot_be_taken_back() -> None:
    (answer,) = answers(1)
    facts = ThreadFacts("T", 9)

    facts.show(Thread("T", False, "2025-01-01T12:00:00Z", queue=WAITING), answer, None)

    assert facts.created_at == "2025-01-01T12:00:00Z"
    assert facts.closed_seq == answer.seq
    assert facts.queue_now() is None
    assert facts.whole is None
    assert not facts.final


QUEUES: list[tuple[list[tuple[str, int, Any]], Queue | None]] = [
    ([("queue", 1, WAITING), ("place", 2, Queue(2, 120))], Queue(2, 120, WAITING.queued_at)),
    ([("queue", 3, WAITING), ("place", 2, Queue(2, 120))], WAITING),
    ([("queue", 1, WAITING), ("place", 2, Queue(2, 120)), ("queue", 4, None)], None),
    ([("place", 2, Queue(2, 120))], Queue(2, 120)),
]


@pytest.mark.parametrize(("said", "expected"), QUEUES)
def test_places_pushed_lie_over_the_queue(
    said: list[tuple[str, int, Any]], expected: Queue | None
) -> None:
    for order in permutations(said):
        facts = ThreadFacts("T", 1)
        for what, stamp, value in order:
            (facts.queue if what == "queue" else facts.place).set(value, (stamp, stamp))

        assert facts.queue_now() == expected


def test_while_its_own_beginning_is_unknown_its_earliest_event_places_it() -> None:
    facts = ThreadFacts("T", 1)

    assert facts.holds(Message("T_2", "2025-01-01T12:00:02Z"))
    assert facts.holds(Message("T_1", "2025-01-01T12:00:01Z"))
    assert not facts.holds(Message("T_3", "2025-01-01T12:00:03Z"))
    assert facts.key == ("2025-01-01T12:00:01.000000Z", "T")

    assert facts.began("2025-01-01T12:00:00.000000Z")
    assert facts.earliest == ""
    assert not facts.holds(Message("T_0", "2025-01-01T11:00:00Z"))
    assert facts.key == ("2025-01-01T12:00:00.000000Z", "T")
