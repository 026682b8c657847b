"""The connection is what the newest lifecycle facts say, in whatever order they are read."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from projections_kit import Log

from livechat_customer.models.wire.decode import json_of
from livechat_customer.projections.connection import ConnectionFacts

Fact = tuple[str, dict[str, Any]]
OPENED: Fact = ("opened", {})
CONNECTING: Fact = ("connecting", {"number": 1, "attempt": 1})
CONNECTED: Fact = ("connected", {"number": 1})
UNSTABLE: Fact = ("unstable", {"number": 1})
RECOVERED: Fact = ("recovered", {"number": 1})
DESTROYED: Fact = ("destroyed", {"reason": "manual"})


def ended(will: str, **data: Any) -> Fact:
    return ("disconnected", {"number": 1, "reason": "connection_lost", "will": will} | data)


CONNECTIONS: list[tuple[list[Fact], str, int, bool]] = [
    ([], "disconnected", 0, False),
    ([OPENED], "disconnected", 0, False),
    ([OPENED, CONNECTING], "connecting", 0, False),
    ([OPENED, CONNECTING, CONNECTED], "connected", 1, False),
    ([CONNECTING, CONNECTED, UNSTABLE], "connected", 1, True),
    ([CONNECTING, CONNECTED, UNSTABLE, RECOVERED], "connected", 1, False),
    ([CONNECTING, CONNECTED, UNSTABLE, ended("reconnect")], "reconnecting", 0, False),
    ([CONNECTING, CONNECTED, ended("reconnect"), CONNECTING], "reconnecting", 0, False),
    ([CONNECTING, CONNECTED, ended("pause")], "paused", 0, False),
    ([CONNECTING, CONNECTED, ended("none")], "disconnected", 0, False),
    ([CONNECTING, ended("destroy"), DESTROYED], "destroyed", 0, False),
    # A new process begins anew, whatever the last one left.
    ([CONNECTING, CONNECTED, OPENED], "disconnected", 0, False),
    ([CONNECTING, ended("reconnect"), OPENED, CONNECTING], "connecting", 0, False),
    ([ended("surprise")], "disconnected", 0, False),
]


@pytest.mark.parametrize(("facts", "status", "current", "unstable"), CONNECTIONS)
def test_the_connection_is_what_the_newest_facts_say(
    facts: list[Fact], status: str, current: int, unstable: bool
) -> None:
    log = Log()
    records = [log.fact(action, **data) for action, data in facts]
    for order in permutations(records):
        found = ConnectionFacts()
        for record in order:
            found.apply(record, json_of(record))

        assert (found.status, found.current, found.unstable) == (status, current, unstable)


def test_facts_of_no_interest_are_left_out() -> None:
    log = Log()
    found = ConnectionFacts()

    assert not found.apply(log.fact("customer_id", customer_id="x"), {"customer_id": "x"})
    assert found == ConnectionFacts()


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (
            {"error": {"code": "VALIDATION", "message": "no"}},
            {"code": "VALIDATION", "message": "no"},
        ),
        ({"error": "VALIDATION"}, {"code": "VALIDATION"}),
        ({"error": 7, "reason": 7, "number": "x"}, None),
    ],
)
def test_errors_are_kept_and_odd_data_is_not_trusted(
    data: dict[str, Any], error: dict[str, str] | None
) -> None:
    log = Log()
    found = ConnectionFacts()

    found.apply(log.fact("disconnected", **data), data)

    assert found.told["disconnected"].error == error
