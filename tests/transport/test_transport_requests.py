"""Requests from `Request` to `Settle`: slots, queue, time-outs, answers in either order."""

from __future__ import annotations

import pytest
from transport_kit import World, kinds, push, refusal, response

from livechat_customer.errors import (
    ConnectionLostError,
    NoConnectionError,
    NotFoundError,
    OutcomeUnknownError,
    PendingRequestsLimitReachedError,
    RequestTimeoutError,
    SDKDestroyedError,
    ServerError,
    ServerPendingRequestsLimitReachedError,
)
from livechat_customer.records import DISCONNECTED
from livechat_customer.transport import inputs, outputs
from livechat_customer.transport.codec import decode_frame
from livechat_customer.transport.outputs import Cancelled, Push, Response, Unconfirmed


def online(**config: float) -> World:
    return World(**config).connects()


def own_push(request_id: str = "1", action: str = "incoming_event") -> bytes:
    return push(action, {"chat_id": "C"}, request_id)


def test_a_request_is_sent_and_answered() -> None:
    world = online()

    got = world.request("1", "get_chat")

    assert kinds(got) == ["Send(get_chat)", "SetTimer(requests)"]
    send = got[0]
    assert isinstance(send, outputs.Send)
    assert send.frame == b'{"request_id":"1","action":"get_chat","payload":{}}'
    frame = response("1", "get_chat", {"id": "C"})
    assert kinds(world.receive(frame)) == ["Settle(1 Response)"]
    outcome = world.outcomes["1"]
    assert isinstance(outcome, Response)
    assert outcome.record is not None
    assert outcome.record.payload == frame


def test_a_request_in_another_version() -> None:
    send = online().request("1", version="3.6")[0]

    assert isinstance(send, outputs.Send)
    assert b'"version":"3.6"' in send.frame


def test_a_refused_request_raises_the_server_s_error() -> None:
    world = online()
    world.request("1")
    world.request("2", "send_event")
    world.request("3")

    world.receive(refusal("1", "get_customer", "not_found", {"chat_id": "C"}))
    world.receive(refusal("2", "send_event", "pending_requests_limit_reached"))
    world.receive(response("3", "get_customer", {}, success=False))

    error = world.error("1")
    assert isinstance(error, NotFoundError)
    assert (error.code, error.message, error.data) == (
        "NOT_FOUND",
        "It is not_found.",
        {"chat_id": "C"},
    )
    assert isinstance(world.error("2"), ServerPendingRequestsLimitReachedError)
    unsaid = world.error("3")
    assert isinstance(unsaid, ServerError)
    assert unsaid.code == "UNKNOWN"


@pytest.mark.parametrize(
    ("action", "answer"),
    [
        ("send_event", "incoming_event"),
        ("start_chat", "incoming_chat"),
        ("resume_chat", "incoming_chat"),
    ],
)
@pytest.mark.parametrize("push_first", [True, False])
def test_push_and_response_in_either_order(action: str, answer: str, push_first: bool) -> None:
    world = online()
    world.request("1", action)
    frames = [own_push(action=answer), response("1", action)]

    seen = [kinds(world.receive(frame)) for frame in (frames if push_first else frames[::-1])]

    settled = ["Settle(1 Push)"]
    assert [[kind for kind in got if "Timer" not in kind] for got in seen] == (
        [settled, []] if push_first else [[], settled]
    )
    outcome = world.outcomes["1"]
    assert isinstance(outcome, Push)
    assert outcome.record is not None
    assert outcome.record.action == answer
    assert world.session.unanswered == 0
    assert world.session.push_is_plain(decode_frame(own_push(action=answer))), "it is forgotten"


def test_a_response_without_its_push_resolves_as_unconfirmed() -> None:
    world = online()
    world.request("1", "send_event")
    world.receive(response("1", "send_event", {"event_id": "T_1"}))

    assert world.advance(1.9) == []
    assert kinds(world.advance(0.1)) == ["Settle(1 Unconfirmed)"]
    outcome = world.outcomes["1"]
    assert isinstance(outcome, Unconfirmed)
    assert outcome.record is not None
    assert outcome.record.action == "send_event"
    assert world.session.push_is_plain(decode_frame(own_push())), "a later push changes nothing"


def test_a_push_of_another_action_answers_nothing() -> None:
    world = online()
    world.request("1", "deactivate_chat")

    assert world.receive(own_push()) == []
    assert "1" not in world.outcomes
    assert kinds(world.receive(response("1", "deactivate_chat"))) == ["Settle(1 Response)"]


def test_unknown_and_repeated_answers_are_ignored() -> None:
    world = online()
    world.request("1", "send_event")

    assert world.receive(response("never", "send_event")) == []
    assert world.receive(response(None, "send_event")) == []
    world.receive(response("1", "send_event"))
    assert world.receive(response("1", "send_event")) == []
    world.receive(own_push())
    assert world.receive(own_push()) == []
    assert world.receive(response("1", "send_event")) == []
    assert world.session.unanswered == 0


