"""What one attempt hands on to the next."""

from __future__ import annotations

from transport_kit import token

from livechat_customer.transport.attempt import Attempt
from livechat_customer.transport.config import SessionConfig


def test_numbers_tickets_and_login_ids_are_new_each_time() -> None:
    attempt = Attempt(SessionConfig(connection=7))
    seen: list[tuple[int, int, int, str]] = []
    for _ in range(2):
        attempt.begin()
        seen.append((attempt.number, attempt.count, attempt.ticket, attempt.login_id))

    assert seen == [(8, 1, 1, "~login-8"), (9, 2, 2, "~login-9")]


def test_until_the_first_login_the_token_says_who_the_customer_is() -> None:
    attempt = Attempt(SessionConfig())
    attempt.fresh = True

    assert attempt.identify(token("a"))
    assert not attempt.fresh
    assert attempt.identify(token("b"))
    attempt.settled = True
    assert attempt.identify(token("b"))
    assert not attempt.identify(token("a"))
    assert attempt.customer_id == "b"


def test_the_region_changes_to_a_known_other_one_only() -> None:
    attempt = Attempt(SessionConfig(region="dal"))
    regions: list[str | None] = []
    for named in ("dal", "evil.example", None, "fra", "dal"):
        attempt.switch(named)
        regions.append(attempt.region)

    assert regions == ["dal", "dal", "dal", "fra", "dal"]
