"""Where a log may lie, who may read it, and what is refused by name alone."""

from __future__ import annotations

import asyncio
import os
import stat
from pathlib import Path

import pytest
from store_kit import KEY, Place, ordinary_user, shared_folder

from livechat_customer.errors import LogError, LogNotADatabaseError, LogReadOnlyError
from livechat_customer.store import files, open_log

MOUNTS = """\
22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
30 22 0:25 / /home/me rw - btrfs /dev/vdb rw
31 22 0:26 / /home/me/shared rw shared:1 - nfs4 server:/export rw
32 22 0:27 / /mnt/two\\040words rw - cifs //server/share rw
33 22 0:28 / /over rw - nfs server:/a rw
34 33 0:29 / /over rw - tmpfs tmpfs rw
a line that is none
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/log.db", "ext4"),
        ("/home/me/log.db", "btrfs"),
        ("/home/meadow/log.db", "ext4"),
        ("/home/me/shared/deep/log.db", "nfs4"),
        ("/mnt/two words/log.db", "cifs"),
        ("/over/log.db", "tmpfs"),
    ],
)
def test_the_file_system_of_a_path(path: str, kind: str) -> None:
    assert files.file_system(path, MOUNTS) == kind
    assert files.file_system(path, "") is None


def test_a_network_file_system_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(MOUNTS)
    monkeypatch.setattr(files, "MOUNTS", str(mounts))
    files.check_local("/home/me/log.db")
    with pytest.raises(LogError, match="nfs4") as caught:
        files.check_local("/home/me/shared/log.db")
    assert caught.value.code == "LOG_NETWORK_FILE_SYSTEM"
    mounts.unlink()
    files.check_local("/home/me/shared/log.db")


async def test_everything_is_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "new" / "deeper" / "log.db"
    before = os.umask(0)
    try:
        log = open_log(path)
        await log.open()
        await (await log.stream(KEY)).append("push", "x", b"")
        modes = await asyncio.to_thread(
            lambda: {one.name: stat.S_IMODE(one.stat().st_mode) for one in path.parent.iterdir()}
        )
        folders = await asyncio.to_thread(
            lambda: [stat.S_IMODE(one.stat().st_mode) for one in (path.parent, path.parent.parent)]
        )
        await log.aclose()
    finally:
        os.umask(before)
    suffixes = {name.removeprefix("log.db").rpartition(".")[2] for name in modes}
    assert suffixes == {"", "-wal", "-shm", "lock"}
    assert set(modes.values()) == {0o600}
    assert folders == [0o700, 0o700]


def test_the_folder_that_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    files.make_folder(str(tmp_path / "log.db"))
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


async def test_a_link_of_ones_own_leads_to_the_one_database(tmp_path: Path) -> None:
    real, link = tmp_path / "real.db", tmp_path / "link.db"
    link.symlink_to(real)
    first, second = open_log(link), open_log(real)
    await first.open()
    await second.open()
    assert first.path == second.path == str(real)
    await (await first.stream(KEY)).append("push", "x", b"")
    assert await (await second.follow(KEY)).last_seq() == 1
    await first.aclose()
    await second.aclose()
    assert link.is_symlink()
    assert real.is_file()


def foreign(folder: Path) -> Path:
    """A file of another user's: the superuser's, or if that is us, nobody's."""
    if os.geteuid() != 0:
        return Path("/etc/passwd")
    path = folder / "theirs.db"
    path.write_bytes(b"")
    os.chown(path, 65534, 65534)
    return path


def test_a_link_to_another_users_file_is_refused(tmp_path: Path) -> None:
    target = foreign(tmp_path)
    before = target.read_bytes()
    link = tmp_path / "log.db"
    link.symlink_to(target)
    with pytest.raises(LogError, match="another user's") as caught:
        files.resolve(str(link))
    assert caught.value.code == "LOG_FOREIGN_LINK"
    assert target.read_bytes() == before


def test_another_users_link_is_refused(tmp_path: Path) -> None:
    mine = tmp_path / "mine.db"
    mine.write_bytes(b"")
    link = tmp_path / "log.db"
    link.symlink_to(mine)
    if os.geteuid() == 0:
        os.lchown(link, 65534, 65534)
    else:
        link = next(one for one in Path("/etc").iterdir() if one.is_symlink())
    with pytest.raises(LogError, match="another user's"):
        files.resolve(str(link))


@pytest.mark.parametrize("what", ["folder", "pipe"])
def test_what_is_no_regular_file_is_refused(tmp_path: Path, what: str) -> None:
    path = tmp_path / "log.db"
    if what == "folder":
        path.mkdir()
    else:
        os.mkfifo(path)
    with pytest.raises(LogNotADatabaseError):
        files.resolve(str(path))


def test_the_home_folder_may_be_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert files.resolve("~/log.db") == str(tmp_path / "log.db")


@pytest.mark.parametrize("which", ["file", "folder"])
def test_what_one_may_not_write_is_read_only(which: str) -> None:
    with shared_folder() as folder:
        path = folder / "log.db"
        path.write_bytes(b"")
        (path if which == "file" else folder).chmod(0o444 if which == "file" else 0o555)
        with ordinary_user(), pytest.raises(LogReadOnlyError, match="can't be written"):
            files.check_writable(str(path))
        folder.chmod(0o777)


def test_a_new_file_never_takes_the_place_of_another(place: Place) -> None:
    place.file.write_bytes(b"something")
    with pytest.raises(FileExistsError):
        files.create(str(place.file))
    files.discard(str(place.file))
    files.discard(str(place.file))
    assert files.size(str(place.file)) == 0
    files.create(str(place.file))
    assert stat.S_IMODE(place.file.stat().st_mode) == 0o600
