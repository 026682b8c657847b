"""A database that is a copy, or was put back in an older state, is found out when it is opened."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from store_kit import KEY

from livechat_customer.records import StreamKey
from livechat_customer.store import open_log

OTHER = StreamKey("organization", "client", profile="other")


async def restored(path: Path, key: StreamKey = KEY, *, adopt: bool = False) -> bool:
    """What an opening of the stream says."""
    log = open_log(str(path))
    await log.open()
    try:
        stream = await log.stream(key)
        found = stream.restored
        if adopt:
            await stream.adopt()
        return found
    finally:
        await log.aclose()


def forget(folder: Path) -> None:
    for lock in folder.glob("*.lock"):
        lock.unlink()


async def test_a_stream_that_stayed_where_it_is_is_not(tmp_path: Path) -> None:
    path = tmp_path / "log.db"

    assert not any([await restored(path) for _ in range(3)])
    moved = path.rename(tmp_path / "moved.db")
    assert not await restored(moved)


async def test_a_copy_is_until_it_is_adopted(tmp_path: Path) -> None:
    path, copy = tmp_path / "log.db", tmp_path / "copy.db"
    await restored(path)
    await restored(path, OTHER)
    shutil.copy(path, copy)

    assert await restored(copy)
    assert await restored(copy, adopt=True)
    assert not await restored(copy)
    # Each stream is adopted for itself.
    assert await restored(copy, OTHER)
    assert not await restored(path)


async def test_an_older_state_put_back_in_its_place_is(tmp_path: Path) -> None:
    path, backup = tmp_path / "log.db", tmp_path / "backup"
    await restored(path)
    shutil.copy(path, backup)
    await restored(path)
    with path.open("r+b") as file:  # the same file, by its number
        file.truncate()
        file.write(backup.read_bytes())

    assert await restored(path)
    assert await restored(path, adopt=True)
    assert not await restored(path)


async def test_without_the_file_beside_it_the_database_is_believed(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    await restored(path)
    forget(tmp_path)

    assert not await restored(path)


async def test_another_identity_of_the_key_is_at_home_at_once(tmp_path: Path) -> None:
    path, copy = tmp_path / "log.db", tmp_path / "copy.db"
    await restored(path)
    shutil.copy(path, copy)
    log = open_log(str(copy))
    await log.open()
    stream = await log.stream(KEY)
    assert stream.restored

    assert not (await stream.replace_identity()).restored
    await log.aclose()

    assert not await restored(copy)


@pytest.mark.parametrize("times", [1, 2])
async def test_a_log_in_memory_never_is(times: int) -> None:
    log = open_log(":memory:")
    for _ in range(times):
        await log.open()
        stream = await log.stream(KEY)
        assert not stream.restored
        await stream.adopt()
        await log.aclose()
