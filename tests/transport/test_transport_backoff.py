"""The back-off curves of the JavaScript SDK, and the budget over all of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livechat_customer.transport.backoff import LOGIN, SLOW_LOGIN, SOCKET, Budget, Curve


@pytest.mark.parametrize(
    ("curve", "expected"),
    [
        (SOCKET, [1_000, 2_000, 4_000, 5_000, 5_000]),
        (LOGIN, [300, 600, 1_200, 2_400, 4_800, 9_600, 19_200, 38_400, 60_000, 60_000]),
        (SLOW_LOGIN, [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000]),
    ],
)
def test_curves_without_jitter(curve: Curve, expected: list[int]) -> None:
    assert [curve.delay_ms(n, lambda: 0.0) for n in range(len(expected))] == expected


@pytest.mark.parametrize(
    ("drawn", "expected"),
    [(0.0, 1_000), (0.15, 1_075), (0.25, 875), (0.5, 1_250), (0.83, 585), (0.999, 1_499)],
)
def test_one_draw_gives_size_and_direction(drawn: float, expected: int) -> None:
    draws = iter([drawn])

    assert SOCKET.delay_ms(0, lambda: next(draws)) == expected


@given(
    st.sampled_from([SOCKET, LOGIN, SLOW_LOGIN]),
    st.integers(0, 100_000),
    st.floats(0, 1, exclude_max=True),
)
def test_delays_stay_within_jitter_and_maximum(curve: Curve, attempt: int, drawn: float) -> None:
    delay = curve.delay_ms(attempt, lambda: drawn)

    base = curve.min_ms * 2 ** min(attempt, 40)
    assert min(base * (1 - curve.jitter), curve.max_ms) <= delay <= curve.max_ms
    assert delay <= base * (1 + curve.jitter)


def test_the_budget_slows_a_flood_down_to_its_refill() -> None:
    budget = Budget(3, 10.0)

    assert [budget.take(100.0) for _ in range(3)] == [0, 0, 0]
    assert budget.take(100.0) == 10
    assert budget.take(110.0) == 10
    assert budget.take(115.0) == 15


def test_the_budget_fills_up_again_but_not_over() -> None:
    budget = Budget(3, 10.0)
    for _ in range(3):
        budget.take(0.0)

    assert budget.take(10.0) == 0
    assert [budget.take(1_000_000.0) for _ in range(4)] == [0, 0, 0, 10]
