"""Availability is the status of the customer's own group."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from livechat_customer.projections.availability import AvailabilityFacts

AVAILABLE: list[tuple[list[tuple[str, Any]], str]] = [
    ([], "unknown"),
    ([("login", (0, [0], 1))], "online"),
    ([("login", (2, [0], 1))], "offline"),
    ([("login", (None, [0], 1))], "offline"),
    ([("login", (0, [0], 1)), ("push", (0, "offline", 2))], "offline"),
    ([("login", (0, [0], 3)), ("push", (0, "offline", 2))], "online"),
    ([("login", (0, [], 1)), ("push", (0, "online_for_queue", 2))], "online"),
    ([("login", (0, [], 1)), ("push", (7, "online", 2))], "offline"),
    ([("login", (0, [0], 1)), ("push", (0, "offline", 0))], "online"),
    ([("login", (0, [0], 1)), ("push", (0, "", 2))], "online"),
]


@pytest.mark.parametrize(("said", "expected"), AVAILABLE)
def test_availability_is_that_of_the_own_group(said: list[tuple[str, Any]], expected: str) -> None:
    for order in permutations(said):
        facts = AvailabilityFacts()
        for kind, given in order:
            if kind == "login":
                group, online, stamp = given
                facts.login(group, online, (stamp, stamp))
            else:
                facts.update(*given)

        assert facts.now() == expected


def test_statuses_are_by_number() -> None:
    facts = AvailabilityFacts()
    facts.login(0, [0, 3], (1, 1))
    facts.update(3, "offline", 2)

    assert facts.statuses() == {0: "online", 3: "offline"}
