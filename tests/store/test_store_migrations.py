"""The database that migrations make is the one that the tables define."""

from __future__ import annotations

import importlib.resources
import sqlite3
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool

from livechat_customer.records import Record
from livechat_customer.store import schema, upgrade

PACKAGE = importlib.resources.files("livechat_customer.migrations")


@contextmanager
def database(path: Path) -> Generator[Connection]:
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def migrated(path: Path) -> Path:
    upgrade.prepare(str(path), read_only=False, busy_timeout=1.0)
    return path


def shape(connection: sqlite3.Connection) -> dict[str, object]:
    """Each table's columns and keys, and each index, in the database's own words."""
    found: dict[str, object] = {}
    tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name != 'alembic_version'"
    for (table,) in connection.execute(tables).fetchall():
        found[table] = connection.execute(f"PRAGMA table_xinfo({table})").fetchall()
        for _, index, *kind in connection.execute(f"PRAGMA index_list({table})").fetchall():
            columns = connection.execute(f"PRAGMA index_xinfo({index})").fetchall()
            made_by = connection.execute(
                "SELECT sql FROM sqlite_schema WHERE name = ?", (index,)
            ).fetchone()
            found[index] = (kind, columns, made_by)
    return found


def test_alembic_finds_no_difference(tmp_path: Path) -> None:
    with database(migrated(tmp_path / "log.db")) as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, schema.metadata) == []


def test_nor_does_what_alembic_does_not_compare(tmp_path: Path) -> None:
    """Partial indexes, the order of keys and columns."""
    with database(tmp_path / "defined.db") as connection:
        schema.metadata.create_all(connection)
        connection.commit()
    found: list[dict[str, object]] = []
    for path in (tmp_path / "defined.db", migrated(tmp_path / "log.db")):
        plain = sqlite3.connect(path)
        found.append(shape(plain))
        plain.close()
    defined, made = found
    assert made == defined
    assert {"streams", "records", "snapshots", "cursors", "meta"} < made.keys()


def test_the_columns_of_a_record_are_its_fields() -> None:
    assert tuple(schema.records.c.keys()) == ("stream", *Record.__struct_fields__)


def test_head_is_the_newest_revision() -> None:
    with importlib.resources.as_file(PACKAGE) as folder:
        config = Config()
        config.set_main_option("script_location", str(folder))
        scripts = ScriptDirectory.from_config(config)
        assert scripts.get_heads() == [upgrade.HEAD]
        names = [script.revision for script in scripts.walk_revisions()]
    assert names == sorted(names, reverse=True), "`revision > HEAD` must mean newer"


def test_a_revision_imports_nothing_of_ours() -> None:
    versions = [one for one in PACKAGE.joinpath("versions").iterdir() if one.name.startswith("v")]
    assert versions
    for file in versions:
        assert "livechat_customer" not in file.read_text().replace("livechat-customer", "")


def test_down_and_up_again(tmp_path: Path) -> None:
    path = migrated(tmp_path / "log.db")
    ini = tmp_path / "alembic.ini"
    with importlib.resources.as_file(PACKAGE) as folder:
        ini.write_text(f"[alembic]\nscript_location = {folder}\n")
    for target in (("downgrade", "base"), ("upgrade", "head")):
        command = [sys.executable, "-m", "alembic", "-c", str(ini), "-x", f"url=sqlite:///{path}"]
        subprocess.run([*command, *target], check=True, capture_output=True)
        connection = sqlite3.connect(path)
        tables = shape(connection)
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        connection.close()
        if target[1] == "base":
            assert (tables, application) == ({}, 0)
        else:
            assert "records" in tables
            assert application == upgrade.APPLICATION_ID
    done = subprocess.run(
        [sys.executable, "-m", "alembic", "-c", str(ini), "upgrade", "head"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "-x url=" in done.stderr
