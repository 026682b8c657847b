"""Pages and tails over a list, at the edges of a page."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence

import pytest
from store_kit import gather, seqs

from livechat_customer.errors import LogClosedError
from livechat_customer.records import Record
from livechat_customer.store import pages, tail
from livechat_customer.store.pages import Pages, Tail
from livechat_customer.store.tail import Watch


class Log:
    """A stream in a list."""

    def __init__(self, count: int) -> None:
        self.records: list[Record] = []
        self.add(count)
        self.fetched: list[tuple[int, int, int]] = []
        self.closed = False

    def add(self, count: int) -> None:
        for _ in range(count):
            seq = len(self.records) + 1
            self.records.append(
                Record(seq, "push", 0, "x", None, None, None, None, 0, "", False, None, b"")
            )

    async def fetch(self, after: int, upto: int, limit: int) -> Sequence[Record]:
        if self.closed:
            raise LogClosedError
        self.fetched.append((after, upto, limit))
        return self.records[after : min(upto, after + limit)]

    async def last_seq(self) -> int:
        return len(self.records)

    async def heads(
        self, streams: Iterable[int], since: int | None = None
    ) -> tuple[int, Mapping[int, int]]:
        return len(self.records), dict.fromkeys(streams, len(self.records))


@pytest.mark.parametrize(
    ("count", "limit", "fetches"), [(0, 2, 0), (1, 2, 1), (2, 2, 1), (3, 2, 2), (4, 2, 2)]
)
async def test_no_page_is_asked_for_that_can_not_be(count: int, limit: int, fetches: int) -> None:
    log = Log(count)
    found = await gather(Pages(log.fetch, log.last_seq, 0, None, limit))
    assert seqs(found) == list(range(1, count + 1))
    assert len(log.fetched) == fetches


async def test_after_its_end_it_stays_ended() -> None:
    log = Log(1)
    reading = Pages(log.fetch, log.last_seq, 0, None, 2)
    await gather(reading)
    log.add(1)
    assert await gather(reading) == []


async def test_a_tail_goes_through_full_pages_and_waits_at_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pages, "PAGE", 2)
    monkeypatch.setattr(tail, "POLL_SECONDS", 0.001)
    log = Log(4)
    watch = Watch(log.heads)
    following = Tail(log.fetch, watch, 1, 0)
    assert [seqs(await anext(following)) for _ in range(2)] == [[1, 2], [3, 4]]
    waiting = asyncio.ensure_future(anext(following))
    await asyncio.sleep(0)
    log.add(1)
    assert seqs(await waiting) == [5]
    log.closed = True
    log.add(1)
    assert await gather(following) == []
    await watch.aclose()
