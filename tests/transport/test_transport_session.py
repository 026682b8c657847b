"""The life of a session, as tables of inputs and outputs. Virtual time throughout."""

from __future__ import annotations

import pytest
from transport_kit import CUSTOMER, World, kinds, push, refusal, response, token

from livechat_customer.errors import (
    ConnectionLostError,
    LogFullError,
    NoConnectionError,
    SDKDestroyedError,
)
from livechat_customer.records import DISCONNECTED
from livechat_customer.transport import inputs, outputs
from livechat_customer.transport.codec import decode_frame
from livechat_customer.transport.outputs import Failed

STATES = ["offline", "token", "opening", "login", "connected", "waiting", "paused", "destroyed"]


def in_state(state: str) -> World:
    """A world whose session has come to `state`."""
    world = World()
    match state:
        case "offline":
            pass
        case "waiting":
            world.connects("opening")
            world.step(inputs.OpenFailed(1, "refused"))
        case "paused":
            world.connects().step(inputs.Disconnect())
        case "destroyed":
            world.connects().step(inputs.Destroy())
        case _:
            world.step(inputs.Connect())
            world.attempts(state)
    assert world.session.state == state
    return world


def test_from_connect_to_connected() -> None:
    world = World()

    assert kinds(world.step(inputs.Connect())) == [
        "Fact(connecting)",
        "SetTimer(token)",
        "FetchToken()",
    ]
    assert kinds(world.token_arrives()) == [
        "CancelTimer(token)",
        "Fact(customer_id)",
        "SetTimer(connect)",
        "OpenSocket(1 None)",
    ]
    assert kinds(world.opens()) == ["CancelTimer(connect)", "SetTimer(login)", "BuildLogin()"]
    assert kinds(world.sends_login()) == ["Send(login)"]
    assert kinds(world.logs_in()) == ["CancelTimer(login)", "SetTimer(ping)", "Fact(connected)"]
    assert [(fact.action, dict(fact.data)) for fact in world.facts()] == [
        ("connecting", {"number": 1, "attempt": 1, "region": "dal"}),
        ("customer_id", {"customer_id": CUSTOMER}),
        ("connected", {"number": 1, "region": "dal"}),
    ]


def test_the_login_frame_carries_the_version_of_the_connection() -> None:
    world = World(api_version="3.6").connects("login")

    login = world.history[-1]
    assert isinstance(login, outputs.Send)
    assert login.frame == (
        b'{"request_id":"~login-1","action":"login","version":"3.6","payload":{"token":"x"}}'
    )
    assert login.loggable


def test_numbers_go_on_from_the_stream_s_last_connection() -> None:
    world = World(connection=41).connects()

    assert world.session.number == 42
    assert world.facts("connected")[0].connection == 42


@pytest.mark.parametrize("state", ["token", "opening", "login", "connected", "destroyed"])
def test_connect_is_idempotent(state: str) -> None:
    assert in_state(state).step(inputs.Connect()) == []


def test_connect_while_waiting_tries_at_once() -> None:
    world = in_state("waiting")

    assert kinds(world.step(inputs.Connect())) == [
        "CancelTimer(retry)",
        "Fact(connecting)",
        "SetTimer(token)",
        "FetchToken()",
    ]
    assert world.attempts().session.number == 2


@pytest.mark.parametrize("state", ["offline", "paused"])
def test_connect_works_after_a_pause(state: str) -> None:
    world = in_state(state)
    world.connects()

    assert world.facts("connecting")[-1].data["attempt"] == 1


@pytest.mark.parametrize(
    ("state", "closed"),
    [
        ("token", []),
        ("opening", ["CloseSocket(1)"]),
        ("login", ["CloseSocket(1)"]),
        ("connected", ["CloseSocket(1)"]),
        ("waiting", []),
    ],
)
def test_disconnect_at_any_moment_sticks(state: str, closed: list[str]) -> None:
    world = in_state(state)

    got = [kind for kind in kinds(world.step(inputs.Disconnect())) if "Timer" not in kind]

    assert got == [*closed, "Fact(disconnected)"]
    fact = world.facts(DISCONNECTED)[-1]
    assert (fact.data["reason"], fact.data["will"]) == ("manual", "none")
    assert world.session.state == "paused"
    assert not world.timers
    # What its tasks still report changes nothing.
    assert world.step(inputs.TokenArrived(world.token_asked().ticket, token())) == []
    assert world.step(inputs.Opened(1)) == []
    assert world.step(inputs.LoginData(1, b"{}")) == []
    assert world.receive(response("~login-1", "login"), 1) == []
    assert world.step(inputs.Closed(1, 1000)) == []
    assert world.advance(1_000) == []


