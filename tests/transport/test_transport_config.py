"""The numbers that the design fixes."""

from __future__ import annotations

from livechat_customer.transport.config import SessionConfig


def test_defaults() -> None:
    config = SessionConfig()

    assert (config.connect_timeout, config.login_timeout, config.request_timeout) == (10, 15, 20)
    assert (config.ping_interval, config.unstable_after, config.dead_after) == (15, 5, 15)
    assert (config.in_flight_limit, config.queue_limit) == (10, 1_000)
    assert (config.confirm_timeout, config.stall_timeout) == (2, 60)
