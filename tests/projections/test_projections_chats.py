"""What a chat's facts mean together: which thread is open, what is unread, where the start is."""

from __future__ import annotations

from itertools import permutations

import pytest

from livechat_customer.models.wire.events import Event, Message
from livechat_customer.projections.chats import ChatFacts, ChatState, Seen
from livechat_customer.projections.threads import ThreadFacts, Whole

OWN, AGENT = "own", "agent"


def at(second: int) -> str:
    return f"2025-01-01T12:00:{second:02}.000001Z"


def message(number: int, author: str = AGENT) -> Event:
    return Message(f"E_{number}", at(number), author)


def with_threads(count: int, own: str | None = OWN) -> ChatState:
    state = ChatState(ChatFacts("C"), own)
    for number in range(count):
        state.thread(f"T{number}", number + 1).began(at(number))
    state.reorder()
    return state


def opened(state: ChatState) -> list[str]:
    return [thread.id for thread in state.facts.threads.values() if state.open_now(thread)]


def test_only_the_newest_thread_can_be_open() -> None:
    state = with_threads(2)
    for thread in state.facts.threads.values():
        thread.opened = True

    assert opened(state) == ["T1"]


def test_a_closed_thread_stays_closed() -> None:
    state = with_threads(1)
    thread = state.facts.threads["T0"]
    thread.opened = True
    assert opened(state) == ["T0"]

    thread.closed(9)

    assert opened(state) == []
    thread.closed(5)
    assert thread.closed_seq == 5


@pytest.mark.parametrize(("asked", "open_threads"), [(0, ["T0"]), (1, ["T0"]), (2, [])])
def test_no_active_thread_means_those_known_before_the_question(
    asked: int, open_threads: list[str]
) -> None:
    """A thread named by record 1 was there when the server read a question asked as record 2."""
    state = with_threads(1)
    state.facts.threads["T0"].opened = True

    state.facts.inactive = asked

    assert opened(state) == open_threads


def test_neighbours_are_those_that_name_each_other() -> None:
    state = with_threads(4)
    threads = state.facts.threads
    threads["T1"].previous.set("T0", (1, 1))
    threads["T1"].next.set("T2", (1, 1))

    assert [state.linked(place) for place in range(3)] == [True, True, False]


def test_the_start_is_reached_only_where_an_answer_proved_it() -> None:
    state = ChatState(ChatFacts("C"), OWN)
    assert not state.start_reached
    state.facts.firsts[""] = 1
    assert state.start_reached

    state = with_threads(2)
    state.facts.firsts["T1"] = 1
    assert not state.start_reached
    state.facts.firsts["T0"] = 2
    assert not state.start_reached, "its beginning may be missing"
    state.facts.threads["T0"].whole = Whole(2, 3, 1, 0)
    assert state.start_reached

    state.facts.threads["T0"].previous.set("older", (9, 9))
    assert not state.start_reached


def unread_of(state: ChatState) -> list[str]:
    return sorted(state.facts.unread)


def test_events_of_others_are_unread_until_seen() -> None:
    for order in permutations(range(3)):
        state = with_threads(1)
        for step in order:
            if step == 0:
                state.show_event(message(1), "T0", (-1, 5), 5, OWN)
                state.show_event(message(2, OWN), "T0", (-1, 6), 6, OWN)
            elif step == 1:
                state.show_event(message(3), "T0", (-1, 7), 7, OWN)
            else:
                state.saw(OWN, at(2))
                state.own_saw(at(2))

        assert unread_of(state) == ["E_3"]


def test_marks_only_grow() -> None:
    state = with_threads(1)
    for until in (at(5), at(3)):
        state.saw(AGENT, until, 4)

    assert state.facts.seen == {AGENT: Seen(at(5), 4)}


def test_until_the_own_id_is_known_everybody_may_be_the_customer() -> None:
    known = with_threads(1)
    unknown = with_threads(1, own=None)
    for state, own in ((known, OWN), (unknown, None)):
        state.show_event(message(1), "T0", (-1, 5), 5, own)
        state.show_event(message(2, OWN), "T0", (-1, 6), 6, own)
        state.show_event(message(3), "T0", (-1, 7), 7, own)
    known.saw(OWN, at(2), 6)
    known.own_saw(at(2))
    unknown.wrote(AGENT, at(3), 7)
    unknown.wrote(OWN, at(2), 6)
    assert unread_of(unknown) == ["E_1", "E_2", "E_3"]

    unknown.learn(OWN)

    assert unknown.facts == known.facts
    assert unread_of(unknown) == ["E_3"]


def test_a_deleted_event_is_not_unread() -> None:
    for first in (True, False):
        state = with_threads(1)
        if first:
            state.delete("E_1", 9)
        state.show_event(message(1), "T0", (-1, 5), 5, OWN)
        state.delete("E_1", 8 if first else 9)

        assert unread_of(state) == []
        assert state.facts.deleted == {"E_1": 8 if first else 9}


def test_what_two_answers_lack_is_not_unread() -> None:
    for order in permutations(range(2)):
        state = with_threads(1)
        thread = state.facts.threads["T0"]
        for step in order:
            if step == 0:
                state.show_event(message(1), "T0", (-1, 5), 5, OWN)
                state.show_event(message(2), "T0", (-1, 9), 9, OWN)
            else:
                thread.answers = (8, 7)
                state.answered(thread)

        assert unread_of(state) == ["E_2"]


def test_the_last_event_of_each_type_is_the_newest_in_any_order() -> None:
    shows = [(message(1), 5), (message(3), 7), (message(2), 6), (message(3), 8)]
    for order in permutations(shows):
        state = with_threads(1)
        for event, seq in order:
            state.show_event(event, "T0", (-1, seq), seq, OWN)

        last = state.facts.last["message"]
        assert (last.event.id, last.shown, last.seq) == ("E_3", 8, 8)


def test_what_is_kept_beside_the_facts_follows_from_them() -> None:
    state = with_threads(3)
    state.show_event(message(9), "T0", (-1, 5), 5, OWN)
    state.saw(OWN, at(4))
    state.own_saw(at(4))

    again = ChatState(state.facts, OWN)

    assert (again.order, again.own_mark, again.unread_until) == (
        state.order,
        state.own_mark,
        state.unread_until,
    )


def test_a_chat_is_gone_until_it_is_shown_again() -> None:
    state = with_threads(1)
    assert state.exists

    state.facts.gone = 5
    assert not state.exists

    state.facts.shown = 5
    assert state.exists


def test_threads_are_known_once_named() -> None:
    state = with_threads(0)
    thread = state.thread("T", 9)
    assert isinstance(thread, ThreadFacts)
    assert state.thread("T", 4) is thread
    assert state.thread("T", 7).first_seq == 4
    assert state.newest is thread
    assert state.place(thread) == 0
