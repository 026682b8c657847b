"""First tables.

Revision 0001, the first.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# "LCLG" at byte 68 of the file tells `file(1)` and us that it is a log of this library.
APPLICATION_ID = 0x4C434C47


def upgrade() -> None:
    op.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    op.create_table(
        "streams",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Text()),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "organization_id",
            "client_id",
            "group_id",
            "profile",
            "generation",
            name="uq_streams_key",
        ),
    )
    op.create_table(
        "records",
        sa.Column("stream", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("connection", sa.Integer(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text()),
        sa.Column("ref", sa.Integer()),
        sa.Column("chat_id", sa.Text()),
        sa.Column("thread_id", sa.Text()),
        sa.Column("recorded_at", sa.Integer(), nullable=False),
        sa.Column("api_version", sa.Text(), nullable=False),
        sa.Column("late", sa.Integer(), nullable=False),
        sa.Column("args", sa.LargeBinary()),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("stream", "seq", name="pk_records"),
    )
    op.create_index(
        "ix_records_chat",
        "records",
        ["stream", "chat_id", "seq"],
        sqlite_where=sa.text("chat_id IS NOT NULL"),
    )
    op.create_index(
        "ix_records_request",
        "records",
        ["stream", "request_id", "seq"],
        sqlite_where=sa.text("request_id IS NOT NULL"),
    )
    op.create_table(
        "snapshots",
        sa.Column("stream", sa.Integer(), nullable=False),
        sa.Column("projector", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("checksum", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("stream", "projector", name="pk_snapshots"),
    )
    op.create_table(
        "cursors",
        sa.Column("stream", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("stream", "name", name="pk_cursors"),
    )
    op.create_table(
        "meta",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def downgrade() -> None:
    for table in ("meta", "cursors", "snapshots", "records", "streams"):
        op.drop_table(table)
    op.execute("PRAGMA application_id = 0")
