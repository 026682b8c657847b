"""Ping, unstable, recovered, dead; and that our own silence is never taken for the peer's."""

from __future__ import annotations

import pytest
from transport_kit import World, kinds, push, response

from livechat_customer.errors import ConnectionLostError
from livechat_customer.records import DISCONNECTED
from livechat_customer.transport import inputs, outputs
from livechat_customer.transport.codec import decode_frame

NOISE = push("incoming_typing_indicator")


def test_a_ping_every_15_seconds_outside_the_log() -> None:
    world = World().connects()
    for number in range(1, 5):
        got = world.advance(15)
        ping = got[1]
        assert isinstance(ping, outputs.Send)
        assert (ping.frame, ping.loggable) == (
            b'{"request_id":"~ping-%d","action":"ping","payload":{}}' % number,
            False,
        )
        assert world.receive(response(f"~ping-{number}", "ping")) == []

    world.advance(35)
    assert world.session.state == "waiting", "and nobody answers these"


def test_unstable_then_dead() -> None:
    world = World().connects()
    world.advance(16)
    world.request("1")

    assert kinds(world.advance(4)) == ["SetTimer(liveness)", "Fact(unstable)"]
    assert world.session.state == "connected"
    got = world.advance(15)

    assert "CloseSocket(1 reset)" in kinds(got)
    fact = world.facts(DISCONNECTED)[0].data
    assert (fact["reason"], fact["will"], fact["was_connected"]) == (
        "connection_lost",
        "reconnect",
        True,
    )
    assert isinstance(world.error("1"), ConnectionLostError)


@pytest.mark.parametrize("fed", [True, False])
@pytest.mark.parametrize(
    "frame", [response("~ping-1", "ping"), NOISE, b"no json", response("unknown", "get_chat")]
)
def test_any_frame_recovers(frame: bytes, fed: bool) -> None:
    world = World().connects()
    world.advance(20)
    assert world.facts("unstable")

    got = world.receive(frame) if fed else world.apply(world.session.alive(world.now))

    assert kinds(got) == ["CancelTimer(liveness)", "Fact(recovered)"]
    assert world.session.alive(world.now) == ()
    world.advance(10)
    assert world.session.state == "connected"


def test_plain_pushes_keep_the_connection_stable() -> None:
    world = World().connects()
    for _ in range(30):
        world.advance(1)
        assert world.session.push_is_plain(decode_frame(NOISE))
        assert world.session.alive(world.now) == ()

    assert not world.facts("unstable")


def test_a_new_connection_starts_stable() -> None:
    world = World().connects()
    world.advance(20)
    assert world.facts("unstable")
    world.step(inputs.Closed(1, 1006))
    world.advance(1)
    world.attempts()

    assert world.receive(NOISE) == []
    assert not world.facts("recovered")


def test_while_we_do_not_read_pings_go_on_and_nothing_is_concluded() -> None:
    world = World().connects()
    for number in range(9):
        world.request(str(number))
    world.step(inputs.ReadingStopped())
    assert world.step(inputs.ReadingStopped()) == []

    world.advance(59)

    assert world.pings() == 3
    assert not world.facts("unstable")
    assert not world.outcomes, "our own time-outs wait, too"
    assert world.session.state == "connected"
    world.step(inputs.ReadingResumed())
    assert world.step(inputs.ReadingResumed()) == []
    world.advance(0.9)
    assert not world.facts("unstable")
    assert "stall" not in world.timers


def test_after_a_stall_a_request_has_the_time_it_had_left() -> None:
    world = World().connects()
    world.request("before")
    world.advance(5)
    world.step(inputs.ReadingStopped())
    world.advance(10)
    world.request("during")
    world.advance(20)
    world.step(inputs.ReadingResumed())

    for _ in range(20):
        world.advance(1)
        world.receive(NOISE)
        if "before" in world.outcomes and "during" not in world.outcomes:
            assert world.now == 1_000 + 5 + 30 + 15
            break
    else:
        pytest.fail("the time-out never came")
    world.advance(5)
    assert "during" in world.outcomes


def test_liveness_counts_from_a_ping_after_reading_resumed() -> None:
    world = World().connects()
    world.advance(15)
    world.step(inputs.ReadingStopped())
    assert "liveness" not in world.timers
    world.advance(14)
    world.step(inputs.ReadingResumed())

    world.advance(5)
    assert not world.facts("unstable")
    world.advance(1)
    assert world.facts("unstable")


