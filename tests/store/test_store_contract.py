"""The promises of `store/base.py`, kept by the file and by its twin in memory alike."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from store_kit import KEY, OTHER, Place, Ticks, gather, seqs, status

from livechat_customer.errors import (
    IdentityMismatchError,
    LogClosedError,
    LogError,
    StreamLockedError,
    StreamNotFoundError,
    StreamReplacedError,
)
from livechat_customer.records import KINDS, Record, StreamKey
from livechat_customer.store.base import LogHealth, Stream
from livechat_customer.store.queue import Limits


async def fill(stream: Stream, count: int, chat_id: str | None = None) -> list[Record]:
    records = [
        stream.append("push", "incoming_event", b"{}", chat_id=chat_id) for _ in range(count)
    ]
    return await asyncio.gather(*records)


# Writing and reading back.


async def test_every_field_comes_back_as_it_went_in(place: Place) -> None:
    log = place.log()
    await log.open()
    stream = await log.stream(KEY)
    full = await stream.append(
        "response",
        "list_threads",
        b'{"a":"\xc5\xbc\xf0\x9f\x98\x80"}',
        connection=7,
        request_id="r-1",
        ref=1,
        chat_id="CHAT",
        thread_id="THREAD",
        api_version="3.6",
        late=True,
        args=b'{"limit":3}',
        recorded_at=2**50,
        durable=True,
    )
    bare = await stream.append("lifecycle", "opened", b"\x00\xff not even text")
    assert await gather(stream.read()) == [full, bare]
    assert full == Record(
        1,
        "response",
        7,
        "list_threads",
        "r-1",
        1,
        "CHAT",
        "THREAD",
        2**50,
        "3.6",
        True,
        b'{"limit":3}',
        b'{"a":"\xc5\xbc\xf0\x9f\x98\x80"}',
    )
    assert bare.late is False
    assert bare.payload == b"\x00\xff not even text"
    assert (bare.request_id, bare.ref, bare.chat_id, bare.thread_id, bare.args) == (None,) * 5
    await log.aclose()


@pytest.mark.parametrize("kind", sorted(KINDS))
async def test_every_kind_is_kept(place: Place, kind: str) -> None:
    log = place.log()
    await log.open()
    stream = await log.stream(KEY)
    await stream.append(kind, "x", b"")
    assert [record.kind for record in await gather(stream.read())] == [kind]
    await log.aclose()


async def test_seqs_go_on_without_a_gap_after_closing(place: Place) -> None:
    for opening in range(1, 4):
        log = place.log()
        await log.open()
        stream = await log.stream(KEY)
        assert stream.info.epoch == opening
        assert stream.info.last_seq == (opening - 1) * 5
        await fill(stream, 5)
        assert seqs(await gather(stream.read())) == list(range(1, opening * 5 + 1))
        await log.aclose()


async def test_posts_are_committed_in_their_order_in_one_go(place: Place) -> None:
    log = place.log()
    await log.open()
    stream = await log.stream(KEY)
    batches: list[list[int]] = []
    stream.listen(lambda records: batches.append(seqs(records)), lambda error: None)
    for number in range(100):
        assert stream.post("push", f"a{number}", b"").seq == number + 1
    assert stream.info.last_seq == 0, "nothing is committed before the writer had a turn"
    await stream.committed(100)
    assert batches == [list(range(1, 101))]
    assert [record.action for record in await gather(stream.read())] == [
        f"a{n}" for n in range(100)
    ]
    await log.aclose()


async def test_a_listener_hears_of_a_record_before_who_awaits_it(place: Place) -> None:
    log = place.log()
    await log.open()
    stream = await log.stream(KEY)
    order: list[str] = []

    def heard(records: Sequence[Record]) -> None:
        assert stream.info.last_seq == records[-1].seq
        order.extend(f"heard {record.seq}" for record in records)

    async def append() -> None:
        record = await stream.append("push", "x", b"")
        order.append(f"awaited {record.seq}")

    stop = stream.listen(heard, lambda error: None)
    await append()
    await append()
    stop()
    await append()
    assert order == ["heard 1", "awaited 1", "heard 2", "awaited 2", "awaited 3"]
    await log.aclose()


async def test_a_listener_that_raises_hurts_nobody(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    log = place.log()
    await log.open()
    stream = await log.stream(KEY)
    heard: list[int] = []

    def bad(records: Sequence[Record]) -> None:
        raise RuntimeError("what the customer wrote")

    stream.listen(bad, lambda error: None)
    stream.listen(lambda records: heard.extend(seqs(records)), lambda error: None)
    await fill(stream, 3)
    assert heard == [1, 2, 3]
    assert "RuntimeError" in caplog.text
    assert "what the customer wrote" not in caplog.text
    await log.aclose()


async def test_time_never_goes_back(place: Place) -> None:
    clock = Ticks(100)
    log = place.log(clock)
    await log.open()
    stream = await log.stream(KEY)
    times = [(await stream.append("push", "x", b"")).recorded_at]
    clock.now = 10
    times.append((await stream.append("push", "x", b"")).recorded_at)
    times.append((await stream.append("push", "x", b"", recorded_at=500)).recorded_at)
    times.append((await stream.append("push", "x", b"", recorded_at=3)).recorded_at)
    assert times == [101, 101, 500, 500]
    await log.aclose()
    clock.now = 1
    log = place.log(clock)
    await log.open()
    stream = await log.stream(KEY)
    assert (await stream.append("push", "x", b"")).recorded_at == 500
    await log.aclose()


async def test_what_no_text_can_hold_does_not_fail_the_batch(place: Place) -> None:
    log = place.log()
    await log.open()
    stream = await log.stream(KEY)
    other = stream.append("push", "x", b"")
    record = await stream.append("push", "a\ud800", b"", chat_id="\udc00c", request_id="ok\u017c")
    assert (await other).seq == 1
    assert (record.action, record.chat_id, record.request_id) == ("a\ufffd", "\ufffdc", "ok\u017c")
    assert await gather(stream.read(1)) == [record]
    await log.aclose()


async def test_cancelling_the_caller_does_not_cancel_the_commit(place: Place) -> None:
    log = place.log()
    await log.open()
    stream = await log.stream(KEY)

    async def append() -> None:
        await stream.append("push", "x", b"")

    tasks = [asyncio.ensure_future(append()) for _ in range(20)]
    waiting = asyncio.ensure_future(stream.committed(0))
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    done = await asyncio.gather(*tasks, waiting, return_exceptions=True)
    assert sum(isinstance(one, asyncio.CancelledError) for one in done) == 10
    await stream.append("push", "last", b"")
    assert seqs(await gather(stream.read())) == list(range(1, 22))
    await log.aclose()


async def test_an_append_that_nobody_awaits_is_recorded(place: Place) -> None:
    log = place.log()
    await log.open()
    stream = await log.stream(KEY)
    stream.append("push", "x", b"")
    await log.aclose()
    await log.open()
    assert seqs(await gather((await log.follow(KEY)).read())) == [1]
    await log.aclose()


async def test_committed_refuses_what_was_never_posted(place: Place) -> None:
    log = place.log()
    await log.open()
    stream = await log.stream(KEY)
    with pytest.raises(ValueError, match="seq 1 was not posted"):
        await stream.committed(1)
    await log.aclose()


# Reading.


@pytest.mark.parametrize(
    ("after", "upto", "page", "expected"),
    [
        (0, None, 2000, [[1, 2, 3, 4, 5]]),
        (0, None, 2, [[1, 2], [3, 4], [5]]),
        (0, None, 5, [[1, 2, 3, 4, 5]]),
        (2, None, 2, [[3, 4], [5]]),
        (2, 4, 2, [[3, 4]]),
        (2, 3, 2000, [[3]]),
        (5, None, 2, []),
        (4, 4, 2, []),
        (4, 3, 2, []),
        (0, 99, 3, [[1, 2, 3], [4, 5]]),
    ],
)
async def test_pages(
    place: Place, after: int, upto: int | None, page: int, expected: list[list[int]]
) -> None:
    log = place.log()
    await log.open()
    stream = await log.stream(KEY)
    await fill(stream, 5)
    assert [seqs(part) async for part in stream.read(after, upto, page)] == expected
    await log.aclose()


async def test_a_page_holds_at_least_one_record(place: Place) -> None:
    log = place.log()
    await log.open()
    stream = await log.stream(KEY)
    await fill(stream, 1)
    with pytest.raises(ValueError, match="page"):
        await gather(stream.read(page=0))
    await log.aclose()


async def test_reading_ends_at_what_was_committed_when_it_began(place: Place) -> None:
    log = place.log()
    await log.open()
    stream = await log.stream(KEY)
    await fill(stream, 4)
    pages = stream.read(page=2)
    first = await anext(pages)
    await fill(stream, 4)
    rest = await gather(pages)
    assert seqs(first) + seqs(rest) == [1, 2, 3, 4]
    await log.aclose()


async def test_one_chat(place: Place) -> None:
    log = place.log()
    await log.open()
    stream, other = await log.stream(KEY), await log.stream(OTHER)
    await fill(other, 3, "A")
    for number in range(12):
        await stream.append("push", "x", b"", chat_id=("A", "B", None)[number % 3])
    assert seqs(await gather(stream.read_chat("A"))) == [1, 4, 7, 10]
    assert [seqs(part) async for part in stream.read_chat("B", page=3)] == [[2, 5, 8], [11]]
    assert [seqs(p) async for p in stream.read_chat("A", after=1, upto=9, page=1)] == [[4], [7]]
    assert await gather(stream.read_chat("C")) == []
    back = stream.read_chat("A", page=3, newest_first=True)
    assert [seqs(part) async for part in back] == [[4, 7, 10], [1]]
    back = stream.read_chat("B", after=2, upto=10, page=1, newest_first=True)
    assert [seqs(part) async for part in back] == [[8], [5]]
    assert await gather(stream.read_chat("C", newest_first=True)) == []
    await log.aclose()


async def test_by_request_id(place: Place) -> None:
    log = place.log()
    await log.open()
    stream = await log.stream(KEY)
    request = await stream.append("request", "send_event", b"{}", request_id="r")
    await stream.append("push", "x", b"{}")
    answer = await stream.append("response", "send_event", b"{}", request_id="r", ref=1)
    assert list(await stream.by_request_id("r")) == [request, answer]
    assert list(await stream.by_request_id("s")) == []
    await log.aclose()


async def test_a_reader_sees_the_stream_of_another_log(place: Place) -> None:
    writing, reading = place.log(), place.log()
    await writing.open()
    await reading.open()
    stream = await writing.stream(KEY)
    await fill(stream, 3, "A")
    reader = await reading.follow(KEY)
    assert reader.info == stream.info
    await fill(stream, 2, "A")
    assert await reader.last_seq() == 5
    assert seqs(await gather(reader.read())) == [1, 2, 3, 4, 5]
    assert seqs(await gather(reader.read_chat("A", after=3))) == [4, 5]
    await reading.aclose()
    await writing.aclose()


async def test_following_an_unknown_key(place: Place) -> None:
    log = place.log()
    await log.open()
    with pytest.raises(StreamNotFoundError):
        await log.follow(KEY)
    await log.aclose()


# Tails.


async def test_a_tail_gives_what_is_there_and_then_what_comes(place: Place) -> None:
    writing, reading = place.log(), place.log()
    await writing.open()
    await reading.open()
    stream = await writing.stream(KEY)
    await fill(stream, 4)
    tail = (await reading.follow(KEY)).tail(1)
    assert seqs(await anext(tail)) == [2, 3, 4]
    coming = asyncio.ensure_future(anext(tail))
    await fill(stream, 2)
    seen = seqs(await coming)
    while seen[-1] < 6:
        seen += seqs(await anext(tail))
    assert seen == [5, 6]
    await reading.aclose()
    await writing.aclose()


async def test_a_tail_ends_when_its_log_is_closed(place: Place) -> None:
    log = place.log()
    await log.open()
    stream = await log.stream(KEY)
    await fill(stream, 1)
    tail = stream.tail()
    assert seqs(await anext(tail)) == [1]
    waiting = asyncio.ensure_future(gather(tail))
    await asyncio.sleep(0)
    await log.aclose()
    assert await waiting == []


async def test_two_tails_of_two_streams(place: Place) -> None:
    log = place.log()
    await log.open()
    first, second = await log.stream(KEY), await log.stream(OTHER)
    both = [asyncio.ensure_future(anext(stream.tail())) for stream in (first, second)]
    await asyncio.sleep(0)
    await fill(second, 1)
    assert seqs(await both[1]) == [1]
    assert not both[0].done()
    await fill(first, 1)
    assert seqs(await both[0]) == [1]
    await log.aclose()


# Streams.


async def test_streams_are_found_by_organization_client_group_and_profile(place: Place) -> None:
    keys = [
        KEY,
        StreamKey("organization 2", "client"),
        StreamKey("organization", "client 2"),
        StreamKey("organization", "client", 0),
        StreamKey("organization", "client", 1),
        OTHER,
    ]
    log = place.log()
    await log.open()
    for number, key in enumerate(keys, 1):
        await fill(await log.stream(key), number)
    await log.aclose()
    log = place.log()
    await log.open()
    for number, key in enumerate(keys, 1):
        assert await (await log.follow(key)).last_seq() == number
    assert [info.key for info in await log.streams()] == keys
    assert [info.last_seq for info in await log.streams()] == [1, 2, 3, 4, 5, 6]
    assert len({info.id for info in await log.streams()}) == len(keys)
    await log.aclose()


async def test_a_stream_has_one_writer(place: Place) -> None:
    first, second = place.log(), place.log()
    await first.open()
    await second.open()
    stream = await first.stream(KEY)
    for log in (first, second):
        with pytest.raises(StreamLockedError):
            await log.stream(KEY)
    await second.stream(OTHER)
    assert stream.info.epoch == 1
    await stream.aclose()
    again = await second.stream(KEY)
    assert again.info.epoch == 2
    with pytest.raises(LogClosedError):
        stream.post("push", "x", b"")
    await stream.aclose()
    with pytest.raises(StreamLockedError):
        await first.stream(KEY)
    await second.aclose()
    await (await first.stream(KEY)).append("push", "x", b"")
    await first.aclose()


async def test_the_customer_is_bound_once(place: Place) -> None:
    log = place.log()
    await log.open()
    stream = await log.stream(KEY)
    assert stream.info.customer_id is None
    await stream.bind_customer("customer")
    await stream.bind_customer("customer")
    assert stream.info.customer_id == "customer"
    with pytest.raises(IdentityMismatchError):
        await stream.bind_customer("another")
    await log.aclose()
    log = place.log()
    await log.open()
    stream = await log.stream(KEY)
    assert stream.info.customer_id == "customer"
    with pytest.raises(IdentityMismatchError):
        await stream.bind_customer("another")
    await log.aclose()


async def test_a_replaced_identity_begins_a_new_stream_and_keeps_the_old(place: Place) -> None:
    log = place.log()
    await log.open()
    old = await log.stream(KEY)
    await old.bind_customer("first")
    await fill(old, 3)
    last = old.append("push", "still on its way", b"")
    new = await old.replace_identity()
    assert (await last).seq == 4
    assert (new.info.key, new.info.generation, new.info.last_seq) == (KEY, 2, 0)
    await new.bind_customer("second")
    await fill(new, 2)
    with pytest.raises(LogClosedError):
        old.post("push", "x", b"")
    assert seqs(await gather(old.read())) == [1, 2, 3, 4]
    with pytest.raises(StreamLockedError):
        await log.stream(KEY)
    await log.aclose()

    log = place.log()
    await log.open()
    assert [(info.generation, info.customer_id, info.last_seq) for info in await log.streams()] == [
        (1, "first", 4),
        (2, "second", 2),
    ]
    stream = await log.stream(KEY)
    assert (stream.info.generation, stream.info.last_seq) == (2, 2)
    await log.aclose()


async def test_who_was_replaced_stops_and_the_others_go_on(place: Place) -> None:
    log = place.log()
    await log.open()
    stream, other = await log.stream(KEY), await log.stream(OTHER)
    await fill(stream, 2)
    failures: list[LogError] = []
    stream.listen(lambda records: None, failures.append)
    await take_over(place, stream.info.id)
    lost, kept = stream.append("push", "x", b""), other.append("push", "y", b"")
    with pytest.raises(StreamReplacedError):
        await lost
    assert (await kept).seq == 1
    with pytest.raises(StreamReplacedError):
        stream.post("push", "x", b"")
    for refused in (
        stream.committed(9),
        stream.room(),
        stream.bind_customer("c"),
        stream.save_snapshot("p", 2, b""),
        stream.save_cursor("c", 1),
    ):
        with pytest.raises(StreamReplacedError):
            await refused
    assert [type(error) for error in failures] == [StreamReplacedError]
    assert status(log) == "ok"
    assert seqs(await gather(stream.read())) == [1, 2]
    assert log.health.queued == 0
    await log.aclose()


async def take_over(place: Place, stream: int) -> None:
    """Raise the epoch as somebody would who could not see our lock."""
    if place.kind == "memory":
        place.memory.streams[stream - 1].epoch += 1
        return
    import sqlite3

    def update() -> None:
        connection = sqlite3.connect(place.file)
        with connection:
            connection.execute("UPDATE streams SET epoch = epoch + 1 WHERE id = ?", (stream,))
        connection.close()

    await asyncio.to_thread(update)


# Snapshots and cursors.


async def test_snapshots(place: Place) -> None:
    log = place.log()
    await log.open()
    stream, other = await log.stream(KEY), await log.stream(OTHER)
    assert await stream.load_snapshot("v1") is None
    record = stream.post("push", "x", b"")
    await stream.save_snapshot("v1", record.seq, b"state 1")
    await fill(stream, 2)
    await stream.save_snapshot("v1", 3, b"state 3")
    assert await stream.load_snapshot("v1") == (3, b"state 3")
    assert await stream.load_snapshot("v2") is None
    assert await other.load_snapshot("v1") is None
    assert await (await log.follow(KEY)).load_snapshot("v1") == (3, b"state 3")
    await log.aclose()


async def test_cursors(place: Place) -> None:
    log = place.log()
    await log.open()
    stream = await log.stream(KEY)
    await fill(stream, 3)
    assert await stream.load_cursor("mine") == 0
    await stream.save_cursor("mine", 2)
    await stream.save_cursor("mine", 3)
    await stream.save_cursor("yours", 1)
    assert (await stream.load_cursor("mine"), await stream.load_cursor("yours")) == (3, 1)
    await log.aclose()


# Back-pressure.


@pytest.mark.parametrize(
    ("limits", "fits"),
    [
        (Limits(queue_records=10), 10),
        (Limits(lane_records=10), 10),
        (Limits(queue_bytes=4_000), 4),
        (Limits(lane_bytes=4_000), 4),
    ],
)
async def test_who_posts_is_told_to_wait(place: Place, limits: Limits, fits: int) -> None:
    log = place.log(limits=limits)
    await log.open()
    stream = await log.stream(KEY)
    posted = 0
    while not stream.full:
        stream.post("push", "x", b"\0" * 1_000)
        posted += 1
    assert posted == fits
    assert log.health.queued == fits
    waiting = [asyncio.ensure_future(stream.room()) for _ in range(3)]
    await asyncio.sleep(0)
    assert not any(task.done() for task in waiting)
    waiting[0].cancel()
    await asyncio.wait(waiting)
    assert not stream.full
    assert log.health.queued_bytes == 0
    await log.aclose()


async def test_a_record_larger_than_the_queue_passes(place: Place) -> None:
    log = place.log(limits=Limits(queue_bytes=100, lane_bytes=100, batch_bytes=100))
    await log.open()
    stream = await log.stream(KEY)
    await stream.room()
    large = stream.append("push", "x", b"\0" * 100_000)
    assert stream.full
    await stream.room()
    assert len((await large).payload) == 100_000
    await log.aclose()


async def test_a_full_lane_does_not_stop_the_others(place: Place) -> None:
    log = place.log(limits=Limits(lane_records=5))
    await log.open()
    stream, other = await log.stream(KEY), await log.stream(OTHER)
    for _ in range(5):
        stream.post("push", "x", b"")
    assert stream.full
    assert not other.full
    await log.aclose()


# Life.


async def test_opening_and_closing_again_and_again(place: Place) -> None:
    log = place.log()
    statuses: list[str] = []
    log.on_health(lambda health: statuses.append(health.status))
    assert status(log) == "closed"
    await log.aclose()
    await log.open()
    await log.open()
    assert status(log) == "ok"
    await asyncio.gather(log.aclose(), log.aclose())
    assert log.health == LogHealth("closed", None, 0, 0, 0, 0, 0, log.path)
    for operation in (log.stream(KEY), log.follow(KEY), log.streams(), log.recover()):
        with pytest.raises(LogClosedError):
            await operation
    await log.open()
    await (await log.stream(KEY)).append("push", "x", b"")
    assert log.health.committed == 1
    await log.aclose()
    assert statuses == ["ok", "closed", "ok", "closed"]


async def test_closing_commits_what_is_queued(place: Place) -> None:
    log = place.log(limits=Limits(batch_records=7))
    await log.open()
    stream = await log.stream(KEY)
    for _ in range(50):
        stream.post("push", "x", b"")
    await log.aclose()
    with pytest.raises(LogClosedError):
        stream.post("push", "x", b"")
    with pytest.raises(LogClosedError):
        await gather(stream.read())
    await log.open()
    assert await (await log.follow(KEY)).last_seq() == 50
    await log.aclose()


async def test_health_tells_what_was_done(place: Place) -> None:
    log = place.log()
    await log.open()
    stream = await log.stream(KEY)
    stream.post("push", "x", b"12345")
    health = log.health
    assert (health.status, health.error, health.queued, health.committed) == ("ok", None, 1, 0)
    assert health.queued_bytes > 5
    await fill(stream, 9)
    health = log.health
    assert (health.queued, health.queued_bytes, health.committed) == (0, 0, 10)
    assert health.last_commit_us >= 0
    assert health.path == (str(place.file) if place.kind == "sqlite" else None)
    assert (health.wal_bytes > 0) is (place.kind == "sqlite")
    await log.aclose()


async def test_cancelled_opening_and_claiming_leave_nothing(place: Place) -> None:
    log = place.log()
    opening = asyncio.ensure_future(log.open())
    await asyncio.sleep(0)
    opening.cancel()
    await asyncio.wait([opening])
    assert opening.cancelled()
    assert status(log) == "closed"
    await log.open()
    claiming = asyncio.ensure_future(log.stream(KEY))
    await asyncio.sleep(0)
    claiming.cancel()
    await asyncio.wait([claiming])
    assert claiming.cancelled()
    await (await log.stream(KEY)).append("push", "x", b"")
    closing = asyncio.ensure_future(log.aclose())
    await asyncio.sleep(0)
    closing.cancel()
    await asyncio.wait([closing])
    assert status(log) == "closed"
