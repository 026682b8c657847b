"""Answers to readers in which one thing is not as clients assume.

Each function looks for something in an answer that it could spoil, and gives what does so; None
where there is nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final

from livechat_customer.models.times import format_us, parse_us
from livechat_customer.sandbox.clock import SECOND
from livechat_customer.sandbox.wire_json import JsonObject, as_list, as_object

Change = Callable[[], None]

_HOUR: Final = 3_600 * SECOND


def less_an_event(answer: JsonObject) -> Change | None:
    """A thread without its last event but one."""
    for thread in _threads(answer):
        events: list[Any] = thread["events"]
        if len(events) > 1:
            return lambda: events.remove(events[-2])
    return None


def stranger_in_summary(answer: JsonObject) -> Change | None:
    """A summary that names an event no thread has."""
    for summary in as_list(answer.get("chats_summary")) or []:
        named: JsonObject = summary.get("last_event_per_type") or {}
        for last in named.values():
            return partial(_set, last["event"], "id", f"{last['thread_id']}_999")
    return None


def skipped_link(answer: JsonObject) -> Change | None:
    """A thread whose previous one is said to be the one before that, or not to be."""
    shown = {thread["id"]: thread for thread in _threads(answer)}
    for thread in shown.values():
        if "previous_thread_id" in thread:
            between = shown.get(thread["previous_thread_id"], {})
            return partial(_set, thread, "previous_thread_id", between.get("previous_thread_id"))
    return None


def no_next_page(answer: JsonObject) -> Change | None:
    """A page that claims to be the last."""
    if "next_page_id" not in answer:
        return None
    return partial(_set, answer, "next_page_id", None)


def reopened(answer: JsonObject) -> Change | None:
    """A closed thread that is shown as active."""
    for thread in _threads(answer):
        if not thread["active"]:
            return partial(_set, thread, "active", True)
    return None


def shifted(answer: JsonObject) -> Change | None:
    """An event that is said to be an hour younger."""
    for thread in _threads(answer):
        for event in thread["events"]:
            later = format_us(parse_us(event["created_at"]) + _HOUR)
            return partial(_set, event, "created_at", later)
    return None


def _set(found: JsonObject, name: str, value: object) -> None:
    if value is None:
        del found[name]
    else:
        found[name] = value


def _threads(answer: JsonObject) -> Iterator[JsonObject]:
    one = as_object(answer.get("thread"))
    if one is not None:
        yield one
    yield from as_list(answer.get("threads")) or []


SPOILERS: Final[dict[str, Callable[[JsonObject], Change | None]]] = {
    "threads_whole": less_an_event,
    "summaries_right": stranger_in_summary,
    "chain_right": skipped_link,
    "last_page_known": no_next_page,
    "closed_stays_closed": reopened,
    "created_at_fixed": shifted,
}
"""By the assumption that each one breaks."""
