"""RFC 3339 times and integers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livechat_customer.models.times import format_us, parse_ns, parse_us

NOON = 1_735_732_800_000_000_000


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("2025-01-01T12:00:00.000001Z", NOON + 1_000),
        ("2025-01-01T12:00:00.999999Z", NOON + 999_999_000),
        ("2025-01-01T12:00:00Z", NOON),
        ("2025-01-01T12:00:00.5Z", NOON + 500_000_000),
        ("2025-01-01T12:00:00.123Z", NOON + 123_000_000),
        ("2025-01-01T12:00:00.1234567Z", NOON + 123_456_700),
        ("2025-01-01T12:00:00.123456789Z", NOON + 123_456_789),
        ("2025-01-01t12:00:00.000001z", NOON + 1_000),
        ("2025-01-01 12:00:00Z", NOON),
        ("2025-01-01T14:30:00.000001+02:30", NOON + 1_000),
        ("2025-01-01T10:00:00-02:00", NOON),
        ("2024-12-31T23:59:60Z", NOON - 12 * 3_600 * 10**9),
        ("1969-12-31T23:59:59.999999Z", -1_000),
        ("1970-01-01T00:00:00.000000Z", 0),
        ("0001-01-01T00:00:00.000000Z", -62_135_596_800 * 10**9),
        ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999_000),
    ],
)
def test_times_are_read(text: str, ns: int) -> None:
    assert parse_ns(text) == ns
    assert parse_us(text) == ns // 1_000


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2025-01-01",
        "2025-01-01T12:00:00",
        "2025-01-01T12:00:00.000001",
        "2025-01-01T12:00:00.0000011",
        "2025-13-01T12:00:00.000001Z",
        "2025-02-30T12:00:00.000001Z",
        "2025-01-01T25:00:00.000001Z",
        "2025-01-01T12:00:61.000001Z",
        "2025-01-01T12:00:00.0000000001Z",
        "2025-01-01T12:00:00.Z",
        "2025-01-01T12:00:00+25:00",
        "2025-01-01T12:00:00+02:60",
        "2025-01-01T12:00:00.000001Z ",
        "٢٠٢٥-01-01T12:00:00.000001Z",
        "0000-01-01T12:00:00.000001Z",
        "2025-01-01T12:00:0\ud800.000001Z",
    ],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the message is for people
        parse_ns(text)


@given(st.datetimes(timezones=st.just(UTC)))
def test_times_are_written_as_the_api_writes_them(moment: datetime) -> None:
    us = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    text = format_us(us)
    assert len(text) == len("2025-01-01T12:00:00.000001Z")
    assert parse_us(text) == us
    assert datetime.fromisoformat(text) == moment


@given(
    st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=st.just(UTC)),
    st.integers(-23 * 60, 23 * 60),
)
def test_an_offset_does_not_change_the_moment(moment: datetime, minutes: int) -> None:
    there = moment.astimezone(timezone(timedelta(minutes=minutes)))
    text = there.isoformat(timespec="microseconds")
    assert parse_us(text) == parse_us(moment.isoformat(timespec="microseconds"))


@given(st.datetimes(), st.datetimes())
def test_written_times_sort_like_their_integers(one: datetime, other: datetime) -> None:
    texts = [
        format_us(parse_us(f"{each.isoformat('T', 'microseconds')}Z")) for each in (one, other)
    ]
    assert (texts[0] < texts[1]) == (parse_ns(texts[0]) < parse_ns(texts[1]))


def test_beyond_the_calendar() -> None:
    with pytest.raises(OverflowError):
        format_us(10**18)