def test_an_unstable_connection_that_we_stop_reading_is_given_its_time_anew() -> None:
    world = World().connects()
    world.advance(20)
    assert world.facts("unstable")
    world.step(inputs.ReadingStopped())
    world.advance(30)
    assert world.session.state == "connected"
    world.step(inputs.ReadingResumed())

    world.advance(14.9)
    assert world.session.state == "connected"
    world.advance(0.2)
    assert world.session.state == "waiting"


def test_what_is_read_out_of_the_buffer_recovers() -> None:
    world = World().connects()
    world.advance(20)
    world.step(inputs.ReadingStopped())
    world.advance(30)
    world.step(inputs.ReadingResumed())

    assert "Fact(recovered)" in kinds(world.receive(NOISE))


def test_reading_that_stops_and_goes_on_all_the_time_sends_no_flood_of_pings() -> None:
    world = World().connects()
    for _ in range(3_000):
        world.step(inputs.ReadingStopped())
        world.advance(0.005)
        world.step(inputs.ReadingResumed())
        world.advance(0.005)
        world.receive(NOISE)

    assert world.pings() == 30 // 15


def test_after_60_seconds_of_stall_we_leave_and_wait_for_room() -> None:
    world = World().connects()
    world.request("1")
    world.step(inputs.ReadingStopped())

    world.advance(59.9)
    assert world.session.state == "connected"
    got = world.advance(0.1)

    assert "CloseSocket(1 reset)" in kinds(got)
    fact = world.facts(DISCONNECTED)[0].data
    assert (fact["reason"], fact["will"]) == ("log_stalled", "reconnect")
    assert isinstance(world.error("1"), ConnectionLostError)
    # Reconnecting makes no sense while the log is still full.
    world.advance(1_000)
    assert world.session.state == "waiting"
    assert kinds(world.step(inputs.Connect())) == []
    assert kinds(world.step(inputs.ReadingResumed()))[0] == "Fact(connecting)"
    assert world.attempts().session.number == 2


def test_connect_with_a_full_log_waits_for_room() -> None:
    world = World()
    world.step(inputs.ReadingStopped())
    assert world.step(inputs.Connect()) == []

    assert kinds(world.step(inputs.ReadingResumed()))[0] == "Fact(connecting)"


def test_disconnect_while_waiting_for_room_sticks() -> None:
    world = World()
    world.step(inputs.ReadingStopped())
    world.step(inputs.Connect())
    world.step(inputs.Disconnect())

    assert world.step(inputs.ReadingResumed()) == []
    assert world.session.state == "paused"


@pytest.mark.parametrize("state", ["token", "opening", "login"])
def test_a_stall_while_connecting(state: str) -> None:
    world = World()
    world.step(inputs.Connect())
    world.attempts(state)
    world.step(inputs.ReadingStopped())
    assert "login" not in world.timers

    # The answer to the login may lie in the buffer: no time-out for it now.
    for step in (world.token_arrives, world.opens, world.sends_login):
        step()
    world.advance(40)
    assert world.session.state == "login"
    world.step(inputs.ReadingResumed())
    assert world.timers["login"] == world.now + 15
    world.logs_in()
    assert world.session.state == "connected"


def test_a_login_answer_read_just_before_the_stop_takes_effect() -> None:
    world = World().connects("login")
    world.step(inputs.ReadingStopped())
    world.logs_in()
    world.request("1")

    world.advance(50)
    assert not world.outcomes
    assert world.session.state == "connected"
    assert world.pings() == 3


def test_after_our_own_absence_the_connection_is_checked_at_once() -> None:
    world = World().connects()
    world.request("1")
    world.now += 3_600

    got = world.step(inputs.Awake(3_600))

    assert "Send(ping)" in kinds(got)
    # The timers that came due meanwhile say nothing.
    for name in ("ping", "requests", "liveness"):
        world.step(inputs.TimerFired(name))
    assert world.session.state == "connected"
    assert not world.outcomes
    assert world.pings() == 1
    world.advance(5)
    assert world.facts("unstable")
    world.advance(15)
    assert world.session.state == "waiting"
    assert "1" in world.outcomes


def test_a_timer_that_was_moved_or_cancelled_meanwhile_does_nothing() -> None:
    world = World().connects()

    for name in ("ping", "login", "retry", "stall", "nonsense"):
        assert world.step(inputs.TimerFired(name)) == []
    assert world.session.state == "connected"


def test_a_timer_that_fires_a_hair_too_early_counts() -> None:
    world = World().connects()
    world.now = world.timers["ping"] - 0.000_001
    del world.timers["ping"]

    assert "Send(ping)" in kinds(world.step(inputs.TimerFired("ping")))
