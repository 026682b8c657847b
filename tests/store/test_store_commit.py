"""One statement per batch: all of it, fenced, whatever its size."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livechat_customer.records import Record
from livechat_customer.store.commit import BOUND, Committer, insert_sql
from livechat_customer.store.queue import Batch, Lane, Limits
from livechat_customer.store.schema import metadata


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    made = database()
    yield made
    made.close()


def database() -> sqlite3.Connection:
    from sqlalchemy import create_engine
    from sqlalchemy.pool import StaticPool

    made = sqlite3.connect(":memory:", isolation_level=None)
    engine = create_engine("sqlite://", creator=lambda: made, poolclass=StaticPool)
    with engine.connect() as held:
        metadata.create_all(held)
    for number in (1, 2, 3):
        made.execute(
            "INSERT INTO streams VALUES (?, 'o', 'c', -1, ?, 1, NULL, 7)", (number, str(number))
        )
    return made


def batch(*parts: tuple[int, int, int]) -> Batch:
    """Of (stream, epoch, records)."""
    made = Batch()
    for stream, epoch, count in parts:
        lane = Lane(stream, epoch, 0, 0)
        records = [
            Record(seq, "push", 0, "x", None, None, "c", None, 0, "", False, None, b"p")
            for seq in range(1, count + 1)
        ]
        made.add(lane, records, 0)
    return made


def counts(connection: sqlite3.Connection) -> dict[int, int]:
    found = connection.execute("SELECT stream, count(*) FROM records GROUP BY stream")
    return dict(found.fetchall())


@given(
    sizes=st.lists(st.integers(1, 40), min_size=1, max_size=3), replaced=st.sets(st.integers(1, 3))
)
def test_all_rows_of_all_streams_but_those_replaced(sizes: list[int], replaced: set[int]) -> None:
    connection = database()
    parts = [(n, 6 if n in replaced else 7, size) for n, size in enumerate(sizes, 1)]
    made = batch(*parts)
    Committer("none").commit(connection, made)
    assert made.replaced == {number for number, epoch, _ in parts if epoch == 6}
    assert counts(connection) == {number: size for number, epoch, size in parts if epoch == 7}
    assert not connection.in_transaction
    connection.close()


def test_a_batch_that_fails_leaves_nothing(connection: sqlite3.Connection) -> None:
    Committer("none").commit(connection, batch((2, 7, 3)))
    with pytest.raises(sqlite3.IntegrityError):
        Committer("none").commit(connection, batch((1, 7, 5), (2, 7, 4)))
    assert counts(connection) == {2: 3}


def test_few_statements_serve_all_sizes(connection: sqlite3.Connection) -> None:
    committer = Committer("none")
    said: set[int] = set()
    connection.set_trace_callback(lambda sql: said.add(sql.count("(")))
    for size in range(1, 65):
        connection.execute("DELETE FROM records")
        committer.commit(connection, batch((1, 7, size)))
    assert len(said) <= 7 + 1


def test_the_largest_batch_fits_sqlites_limits(connection: sqlite3.Connection) -> None:
    """32,766 variables is SQLite's own default; distributions raise it."""
    assert Limits().batch_records * BOUND <= 32_766
    assert len(insert_sql(Limits().batch_records)) < 1_000_000
    connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 32_766)
    connection.setlimit(sqlite3.SQLITE_LIMIT_COMPOUND_SELECT, 500)
    Committer("none").commit(connection, batch((1, 7, Limits().batch_records)))
    assert counts(connection) == {1: Limits().batch_records}


def test_it_looks_at_the_write_ahead_log_now_and_then(
    connection: sqlite3.Connection, tmp_path: Path
) -> None:
    (tmp_path / "log.db-wal").write_bytes(b"12345")
    committer = Committer(str(tmp_path / "log.db"))
    looked: list[int | None] = []
    for _ in range(65):
        connection.execute("DELETE FROM records")
        made = batch((1, 7, 1))
        committer.commit(connection, made)
        looked.append(made.wal_bytes)
    assert looked == [5, *[None] * 63, 5]
