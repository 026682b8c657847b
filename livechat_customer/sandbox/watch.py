"""Waiting for a condition without polling: it is looked at whenever something happened."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Watch:
    """Predicates that wait to become true."""

    def __init__(self) -> None:
        self._waiting: dict[asyncio.Future[object], Callable[[], object]] = {}

    def notify(self) -> None:
        """Something happened: looks at every waiting predicate."""
        for future, predicate in list(self._waiting.items()):
            if future.done():
                continue
            try:
                found = predicate()
            except Exception as error:  # noqa: BLE001 - it is the waiter's, not the notifier's
                future.set_exception(error)
            else:
                if found:
                    future.set_result(found)

    async def until(self, predicate: Callable[[], T], within: float | None) -> T:
        """The first true result of `predicate`. TimeoutError after `within` seconds."""
        found = predicate()
        if found:
            return found
        future: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        # A cell, so that the result keeps its type.
        results: list[T] = []

        def look() -> object:
            result = predicate()
            if result:
                results.append(result)
            return result

        self._waiting[future] = look
        try:
            async with asyncio.timeout(within):
                await future
        finally:
            del self._waiting[future]
        return results[0]
