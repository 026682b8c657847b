"""A client and a sandbox for tests of the front door."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar, cast

import msgspec

import livechat_customer as lc
from livechat_customer.projections.live import View
from livechat_customer.sandbox import Sandbox

T = TypeVar("T")


@asynccontextmanager
async def customer(sandbox: Sandbox, **options: Any) -> AsyncGenerator[lc.CustomerSDK]:
    """A connected client of `sandbox`, with its log in memory unless told otherwise; what it asks
    after a login is answered."""
    given = {"log": ":memory:", "random": lambda: 0.0, **sandbox.options(), **options}
    async with lc.init(**given) as sdk:
        await sdk.connect()
        await settled(sdk)
        yield sdk


async def until(view: View[T], holds: Callable[[T], bool], seconds: float = 10.0) -> T:
    """The first value of `view` for which `holds`; a time-out only where it never does."""
    async with asyncio.timeout(seconds):
        async for value in view:
            if holds(value):
                return value
    raise AssertionError(f"{view} ended first")


async def settled(sdk: lc.CustomerSDK, seconds: float = 10.0) -> lc.ResyncReport:
    """The report of the resync of the connection that stands, once it has ended."""
    report = None

    def ended(sync: lc.SyncState) -> bool:
        nonlocal report
        report = sync.report
        number = sdk.connection.value.number
        return sync.status == "idle" and report is not None and report.connection == number

    await until(sdk.sync, ended, seconds)
    assert report is not None
    return report


def texts(items: Any) -> list[str]:
    """The texts of messages, and the types of all else."""
    return [getattr(item, "text", None) or type(item).__name__ for item in items or ()]


def spoil(value: object) -> int:
    """Change every dict and list inside `value`; how many there were."""
    if isinstance(value, dict):
        inside = cast("dict[object, object]", value)
        count = 1 + sum(spoil(item) for item in list(inside.values()))
        inside.clear()
        inside["spoilt"] = {"spoilt": 1}
        return count
    if isinstance(value, list):
        items = cast("list[object]", value)
        count = 1 + sum(spoil(item) for item in items)
        items[:] = ["spoilt"]
        return count
    if isinstance(value, tuple):
        return sum(spoil(item) for item in cast("tuple[object, ...]", value))
    if isinstance(value, msgspec.Struct):
        return sum(spoil(getattr(value, name)) for name in value.__struct_fields__)
    return 0
