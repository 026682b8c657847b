"""Inputs and outputs show no secrets and nothing a customer wrote."""

from __future__ import annotations

import pytest
from transport_kit import SECRET, World, token

from livechat_customer.transport import inputs, outputs


@pytest.mark.parametrize(
    "value",
    [
        token(),
        inputs.TokenArrived(1, token()),
        inputs.LoginData(1, SECRET.encode()),
        inputs.Request("1", "send_event", SECRET.encode()),
        outputs.BuildLogin(1, token()),
        outputs.Send(1, "1", "login", SECRET.encode()),
    ],
)
def test_reprs(value: object) -> None:
    assert SECRET not in repr(value)
    assert SECRET not in str(value)
    assert type(value).__name__ in repr(value)


def test_a_whole_session_shows_no_token() -> None:
    world = World().connects()

    assert SECRET not in repr(world.history)
