"""What `connect()` gives back: one attempt for all callers, and the right error."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from livechat_customer.errors import (
    AuthError,
    CustomerSDKError,
    IdentityMismatchError,
    LoginError,
    NoConnectionError,
)
from livechat_customer.models import Connected, Customer
from livechat_customer.waiters import ConnectWaiters, destroyed, refusal

CONNECTED = Connected(customer=Customer("c1"), availability="online")


async def test_all_callers_get_the_one_login_and_a_cancelled_one_stops_nothing() -> None:
    waiters = ConnectWaiters()
    first, second, third = waiters.wait(), waiters.wait(), waiters.wait()
    second.cancel()
    waiters.succeed(CONNECTED)
    assert await first is CONNECTED
    assert await third is CONNECTED
    assert waiters.connected is CONNECTED


async def test_a_loss_keeps_them_waiting_and_a_refusal_ends_it() -> None:
    waiters = ConnectWaiters()
    waiters.succeed(CONNECTED)
    waiting = waiters.wait()
    waiters.lost()
    assert not waiting.done()
    assert waiters.connected is None
    waiters.fail(LoginError("no"))
    with pytest.raises(LoginError):
        await waiting


@pytest.mark.parametrize(
    ("data", "kind", "code"),
    [
        ({"reason": "license_expired", "will": "pause"}, LoginError, "LICENSE_EXPIRED"),
        (
            {"reason": "validation", "will": "pause", "error": {"code": "VALIDATION"}},
            LoginError,
            "VALIDATION",
        ),
        ({"reason": "manual", "will": "none"}, NoConnectionError, "NO_CONNECTION"),
        (
            {"reason": "identity_mismatch", "will": "destroy"},
            IdentityMismatchError,
            "IDENTITY_MISMATCH",
        ),
        (
            {"reason": "access_denied", "will": "destroy", "error": {"code": "SSO_X"}},
            AuthError,
            "SSO_X",
        ),
    ],
)
def test_each_refusal_has_its_error(
    data: dict[str, Any], kind: type[CustomerSDKError], code: str
) -> None:
    error = refusal(data)
    assert type(error) is kind
    assert error.code == code


def test_a_fatal_reason_is_named() -> None:
    assert "customer_banned" in destroyed("customer_banned").message
    assert "init()" in destroyed("manual").message


def test_the_servers_data_stays_with_the_error() -> None:
    error = refusal(
        {"reason": "x", "will": "pause", "error": {"code": "X", "data": {"region": "fra"}}}
    )
    assert error.data == {"region": "fra"}


async def test_waiting_alone_never_ends_by_itself() -> None:
    waiters = ConnectWaiters()
    waiting = waiters.wait()
    await asyncio.sleep(0)
    assert not waiting.done()
    waiting.cancel()
