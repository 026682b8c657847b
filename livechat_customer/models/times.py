"""Times of the wire (RFC 3339 strings) as integers, and back.

The API writes UTC with six fractional digits; 0 to 9 digits and any offset are read. Integers
count from the Unix epoch: nanoseconds for ordering, microseconds for records.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_USUAL: Final = len("2025-01-01T12:00:00.000001Z")
# Compiled by `re` at the first time that is not of the usual form.
_RFC3339: Final = (
    r"(?a)(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}):(\d{2})(?:\.(\d{1,9}))?"
    r"(?:[Zz]|([+-])(\d{2}):(\d{2}))"
)


def parse_ns(text: str) -> int:
    """Nanoseconds since the epoch. ValueError when `text` is no RFC 3339 time."""
    if len(text) == _USUAL and text[19] == "." and text[26] == "Z":
        try:
            since = datetime.fromisoformat(text) - _EPOCH
        except ValueError:
            return _parse_slow(text)
        return (since.days * 86_400 + since.seconds) * 1_000_000_000 + since.microseconds * 1_000
    return _parse_slow(text)


def _parse_slow(text: str) -> int:
    match = re.fullmatch(_RFC3339, text)
    if match is None:
        raise ValueError("not an RFC 3339 time; write it like 2025-01-01T12:00:00.000001Z")
    date, clock, seconds, fraction, sign, hours, minutes = match.groups()
    if int(seconds) > 60:
        raise ValueError("seconds go up to 59, or 60 in a leap second")
    # A leap second counts as the first second of the next minute.
    since = datetime.fromisoformat(f"{date}T{clock}:00+00:00") - _EPOCH
    whole = since.days * 86_400 + since.seconds + int(seconds)
    if sign:
        if int(hours) > 23 or int(minutes) > 59:
            raise ValueError("the offset is out of range")
        shift = (int(hours) * 60 + int(minutes)) * 60
        whole += -shift if sign == "+" else shift
    return whole * 1_000_000_000 + int((fraction or "").ljust(9, "0"))


def parse_us(text: str) -> int:
    """Microseconds since the epoch, rounded down. ValueError as `parse_ns`."""
    return parse_ns(text) // 1_000


def format_us(us: int) -> str:
    """RFC 3339 in UTC with six fractional digits, as the API writes it.

    OverflowError outside of the years 1 to 9999.
    """
    moment = _EPOCH + timedelta(microseconds=us)
    return moment.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"
