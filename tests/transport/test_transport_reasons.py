"""The table of reasons: what each push and each login error does, through the whole machine."""

from __future__ import annotations

import pytest
from parity_rows import ROWS
from transport_kit import World, push, refusal

from livechat_customer.errors import (
    ConnectionLostError,
    NoConnectionError,
    NotSentError,
    SDKDestroyedError,
)
from livechat_customer.records import DISCONNECTED
from livechat_customer.transport import inputs, outputs
from livechat_customer.transport.reasons import (
    EFFECTS,
    Effect,
    effect_of,
    lost_code,
    other_region,
)

DESTROY = [
    "customer_banned",
    "customer_temporarily_blocked",
    "identity_mismatch",
    "license_not_found",
    "logged_out_remotely",
    "product_version_changed",
    "too_many_connections",
    "unsupported_version",
    "wrong_product_version",
]
PAUSE = ["inactivity_timeout", "license_expired", "users_limit_reached"]
FRESH = ["access_token_expired", "access_token_revoked", "authentication"]
BACK_OFF = [
    "connection_evicted",
    "connection_timeout",
    "internal_error",
    "service_temporarily_unavailable",
    "too_many_unauthorized_connections",
    "validation",
    "something_new",
]


def rows(reasons: list[str]) -> list[object]:
    """One case each, with its mark where it is a row of its own."""
    return [
        pytest.param(reason, marks=pytest.mark.shows(f"reason {reason}", by="machine"))
        if f"reason {reason}" in ROWS
        else reason
        for reason in reasons
    ]


def disconnected_by(reason: str, how: str, data: object = None) -> World:
    """A world whose connection ended with `reason`, as a push or as the login's error."""
    if how == "push":
        world = World().connects()
        world.request("written")
        world.request("unwritten", write=False)
        payload: dict[str, object] = {"reason": reason}
        world.receive(
            push("customer_disconnected", payload | ({} if data is None else {"data": data}))
        )
    else:
        world = World().connects("login")
        world.receive(refusal("~login-1", "login", reason, data))
    return world


def last_disconnected(world: World) -> dict[str, object]:
    return dict(world.facts(DISCONNECTED)[-1].data)


@pytest.mark.parametrize("how", ["push", "login"])
@pytest.mark.parametrize("reason", rows(DESTROY))
def test_fatal_reasons_destroy(reason: str, how: str) -> None:
    world = disconnected_by(reason, how)

    assert last_disconnected(world)["will"] == "destroy"
    assert dict(world.facts()[-1].data) == {"reason": reason}
    assert world.session.state == "destroyed"
    assert not world.timers
    if how == "push":
        assert type(world.error("written")) is ConnectionLostError
        assert type(world.error("unwritten")) is SDKDestroyedError


@pytest.mark.parametrize("how", ["push", "login"])
@pytest.mark.parametrize("reason", rows(PAUSE))
def test_reasons_that_wait_for_the_user_pause(reason: str, how: str) -> None:
    world = disconnected_by(reason, how)

    assert last_disconnected(world)["will"] == "pause"
    assert world.session.state == "paused"
    assert world.advance(10_000) == []
    if how == "push":
        assert type(world.error("unwritten")) is NoConnectionError
    assert world.connects().session.number == 2


@pytest.mark.parametrize("how", ["push", "login"])
@pytest.mark.parametrize("reason", rows(FRESH))
def test_a_refused_token_is_replaced_until_another_came(reason: str, how: str) -> None:
    world = disconnected_by(reason, how)

    assert last_disconnected(world)["will"] == "reconnect"
    world.advance(0.3)
    assert world.token_asked().fresh
    world.step(inputs.TokenFailed(world.token_asked().ticket, "offline"))
    world.advance(1)
    assert world.token_asked().fresh, "the old token is still refused"
    world.token_arrives()
    world.step(inputs.OpenFailed(world.session.number, "refused"))
    world.advance(5)
    assert not world.token_asked().fresh, "the new token has not been refused"


@pytest.mark.parametrize("how", ["push", "login"])
@pytest.mark.parametrize("reason", rows(BACK_OFF))
def test_all_others_known_or_not_reconnect(reason: str, how: str) -> None:
    world = disconnected_by(reason, how)

    assert last_disconnected(world)["will"] == "reconnect"
    world.advance(1)
    assert not world.token_asked().fresh
    assert world.attempts().session.number == 2


@pytest.mark.parametrize("how", ["push", "login"])
@pytest.mark.parametrize("reason", rows(["misdirected_connection", "misdirected_request"]))
@pytest.mark.parametrize(
    ("data", "region"),
    [
        ({"region": "fra"}, "fra"),
        ({"region": "dal"}, None),
        ({"region": "evil.example"}, None),
        ({"region": ["fra"]}, None),
        ({}, None),
        (None, None),
        ("fra", None),
    ],
)
def test_a_misdirected_session_goes_to_a_known_other_region_only(
    reason: str, how: str, data: object, region: str | None
) -> None:
    world = disconnected_by(reason, how, data)

    assert last_disconnected(world)["reason"] == reason
    assert last_disconnected(world)["announced"] is True, "it is emitted, connected or not"
    world.advance(0.3)
    world.attempts("opening")
    opened = [out for out in world.history if isinstance(out, outputs.OpenSocket)][-1]
    assert opened.region == region
    if how == "push":
        error = world.error("written")
        assert isinstance(error, ConnectionLostError)
        assert error.code == "MISDIRECTED_CONNECTION"


def test_the_other_way_back_from_a_wrong_region() -> None:
    assert other_region("fra", "dal") == "dal"
    assert other_region(None, "dal") is None
    assert other_region("dal", "dal") is None