def test_a_refusal_after_the_push_leaves_the_success() -> None:
    world = online()
    world.request("1", "send_event")
    world.receive(own_push())

    assert world.receive(refusal("1", "send_event", "internal")) == []
    assert isinstance(world.outcomes["1"], Push)


@pytest.mark.parametrize("again", [response("1", "send_event"), refusal("1", "send_event", "x")])
def test_a_repeated_response_neither_changes_nor_delays_the_outcome(again: bytes) -> None:
    world = online()
    world.request("1", "send_event")
    world.receive(response("1", "send_event"))
    world.advance(1.5)

    assert world.receive(again) == []
    world.advance(0.5)

    assert isinstance(world.outcomes["1"], Unconfirmed)


def test_a_queue_behind_lost_pings_goes_on_while_we_do_not_read() -> None:
    world = online(in_flight_limit=3)
    world.request("0")
    for _ in range(2):  # the answer to the first ping is lost
        world.advance(15)
        world.receive(push("incoming_typing_indicator"))
    world.request("1", write=False)
    assert not world.session.may_write("1")
    world.step(inputs.ReadingStopped())

    got = world.advance(15)

    assert [o.request_id for o in got if isinstance(o, outputs.Send) and o.loggable] == ["1"]


def test_the_clock_starts_at_the_write() -> None:
    world = online()
    world.request("1", write=False)
    world.advance(14)
    world.step(inputs.Written("1"))
    assert not world.session.may_write("1")
    world.receive(push("incoming_typing_indicator"))

    world.advance(0.9)
    world.receive(response("~ping-1", "ping"))
    world.advance(18.9)
    assert "1" not in world.outcomes
    world.advance(0.2)

    assert isinstance(world.error("1"), RequestTimeoutError)
    assert isinstance(world.error("1"), OutcomeUnknownError)


def test_a_request_s_own_time_out() -> None:
    world = online()
    world.request("1", timeout=3)

    world.advance(2.9)
    assert "1" not in world.outcomes
    world.advance(0.1)

    assert isinstance(world.error("1"), RequestTimeoutError)


def test_a_time_out_frees_no_slot_but_the_late_answer_does() -> None:
    world = online()
    for number in range(9):
        world.request(str(number), timeout=3 if number == 0 else 20)
    world.advance(3)
    assert isinstance(world.error("0"), RequestTimeoutError)

    assert not [out for out in world.request("next", write=False) if isinstance(out, outputs.Send)]
    assert not world.session.may_write("next"), "queued: the server still counts the first"
    got = world.receive(response("0", "get_customer"))

    assert "Send(get_customer)" in kinds(got)
    assert world.session.may_write("next")


def test_nine_are_sent_the_tenth_slot_is_the_ping_s() -> None:
    world = online()
    for number in range(12):
        world.request(str(number))

    assert world.session.unanswered == 9
    world.advance(15)
    assert world.session.unanswered == 10
    assert world.pings() == 1
    # Answers let the waiting ones go, in their order.
    got = [
        *world.receive(response("4", "get_customer")),
        *world.receive(response("~ping-1", "ping")),
    ]
    assert [out.request_id for out in got if isinstance(out, outputs.Send)] == ["9"]
    got = world.receive(response("0", "get_customer"))
    assert [out.request_id for out in got if isinstance(out, outputs.Send)] == ["10"]


def test_the_queue_is_bounded() -> None:
    world = online(queue_limit=3)
    for number in range(12):
        world.request(str(number))
    assert not world.outcomes

    world.request("one too many")

    assert isinstance(world.error("one too many"), PendingRequestsLimitReachedError)


def test_who_waits_too_long_for_a_slot_fails_as_not_sent() -> None:
    world = online(queue_timeout=5)
    for number in range(10):
        world.request(str(number))
    world.advance(2)
    world.request("10")

    world.advance(2.9)
    assert not world.outcomes
    world.advance(0.1)
    assert list(world.outcomes) == ["9"]
    world.advance(2)

    assert list(world.outcomes) == ["9", "10"]
    error = world.error("10")
    assert isinstance(error, PendingRequestsLimitReachedError)
    assert not isinstance(error, ServerError)


def test_when_every_slot_is_held_past_its_time_out_the_connection_is_a_zombie() -> None:
    world = online()
    for number in range(8):
        world.request(str(number))
    world.request("8", timeout=25)
    world.request("queued")

    # The peer shows signs of life, and answers pings, but no request.
    for second in range(20):
        world.advance(1)
        world.receive(push("incoming_typing_indicator"))
        if second == 14:
            world.receive(response("~ping-1", "ping"))
    assert world.session.state == "connected"
    assert sum(type(o).__name__ == "Failed" for o in world.outcomes.values()) == 9
    for _ in range(5):
        world.receive(push("incoming_typing_indicator"))
        world.advance(1)

    assert world.session.state == "waiting"
    assert "CloseSocket(1 reset)" in kinds(world.history)
    fact = world.facts(DISCONNECTED)[0].data
    assert (fact["reason"], fact["will"]) == ("connection_lost", "reconnect")
    assert len(world.outcomes) == 10