@pytest.mark.parametrize("state", ["offline", "paused", "destroyed"])
def test_disconnect_when_offline_does_nothing(state: str) -> None:
    world = in_state(state)

    assert world.step(inputs.Disconnect()) == []
    assert world.session.state == state


@pytest.mark.parametrize("state", [state for state in STATES if state != "destroyed"])
def test_destroy_at_any_moment_is_final(state: str) -> None:
    world = in_state(state)
    if state == "connected":
        world.request("1")

    world.step(inputs.Destroy())

    assert dict(world.facts()[-1].data) == {"reason": "manual"}
    assert world.session.state == "destroyed"
    assert not world.timers
    assert world.step(inputs.Destroy()) == []
    assert world.step(inputs.Connect()) == []
    assert world.step(inputs.TokenArrived(1, token())) == []
    assert world.step(inputs.Closed(1, 1000)) == []
    world.request("2")
    assert isinstance(world.error("2"), SDKDestroyedError)


@pytest.mark.parametrize("state", [state for state in STATES if state != "connected"])
def test_requests_need_a_login(state: str) -> None:
    world = in_state(state)

    world.request("1")

    expected = SDKDestroyedError if state == "destroyed" else NoConnectionError
    assert type(world.error("1")) is expected


@pytest.mark.parametrize(
    ("state", "seconds", "reason", "close", "retry_in_ms"),
    [
        ("token", 30, "token_failed", [], 300),
        ("opening", 10, "connect_failed", ["CloseSocket(1 reset)"], 1_000),
        ("login", 15, "request_timeout", ["CloseSocket(1)"], 300),
    ],
)
def test_each_step_of_connecting_has_its_time_out(
    state: str, seconds: float, reason: str, close: list[str], retry_in_ms: int
) -> None:
    world = in_state(state)

    assert world.advance(seconds - 0.1) == []
    got = world.advance(0.1)

    assert kinds(got) == [*close, "Fact(disconnected)", "SetTimer(retry)"]
    fact = world.facts(DISCONNECTED)[0].data
    assert (fact["reason"], fact["will"], fact["retry_in_ms"]) == (reason, "reconnect", retry_in_ms)
    assert not fact["was_connected"]
    assert kinds(world.advance(retry_in_ms / 1_000))[0] == "Fact(connecting)"
    assert world.facts("connecting")[-1].data["attempt"] == 2


def test_a_socket_that_is_refused_is_tried_again_more_and_more_slowly() -> None:
    world = World()
    world.step(inputs.Connect())

    delays: list[object] = []
    for number in range(1, 6):
        world.attempts("opening")
        world.step(inputs.OpenFailed(number, "refused"))
        delays.append(world.facts(DISCONNECTED)[-1].data["retry_in_ms"])
        world.advance(5)

    assert delays == [1_000, 2_000, 4_000, 5_000, 5_000]


def test_the_socket_s_back_off_starts_anew_when_one_opens() -> None:
    world = World().connects("opening")
    world.step(inputs.OpenFailed(1, "refused"))
    world.advance(1)
    world.attempts("login")

    world.step(inputs.Closed(2, 1006))

    assert world.facts(DISCONNECTED)[-1].data["retry_in_ms"] == 1_000


def test_a_certificate_error_is_final_and_visible() -> None:
    world = World().connects("opening")

    got = world.step(inputs.OpenFailed(1, "The certificate is not trusted.", final=True))

    assert kinds(got) == ["CancelTimer(connect)", "Fact(disconnected)"]
    fact = world.facts(DISCONNECTED)[0].data
    assert fact["will"] == "pause"
    assert fact["error"] == {
        "code": "CONNECT_FAILED",
        "message": "The certificate is not trusted.",
    }
    assert world.session.state == "paused"


