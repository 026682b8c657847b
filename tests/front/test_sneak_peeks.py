"""Sneak peeks: which of many are sent, and what ends them."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from typing import Any

from livechat_customer.errors import ConnectionLostError
from livechat_customer.methods.sneak_peeks import SneakPeeks


class Server:
    """Takes sneak peeks, when it is let."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []
        self.open = True
        self.asked = asyncio.Event()
        self.answer = asyncio.Event()
        self.answer.set()
        self.error: Exception | None = None
        self.tasks: list[asyncio.Task[None]] = []
        self.peeks = SneakPeeks(lambda _: self.open, self.call, self.start, every=0.001)

    async def call(self, action: str, payload: Mapping[str, Any]) -> None:
        assert action == "send_sneak_peek"
        self.told.append((payload["chat_id"], payload["sneak_peek_text"]))
        self.asked.set()
        await self.answer.wait()
        if self.error is not None:
            raise self.error

    def start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        self.tasks.append(asyncio.create_task(work))
        return self.tasks[-1]

    def set(self, *texts: str, chat_id: str = "C") -> None:
        for text in texts:
            self.peeks.set(chat_id, text)

    async def ended(self) -> None:
        """Return when nothing of them is under way."""
        await asyncio.gather(*self.tasks, return_exceptions=True)


async def test_the_latest_of_each_chat_is_sent_and_nothing_is_kept() -> None:
    server = Server()
    server.set("a", "b")
    server.set("x", chat_id="D")
    server.set("c")
    assert len(server.peeks) == 2
    await server.ended()
    assert server.told == [("C", "c"), ("D", "x")], "the first step comes after all of them"
    assert len(server.peeks) == 0
    server.set("d")
    await server.ended()
    assert server.told[2:] == [("C", "d")]


async def test_one_waits_for_the_answer_of_the_one_before() -> None:
    server = Server()
    server.answer.clear()
    server.set("a")
    await server.asked.wait()
    server.set("b", "c")
    await asyncio.wait(server.tasks, timeout=0.01)
    assert server.told == [("C", "a")]
    server.answer.set()
    await server.ended()
    assert server.told == [("C", "a"), ("C", "c")]


async def test_an_error_is_let_go() -> None:
    server = Server()
    server.error = ConnectionLostError()
    server.set("a")
    await server.asked.wait()
    server.set("b")
    await server.ended()
    assert [text for _, text in server.told] == ["a", "b"]


async def test_what_is_out_of_date_is_not_sent() -> None:
    server = Server()
    server.set("a")
    await server.asked.wait()
    server.set("b")
    server.peeks.forget("C")
    server.peeks.forget("D")
    await server.ended()
    assert [text for _, text in server.told] == ["a"]
    assert len(server.peeks) == 0


async def test_what_waits_is_not_sent_to_a_chat_that_was_closed() -> None:
    server = Server()
    server.set("a")
    await server.asked.wait()
    server.set("b")
    server.open = False
    await server.ended()
    server.set("c")
    assert len(server.peeks) == 0
    assert [text for _, text in server.told] == ["a"]


async def test_the_end() -> None:
    server = Server()
    server.answer.clear()
    server.set("a")
    await server.asked.wait()
    server.set("b")
    server.set("x", chat_id="D")
    server.peeks.end()
    await server.ended()
    assert all(task.cancelled() for task in server.tasks)
    assert server.told == [("C", "a")]
    assert len(server.peeks) == 0
