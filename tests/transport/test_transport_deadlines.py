"""Named timers: set, moved, cancelled, due."""

from __future__ import annotations

from livechat_customer.transport.deadlines import Deadlines
from livechat_customer.transport.outputs import CancelTimer, Output, SetTimer


def test_set_move_and_cancel() -> None:
    deadlines = Deadlines()
    out: list[Output] = []

    deadlines.set(out, "ping", 5.0)
    deadlines.set(out, "ping", 7.0)
    assert len(deadlines) == 1
    deadlines.cancel(out, "ping")
    deadlines.cancel(out, "ping")

    assert out == [SetTimer("ping", 5.0), SetTimer("ping", 7.0), CancelTimer("ping")]
    assert len(deadlines) == 0


def test_set_if_sooner_never_moves_to_a_later_time() -> None:
    deadlines = Deadlines()
    out: list[Output] = []

    for at in (5.0, 6.0, 4.0, 4.0):
        deadlines.set_if_sooner(out, "requests", at)

    assert out == [SetTimer("requests", 5.0), SetTimer("requests", 4.0)]


def test_what_is_due() -> None:
    deadlines = Deadlines()
    out: list[Output] = []
    deadlines.set(out, "ping", 5.0)

    assert deadlines.fired("ping", 4.9) is None
    assert deadlines.fired("login", 9.0) is None
    assert deadlines.fired("ping", 4.999_999) == 5.0
    assert deadlines.fired("ping", 5.0) is None, "it fires once"


def test_clear() -> None:
    deadlines = Deadlines()
    out: list[Output] = []
    for name in ("ping", "login"):
        deadlines.set(out, name, 1.0)
    out.clear()

    deadlines.clear(out)

    assert out == [CancelTimer("ping"), CancelTimer("login")]