def test_a_drop_settles_tells_and_reconnects() -> None:
    world = World().connects()
    world.request("written")
    world.request("unwritten", write=False)

    got = world.step(inputs.Closed(1, 1006))

    assert [kind for kind in kinds(got) if "Cancel" not in kind] == [
        "Fact(disconnected)",
        "Settle(written Failed)",
        "Settle(unwritten Failed)",
        "SetTimer(retry)",
    ]
    assert dict(world.facts(DISCONNECTED)[0].data) == {
        "number": 1,
        "reason": "connection_lost",
        "will": "reconnect",
        "was_connected": True,
        "close_code": 1006,
        "retry_in_ms": 1_000,
    }
    assert type(world.error("written")) is ConnectionLostError
    assert type(world.error("unwritten")) is NoConnectionError
    world.advance(1)
    assert world.attempts().session.number == 2
    assert [fact.data["attempt"] for fact in world.facts("connecting")] == [1, 1]


def test_the_customer_id_is_told_once() -> None:
    world = World().connects()
    world.step(inputs.Closed(1, 1006))
    world.advance(1)
    world.attempts()

    assert len(world.facts("customer_id")) == 1


def test_until_the_first_login_another_customer_may_take_the_place() -> None:
    """The token of an earlier run is refused, and its identity is gone."""
    world = World()
    world.step(inputs.Connect())
    world.token_arrives("forgotten")
    world.opens()
    world.sends_login()
    world.receive(refusal(world.login_id(), "login", "authentication"))
    world.advance(1)
    world.token_arrives("new")

    told = [fact.data["customer_id"] for fact in world.facts("customer_id")]
    assert told == ["forgotten", "new"]
    assert world.session.state == "opening"


def test_another_customer_s_token_ends_the_session() -> None:
    world = World().connects()
    world.step(inputs.Closed(1, 1006))
    world.advance(1)

    got = world.token_arrives("someone-else")

    assert kinds(got) == ["CancelTimer(token)", "Fact(disconnected)", "Fact(destroyed)"]
    fact = world.facts(DISCONNECTED)[-1].data
    assert (fact["reason"], fact["will"]) == ("identity_mismatch", "destroy")
    world.request("1")
    assert isinstance(world.error("1"), SDKDestroyedError)


@pytest.mark.parametrize(
    ("failed", "reason", "will"),
    [
        ({"reason": "server_error", "retryable": True}, "server_error", "reconnect"),
        ({"code": "TOKEN_FAILED", "retryable": True}, "token_failed", "reconnect"),
        ({"reason": "invalid_grant", "retryable": False}, "invalid_grant", "destroy"),
        (
            {"code": "IDENTITY_MISMATCH", "reason": "identity_mismatch", "retryable": False},
            "identity_mismatch",
            "destroy",
        ),
        (
            {"code": "CREDENTIALS", "reason": "credentials", "retryable": False},
            "credentials",
            "pause",
        ),
        (
            {"code": "SSO_IDENTITY_EXCEPTION", "reason": "access_denied", "retryable": False},
            "access_denied",
            "destroy",
        ),
        (
            {"code": "CERTIFICATE", "reason": "certificate_error", "retryable": False},
            "certificate_error",
            "pause",
        ),
    ],
)
def test_a_token_that_fails(failed: dict[str, object], reason: str, will: str) -> None:
    world = World().connects("token")

    world.step(inputs.TokenFailed(1, "No token.", **failed))  # type: ignore[arg-type]

    fact = world.facts(DISCONNECTED)[0].data
    assert (fact["reason"], fact["will"]) == (reason, will)
    assert not [out for out in world.history if isinstance(out, outputs.OpenSocket)]


def test_a_customer_data_provider_that_raises_is_visible_and_tried_again() -> None:
    world = World().connects("opening")
    world.opens()

    world.step(inputs.LoginDataFailed(1, "It raised KeyError."))

    fact = world.facts(DISCONNECTED)[0].data
    assert fact["will"] == "reconnect"
    assert fact["error"] == {"code": "CUSTOMER_DATA_PROVIDER", "message": "It raised KeyError."}


