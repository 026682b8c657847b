"""The order of events and threads: keys to sort by, equal for client, log and sandbox.

Events are ordered by creation time; the server makes several in one microsecond, so the ordinal
at the end of the id (`ST7H2K8M3N_4`) breaks ties, then the id itself.
"""

from typing import Final

from livechat_customer.models.times import parse_ns

EventKey = tuple[int, int, str]
ThreadKey = tuple[int, str]

_MAX_DIGITS: Final = 18


def event_key(created_at: str, event_id: str) -> EventKey:
    """`(created_at in ns, ordinal of the id or 0, id)`; an unreadable time counts as 0."""
    try:
        ns = parse_ns(created_at)
    except ValueError:
        ns = 0
    return (ns, ordinal(event_id), event_id)


def ordinal(event_id: str) -> int:
    """The `n` of an id `<thread_id>_<n>`, else 0."""
    _, separator, digits = event_id.rpartition("_")
    if separator and digits.isascii() and digits.isdecimal() and len(digits) <= _MAX_DIGITS:
        return int(digits)
    return 0


def thread_key(created_at: str, thread_id: str) -> ThreadKey:
    """`(created_at in ns, id)`; an unreadable time counts as 0."""
    try:
        return (parse_ns(created_at), thread_id)
    except ValueError:
        return (0, thread_id)
