"""The tables. `migrations/` builds the same ones step by step; a test compares the two.

Times are µs since the epoch, UTC. `group_id` is -1 where all groups share one identity, since
NULLs never collide in a unique index.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata: Final = MetaData()

streams: Final = Table(
    "streams",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("organization_id", Text, nullable=False),
    Column("client_id", Text, nullable=False),
    Column("group_id", Integer, nullable=False),
    Column("profile", Text, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("customer_id", Text),
    Column("epoch", Integer, nullable=False),
    UniqueConstraint(
        "organization_id",
        "client_id",
        "group_id",
        "profile",
        "generation",
        name="uq_streams_key",
    ),
)

# A rowid table: records of many streams arrive interleaved, and always land on its last page.
# `stream` needs no foreign key: the writer's fence joins `streams` in every insert.
records: Final = Table(
    "records",
    metadata,
    Column("stream", Integer, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("connection", Integer, nullable=False),
    Column("action", Text, nullable=False),
    Column("request_id", Text),
    Column("ref", Integer),
    Column("chat_id", Text),
    Column("thread_id", Text),
    Column("recorded_at", Integer, nullable=False),
    Column("api_version", Text, nullable=False),
    Column("late", Integer, nullable=False),
    Column("args", LargeBinary),
    Column("payload", LargeBinary, nullable=False),
    PrimaryKeyConstraint("stream", "seq", name="pk_records"),
)

Index(
    "ix_records_chat",
    records.c.stream,
    records.c.chat_id,
    records.c.seq,
    sqlite_where=text("chat_id IS NOT NULL"),
)
Index(
    "ix_records_request",
    records.c.stream,
    records.c.request_id,
    records.c.seq,
    sqlite_where=text("request_id IS NOT NULL"),
)

snapshots: Final = Table(
    "snapshots",
    metadata,
    Column("stream", Integer, nullable=False),
    Column("projector", Text, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("state", LargeBinary, nullable=False),
    Column("checksum", LargeBinary, nullable=False),
    PrimaryKeyConstraint("stream", "projector", name="pk_snapshots"),
)

cursors: Final = Table(
    "cursors",
    metadata,
    Column("stream", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("seq", Integer, nullable=False),
    PrimaryKeyConstraint("stream", "name", name="pk_cursors"),
)

meta: Final = Table(
    "meta",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
