"""The order of events and threads."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livechat_customer.models.order import event_key, ordinal, thread_key

NOON = "2025-01-01T12:00:00.000001Z"


@pytest.mark.parametrize(
    ("event_id", "number"),
    [
        ("T1_4", 4),
        ("T1_10", 10),
        ("T1_007", 7),
        ("a_b_3", 3),
        ("T1", 0),
        ("7", 0),
        ("", 0),
        ("_", 0),
        ("T1_", 0),
        ("T1_x", 0),
        ("T1_-4", 0),
        ("T1_٣", 0),
        ("T1_²", 0),
        ("5f0c1d2e-7a40-4b1f-9c55-0d7e4f3a9b21", 0),
        ("T1_" + "9" * 18, 999_999_999_999_999_999),
        ("T1_" + "9" * 5000, 0),
    ],
)
def test_the_ordinal_of_an_id(event_id: str, number: int) -> None:
    assert ordinal(event_id) == number
    assert event_key(NOON, event_id)[1:] == (number, event_id)


def test_events_are_ordered_by_time_then_ordinal_then_id() -> None:
    events = [
        ("2025-01-01T12:00:00.000001Z", "T1_9"),
        ("2025-01-01T12:00:00.000001Z", "T1_10"),
        ("2025-01-01T12:00:00.000001Z", "T2_10"),
        ("2025-01-01T13:00:00.0000011+01:00", "T1_1"),
        ("2025-01-01T12:00:00.1Z", "T1_2"),
    ]
    shuffled = events[3:] + events[:3]
    assert sorted(shuffled, key=lambda event: event_key(*event)) == events


def test_a_time_that_can_t_be_read_comes_first() -> None:
    assert event_key("yesterday", "T1_3") == (0, 3, "T1_3")
    assert thread_key("", "T1") == (0, "T1")
    assert thread_key(NOON, "T1") == (1_735_732_800_000_001_000, "T1")


@given(st.text(), st.text())
def test_any_texts_have_a_key(created_at: str, event_id: str) -> None:
    assert event_key(created_at, event_id) == event_key(created_at, event_id)
    assert thread_key(created_at, event_id)[1] == event_id
