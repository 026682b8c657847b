"""What of a chat's history is settled, what is missing, and which question comes next.

Pure functions on a `ChatState`, for whoever asks the server. Solid ground is a thread that an
answer showed whole and closed while another one followed it: it held all it will ever hold. (A
closed thread that is the newest can still grow: Customer Chat API 3.5, send_event with
`attach_to_last_thread`.) All else is asked for, from the newest thread back to the oldest that was
known before, by `get_chat` with the thread's id; what `previous_thread_id` names and nothing showed
is asked for too. `since` is where a run begins, the seq of its first request: an answer of that
stamp or a later one is fresh.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from livechat_customer.projections.chats import ChatState
from livechat_customer.projections.content import Content, for_agents
from livechat_customer.projections.threads import ThreadFacts
from livechat_customer.projections.values import Gap

MOST_WALKED: Final = 3
"""Threads asked for one by one; for more, pages of `list_threads` cost less."""


def solid(state: ChatState, thread: ThreadFacts) -> bool:
    """Whether the thread held all it will ever hold when an answer showed it last."""
    if thread.final:
        return True
    if not thread.ended or thread.id not in state.facts.threads:
        return False
    threads = state.facts.threads
    newer = state.order[state.place(thread) + 1 :]
    return any(threads[name].first_seq <= thread.ended for _, name in newer)


def is_fresh(thread: ThreadFacts, since: int) -> bool:
    """Whether something of this run showed the thread whole: an answer, or its own beginning."""
    whole = thread.whole
    return thread.answers[0] >= since or (whole is not None and whole.stamp >= since)


def lacks(state: ChatState, thread: ThreadFacts, content: Content | None = None) -> bool:
    """Whether the thread is partial: the newest answer that showed it whole lacks an event that
    was known, or named by `last_event_per_type`, before it. A second such answer settles that the
    event is gone. `content`, if read, knows of all its events."""
    if content is not None and content.doubtful:
        return True
    facts = state.facts
    first, second = thread.answers
    named = [(last.event, last.thread_id, last.shown) for last in facts.last.values()]
    if content is not None:
        asked = facts.summary.rank[0]
        for last in facts.summary.value.values():
            if last.event is not None:
                entry = content.entries.get(last.event.id)
                shown = max(asked, entry.shown) if entry is not None else asked
                named.append((last.event, last.thread_id, shown))
    return any(
        thread_id == thread.id
        and second <= shown < first
        and event.id not in facts.deleted
        and not for_agents(event)
        for event, thread_id, shown in named
    )


def gaps(state: ChatState) -> list[Gap]:
    """Where neighbours are not known to be adjacent, newest first."""
    order = state.order
    return [
        Gap(order[place][1], order[place + 1][1])
        for place in range(len(order) - 2, -1, -1)
        if not state.linked(place)
    ]


def missing(
    state: ChatState,
    since: int,
    *,
    doubtful: Collection[str] = (),
    skip: Collection[str] = (),
    left: Collection[str] = (),
) -> Iterator[str]:
    """Ids of the threads to ask for, newest first; an answer may change what follows.

    `doubtful` are threads with events that an answer lacks, besides those the root knows of: they
    are asked once more. `skip` are threads that can't be asked for (too large, refused). `left`
    are threads before which an earlier run left a gap: what is older is not looked at.
    """
    yield from _unplaced(state, since, skip)
    order = state.order
    threads = state.facts.threads
    ground = next((place for place, name in enumerate(order) if _held(threads[name[1]])), None)
    if ground is None:
        ground = len(order) - 1
    for place in range(len(order) - 1, ground - 1, -1):
        thread = threads[order[place][1]]
        if thread.id not in skip and (
            not (is_fresh(thread, since) or solid(state, thread))
            or (thread.answers[1] < since and _doubted(state, thread, doubtful))
        ):
            yield thread.id
        yield from _named_again(state, thread, since, skip)
        if place == ground:
            return
        if not state.linked(place - 1) and thread.id in left:
            return
        yield from _between(state, place, skip)


def missing_in(
    state: ChatState, gap: Gap, since: int, *, skip: Collection[str] = ()
) -> Iterator[str]:
    """Ids of the threads to ask for to fill this gap, as `missing`; none if it is filled, or
    nothing more can be asked."""
    threads = state.facts.threads
    before, after = threads.get(gap.before), threads.get(gap.after)
    if before is None or after is None:
        return
    for place in range(state.place(before), state.place(after), -1):
        thread = threads[state.order[place][1]]
        if thread.whole is None and not is_fresh(thread, since) and thread.id not in skip:
            yield thread.id
        yield from _between(state, place, skip)


def stale(state: ChatState, since: int) -> Iterator[str]:
    """Ids of all known threads that no answer of this run showed, newest first."""
    for _, name in reversed(state.order):
        thread = state.facts.threads[name]
        if not is_fresh(thread, since):
            yield name
        yield from _named_again(state, thread, since, ())


def _between(state: ChatState, place: int, skip: Collection[str]) -> Iterator[str]:
    """What to ask for between the thread at `place` and the one before it, if that is not what it
    names as the previous one."""
    facts = state.facts
    thread = facts.threads[state.order[place][1]]
    older = facts.threads[state.order[place - 1][1]]
    named = thread.previous.value
    told = thread.previous.rank[0]
    told_by_older = older.next.value == thread.id and older.next.rank > thread.previous.rank
    if named == older.id or told_by_older:
        return
    if named is not None and named not in facts.threads:
        removed = facts.removed.get(named)
        if removed is None:
            if named not in skip:
                yield named
        elif removed.gone > told and thread.id not in skip:
            # What is named was removed since: who stands before it now?
            yield thread.id
        if removed is None or removed.gone > told:
            return
    if older.answers[0] <= told and older.id not in skip:
        # The newer one leaves it out: is it still there?
        yield older.id


def _named_again(
    state: ChatState, thread: ThreadFacts, since: int, skip: Collection[str]
) -> Iterator[str]:
    """The thread before this one, if it was not found once and is named since."""
    named = thread.previous.value
    removed = state.facts.removed.get(named) if named is not None else None
    if removed is None or removed.id in skip:
        return
    if removed.gone < min(since, thread.previous.rank[0]):
        yield removed.id


def _unplaced(state: ChatState, since: int, skip: Collection[str]) -> Iterator[str]:
    """Threads of which no time is known: where they stand, an answer says."""
    for time, name in state.order:
        if time:
            return
        if not is_fresh(state.facts.threads[name], since) and name not in skip:
            yield name


def _held(thread: ThreadFacts) -> bool:
    """Known by more than a summary, which names old threads with the last event of a type."""
    return thread.whole is not None or not thread.created_at


def _doubted(state: ChatState, thread: ThreadFacts, doubtful: Collection[str]) -> bool:
    return thread.id in doubtful or lacks(state, thread)
