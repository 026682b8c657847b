"""Proof keys and transfer tokens."""

from __future__ import annotations

import re

import pytest

from livechat_customer.transport.transfer import IdentityTransfer, Pkce


def test_the_challenge_is_that_of_the_standard() -> None:
    """The example of RFC 7636, appendix B."""
    found = Pkce.of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")

    assert found.challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_a_new_one_is_another_each_time_and_of_the_right_form() -> None:
    found = [Pkce.new() for _ in range(20)]

    assert len({one.verifier for one in found}) == 20
    for one in found:
        assert re.fullmatch(r"[A-Za-z0-9\-._~]{43,128}", one.verifier)
        assert Pkce.of(one.verifier) == one


@pytest.mark.parametrize("verifier", ["short", "a" * 129, "a" * 42 + "é", "a" * 42 + " ", ""])
def test_a_wrong_verifier_is_refused(verifier: str) -> None:
    with pytest.raises(ValueError, match="43 to 128"):
        Pkce.of(verifier)


def test_their_repr_shows_no_secret() -> None:
    pkce = Pkce.new()

    assert pkce.verifier not in repr(pkce)
    assert "dal:x" not in repr(IdentityTransfer("dal:x", 3_600))
