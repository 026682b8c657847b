"""What the tests of the store share: places to keep logs, records to put in, processes to kill."""

from __future__ import annotations

import asyncio
import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from pathlib import Path

from livechat_customer.records import Record, StreamKey
from livechat_customer.store.base import Clock
from livechat_customer.store.log import Log
from livechat_customer.store.memory import Memory, MemoryLog
from livechat_customer.store.queue import Limits
from livechat_customer.store.sqlite import SqliteLog

KEY = StreamKey("organization", "client")
OTHER = StreamKey("organization", "client", profile="other")


class Ticks:
    """A clock that goes one µs a call, or wherever it is put."""

    def __init__(self, now: int = 1_000_000) -> None:
        self.now = now

    def __call__(self) -> int:
        self.now += 1
        return self.now


class Place:
    """Somewhere records are kept; every log it makes sees the same ones."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.kind = kind
        self.file = folder / "log.db"
        self.memory = Memory()

    def log(self, clock: Clock | None = None, limits: Limits | None = None) -> Log:
        clock = clock or Ticks()
        if self.kind == "memory":
            return MemoryLog(clock=clock, memory=self.memory, limits=limits)
        return SqliteLog(str(self.file), clock=clock, limits=limits, busy_timeout=0.2)


async def gather(pages: AsyncIterator[Sequence[Record]]) -> list[Record]:
    """All records of all pages."""
    return [record for page in [page async for page in pages] for record in page]


async def until(condition: Callable[[], object]) -> None:
    """Return when it holds; the loop goes on meanwhile."""
    for _ in range(20_000):
        if condition():
            return
        await asyncio.sleep(0.0005)
    raise AssertionError("it never came to hold")


def seqs(records: Iterable[Record]) -> list[int]:
    return [record.seq for record in records]


def status(log: Log) -> str:
    """As a plain word: checkers hold a property to what it was compared with last."""
    return log.health.status


def fingerprint(folder: Path) -> dict[str, str]:
    """Every file below the folder and what is in it.

    Only of databases that this process does not have open: closing a second descriptor of a
    database file drops SQLite's locks on it.
    """
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@contextmanager
def shared_folder() -> Generator[Path]:
    """A folder that every user can enter: pytest's own are for the one who runs it."""
    with tempfile.TemporaryDirectory(prefix="livechat-customer-") as name:
        os.chmod(name, 0o777)
        yield Path(name)


@contextmanager
def ordinary_user() -> Generator[None]:
    """Be somebody whom file permissions stop: for the superuser they mean nothing."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


class Child:
    """A process of its own that runs `code` and tells of itself line by line."""

    def __init__(self, code: str, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", code, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def line(self) -> str:
        """The next line it writes; empty at its end."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def say(self, text: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()

    def end(self) -> None:
        """Kill it if it lives, and let go of its pipes."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


@contextmanager
def child(code: str, *arguments: str) -> Generator[Child]:
    running = Child(code, *arguments)
    try:
        yield running
    finally:
        running.end()
