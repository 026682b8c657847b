"""One poll for all who wait, and none when nobody does."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping

import pytest
from store_kit import until

from livechat_customer.errors import LogCorruptError
from livechat_customer.store import tail
from livechat_customer.store.tail import Watch


class Log:
    """Heads that the test moves."""

    def __init__(self) -> None:
        self.mark = 0
        self.seqs = {1: 5, 2: 0}
        self.asked: list[tuple[set[int], int | None]] = []
        self.error: LogCorruptError | None = None

    async def heads(
        self, streams: Iterable[int], since: int | None = None
    ) -> tuple[int, Mapping[int, int]]:
        wanted = set(streams)
        self.asked.append((wanted, since))
        if self.error is not None:
            raise self.error
        if since == self.mark:
            return self.mark, {}
        return self.mark, {stream: self.seqs[stream] for stream in wanted}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tail, "POLL_SECONDS", 0.001)


async def test_who_is_behind_need_not_wait() -> None:
    log = Log()
    watch = Watch(log.heads)
    assert await watch.beyond(1, 4) is True
    await watch.aclose()
    assert log.asked == [({1}, None)]


async def test_one_poll_serves_all() -> None:
    log = Log()
    watch = Watch(log.heads)
    waiting = [asyncio.ensure_future(watch.beyond(stream, log.seqs[stream])) for stream in (1, 2)]
    await until(lambda: len(log.asked) >= 3)
    assert log.asked[0] == ({1, 2}, None)
    assert log.asked[1:3] == [({1, 2}, 0)] * 2, "nothing is looked up while nothing was committed"
    log.mark, log.seqs[2] = 1, 1
    assert await waiting[1] is True
    assert not waiting[0].done()
    await watch.aclose()
    assert await waiting[0] is False


async def test_who_comes_later_is_looked_up_even_if_nothing_was_committed_since() -> None:
    """It may have read before a commit that the poll has seen already."""
    log = Log()
    watch = Watch(log.heads)
    first = asyncio.ensure_future(watch.beyond(2, 0))
    await until(lambda: len(log.asked) >= 2)
    assert await watch.beyond(1, 3) is True
    assert not first.done()
    await watch.aclose()
    assert await first is False


async def test_nobody_waits_nobody_polls() -> None:
    log = Log()
    watch = Watch(log.heads)
    waiting = asyncio.ensure_future(watch.beyond(1, 5))
    await until(lambda: log.asked)
    waiting.cancel()
    polling = "livechat-customer log tail"
    await until(lambda: polling not in {task.get_name() for task in asyncio.all_tasks()})
    assert waiting.cancelled()


async def test_who_waits_learns_what_went_wrong() -> None:
    log = Log()
    watch = Watch(log.heads)
    log.error = LogCorruptError("The database is damaged.")
    with pytest.raises(LogCorruptError):
        await watch.beyond(1, 5)
    log.error = None
    assert await watch.beyond(1, 4) is True
    await watch.aclose()
    assert await watch.beyond(1, 4) is False
