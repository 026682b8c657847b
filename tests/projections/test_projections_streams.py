"""Streams keep what their policy says while the reader is busy."""

from __future__ import annotations

import asyncio
import gc

import pytest

from livechat_customer.projections.streams import (
    Buffer,
    Lag,
    Lagged,
    Latest,
    Mailbox,
    Overflow,
    Stream,
)


def stream_of(overflow: Overflow) -> tuple[Mailbox, Stream[int | Lag], list[str]]:
    mailbox, ended = Mailbox(overflow), list[str]()
    return mailbox, Stream(mailbox, lambda: ended.append("detached")), ended


@pytest.mark.parametrize(
    ("overflow", "expected"),
    [
        (Latest(), [5]),
        (Buffer(3), [3, 4, 5]),
        (Buffer(9), [1, 2, 3, 4, 5]),
        (Lagged(3), [Lag(2), 3, 4, 5]),
        (Lagged(9), [1, 2, 3, 4, 5]),
    ],
)
async def test_a_slow_reader_gets_what_the_policy_kept(
    overflow: Overflow, expected: list[int | Lag]
) -> None:
    mailbox, stream, _ = stream_of(overflow)
    for value in range(1, 6):
        mailbox.on_next(value)
    mailbox.on_completed()

    assert [value async for value in stream] == expected


async def test_a_quick_reader_gets_everything() -> None:
    mailbox, stream, _ = stream_of(Latest())
    got: list[int | Lag] = []

    async def read() -> None:
        got.extend([value async for value in stream])

    task = asyncio.create_task(read())
    for value in range(5):
        mailbox.on_next(value)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    mailbox.on_completed()
    await task

    assert got == [0, 1, 2, 3, 4]


async def test_a_reader_that_is_cancelled_can_read_on() -> None:
    mailbox, stream, _ = stream_of(Latest())
    task = asyncio.create_task(anext(stream))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    mailbox.on_next(1)

    assert await anext(stream) == 1


async def test_two_readers_of_one_stream_are_a_mistake() -> None:
    mailbox, stream, _ = stream_of(Latest())
    first = asyncio.create_task(anext(stream))
    await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="give each its own"):
        await anext(stream)

    mailbox.on_next(1)
    assert await first == 1


async def test_closing_ends_a_waiting_reader() -> None:
    _, stream, ended = stream_of(Latest())
    task = asyncio.create_task(anext(stream, None))
    await asyncio.sleep(0)

    await stream.aclose()

    assert await task is None
    assert ended


def test_a_stream_left_alone_lets_go_of_its_view() -> None:
    _, stream, ended = stream_of(Latest())
    assert stream.__aiter__() is stream

    del stream
    gc.collect()

    assert ended == ["detached"]


@pytest.mark.parametrize("overflow", [Buffer(0), Lagged(-1)])
def test_a_size_must_hold_something(overflow: Overflow) -> None:
    with pytest.raises(ValueError, match="size"):
        Mailbox(overflow)
