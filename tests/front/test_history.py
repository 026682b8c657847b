"""`ChatHistory`: pages in order, calls in order, an error leaves the place."""

from __future__ import annotations

import asyncio

import pytest

from livechat_customer.errors import ConnectionLostError
from livechat_customer.history import ChatHistory
from livechat_customer.models import HistoryPage, Thread, ThreadsPage


class Server:
    """Pages by cursor; the number in `fail` of calls to come fail."""

    def __init__(self, *pages: list[str]) -> None:
        self.pages = pages
        self.asked: list[str | None] = []
        self.fail = 0

    async def fetch(self, page_id: str | None) -> ThreadsPage:
        self.asked.append(page_id)
        await asyncio.sleep(0)
        if self.fail:
            self.fail -= 1
            raise ConnectionLostError
        number = int(page_id or 0)
        more = number + 1 < len(self.pages)
        threads = tuple(Thread(id=name, chat_id="c") for name in self.pages[number])
        return ThreadsPage(threads=threads, next_page_id=str(number + 1) if more else None)


def names(page: HistoryPage | None) -> list[str] | None:
    return None if page is None else [thread.id for thread in page.threads]


async def test_threads_are_oldest_first_pages_newest_first_the_last_one_too() -> None:
    server = Server(["d", "c"], [], ["b", "a"])
    pages = [page async for page in ChatHistory(server.fetch)]
    assert [names(page) for page in pages] == [["c", "d"], [], ["a", "b"]]
    assert [page.done for page in pages] == [False, False, True]


async def test_concurrent_calls_are_served_in_order_and_all_return() -> None:
    server = Server(["b"], ["a"])
    history = ChatHistory(server.fetch)
    pages = await asyncio.gather(*(history.next() for _ in range(5)))
    assert [names(page) for page in pages] == [["b"], ["a"], None, None, None]
    assert server.asked == [None, "1"]


async def test_after_an_error_the_same_page_is_asked_for_again() -> None:
    server = Server(["b"], ["a"])
    history = ChatHistory(server.fetch)
    assert names(await history.next()) == ["b"]
    server.fail = 1
    failed, after = await asyncio.gather(history.next(), history.next(), return_exceptions=True)
    assert isinstance(failed, ConnectionLostError)
    assert isinstance(after, HistoryPage)
    assert names(after) == ["a"]
    assert server.asked == [None, "1", "1"]


async def test_nothing_is_asked_before_the_first_page_and_a_cancelled_call_frees_the_turn() -> None:
    server = Server(["a"])
    history = ChatHistory(server.fetch)
    assert server.asked == []
    waiting = asyncio.create_task(history.next())
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert names(await history.next()) == ["a"]
