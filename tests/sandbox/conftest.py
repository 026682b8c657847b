"""A running sandbox, and one customer of it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sandbox_kit import Raw, Token, logged_in

from livechat_customer.sandbox import Sandbox, SteppingClock


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(clock=SteppingClock()) as running:
        yield running


@pytest.fixture
async def customer(sandbox: Sandbox) -> AsyncIterator[tuple[Raw, Token]]:
    async with logged_in(sandbox) as pair:
        yield pair


@pytest.fixture
def raw(customer: tuple[Raw, Token]) -> Raw:
    return customer[0]


@pytest.fixture
def token(customer: tuple[Raw, Token]) -> Token:
    return customer[1]
