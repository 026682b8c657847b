"""One lock per stream, and what it tells who comes second."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from store_kit import KEY, OTHER

from livechat_customer.errors import StreamLockedError
from livechat_customer.records import StreamKey
from livechat_customer.store.locks import lock_stream, stream_lock_path


def test_each_stream_has_a_lock_of_its_own(tmp_path: Path) -> None:
    database = str(tmp_path / "log.db")
    keys = [KEY, OTHER, StreamKey("organization", "client", 0), StreamKey("organization", "c")]
    held = [lock_stream(database, key) for key in keys]
    assert len({stream_lock_path(database, key) for key in keys}) == len(keys)
    for key in keys:
        with pytest.raises(StreamLockedError):
            lock_stream(database, key)
    for lock in held:
        lock.release()
    lock_stream(database, KEY).release()


def test_the_message_names_the_holder(tmp_path: Path) -> None:
    database = str(tmp_path / "log.db")
    lock = lock_stream(database, KEY)
    with pytest.raises(
        StreamLockedError, match=rf"process {os.getpid()} on \S+ since 20\d\d-"
    ) as caught:
        lock_stream(database, KEY)
    assert len(caught.value.message) <= 200
    lock.release()


@pytest.mark.parametrize("content", [b"", b"not what we write", b'{"pid": "x"}'])
def test_a_lock_file_that_says_nothing(tmp_path: Path, content: bytes) -> None:
    database = str(tmp_path / "log.db")
    lock = lock_stream(database, KEY)
    Path(stream_lock_path(database, KEY)).write_bytes(content)
    with pytest.raises(StreamLockedError, match="another SDK"):
        lock_stream(database, KEY)
    lock.release()


def test_the_file_is_private_and_stays(tmp_path: Path) -> None:
    database = str(tmp_path / "log.db")
    before = os.umask(0)
    try:
        lock_stream(database, KEY).release()
    finally:
        os.umask(before)
    status = Path(stream_lock_path(database, KEY)).stat()
    assert stat.S_IMODE(status.st_mode) == 0o600


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    database, victim = str(tmp_path / "log.db"), tmp_path / "victim"
    victim.write_text("precious")
    Path(stream_lock_path(database, KEY)).symlink_to(victim)
    with pytest.raises(OSError, match="symbolic link"):
        lock_stream(database, KEY)
    assert victim.read_text() == "precious"
