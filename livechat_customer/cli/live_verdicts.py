"""Whether the assumptions about the server hold, judged by a timeline. Pure.

Each judge gives one line about the first thing that contradicts its assumption; None where
everything seen agrees with it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from typing import Final

from livechat_customer.cli.live_timeline import (
    FLOW,
    IN_TIME,
    LATE,
    LOGIN,
    Json,
    Sent,
    Shown,
    Timeline,
)
from livechat_customer.records import PUSH

DEVICES: Final = ("A", "B")


def pushes_in_order(seen: Timeline) -> str | None:
    places = {one.event_id: at for at, one in enumerate(_flow(seen))}
    for device in DEVICES:
        came = [places[event["id"]] for event in seen.pushed(device) if event["id"] in places]
        first = list(dict.fromkeys(came))
        if first != sorted(first):
            return f"device {device} was pushed messages in another order than they were sent in"
    return None


def pushes_complete(seen: Timeline) -> str | None:
    for device in DEVICES:
        came = {event["id"] for event in seen.pushed(device)}
        missing = [one for one in _flow(seen) if one.event_id not in came]
        if missing:
            return f"device {device} was not pushed {len(missing)} of the messages"
    return None


def pushes_once(seen: Timeline) -> str | None:
    same = {one.event_id for one in _twins(seen)}
    for device in DEVICES:
        counts = Counter(event["id"] for event in seen.pushed(device))
        again = [name for name, count in counts.items() if count > 1 and name not in same]
        if again:
            return f"device {device} was pushed an event {counts[again[0]]} times"
    return None


def answers_fresh(seen: Timeline) -> str | None:
    for shown, known, missing in _lacking(seen):
        if missing == known[-len(missing) :]:
            action = seen.entries[shown.at].action
            return f"{action} lacks what was in the thread before it was asked"
    return None


def threads_whole(seen: Timeline) -> str | None:
    for shown, known, missing in _lacking(seen):
        if missing != known[-len(missing) :]:
            action = seen.entries[shown.at].action
            return f"{action} lacks an event that is older than others it shows"
    return None


def summaries_right(seen: Timeline) -> str | None:
    known = {one.event["id"] for one in seen.events()}
    for event in _named(seen):
        if event["id"] not in known:
            return "last_event_per_type names an event that no thread shows"
    return None


def chain_right(seen: Timeline) -> str | None:
    before = dict(pairwise(reversed(seen.threads())))
    after = {older: newer for newer, older in before.items()}
    for shown in seen.shown():
        thread = shown.thread
        if thread["id"] not in {*before, *after}:
            continue
        if thread.get("previous_thread_id") != before.get(thread["id"]):
            return "a thread's previous_thread_id is not the thread before it"
        if thread.get("next_thread_id") not in (None, after.get(thread["id"])):
            return "a thread's next_thread_id is not the thread after it"
    return None


def last_page_known(seen: Timeline) -> str | None:
    pages: dict[str, set[str]] = {}
    for _, asked, answer in seen.answers("list_threads"):
        if not answer.ok:
            continue
        came = {thread["id"] for thread in answer.payload["threads"]}
        if "page_id" in asked.payload:
            came |= pages.get(asked.payload["page_id"], set())
        elif "limit" not in asked.payload:
            continue
        following = answer.payload.get("next_page_id")
        if following is not None:
            pages[following] = came
        elif not set(seen.threads()) <= came:
            return "a page without next_page_id was not the last"
    return None


def closed_stays_closed(seen: Timeline) -> str | None:
    closed = {
        one.payload["thread_id"]: at
        for at, one in reversed(list(enumerate(seen.entries)))
        if (one.kind, one.action) == (PUSH, "chat_deactivated")
    }
    for shown in seen.shown():
        if shown.thread.get("active") and closed.get(shown.thread["id"], shown.at) < shown.asked:
            return "a closed thread is shown as active"
    return None


def created_at_fixed(seen: Timeline) -> str | None:
    same = {one.event_id for one in _twins(seen)}
    first: dict[str, str] = {}
    for event in (*(one.event for one in seen.events()), *_named(seen)):
        if (
            event["id"] not in same
            and first.setdefault(event["id"], event["created_at"]) != (event["created_at"])
        ):
            return "an event is shown with two different created_at"
    return None


def ids_unique(seen: Timeline) -> str | None:
    return "two messages have the same id" if _twins(seen) else None


def ordinals_count(seen: Timeline) -> str | None:
    highest: dict[str | None, int] = {}
    same = {one.event_id for one in _twins(seen)}
    for one in _answered(seen):
        if one.event_id in same or one.thread_id is None:
            continue
        found = re.fullmatch(rf"{re.escape(one.thread_id)}_(\d+)", one.event_id or "")
        if found is None:
            return "an event's id is not its thread's with a number"
        if int(found[1]) <= highest.get(one.thread_id, 0):
            return "the numbers in the events' ids do not grow"
        highest[one.thread_id] = int(found[1])
    return None


def custom_id_echoed(seen: Timeline) -> str | None:
    same = {one.event_id for one in _twins(seen)}
    wanted = {one.event_id: one.custom_id for one in _answered(seen) if one.event_id not in same}
    for one in seen.events():
        name = one.event["id"]
        if name in wanted and one.event.get("custom_id") != wanted[name]:
            return "a message is shown without the custom_id it was sent with"
    return None


def no_late_effect(seen: Timeline) -> str | None:
    in_time = seen.marked(IN_TIME)
    late = {one.custom_id for one in seen.sent() if one.purpose == LATE}
    places = [one.at for one in seen.events() if one.event.get("custom_id") in late]
    if in_time is not None and places and min(places) > in_time:
        return "a message appeared more than 15 seconds after its connection had ended"
    return None


def refusals_have_no_effect(seen: Timeline) -> str | None:
    refused = {one.custom_id for one in seen.sent() if one.answered is not None and not one.ok}
    if any(one.event.get("custom_id") in refused for one in seen.events()):
        return "a message was refused, and is there"
    return None


def subscribed_at_login(seen: Timeline) -> str | None:
    came = {event["id"] for event in seen.pushed("B")}
    for one in _answered(seen):
        if one.purpose == LOGIN and one.event_id not in came:
            return "a message sent right after a login was not pushed to it"
    return None


def one_chat(seen: Timeline) -> str | None:
    chats = {answer.payload["chat_id"] for _, _, answer in seen.answers("start_chat") if answer.ok}
    return "start_chat made a second chat" if len(chats) > 1 else None


def not_found_is_gone(seen: Timeline) -> str | None:
    for _, asked, answer in seen.answers("get_chat"):
        error: Json = answer.payload.get("error") or {}
        known = asked.payload.get("thread_id") in seen.threads()
        if not answer.ok and known and error.get("type") == "not_found":
            return "a thread that is there was not found"
    return None


JUDGES: Final[dict[str, Callable[[Timeline], str | None]]] = {
    judge.__name__: judge
    for judge in (
        pushes_in_order,
        pushes_complete,
        pushes_once,
        answers_fresh,
        threads_whole,
        summaries_right,
        chain_right,
        last_page_known,
        closed_stays_closed,
        created_at_fixed,
        ids_unique,
        ordinals_count,
        custom_id_echoed,
        no_late_effect,
        refusals_have_no_effect,
        subscribed_at_login,
        one_chat,
        not_found_is_gone,
    )
}
"""By the assumption each one judges."""


def _answered(seen: Timeline) -> list[Sent]:
    return [one for one in seen.sent() if one.ok and one.event_id is not None]


def _flow(seen: Timeline) -> list[Sent]:
    return [one for one in _answered(seen) if one.purpose == FLOW]


def _twins(seen: Timeline) -> list[Sent]:
    """Messages whose id was there before they were sent."""
    first: dict[str, int] = {}
    for one in sorted(seen.events(), key=lambda one: one.at):
        first.setdefault(one.event["id"], one.at)
    return [one for one in _answered(seen) if first.get(one.event_id or "", one.asked) < one.asked]


def _named(seen: Timeline) -> list[Json]:
    """The events that summaries name."""
    found: list[Json] = []
    for _, _, answer in seen.answers("list_chats"):
        for summary in answer.payload.get("chats_summary", []):
            named: dict[str, Json] = summary.get("last_event_per_type") or {}
            found += [last["event"] for last in named.values()]
    return found


def _lacking(seen: Timeline) -> list[tuple[Shown, list[str], list[str]]]:
    """Threads in answers that lack events which were seen before the answer was asked for: the
    events known then, and those missing, both in the order of their times."""
    found: list[tuple[Shown, list[str], list[str]]] = []
    events = sorted(seen.events(), key=lambda one: (one.event["created_at"], one.at))
    for shown in seen.shown():
        thread_id = shown.thread["id"]
        known = list(
            dict.fromkeys(
                one.event["id"]
                for one in events
                if one.thread_id == thread_id and one.at < shown.asked
            )
        )
        there = {event["id"] for event in shown.thread.get("events", [])}
        missing = [name for name in known if name not in there]
        if missing:
            found.append((shown, known, missing))
    return found
