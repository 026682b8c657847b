"""What a client has to assume about the server, because the API does not promise it: one register.

The API's pushes carry no number and are not retried; there is no resume and no sync. So a client
that says "complete" leans on the sentences below. Each can be switched off here (a fault of kind
`assumption`), to see what a client does then; docs/assumptions.md shows this table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

DOCUMENTED: Final = "Customer Chat API 3.5"


@dataclass(frozen=True, slots=True)
class Assumption:
    """One sentence that is taken for true."""

    name: str
    holds: str
    """What is assumed."""
    source: str
    """Where it comes from."""
    broken: str
    """What the switch makes the sandbox do."""
    then: str
    """What this library's client then does, or shows."""
    action: str | None = None
    """The request or push that the switch waits for, unless the fault names another."""
    seconds: float = 0.0
    """How long the switch's effect takes, unless the fault says."""


_ALL: Final = (
    Assumption(
        "pushes_in_order",
        "Pushes of a connection come in the order of what happened.",
        "not documented; one TCP connection, one server process behind it",
        "one push lets the next one pass",
        "New events, closings, deletions and seen marks still end right. Of two changes of one "
        "text, property or user the older may stay, until the next answer shows it "
        "(`sdk.resync()`, a reconnect).",
    ),
    Assumption(
        "pushes_complete",
        "A living connection misses no push.",
        "not documented; pushes are not retried",
        "one push is not delivered",
        "A missed event is found by the next resync; at once where a later event's number leaves "
        "a hole or the chat is closed. Other missed changes stay unseen until an answer shows "
        "them.",
    ),
    Assumption(
        "pushes_once",
        "A push comes once.",
        "not documented",
        "a push comes again, after the next one",
        "Events, closings, deletions and seen marks are shown once. A repeated older change of a "
        "text, property or user wins until the next answer.",
    ),
    Assumption(
        "answers_fresh",
        "An answer is not older than its request.",
        "not documented; a replica that lags would break it",
        "an answer is repeated that was given to an equal request before",
        "What is known and missing in it is asked for a second time, and stays. What is not known "
        "is missed until the next answer.",
    ),
    Assumption(
        "threads_whole",
        "A thread in an answer has all its events that the customer may see.",
        f"{DOCUMENTED}, get_chat and list_threads: no paging inside a thread",
        "an answer's thread lacks its last event but one",
        "If the event was known, it stays, the thread is marked partial and asked once more; if "
        "the second answer lacks it, too, it is removed, and comes back when it is seen again. If "
        "it was not known, it is missing until an answer or push shows it.",
    ),
    Assumption(
        "summaries_right",
        "An event that a chat's summary names is in the thread it names.",
        f"{DOCUMENTED}, list_chats: last_event_per_type",
        "a summary names an event that no thread has",
        "The thread is marked partial and asked once more; the second answer without the event "
        "ends that.",
    ),
    Assumption(
        "chain_right",
        "`previous_thread_id` and `next_thread_id` name a thread's neighbours.",
        f"{DOCUMENTED}, data structures: thread",
        "an answer's thread names its last neighbour but one as the previous",
        "The threads' links contradict each other: a gap stands between them, and the resync says "
        "so. `sdk.resync(deep=True)` or filling the gap reads it anew.",
    ),
    Assumption(
        "last_page_known",
        "A page without `next_page_id` is the last.",
        f"{DOCUMENTED}, list_threads and list_chats",
        "a page lacks its `next_page_id`",
        "The oldest thread's link to the one before is believed more: reading goes on there. No "
        "history shows a false beginning.",
    ),
    Assumption(
        "closed_stays_closed",
        "A closed thread never opens again; resuming makes a new one.",
        f"{DOCUMENTED}, resume_chat: opens a new thread; not said of anything else",
        "an answer shows a closed thread as active",
        "It stays closed.",
    ),
    Assumption(
        "created_at_fixed",
        "An event's `created_at` never changes.",
        "not documented; a field that the server sets once",
        "an answer shows an event an hour later than it was",
        "The event stays where it was first shown; the time it bears is that of the newest answer.",
    ),
    Assumption(
        "ids_unique",
        "Two events of a chat never have the same id.",
        f"{DOCUMENTED}, data structures: event",
        "a sent event gets the id of the one before it",
        "The second is not shown: it is taken for the first, seen again. Its sender is told that "
        "it was sent.",
        action="send_event",
    ),
    Assumption(
        "ordinals_count",
        "An event's id is its thread's id and a number that grows within the thread.",
        "not documented; the API's newer samples show it, old ones show other ids",
        "a sent event gets an id without a number",
        "Events are ordered by their times alone; missed ones leave no hole to notice, the next "
        "resync finds them.",
        action="send_event",
    ),
    Assumption(
        "custom_id_echoed",
        "`custom_id` comes back in the push and in every answer.",
        f"{DOCUMENTED}, data structures: event",
        "a sent event loses its `custom_id`",
        "The answer's event id still confirms a message. If that answer is lost, the search does "
        "not find it, and the outbox sends it a second time.",
    ),
    Assumption(
        "no_late_effect",
        "A request whose connection is gone has its effect within 15 seconds, or never.",
        f"{DOCUMENTED}, errors: request_timeout after 15 s; a connection's end is not mentioned",
        "the connection is cut, and the request has its effect half a minute later",
        "The outbox, which waits 20 seconds, sends it again: the double is folded into one entry "
        "and reported (`doubled`). A longer `in_doubt_wait` helps.",
        seconds=30.0,
    ),
    Assumption(
        "refusals_have_no_effect",
        "A request that is refused has changed nothing.",
        "not documented",
        "a request has its effect and is refused with `service_unavailable`",
        "The push ends it: the entry is sent. If that is lost, too, the outbox sends it again; the "
        "double is folded into one entry and reported (`doubled`) as soon as it is seen.",
    ),
    Assumption(
        "subscribed_at_login",
        "Everything that happens after the login's answer is pushed.",
        f"{DOCUMENTED}, login: pushes; not said from when",
        "for two seconds after a login nothing is pushed",
        "What happened before the resync asked is in its answers. What happened after, and before "
        "the pushes began, is missing until a later event's number leaves a hole, or the next "
        "resync.",
        action="login",
        seconds=2.0,
    ),
    Assumption(
        "one_chat",
        "A customer has one chat: `start_chat` is refused where there is one.",
        f"{DOCUMENTED}, start_chat: limit_reached",
        "a second chat is started",
        "Both are shown, each with its history. A message that the outbox is given without a chat "
        "goes to the newer.",
        action="start_chat",
    ),
    Assumption(
        "not_found_is_gone",
        "A thread that is `not_found` was removed.",
        f"{DOCUMENTED}, get_chat",
        "a thread that is there is `not_found`",
        "Its events leave the history, and come back when an answer shows the thread: a deep "
        "resync, or reading it.",
        action="get_chat",
    ),
)

ASSUMPTIONS: Final = {one.name: one for one in _ALL}
"""The register, by name."""
