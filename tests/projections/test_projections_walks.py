"""What was missed is found again: walks back to solid ground, whatever happened meanwhile."""

from __future__ import annotations

import pytest
from hypothesis import given
from projections_kit import Step, canonical, picture
from projections_server_kit import CHAT
from projections_walk_kit import Walker, absences, deeply, everything, walked

from livechat_customer.projections.solid import gaps, solid
from livechat_customer.projections.values import Gap


def known(wire: Walker) -> dict[str, list[str]]:
    """The threads in their order, each with its events."""
    chat = picture(wire.fold())["chat"]
    return {thread["id"]: [event["id"] for event in thread["events"]] for thread in chat["threads"]}


def true(wire: Walker) -> dict[str, list[str]]:
    return {
        thread["id"]: [event["id"] for event in wire.server.thread(thread)["events"]]
        for thread in wire.server.threads
    }


@given(absences())
def test_every_thread_is_found_with_all_its_events(steps: list[Step]) -> None:
    """Threads opened, filled, attached to and closed while away, runs that were interrupted."""
    wire = walked(steps)

    assert known(wire) == true(wire)
    state = wire.fold().root.chats[CHAT]
    assert gaps(state) == []
    assert all(solid(state, state.facts.threads[name]) for _, name in state.order[:-1])


@given(absences())
def test_where_nothing_changed_one_question_is_enough(steps: list[Step]) -> None:
    wire = walked(steps)
    wire.asked.clear()

    wire.drop(0)
    wire.connect()
    wire.walk()

    assert wire.asked == [None]


@given(everything())
def test_a_deep_run_ends_in_the_servers_state(steps: list[Step]) -> None:
    """Edits, deletions and removed threads included, which no push told of."""
    wire = walked(steps, deeply)

    assert canonical(picture(wire.fold()))["chat"] == canonical(wire.server.picture())["chat"]
    assert wire.fold().root.chats[CHAT].facts.removed.keys().isdisjoint(true(wire))


@given(everything())
def test_no_thread_is_asked_for_more_than_three_times(steps: list[Step]) -> None:
    """Once; again where something is in doubt; and where what stood before it was removed."""
    wire = walked(steps)
    wire.asked.clear()
    wire.drop(0)
    wire.connect()
    wire.walk(choose=deeply)

    counts = [wire.asked.count(thread_id) for thread_id in set(wire.asked)]
    assert max(counts) <= 3


def absent() -> Walker:
    """A thread was seen whole and open; then the client is away."""
    wire = Walker()
    wire.do(("resume", 0, 0))
    wire.deliver(1)
    wire.walk()
    wire.asked.clear()
    wire.drop(0)
    return wire


def test_the_walk_goes_back_to_what_was_the_newest() -> None:
    wire = absent()
    for _ in range(3):
        for name in ("agent_event", "deactivate", "resume", "customer_event"):
            wire.do((name, 0, 0))
    wire.flying.clear()
    wire.connect()
    wire.walk()

    assert wire.asked == [None, "STHREAD002", "STHREAD001", "STHREAD000"]
    assert known(wire) == true(wire)


def test_who_knew_nothing_before_walks_nowhere() -> None:
    wire = Walker()
    for _ in range(3):
        for name in ("resume", "deactivate"):
            wire.do((name, 0, 0))
    wire.flying.clear()
    wire.walk()

    assert wire.asked == [None]
    state = wire.fold().root.chats[CHAT]
    assert not state.start_reached
    assert state.order[0][1] == wire.server.newest["id"]


def test_an_event_attached_to_the_newest_thread_after_its_end_is_found() -> None:
    wire = absent()
    wire.do(("deactivate", 0, 0))
    wire.flying.clear()
    wire.connect()
    wire.walk()
    wire.drop(0)
    wire.do(("attach", 0, 0))
    wire.do(("resume", 0, 0))
    wire.flying.clear()
    wire.connect()
    wire.walk()

    assert known(wire) == true(wire)


@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_thread_that_was_removed_leaves_the_history(which: int) -> None:
    wire = absent()
    for name in ("deactivate", "resume", "deactivate", "resume"):
        wire.do((name, 0, 0))
    wire.flying.clear()
    wire.connect()
    wire.walk()
    wire.drop(0)
    wire.server.remove_thread(which)
    wire.connect()
    wire.walk(choose=deeply)

    assert known(wire) == true(wire)
    assert len(true(wire)) == 2
    assert gaps(wire.fold().root.chats[CHAT]) == []


def test_a_walk_ends_though_the_server_keeps_naming_what_it_does_not_have() -> None:
    wire = absent()
    for name in ("deactivate", "resume", "deactivate", "resume"):
        wire.do((name, 0, 0))
    wire.flying.clear()
    wire.server.hide_thread(1)
    wire.connect()
    wire.walk()

    state = wire.fold().root.chats[CHAT]
    assert gaps(state) == [Gap("STHREAD000", "STHREAD002")]
    assert wire.asked == [None, "STHREAD001", "STHREAD002", "STHREAD000"]