@pytest.mark.parametrize("how", ["push", "login"])
def test_two_regions_that_name_each_other_are_not_visited_in_a_rush(how: str) -> None:
    world = World().connects("login" if how == "login" else "connected")
    delays: list[float] = []
    for turn in range(4):
        data = {"region": ("fra", "dal")[turn % 2]}
        if how == "login":
            world.receive(refusal(world.login_id(), "login", "misdirected_request", data))
        else:
            world.receive(
                push("customer_disconnected", {"reason": "misdirected_connection", "data": data})
            )
        delays.append(world.timers["retry"] - world.now)
        world.advance(delays[-1])
        world.attempts("login" if how == "login" else "connected")

    assert delays == pytest.approx([0.3, 0.6, 1.2, 2.4] if how == "login" else [0.1, 0.3, 0.6, 1.2])


@pytest.mark.parametrize(
    ("reason", "delays"),
    [
        ("internal_error", [0.1, 0.3, 0.6, 1.2]),
        ("access_token_expired", [0.1, 0.3, 0.6, 1.2]),
        ("something_new", [0.1, 0.3, 0.6, 1.2]),
        ("too_many_unauthorized_connections", [0.3, 0.6, 1.2, 2.4]),
        ("service_temporarily_unavailable", [1, 2, 4, 8]),
    ],
)
def test_a_reason_repeated_after_each_login_is_backed_off(reason: str, delays: list[float]) -> None:
    world = World().connects()
    got: list[float] = []
    for _ in delays:
        world.receive(push("customer_disconnected", {"reason": reason}))
        got.append(world.timers["retry"] - world.now)
        world.advance(got[-1])
        world.attempts()

    assert got == pytest.approx(delays)


def test_a_connection_that_lasted_starts_the_back_off_anew() -> None:
    world = World().connects()
    for lasted, delay in ((0, 0.1), (1, 0.3), (61, 0.1), (1, 0.3)):
        for _ in range(lasted):
            world.advance(1)
            world.receive(push("incoming_event"))
        world.receive(push("customer_disconnected", {"reason": "connection_evicted"}))
        assert world.timers["retry"] - world.now == pytest.approx(delay)
        world.advance(delay)
        world.attempts()


def test_what_the_server_said_is_shown() -> None:
    world = disconnected_by("internal_error", "push", {"hint": 1})
    assert last_disconnected(world)["data"] == {"hint": 1}
    assert "error" not in last_disconnected(world)

    world = disconnected_by("license_expired", "login", {"since": "May"})
    assert last_disconnected(world)["error"] == {
        "code": "LICENSE_EXPIRED",
        "message": "It is license_expired.",
        "data": {"since": "May"},
    }


@pytest.mark.shows("reason unknown", by="machine")
@pytest.mark.parametrize("payload", [{}, {"reason": None}, {"reason": 5}, []])
def test_a_disconnection_without_a_reason_is_an_unknown_one(payload: object) -> None:
    world = World().connects()

    world.receive(push("customer_disconnected", payload))

    assert last_disconnected(world)["reason"] == "unknown"
    assert last_disconnected(world)["will"] == "reconnect"


def test_a_disconnection_may_come_before_the_login() -> None:
    world = World().connects("login")

    world.receive(push("customer_disconnected", {"reason": "license_not_found"}))

    assert world.session.state == "destroyed"
    assert last_disconnected(world)["was_connected"] is False


@pytest.mark.parametrize("reason", FRESH + BACK_OFF)
def test_what_is_tried_again_is_told_if_the_server_announced_it(reason: str) -> None:
    assert last_disconnected(disconnected_by(reason, "push"))["announced"] is True
    assert "announced" not in last_disconnected(disconnected_by(reason, "login"))
    world = World().connects("login")
    world.receive(push("customer_disconnected", {"reason": reason}))
    assert last_disconnected(world)["announced"] is True


@pytest.mark.parametrize("how", ["push", "login"])
@pytest.mark.parametrize("reason", [*DESTROY, *PAUSE, *FRESH, *BACK_OFF])
def test_nothing_is_left_in_flight(reason: str, how: str) -> None:
    world = disconnected_by(reason, how)

    if how == "push":
        written, unwritten = world.error("written"), world.error("unwritten")
        assert type(written) is ConnectionLostError
        assert written.code == lost_code(reason)
        assert isinstance(unwritten, NotSentError)
    assert not world.session.unanswered


@pytest.mark.shows("reason connection_lost", by="machine")
def test_a_lost_connection_is_made_again() -> None:
    world = World().connects()
    world.request("written")

    world.step(inputs.Closed(world.session.number, 1006))

    fact = last_disconnected(world)
    assert (fact["reason"], fact["will"], fact["close_code"]) == (
        "connection_lost",
        "reconnect",
        1006,
    )
    assert "announced" not in fact, "nobody said why"
    assert type(world.error("written")) is ConnectionLostError
    world.advance(5)
    assert not world.token_asked().fresh
    assert world.attempts().session.number == 2


def test_the_tables_agree() -> None:
    by_effect = {effect: {r for r, e in EFFECTS.items() if e is effect} for effect in Effect}

    assert by_effect[Effect.DESTROY] == set(DESTROY)
    assert by_effect[Effect.PAUSE] == set(PAUSE)
    assert by_effect[Effect.FRESH_TOKEN] == set(FRESH)
    assert effect_of("something_new") is Effect.RECONNECT
    assert lost_code("service_temporarily_unavailable") == "SERVICE_TEMPORARILY_UNAVAILABLE"
    assert lost_code("customer_banned") == "CONNECTION_LOST"