def test_lost_pings_hold_slots_too() -> None:
    world = online()
    # Every ping's answer is lost, though the peer is alive: at last no slot is left.
    for _ in range(15 * 11):
        world.advance(1)
        world.receive(push("incoming_typing_indicator"))
        assert world.session.unanswered <= 10
        if world.session.state != "connected":
            break

    assert world.session.state == "waiting"
    assert world.pings() == 10


def test_a_request_that_is_never_written_ends_the_connection() -> None:
    world = online()
    world.request("1", write=False)
    for _ in range(59):
        world.advance(1)
        world.receive(push("incoming_typing_indicator"))
        world.receive(response(f"~ping-{world.pings()}", "ping"))
    assert world.session.state == "connected"

    world.advance(1)

    assert world.session.state == "waiting"
    assert isinstance(world.error("1"), NoConnectionError)


@pytest.mark.parametrize(
    ("end", "written", "unwritten"),
    [
        (inputs.Closed(1, 1006), ConnectionLostError, NoConnectionError),
        (inputs.Disconnect(), ConnectionLostError, NoConnectionError),
        (inputs.Destroy(), ConnectionLostError, SDKDestroyedError),
    ],
)
def test_the_end_of_a_connection_settles_all_in_the_order_of_sending(
    end: inputs.Input, written: type[Exception], unwritten: type[Exception]
) -> None:
    world = online()
    world.request("written")
    world.request("unwritten", write=False)
    world.request("answered", "send_event")
    world.request("pushed", "send_event")
    for number in range(7):
        world.request(f"more-{number}")
    world.receive(response("answered", "send_event"))
    world.receive(own_push("pushed"))

    world.step(end)

    assert type(world.error("written")) is written
    assert type(world.error("unwritten")) is unwritten
    assert isinstance(world.outcomes["answered"], Unconfirmed)
    assert isinstance(world.outcomes["pushed"], Push)
    assert type(world.error("more-6")) is unwritten, "it was still queued"
    assert list(world.outcomes) == ["pushed", "written", "unwritten", "answered"] + [
        f"more-{number}" for number in range(7)
    ]


def test_destroyed_in_flight_is_outcome_unknown_with_the_known_code() -> None:
    world = online()
    world.request("1")

    world.step(inputs.Destroy())

    error = world.error("1")
    assert isinstance(error, ConnectionLostError)
    assert error.code == "SDK_DESTROYED"


@pytest.mark.parametrize(
    ("in_flight", "reset"), [(True, "CloseSocket(1 reset)"), (False, "CloseSocket(1)")]
)
def test_with_requests_under_way_the_connection_is_cut(in_flight: bool, reset: str) -> None:
    world = online()
    if in_flight:
        world.request("1")

    assert kinds(world.step(inputs.Disconnect()))[0] == reset


def test_cancelling_what_is_queued_or_unwritten_means_it_is_never_sent() -> None:
    world = online()
    for number in range(9):
        world.request(str(number), write=False)
    world.request("queued")
    world.request("also queued")

    assert kinds(world.step(inputs.Cancel("queued"))) == ["Settle(queued Cancelled)"]
    got = world.step(inputs.Cancel("0"))

    assert kinds(got) == ["Settle(0 Cancelled)", "Send(get_customer)"]
    assert not world.session.may_write("0")
    assert world.session.may_write("also queued")
    assert world.step(inputs.Written("0")) == []


def test_cancelling_what_was_written_keeps_its_slot() -> None:
    world = online()
    world.request("1")
    world.request("2", "send_event")
    world.receive(response("2", "send_event"))

    assert kinds(world.step(inputs.Cancel("1"))) == ["Settle(1 Cancelled)"]
    assert kinds(world.step(inputs.Cancel("2"))) == ["Settle(2 Cancelled)"]
    assert world.session.unanswered == 1
    assert world.step(inputs.Cancel("1")) == []
    assert world.step(inputs.Cancel("unknown")) == []
    assert world.receive(response("1", "get_customer")) == []
    assert world.session.unanswered == 0
    assert world.outcomes == {"1": Cancelled(), "2": Cancelled()}


def test_slots_held_by_cancelled_requests_count_for_the_zombie() -> None:
    world = online()
    for number in range(9):
        world.request(str(number))
        world.step(inputs.Cancel(str(number)))

    for _ in range(20):
        world.advance(1)
        world.receive(push("incoming_typing_indicator"))
        world.receive(response("~ping-1", "ping"))

    assert world.session.state == "waiting"
