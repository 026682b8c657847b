"""`open_log`: what it makes of what it is given, and what importing the store costs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from store_kit import KEY, Ticks

from livechat_customer.errors import ConfigError
from livechat_customer.store import open_log, wall_clock
from livechat_customer.store.memory import MemoryLog
from livechat_customer.store.sqlite import SqliteLog


def test_what_it_makes(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    for given in (path, str(path)):
        log = open_log(given)
        assert isinstance(log, SqliteLog)
        assert log.path == str(path)
    assert isinstance(open_log(":memory:"), MemoryLog)
    assert open_log(":memory:").path is None
    assert open_log(log) is log
    assert not path.exists()


@pytest.mark.parametrize("options", [{"log": ""}, {"log": "x.db", "synchronous": "OFF"}])
def test_what_it_refuses(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=r"^log: "):
        open_log(**options)


async def test_the_clock_is_the_given_one(tmp_path: Path) -> None:
    for name in (":memory:", str(tmp_path / "log.db")):
        log = open_log(name, clock=Ticks(41))
        await log.open()
        record = await (await log.stream(KEY)).append("push", "x", b"")
        assert record.recorded_at == 42
        await log.aclose()


def test_the_wall_clock_counts_microseconds() -> None:
    assert 1_700_000_000_000_000 < wall_clock() < 5_000_000_000_000_000


def test_importing_and_making_a_log_imports_no_sql(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from livechat_customer.store import open_log\n"
        "open_log('log.db'), open_log(':memory:')\n"
        "print([n for n in ('sqlalchemy', 'alembic', 'aiosqlite', 'filelock') if n in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_opening_a_current_database_imports_no_alembic(tmp_path: Path) -> None:
    code = (
        "import asyncio, sys\n"
        "from livechat_customer.store import open_log\n"
        "async def main():\n"
        "    log = open_log('log.db')\n"
        "    await log.open()\n"
        "    await log.aclose()\n"
        "asyncio.run(main())\n"
        "print('alembic' in sys.modules)"
    )
    printed = [
        subprocess.run(
            [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
        ).stdout.strip()
        for _ in range(2)
    ]
    assert printed == ["True", "False"]
