"""Slots and waits of the requests in flight."""

from __future__ import annotations

from livechat_customer.transport.inflight import Entry, InFlight


def filled(requests: int, pings: int = 0, limit: int = 10) -> InFlight:
    table = InFlight(limit)
    for number in range(requests):
        entry = Entry(str(number), 0.0, 60.0, timeout=20.0)
        entry.written = True
        entry.start(0.0, 20.0 + number)
        table.add(entry)
    for number in range(pings):
        table.add(Entry(f"~{number}", 0.0, 15.0, ping=True))
    return table


def test_a_slot_is_kept_for_the_ping() -> None:
    assert filled(8).has_room
    assert not filled(9).has_room
    assert filled(9).has_room_for_ping
    assert not filled(9, 1).has_room_for_ping
    assert filled(8, 1).has_room
    assert not filled(8, 2).has_room, "a second ping takes a request's slot"


def test_releasing_frees_the_slot_once() -> None:
    table = filled(9)
    entry = table.get("0")
    assert entry is not None

    table.release(entry)
    table.release(entry)

    assert table.unanswered == 8
    assert "0" in table
    table.remove(entry)
    assert table.unanswered == 8
    assert "0" not in table


def test_waits() -> None:
    table = filled(3, 1)

    assert table.next_deadline(0.0) == 15
    assert table.next_deadline(15.0) == 20
    assert table.next_deadline(22.0) is None
    assert [entry.request_id for entry in table.overdue(21.0)] == ["0", "1"]


def test_a_zombie_has_no_room_and_nothing_that_may_still_be_answered() -> None:
    assert filled(9).is_zombie(28.0)
    assert not filled(9).is_zombie(27.9)
    assert not filled(8).is_zombie(100.0)


def test_postponed_waits_never_grow_beyond_what_was_left() -> None:
    table = filled(2)
    before, during = table
    during.start(10.0, 20.0)

    table.postpone(5.0, 30.0)

    assert before.deadline == 20 + 25
    assert during.deadline == 30 + 20
    before.settled = True
    table.postpone(50.0, 60.0)
    assert before.deadline == 45, "this wait was over before"


def test_clear_and_forget_pings() -> None:
    table = filled(2, 2)
    table.forget_pings()
    assert table.unanswered == 2

    assert [entry.request_id for entry in table.clear()] == ["0", "1"]
    assert (len(table), table.unanswered) == (0, 0)
