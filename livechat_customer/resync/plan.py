"""Which chats a resync asks for, and how far back: pure functions of what the root fold knows.

Which thread of a chat comes next, `projections.solid` says. It goes over a hole only above the
thread that was the newest when a resync came to its end last: what was missing before is no part
of this absence.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final

from livechat_customer.models.wire.responses import LoginChat
from livechat_customer.projections.chats import ChatState
from livechat_customer.projections.threads import ThreadFacts

MOST_NAMED: Final = 5
"""Chats that a login may name without their being listed first."""
MOST_THREADS: Final = 100
"""Threads of one chat that a walk asks for; what is missing beyond them stays a `Gap`."""
MOST_OF_A_RUN: Final = 500
"""Threads of all chats together."""
PAGE: Final = 25
"""Threads of a page of `list_threads`."""

GAP: Final = "gap"
PARTIAL: Final = "partial"
TOO_LARGE: Final = "too_large"
REFUSED: Final = "refused"


def must_list(named: Sequence[LoginChat]) -> bool:
    """Whether the chats are listed first: the login names none, or many."""
    return not named or len(named) > MOST_NAMED


def chats_in_order(named: Sequence[LoginChat], known: Mapping[str, ChatState]) -> list[str]:
    """The chats to ask for: all that the login names and all that exist as far as known; active
    ones first, then by their newest threads."""
    active = {chat.chat_id for chat in named if chat.has_active_thread}
    active |= {chat_id for chat_id, state in known.items() if state.facts.active.value}
    ids = dict.fromkeys(chat.chat_id for chat in named)
    ids |= dict.fromkeys(chat_id for chat_id, state in known.items() if state.exists)

    def newest(chat_id: str) -> tuple[str, str]:
        state = known.get(chat_id)
        return state.order[-1] if state is not None and state.order else ("", "")

    ordered = sorted(ids, key=newest, reverse=True)
    return sorted(ordered, key=lambda chat_id: chat_id not in active)


def began_here(state: ChatState, begun: int, connection: int) -> bool:
    """Whether all there is of the chat came with this connection, its newest thread whole: there
    is nothing that could have been missed."""
    newest = state.newest
    return (
        newest is not None
        and newest.whole is not None
        and newest.whole.connection == connection
        and all(thread.first_seq > begun for thread in state.facts.threads.values())
    )


def newest_before(state: ChatState, seq: int) -> ThreadFacts | None:
    """The newest thread that was known before the record `seq`."""
    threads = (state.facts.threads[thread_id] for _, thread_id in reversed(state.order))
    return next((thread for thread in threads if thread.first_seq < seq), None)


def floor_of(state: ChatState, begun: int, finished: int) -> int:
    """The place in `state.order` of the thread down to which a walk goes over holes.

    `finished`: seq of the end of the last resync that settled the chat; 0: none ever did. What
    was not known then but before the record `begun` counts as a whole. With nothing known, it is
    the newest thread: there is nothing to link to.
    """
    newest = newest_before(state, finished)
    if newest is not None:
        return state.place(newest)
    for place, (_, thread_id) in enumerate(state.order):
        if state.facts.threads[thread_id].first_seq < begun:
            return place
    return len(state.order) - 1


def witnessed(state: ChatState) -> set[str]:
    """Threads whose end was seen as it happened: an answer showed them closed, and the same
    connection still stood when the next one began. Ask before anything else is asked."""
    threads = [state.facts.threads[thread_id] for _, thread_id in state.order]
    return {
        thread.id
        for thread, after in pairwise(threads)
        if thread.ended
        and thread.whole is not None
        and after.whole is not None
        and thread.whole.connection == after.whole.connection
    }


def holes(state: ChatState, start: int, stop: int) -> Iterator[str]:
    """The threads among these places before which something is missing."""
    for place in range(max(1, start), stop):
        if not state.linked(place - 1):
            yield state.order[place][1]


def left_of(state: ChatState, floor: int) -> set[str]:
    """The threads at and below the floor before which something is missing."""
    return set(holes(state, 0, floor + 1))


def missing_above(state: ChatState, floor: int) -> list[str]:
    """The threads above the floor before which something is still missing, oldest first."""
    return list(holes(state, floor + 1, len(state.order)))


def standing(state: ChatState, left: Collection[str]) -> list[str]:
    """The holes that an earlier resync left, before these threads, and that are still there."""
    return [name for name in holes(state, 0, len(state.order)) if name in left]


def search(state: ChatState, since: int, back_to: str | None) -> tuple[bool, str | None]:
    """How far a search has come that must see each thread from the newest back to `back_to` (None:
    back to the first) in answers to its own requests, which begin with the record `since`.

    Whether it is over, and if not, which thread to ask for next; `(False, None)`: it can't go on.
    """
    threads, order = state.facts.threads, state.order
    for place in range(len(order) - 1, -1, -1):
        thread = threads[order[place][1]]
        if thread.answers[0] < since:
            return False, thread.id
        if thread.id == back_to:
            return True, None
        previous = thread.previous.value
        if previous is None:
            return place == 0, None
        if place == 0 or not state.linked(place - 1):
            return False, previous if previous not in threads else None
    return True, None
