"""The files of a log: where they lie, who may read them, what is refused before SQLite sees it.

Everything here blocks and runs off the loop. A database file is never opened here, only looked
at by name: closing any descriptor of it would drop the locks that SQLite holds on it in this
process.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final

from livechat_customer.errors import LogError, LogNotADatabaseError, LogReadOnlyError
from livechat_customer.store.failures import short

FILE_MODE: Final = 0o600
FOLDER_MODE: Final = 0o700

NETWORK: Final = frozenset(
    {
        "9p",
        "afs",
        "beegfs",
        "ceph",
        "cifs",
        "fuse.cephfs",
        "fuse.glusterfs",
        "fuse.s3fs",
        "fuse.sshfs",
        "glusterfs",
        "lustre",
        "ncpfs",
        "nfs",
        "nfs4",
        "smb3",
        "smbfs",
        "vboxsf",
    }
)
"""File systems whose locks or shared memory don't hold between machines."""

MOUNTS: Final = "/proc/self/mountinfo"

_AS_WHOM: Final[dict[str, bool]] = (
    {"effective_ids": True} if os.access in os.supports_effective_ids else {}
)
"""Files are opened as the effective user; `os.access` asks for the real one by itself."""


def resolve(path: str) -> str:
    """The real, absolute path of the database, which need not exist yet.

    A link is followed only if it and what it leads to are this user's: in a shared folder,
    somebody else's link could turn the log into theirs.
    """
    named = Path(path).expanduser().absolute()
    real = Path(os.path.realpath(named))
    if named.is_symlink():
        _check_owner(named, os.lstat(named))
        target = real if real.exists() else real.parent
        _check_owner(named, os.stat(target))
    if real.is_dir():
        raise LogNotADatabaseError(f"The log {short(path)}: it is a folder. Name a file.")
    if real.exists() and not real.is_file():
        raise LogNotADatabaseError(f"The log {short(path)}: not a regular file. Name another path.")
    return str(real)


def _check_owner(link: Path, status: os.stat_result) -> None:
    if hasattr(os, "geteuid") and status.st_uid != os.geteuid():
        raise LogError(
            f"The log {short(str(link))}: a link of or to another user's. Name the file itself.",
            code="LOG_FOREIGN_LINK",
        )


def make_folder(path: str) -> None:
    """Make the folder of the file, each missing level for this user only."""
    missing: list[Path] = []
    folder = Path(path).parent
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for folder in reversed(missing):
        # Another opener may be making it at the same time.
        folder.mkdir(FOLDER_MODE, exist_ok=True)


def create(path: str) -> None:
    """Make an empty file for this user only; SQLite gives its companions the same mode."""
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, FILE_MODE))


def file_id(path: str) -> str:
    """What a copy of the file does not share. Not its device, whose number may change when the
    machine starts anew."""
    return str(os.stat(path).st_ino)


def discard(path: str) -> None:
    """Remove a database that nobody has open, with its companions."""
    for suffix in ("", "-journal", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            os.unlink(path + suffix)


def check_writable(path: str) -> None:
    """Whether this user can write the file, and beside it: WAL needs companions."""
    for target in (path, os.path.dirname(path)):
        if os.path.exists(target) and not os.access(target, os.W_OK, **_AS_WHOM):
            raise LogReadOnlyError(
                f"The log {short(path)}: it can't be written. Check the permissions, "
                "name another path, or open it read-only."
            )


def check_local(path: str) -> None:
    """Refuse a network file system, where that can be seen (Linux)."""
    try:
        mounts = Path(MOUNTS).read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return
    kind = file_system(path, mounts)
    if kind in NETWORK:
        raise LogError(
            f"The log {short(path)}: on a network file system ({kind}). Name a local path.",
            code="LOG_NETWORK_FILE_SYSTEM",
        )


def file_system(path: str, mounts: str) -> str | None:
    """The type of the file system that holds `path`, by the text of `/proc/self/mountinfo`."""
    found: tuple[int, str] | None = None
    for line in mounts.splitlines():
        left, separator, right = line.partition(" - ")
        fields = left.split(" ")
        if not separator or len(fields) < 5:
            continue
        point = _unescaped(fields[4])
        inside = path == point or path.startswith(point.rstrip("/") + "/")
        # Of mounts on the same point the last one counts.
        if inside and (found is None or len(point) >= found[0]):
            found = (len(point), right.split(" ", 1)[0])
    return None if found is None else found[1]


def _unescaped(text: str) -> str:
    """Mount points write space, tab, newline and backslash in octal."""
    for octal, char in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(octal, char)
    return text


def size(path: str) -> int:
    """Bytes of the file; 0 if there is none."""
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return 0
    return status.st_size if stat.S_ISREG(status.st_mode) else 0
