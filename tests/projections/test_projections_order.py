"""Order keys sort as the times do."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livechat_customer.models import order
from livechat_customer.projections.order import event_key, thread_key, time_key

moments = st.datetimes(datetime(1970, 1, 1), datetime(2999, 1, 1), timezones=st.just(UTC))
forms = st.sampled_from(["usual", "short", "offset", "nine"])


def written(moment: datetime, form: str) -> str:
    usual = moment.isoformat(timespec="microseconds").removesuffix("+00:00")
    if form == "short" and not moment.microsecond:
        return usual[:19] + "Z"
    if form == "offset":
        return usual + "+00:00"
    return usual + "000Z" if form == "nine" else usual + "Z"


@given(st.tuples(moments, forms), st.tuples(moments, forms), st.integers(1, 20), st.integers(1, 20))
def test_the_order_is_that_of_the_models(
    one: tuple[datetime, str], other: tuple[datetime, str], first: int, second: int
) -> None:
    one_at, other_at = written(*one), written(*other)
    one_id, other_id = f"T_{first}", f"T_{second}"

    ours = event_key(one_at, one_id) < event_key(other_at, other_id)

    assert ours == (order.event_key(one_at, one_id) < order.event_key(other_at, other_id))
    assert (thread_key(one_at, "a") < thread_key(other_at, "a")) == (
        order.thread_key(one_at, "a") < order.thread_key(other_at, "a")
    )


def test_a_usual_time_is_its_own_key() -> None:
    usual = "2025-01-01T12:00:00.000001Z"

    assert time_key(usual) is usual


def test_nanoseconds_count() -> None:
    assert (
        time_key("2025-01-01T12:00:00.000001Z")
        < time_key("2025-01-01T12:00:00.000001001Z")
        < time_key("2025-01-01T12:00:00.000001100Z")
        < time_key("2025-01-01T12:00:00.000002Z")
    )


@pytest.mark.parametrize("text", ["", "soon", "2025-13-45", "x" * 27, "9999-12-31T23:59:60Z"])
def test_an_unreadable_time_comes_first(text: str) -> None:
    assert time_key(text) == ""


def test_events_of_one_moment_stand_in_the_order_of_their_ordinals() -> None:
    at = "2025-01-01T12:00:00.000001Z"

    assert event_key(at, "T_9") < event_key(at, "T_10")
