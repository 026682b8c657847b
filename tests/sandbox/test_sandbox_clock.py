from __future__ import annotations

import re
import time

from livechat_customer.sandbox.clock import SECOND, ServerClock, SteppingClock


def test_moments_have_six_digits_and_strictly_increase() -> None:
    clock = ServerClock(lambda: 1_735_689_600_000_001)
    moments = [clock.tick() for _ in range(100)]
    assert moments[0] == "2025-01-01T00:00:00.000001Z"
    assert moments == sorted(set(moments))
    assert all(re.fullmatch(r"[-\d]{10}T[:\d]{8}\.\d{6}Z", moment) for moment in moments)


def test_a_source_that_goes_back_does_not_take_the_server_with_it() -> None:
    readings = iter([50, 10, 10, 60])
    clock = ServerClock(lambda: next(readings))
    ticks = [clock.tick() for _ in range(4)]
    assert [tick[-5:-1] for tick in ticks] == ["0050", "0051", "0052", "0060"]


def test_nothing_happens_before_what_was_planted() -> None:
    clock = ServerClock(lambda: 0)
    clock.not_before("2030-01-01T00:00:00Z")
    assert clock.tick() == "2030-01-01T00:00:00.000001Z"
    assert clock.now() == 1_893_456_000 * SECOND + 1


def test_the_default_is_the_machines_clock() -> None:
    before = time.time_ns() // 1_000
    assert before <= ServerClock().now() <= time.time_ns() // 1_000


def test_a_stepping_clock_repeats_itself() -> None:
    one, other = SteppingClock(), SteppingClock()
    assert [one() for _ in range(3)] == [other() for _ in range(3)]
    assert one() - other() == 0
    one.advance(1.5)
    assert one() - other() == 1_500_000
    assert SteppingClock(start=5, step=2)() == 5
