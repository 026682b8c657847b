"""Real processes: killed in the middle of writing, suspended and replaced, looking on."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import time
from pathlib import Path

import pytest
from store_kit import KEY, Child, child, gather, seqs

from livechat_customer.errors import StreamLockedError
from livechat_customer.store import open_log
from livechat_customer.store.locks import stream_lock_path

WRITER = """
import asyncio, sys
from livechat_customer.errors import LogError
from livechat_customer.records import StreamKey
from livechat_customer.store import open_log

async def main(path, durable, at_once):
    log = open_log(path)
    await log.open()
    stream = await log.stream(StreamKey("organization", "client"))
    print("first", stream.info.last_seq + 1, flush=True)
    while True:
        records = await asyncio.gather(*[
            stream.append("push", "incoming_event", b"x" * 700, chat_id="A", durable=durable)
            for _ in range(at_once)
        ])
        print("acknowledged", records[-1].seq, flush=True)

asyncio.run(main(sys.argv[1], sys.argv[2] == "durable", int(sys.argv[3])))
"""

STEPPER = """
import asyncio, sys
from livechat_customer.errors import LogError
from livechat_customer.records import StreamKey
from livechat_customer.store import open_log

async def main(path):
    log = open_log(path)
    await log.open()
    stream = await log.stream(StreamKey("organization", "client"))
    print("epoch", stream.info.epoch, flush=True)
    while await asyncio.to_thread(sys.stdin.readline):
        try:
            print("seq", (await stream.append("push", "x", b"")).seq, flush=True)
        except LogError as error:
            print("refused", error.code, flush=True)
    await log.aclose()

asyncio.run(main(sys.argv[1]))
"""


@pytest.mark.parametrize(
    ("durable", "at_once", "acknowledged"),
    [("normal", 1, 40), ("normal", 300, 1), ("normal", 300, 3000), ("durable", 20, 100)],
)
def test_what_was_acknowledged_survives_the_death_of_the_process(
    tmp_path: Path, durable: str, at_once: int, acknowledged: int
) -> None:
    path = tmp_path / "log.db"
    last = 0
    for round_number in range(3):
        with child(WRITER, str(path), durable, str(at_once)) as writer:
            first = int(writer.line().split()[1])
            assert first > last
            told = first
            while told < first + acknowledged:
                told = int(writer.line().split()[1])
            writer.process.kill()
            # What it wrote before it died was acknowledged, too.
            for line in iter(writer.line, ""):
                told = int(line.split()[1])
        found = asyncio.run(everything(path))
        assert found == list(range(1, len(found) + 1))
        assert len(found) >= told
        last = len(found)
        connection = sqlite3.connect(path)
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("SELECT epoch FROM streams").fetchall() == [(round_number + 1,)]
        connection.close()


async def everything(path: Path) -> list[int]:
    log = open_log(path)
    await log.open()
    try:
        return seqs(await gather((await log.follow(KEY)).read()))
    finally:
        await log.aclose()


def test_a_process_killed_while_it_makes_the_database_leaves_none_or_a_whole_one(
    tmp_path: Path,
) -> None:
    path = tmp_path / "log.db"
    for delay in (0.0, 0.01, 0.02, 0.03, 0.05):
        with child(WRITER, str(path), "normal", "1") as writer:
            begun = time.monotonic()
            while not (tmp_path / "log.db.new").exists() and not path.exists():
                assert time.monotonic() < begun + 30
            until = time.monotonic() + delay
            while time.monotonic() < until:
                pass
            writer.process.kill()
        if path.exists():
            break
    with child(WRITER, str(path), "normal", "1") as writer:
        assert writer.line().startswith("first")
        assert writer.line().startswith("acknowledged")
    assert not (tmp_path / "log.db.new").exists()


async def test_a_tail_follows_another_process(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    with child(STEPPER, str(path)) as writer:
        assert await asyncio.to_thread(writer.line) == "epoch 1"
        for read_only in (False, True):
            log = open_log(path, read_only=read_only)
            await log.open()
            reader = await log.follow(KEY)
            last = await reader.last_seq()
            tail = reader.tail(last)
            for seq in range(last + 1, last + 4):
                waiting = asyncio.ensure_future(anext(tail))
                await asyncio.to_thread(writer.say, "go")
                assert await asyncio.to_thread(writer.line) == f"seq {seq}"
                assert seqs(await waiting) == [seq]
            await log.aclose()


async def test_a_stream_is_locked_for_other_processes(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    with child(STEPPER, str(path)) as writer:
        assert await asyncio.to_thread(writer.line) == "epoch 1"
        log = open_log(path)
        await log.open()
        with pytest.raises(StreamLockedError, match=f"process {writer.process.pid} on "):
            await log.stream(KEY)
        writer.process.kill()
        await asyncio.to_thread(writer.process.wait)
        stream = await log.stream(KEY)
        assert stream.info.epoch == 2, "the lock died with its process"
        await log.aclose()


async def test_an_owner_that_was_suspended_and_replaced_stops(tmp_path: Path) -> None:
    """A virtual machine put to sleep, an operator who removed its lock file, and waking up."""
    path = tmp_path / "log.db"
    with child(STEPPER, str(path)) as writer:
        assert await asyncio.to_thread(writer.line) == "epoch 1"
        writer.say("go")
        assert await asyncio.to_thread(writer.line) == "seq 1"
        writer.process.send_signal(signal.SIGSTOP)
        which = (os.P_PID, writer.process.pid, os.WSTOPPED | os.WNOWAIT)
        await asyncio.to_thread(os.waitid, *which)
        await asyncio.to_thread(os.unlink, stream_lock_path(str(path), KEY))

        log = open_log(path)
        await log.open()
        stream = await log.stream(KEY)
        assert (stream.info.epoch, stream.info.last_seq) == (2, 1)
        await stream.append("push", "the new owner's", b"")

        writer.process.send_signal(signal.SIGCONT)
        for _ in range(2):
            writer.say("go")
            assert await asyncio.to_thread(writer.line) == "refused STREAM_REPLACED"
        await stream.append("push", "the new owner's", b"")
        actions = [record.action for record in await gather(stream.read())]
        assert actions == ["x", "the new owner's", "the new owner's"]
        await log.aclose()


FORKER = """
import asyncio, os, sys
from livechat_customer.errors import LogError
from livechat_customer.records import StreamKey
from livechat_customer.store import open_log