def test_what_an_old_connection_reports_changes_nothing() -> None:
    world = World().connects()
    world.step(inputs.Closed(1, 1006))
    world.advance(1)
    world.attempts()

    assert world.receive(push("customer_disconnected", {"reason": "customer_banned"}), 1) == []
    assert world.receive(response("~login-1", "login"), 1) == []
    assert world.step(inputs.Closed(1, 1000)) == []
    assert world.step(inputs.Opened(1)) == []
    assert world.step(inputs.OpenFailed(1, "refused")) == []
    assert world.step(inputs.TokenFailed(1, "late")) == []
    assert world.session.state == "connected"


def test_a_second_login_answer_changes_nothing() -> None:
    world = World().connects()

    assert world.receive(response("~login-1", "login")) == []


def test_the_login_is_written_only_while_it_is_awaited() -> None:
    world = World().connects("login")
    assert world.session.may_write("~login-1")

    world.step(inputs.Disconnect())

    assert not world.session.may_write("~login-1")


def test_pushes_are_not_gated_by_the_login() -> None:
    world = World().connects("login")

    assert world.receive(push("incoming_greeting")) == []
    assert world.session.state == "login"


def test_a_failed_log_pauses_and_ends_all_requests_with_its_error() -> None:
    world = World().connects()
    for number in range(12):
        world.request(str(number))
    world.request("answered", "send_event")
    error = LogFullError("The disk is full. Make room.")

    got = world.step(inputs.LogFailed(error))

    assert kinds(got)[0] == "CloseSocket(1 reset)"
    assert not [out for out in got if isinstance(out, outputs.Fact)]
    assert len(world.outcomes) == 13
    assert all(outcome == Failed(error) for outcome in world.outcomes.values())
    assert not world.timers
    assert world.session.state == "paused"
    assert world.connects().session.number == 2


@pytest.mark.parametrize("state", ["offline", "destroyed"])
def test_a_failed_log_means_nothing_to_a_session_at_rest(state: str) -> None:
    world = in_state(state)

    assert world.step(inputs.LogFailed(LogFullError("full"))) == []
    assert world.session.state == state


def test_waking_up_while_waiting_reconnects_at_once() -> None:
    world = in_state("waiting")

    got = world.step(inputs.Awake(3_600))

    assert kinds(got)[:2] == ["CancelTimer(retry)", "Fact(connecting)"]


def test_waking_up_restarts_the_login_s_time_out() -> None:
    world = World().connects("login")
    world.now += 40

    world.step(inputs.Awake(40))

    assert world.step(inputs.TimerFired("login")) == []
    assert world.timers["login"] == world.now + 15


@pytest.mark.parametrize(
    ("frame", "is_plain"),
    [
        (push("incoming_event"), True),
        (push("incoming_event", request_id="another client's"), True),
        (push("a_new_push"), True),
        (b"no json", True),
        (push("incoming_event", request_id="mine"), False),
        (push("customer_disconnected", {"reason": "x"}), False),
        (response("mine", "send_event"), False),
        (response("~ping-1", "ping"), False),
    ],
)
def test_which_pushes_are_plain(frame: bytes, is_plain: bool) -> None:
    world = World().connects()
    world.request("mine", "send_event")

    assert world.session.push_is_plain(decode_frame(frame)) is is_plain


def test_a_request_id_in_use_is_a_mistake() -> None:
    world = World().connects()
    world.request("1")

    for request_id in ("1", "~ping-1"):
        with pytest.raises(ValueError, match="make a new one"):
            world.request(request_id)


@pytest.mark.parametrize("state", STATES)
def test_drop_ends_the_connection_that_is_logged_in_and_no_other(state: str) -> None:
    world = in_state(state)
    number = world.session.newest

    assert world.step(inputs.Drop(number + 1, "Another one's.")) == []
    got = world.step(inputs.Drop(number, "A request was not answered."))

    if state != "connected":
        assert got == []
        return
    assert outputs.CloseSocket(number, 1000, True) in got
    assert world.session.state == "waiting"
    (end,) = [one for one in got if isinstance(one, outputs.Fact)]
    assert (end.action, end.data["will"]) == (DISCONNECTED, "reconnect")
