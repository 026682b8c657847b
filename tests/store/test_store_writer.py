"""The writer: groups, order, failure and recovery, with a commit that the test holds."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import AsyncIterator, Callable, Sequence

import pytest

from livechat_customer.errors import LogClosedError, LogError, LogFullError
from livechat_customer.records import Record
from livechat_customer.store.base import LogHealth
from livechat_customer.store.queue import Batch, Lane, Limits
from livechat_customer.store.writer import Writer


class Disk:
    """Commits when it is told to."""

    def __init__(self) -> None:
        self.batches: list[list[tuple[int, int]]] = []
        self.durable: list[bool] = []
        self.held: asyncio.Future[None] | None = None
        self.error: Exception | None = None
        self.replaced: frozenset[int] = frozenset()
        self.started = 0

    async def commit(self, batch: Batch) -> None:
        self.started += 1
        if self.held is not None:
            await self.held
        if self.error is not None:
            raise self.error
        batch.replaced = self.replaced
        self.batches.append([(p.lane.id, record.seq) for p in batch.parts for record in p.records])
        self.durable.append(batch.durable)

    def hold(self) -> None:
        self.held = asyncio.get_running_loop().create_future()

    def let_go(self) -> None:
        assert self.held is not None
        self.held.set_result(None)
        self.held = None


Lanes = Callable[[int], Lane]


@pytest.fixture
async def disk() -> Disk:
    return Disk()


@pytest.fixture
async def writer(disk: Disk) -> AsyncIterator[Writer]:
    made = Writer(disk.commit, path="log.db", limits=Limits(batch_records=4))
    yield made
    await made.aclose()


def enter(writer: Writer, number: int) -> Lane:
    lane = Lane(number, 1, 0, 0)
    writer.enter(lane)
    return lane


def post(writer: Writer, lane: Lane, *, durable: bool = False) -> int:
    lane.seq += 1
    if durable:
        lane.durable_upto = lane.seq
    writer.put(
        lane,
        Record(lane.seq, "push", 0, "x", None, None, None, None, 0, "", False, None, b""),
    )
    return lane.seq


async def turns(count: int = 5) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_what_comes_during_a_commit_is_the_next_batch(writer: Writer, disk: Disk) -> None:
    lane = enter(writer, 1)
    disk.hold()
    post(writer, lane)
    await turns()
    for _ in range(3):
        post(writer, lane)
    await turns()
    assert disk.started == 1
    disk.let_go()
    await writer.committed(lane, 4)
    assert disk.batches == [[(1, 1)], [(1, 2), (1, 3), (1, 4)]]


async def test_the_next_batch_is_handed_over_before_the_last_is_told_of(
    writer: Writer, disk: Disk
) -> None:
    lane = enter(writer, 1)
    started: list[int] = []
    lane.listeners.append((lambda records: started.append(disk.started), lambda error: None))
    disk.hold()
    post(writer, lane)
    await turns()
    post(writer, lane)
    disk.let_go()
    await writer.committed(lane, 2)
    assert started == [2, 2], "the second commit was under way when the first was told of"


async def test_lanes_share_a_batch_and_none_starves(writer: Writer, disk: Disk) -> None:
    greedy, modest = enter(writer, 1), enter(writer, 2)
    for _ in range(6):
        post(writer, greedy)
    post(writer, modest)
    await asyncio.gather(writer.committed(greedy, 6), writer.committed(modest, 1))
    assert disk.batches == [[(1, 1), (1, 2), (1, 3), (1, 4)], [(2, 1), (1, 5), (1, 6)]]


async def test_only_the_batch_that_asks_is_durable(writer: Writer, disk: Disk) -> None:
    lane = enter(writer, 1)
    for durable in (False, True, False):
        await writer.committed(lane, post(writer, lane, durable=durable))
    assert disk.durable == [False, True, False]


async def test_a_listener_may_post(writer: Writer, disk: Disk) -> None:
    lane = enter(writer, 1)

    def again(records: Sequence[Record]) -> None:
        if records[-1].seq < 4:
            post(writer, lane)

    lane.listeners.append((again, lambda error: None))
    post(writer, lane)
    while lane.committed < 4:
        await writer.committed(lane, lane.seq)
    assert disk.batches == [[(1, 1)], [(1, 2)], [(1, 3)], [(1, 4)]]


async def test_a_failure_ends_all_that_waits_and_nothing_is_taken(
    writer: Writer, disk: Disk, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = enter(writer, 1), enter(writer, 2)
    told: list[LogError] = []
    healths: list[LogHealth] = []
    first.listeners.append((lambda records: None, told.append))
    writer.on_health(healths.append)
    await writer.committed(first, post(writer, first))
    disk.error = LogFullError("The disk is full.")
    lost = [writer.committed(lane, post(writer, lane)) for lane in (first, second)]
    for waiting in await asyncio.gather(*lost, return_exceptions=True):
        assert isinstance(waiting, LogFullError)
    with pytest.raises(LogFullError):
        await writer.committed(first, 2)
    with pytest.raises(LogFullError):
        await writer.room.wait(second)
    assert [type(error) for error in told] == [LogFullError]
    assert (writer.health().status, writer.health().queued) == ("failed", 0)
    assert [(health.status, health.error) for health in healths] == [("failed", disk.error)]
    assert "The disk is full." in caplog.text
    assert (first.seq, second.seq) == (1, 0)


async def test_after_recovery_seqs_go_on_where_the_database_is(writer: Writer, disk: Disk) -> None:
    lane = enter(writer, 1)
    heard: list[int] = []
    lane.listeners.append(
        (lambda records: heard.extend(record.seq for record in records), lambda error: None)
    )
    await writer.committed(lane, post(writer, lane))
    disk.error = LogFullError("The disk is full.")
    with pytest.raises(LogFullError):
        await writer.committed(lane, post(writer, lane))
    disk.error = None
    assert writer.positions() == {1: 1}
    writer.recovered({})
    assert writer.health().status == "ok"
    await writer.committed(lane, post(writer, lane))
    assert heard == [1, 2]
    assert disk.batches == [[(1, 1)], [(1, 2)]]


async def test_what_was_committed_in_spite_of_a_failure_is_told_of(
    writer: Writer, disk: Disk
) -> None:
    lane = enter(writer, 1)
    heard: list[int] = []
    lane.listeners.append(
        (lambda records: heard.extend(record.seq for record in records), lambda error: None)
    )
    disk.error = LogError("I/O error")
    post(writer, lane)
    record = lane.pending[0]
    with pytest.raises(LogError):
        await writer.committed(lane, 1)
    disk.error = None
    writer.recovered({1: [record]})
    assert heard == [1]
    assert post(writer, lane) == 2
    await writer.committed(lane, 2)
    assert heard == [1, 2]


async def test_a_fault_of_ours_is_a_failure_too(
    writer: Writer, disk: Disk, caplog: pytest.LogCaptureFixture
) -> None:
    lane = enter(writer, 1)
    disk.error = KeyError("what a customer wrote")
    with pytest.raises(LogError, match="KeyError") as caught:
        await writer.committed(lane, post(writer, lane))
    assert "customer" not in caught.value.message
    assert "what a customer wrote" not in caplog.text
    disk.error = None
    writer.recovered({})
    await writer.committed(lane, post(writer, lane))


async def test_a_replaced_lane_falls_out_alone(writer: Writer, disk: Disk) -> None:
    lost, kept = enter(writer, 1), enter(writer, 2)
    disk.replaced = frozenset({1})
    waiting = [writer.committed(lane, post(writer, lane)) for lane in (lost, kept)]
    done = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(one).__name__ for one in done] == ["StreamReplacedError", "NoneType"]
    assert writer.health().status == "ok"
    assert writer.health().queued == 0
    assert writer.health().committed == 1


async def test_closing_commits_what_is_queued(disk: Disk) -> None:
    writer = Writer(disk.commit, limits=Limits(batch_records=2))
    lane = enter(writer, 1)
    for _ in range(5):
        post(writer, lane)
    await writer.aclose()
    assert [len(batch) for batch in disk.batches] == [2, 2, 1]
    assert lane.committed == 5


async def test_a_writer_cancelled_with_its_loop_tells_who_waits(disk: Disk) -> None:
    writer = Writer(disk.commit)
    lane = enter(writer, 1)
    disk.hold()
    post(writer, lane)
    waiting = asyncio.ensure_future(writer.committed(lane, 1))
    await turns()
    for task in asyncio.all_tasks() - {asyncio.current_task(), waiting}:
        if task.get_name() == "livechat-customer log writer":
            task.cancel()
    with pytest.raises(LogClosedError):
        await waiting
    await writer.aclose()


async def test_listeners_do_not_run_in_the_openers_context(disk: Disk) -> None:
    whose: contextvars.ContextVar[str] = contextvars.ContextVar("whose", default="nobody's")
    whose.set("the opener's")
    writer = Writer(disk.commit)
    lane = enter(writer, 1)
    seen: list[str] = []
    lane.listeners.append((lambda records: seen.append(whose.get()), lambda error: None))
    await writer.committed(lane, post(writer, lane))
    assert seen == ["nobody's"]
    await writer.aclose()
