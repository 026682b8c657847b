"""Lanes and batches: what a batch takes, and when it must be durable."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livechat_customer.errors import LogFullError
from livechat_customer.records import Record
from livechat_customer.store.queue import RECORD_OVERHEAD, Batch, Lane, fresh


def record(seq: int, size: int = 0) -> Record:
    return Record(seq, "push", 0, "x", None, None, None, None, 0, "", False, None, b"\0" * size)


def lane(*sizes: int) -> Lane:
    made = Lane(1, 1, 0, 0)
    made.pending = [record(seq, size) for seq, size in enumerate(sizes, 1)]
    made.seq = len(sizes)
    return made


@given(
    sizes=st.lists(st.integers(0, 500), min_size=1, max_size=30),
    records=st.integers(1, 10),
    size=st.integers(1, 2_000),
)
def test_taking_keeps_order_loses_nothing_and_heeds_both_bounds(
    sizes: list[int], records: int, size: int
) -> None:
    queue = lane(*sizes)
    seen: list[int] = []
    while queue.pending:
        taken, taken_bytes = queue.take(records, size)
        assert taken_bytes == sum(len(one.payload) + RECORD_OVERHEAD for one in taken)
        assert 1 <= len(taken) <= records
        assert taken_bytes <= size or len(taken) == 1
        if queue.pending and len(taken) < records:
            following = len(queue.pending[0].payload) + RECORD_OVERHEAD
            assert taken_bytes + following > size, "it could have taken one more"
        seen += [one.seq for one in taken]
    assert seen == list(range(1, len(sizes) + 1))


@pytest.mark.parametrize(
    ("durable_upto", "taken", "durable"),
    [(0, [1, 2], False), (2, [1, 2], True), (2, [2], True), (2, [3, 4], False), (4, [3], True)],
)
def test_a_batch_is_durable_from_the_first_record_that_asked(
    durable_upto: int, taken: list[int], durable: bool
) -> None:
    queue = lane(*[0] * 4)
    queue.durable_upto = durable_upto
    batch = Batch()
    batch.add(queue, [record(seq) for seq in taken], 0)
    assert batch.durable is durable
    assert batch.records == len(taken)


def test_a_fresh_error_says_the_same_and_is_another() -> None:
    error = LogFullError("The disk is full.", data={"path": "x"})
    copy = fresh(error)
    assert copy is not error
    assert (type(copy), copy.message, copy.code, copy.data, str(copy)) == (
        LogFullError,
        error.message,
        error.code,
        error.data,
        str(error),
    )