KEY = StreamKey("organization", "client")

async def main(path):
    log = open_log(path)
    await log.open()
    stream = await log.stream(KEY)
    await stream.append("push", "x", b"")
    if os.fork() == 0:
        try:
            stream.post("push", "from the child", b"")
        except LogError as error:
            print(error.message, flush=True)
        os._exit(0)
    os.wait()
    print("seq", (await stream.append("push", "x", b"")).seq, flush=True)
    await log.aclose()

asyncio.run(main(sys.argv[1]))
"""


def test_a_log_can_not_be_used_after_a_fork(tmp_path: Path) -> None:
    with child(FORKER, str(tmp_path / "log.db")) as parent:
        assert "fork" in parent.line()
        assert parent.line() == "seq 2"
        assert parent.process.wait() == 0


MAKER = """
import asyncio, sys
from livechat_customer.records import StreamKey
from livechat_customer.store import open_log

async def main(path, profile):
    log = open_log(path)
    sys.stdin.readline()
    await log.open()
    stream = await log.stream(StreamKey("organization", "client", profile=profile))
    for _ in range(20):
        await stream.append("push", "x", b"")
    await log.aclose()
    print("done", flush=True)

asyncio.run(main(*sys.argv[1:]))
"""


def test_processes_that_make_the_same_database_at_once_share_it(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    children = [Child(MAKER, str(path), f"profile {number}") for number in range(3)]
    try:
        for one in children:
            one.say("go")
        assert [one.line() for one in children] == ["done"] * 3
    finally:
        for one in children:
            one.end()
    connection = sqlite3.connect(path)
    counts = connection.execute("SELECT stream, count(*), max(seq) FROM records GROUP BY 1")
    assert sorted(counts.fetchall()) == [(1, 20, 20), (2, 20, 20), (3, 20, 20)]
    connection.close()
