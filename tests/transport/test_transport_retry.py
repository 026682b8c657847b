"""Which back-off counts when, and when each starts anew."""

from __future__ import annotations

import pytest
from transport_kit import World, no_jitter

from livechat_customer.transport import inputs
from livechat_customer.transport.config import SessionConfig
from livechat_customer.transport.reasons import Pace
from livechat_customer.transport.retry import Retry


def make() -> Retry:
    return Retry(SessionConfig(), no_jitter)


def delays(retry: Retry, pace: Pace, count: int, *, was_connected: bool = False) -> list[float]:
    return [retry.delay(pace, 0.0, was_connected) for _ in range(count)]


def test_the_socket_s_back_off_starts_anew_when_one_opens() -> None:
    retry = make()
    assert delays(retry, Pace.SOCKET, 4) == [1, 2, 4, 5]

    retry.opened()

    assert delays(retry, Pace.SOCKET, 2) == [1, 2]


def test_the_login_s_back_off_starts_anew_with_a_login() -> None:
    retry = make()
    assert delays(retry, Pace.LOGIN, 3) == [0.3, 0.6, 1.2]
    retry.opened()
    assert delays(retry, Pace.LOGIN, 1) == [2.4]

    retry.logged_in(0.0)

    assert delays(retry, Pace.LOGIN, 1) == [0.3]


def test_the_slower_back_off_stays_chosen_until_a_login() -> None:
    retry = make()
    assert delays(retry, Pace.LOGIN, 1) == [0.3]
    assert delays(retry, Pace.SLOW_LOGIN, 1) == [2]
    assert delays(retry, Pace.LOGIN, 2) == [4, 8]

    retry.logged_in(0.0)

    assert delays(retry, Pace.LOGIN, 1) == [0.3]


def test_a_push_reconnects_at_once_only_the_first_time() -> None:
    retry = make()

    assert delays(retry, Pace.PUSH, 4, was_connected=True) == [0.1, 0.3, 0.6, 1.2]


@pytest.mark.parametrize(("lasted", "expected"), [(59.9, 0.3), (60.0, 0.1)])
def test_only_a_connection_that_lasted_forgives(lasted: float, expected: float) -> None:
    retry = make()
    retry.delay(Pace.PUSH, 0.0, was_connected=True)
    retry.logged_in(0.0)
    retry.ended(lasted)

    assert retry.delay(Pace.PUSH, lasted, was_connected=True) == expected


def test_a_flapping_network_does_not_become_a_flood() -> None:
    """Each reconnect succeeds and drops at once, so every back-off starts anew each time."""
    world = World().connects()
    start = world.now
    while world.now < start + 3_600:
        world.receive(b'{"action":"customer_disconnected","type":"push","payload":{}}')
        world.advance(world.timers["retry"] - world.now)
        world.attempts("opening")
        world.opens()
        world.sends_login()
        world.logs_in()
        world.advance(0.01)
    an_hour = len(world.facts("connecting"))

    assert an_hour <= 20 + 3_600 / 10 + 1


def test_a_socket_that_flaps_does_not_become_a_flood() -> None:
    world = World().connects()
    start = world.now
    while world.now < start + 3_600:
        world.step(inputs.Closed(world.session.number, 1006))
        assert world.timers["retry"] - world.now >= 1
        world.advance(world.timers["retry"] - world.now)
        world.attempts()

    assert 300 <= len(world.facts("connecting")) <= 20 + 3_600 / 10 + 2
