"""Alembic's environment.

When a log is opened, `livechat_customer.store.upgrade` hands its connection in, inside a
transaction of its own. On the command line, for developers:
`alembic -x url=sqlite:///support.db upgrade head` (or `heads`, `revision --autogenerate`).
"""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, create_engine

from livechat_customer.store.schema import metadata


def run(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()


def run_from_command_line() -> None:
    url = context.get_x_argument(as_dictionary=True).get("url")
    if not url:
        raise SystemExit("Name the database: alembic -x url=sqlite:///path/to/log.db …")
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            run(connection)
    finally:
        engine.dispose()


given = context.config.attributes.get("connection")
if isinstance(given, Connection):
    run(given)
else:
    run_from_command_line()
