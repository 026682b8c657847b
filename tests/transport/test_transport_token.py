"""A token's life, and the endpoint's answer as a token."""

from __future__ import annotations

import msgspec
import pytest
from transport_kit import token

from livechat_customer.transport.token import Token

HOUR = 3_600_000


@pytest.mark.parametrize(
    ("lifetime", "age", "soon", "expired"),
    [
        (8 * HOUR, 0, False, False),
        (8 * HOUR, 7 * HOUR, False, False),
        (8 * HOUR, 7 * HOUR + 1, True, False),
        (8 * HOUR, 8 * HOUR - 1, True, False),
        (8 * HOUR, 8 * HOUR, True, True),
        (60_000, 30_000, False, False),
        (60_000, 30_001, True, False),
        (0, 0, False, True),
    ],
)
def test_expiry(lifetime: int, age: int, soon: bool, expired: bool) -> None:
    held = token(expires_in=lifetime, creation_date=1_000)

    assert (held.expires_soon(1_000 + age), held.expired(1_000 + age)) == (soon, expired)


def test_from_the_endpoint_s_answer() -> None:
    answer = {
        "access_token": "dal:x",
        "token_type": "Bearer",
        "entity_id": "e",
        "expires_in": 28_800,
        "organization_id": "o",
        "client_id": "c",
    }

    assert Token.from_endpoint(answer, 5) == Token(
        access_token="dal:x",
        entity_id="e",
        expires_in=28_800_000,
        creation_date=5,
        organization_id="o",
    )
    assert Token.from_endpoint(answer, 5).authorization == "Bearer dal:x"


@pytest.mark.parametrize(
    "answer", [{}, {"access_token": "x"}, {"access_token": 5, "entity_id": "e"}, {"entity_id": "e"}]
)
def test_an_answer_without_a_token(answer: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        Token.from_endpoint(answer, 5)
