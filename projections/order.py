"""Order keys that need no parsing on the usual path.

The order is that of `models.order`: events by (creation time, ordinal of the id, id), threads by
(creation time, id). The API writes times in one form, `2025-01-01T12:00:00.000001Z`, whose strings
sort as the times do; so a time of that form is its own key, and others are brought into a form
that sorts among them.
"""

from __future__ import annotations

from livechat_customer.models.order import ordinal
from livechat_customer.models.times import format_us, parse_ns

EventKey = tuple[str, int, str]
ThreadKey = tuple[str, str]


def time_key(text: str) -> str:
    """What to compare a wire time by; an unreadable one comes first.

    The hot paths of the folds make the first test in line.
    """
    if text[26:] == "Z" and text[10] == "T":
        return text
    try:
        us, rest = divmod(parse_ns(text), 1_000)
        key = format_us(us)
    except (ValueError, OverflowError):
        return ""
    return f"{key}{rest:03}" if rest else key


def event_key(created_at: str, event_id: str) -> EventKey:
    return (time_key(created_at), ordinal(event_id), event_id)


def thread_key(created_at: str, thread_id: str) -> ThreadKey:
    return (time_key(created_at), thread_id)
