"""Credentials in a file that only its owner can read: the identity survives restarts.

One file holds the credentials of several streams. It is written anew and put in place of the old
one in a single step, under a kernel lock that other programs respect, too. Everything that blocks
runs in a thread. A file that can't be read is never written over.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import stat
import tempfile
import threading
from collections.abc import Callable, Generator
from pathlib import Path
from typing import IO, Final, TypeVar

import msgspec

from livechat_customer.errors import AuthError
from livechat_customer.records import StreamKey
from livechat_customer.transport.credentials import CREDENTIALS_FAILED, Credentials

FILE_MODE: Final = 0o600
FOLDER_MODE: Final = 0o700
VERSION: Final = 1
LOCK_SECONDS: Final = 10.0
"""How long a writer waits for another program's."""

_OTHERS: Final = 0o077
_SHOWN: Final = 60

_writing = threading.Lock()
"""One writer at a time in this process; between processes the file's lock decides."""

logger = logging.getLogger(__name__)

T = TypeVar("T")


class _Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    stream: StreamKey
    issuer: str | None = None
    credentials: Credentials

    def __repr__(self) -> str:
        return "_Entry(…)"


class _Document(msgspec.Struct, frozen=True, kw_only=True):
    version: int = VERSION
    identities: list[_Entry] = []


class _Version(msgspec.Struct, frozen=True):
    version: int


class CredentialFile:
    """A `CredentialStore` in a file (mode 0600, JSON, in a folder made with 0700 if there is none).

    Several programs, and several SDKs of one, may use the same file. `issuer` keeps apart what
    different servers gave out: with another one, an identity is not found and not touched. A file
    that others can read is tightened. What can't be read or written raises `AuthError` with code
    `CREDENTIALS`, and the file stays as it is.
    """

    def __init__(self, path: str | Path, *, issuer: str | None = None) -> None:
        self.path: Final = Path(path).expanduser()
        self._issuer = issuer

    def __repr__(self) -> str:
        return f"CredentialFile({str(self.path)!r})"

    async def load(self, key: StreamKey) -> Credentials | None:
        return await self._off_the_loop(lambda: self._load(key))

    async def save(self, key: StreamKey, credentials: Credentials) -> None:
        await self._off_the_loop(lambda: self._put(key, credentials))

    async def delete(self, key: StreamKey) -> None:
        await self._off_the_loop(lambda: self._put(key, None))

    async def _off_the_loop(self, work: Callable[[], T]) -> T:
        try:
            return await asyncio.to_thread(work)
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise self._failed(f"{why}. Check its permissions and the disk.") from error

    def _load(self, key: StreamKey) -> Credentials | None:
        for entry in self._read(Path(os.path.realpath(self.path))).identities:
            if self._is_of(entry, key):
                return entry.credentials
        return None

    def _put(self, key: StreamKey, credentials: Credentials | None) -> None:
        path = Path(os.path.realpath(self.path))
        _make_folder(path.parent)
        with self._locked(path):
            found = self._read(path)
            kept = [entry for entry in found.identities if not self._is_of(entry, key)]
            if credentials is not None:
                kept.append(_Entry(stream=key, issuer=self._issuer, credentials=credentials))
            elif len(kept) == len(found.identities):
                return
            _replace(path, msgspec.json.format(msgspec.json.encode(_Document(identities=kept))))

    def _is_of(self, entry: _Entry, key: StreamKey) -> bool:
        return entry.stream == key and entry.issuer == self._issuer

    def _read(self, path: Path) -> _Document:
        try:
            with open(path, "rb") as file:
                self._tighten(file)
                held = file.read()
        except FileNotFoundError:
            return _Document()
        try:
            version = msgspec.json.decode(held, type=_Version).version
            if version == VERSION:
                return msgspec.json.decode(held, type=_Document)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
            # The decoder's own words may quote what is in the file.
            raise self._failed(
                "it is damaged. Restore it, or move it away to begin as a new customer."
            ) from None
        raise self._failed(f"it is of version {version}. Use a newer livechat-customer.")

    def _tighten(self, file: IO[bytes]) -> None:
        if os.name != "posix":
            return  # Windows has no such modes.
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        if mode & _OTHERS:
            os.fchmod(file.fileno(), FILE_MODE)
            logger.warning("%s: others could reach it (%04o); made 0600", self.path, mode)

    @contextlib.contextmanager
    def _locked(self, path: Path) -> Generator[None]:
        import filelock  # its import takes longer than all of ours: in the thread, at first use

        lock = filelock.FileLock(
            f"{path}.lock", mode=FILE_MODE, thread_local=False, fallback_to_soft=False
        )
        if not _writing.acquire(timeout=LOCK_SECONDS):
            raise self._held()
        try:
            with lock.acquire(timeout=LOCK_SECONDS):
                yield
        except filelock.Timeout:
            raise self._held() from None
        finally:
            _writing.release()

    def _held(self) -> AuthError:
        return self._failed("another program holds it. Try again later.", retryable=True)

    def _failed(self, what: str, *, retryable: bool = False) -> AuthError:
        shown = str(self.path)
        if len(shown) > _SHOWN:
            shown = f"…{shown[-_SHOWN:]}"
        return AuthError(
            f"The credentials file {shown}: {what}",
            code=CREDENTIALS_FAILED,
            reason="credentials",
            retryable=retryable,
        )


def _make_folder(folder: Path) -> None:
    """Make it, each missing level for this user only."""
    missing: list[Path] = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for folder in reversed(missing):
        folder.mkdir(FOLDER_MODE, exist_ok=True)  # another program may be making it, too


def _replace(path: Path, content: bytes) -> None:
    """Put `content` in the file's place, wholly or not at all."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # mode 0600
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make the names in it safe from a power cut. Who lost the identity would come back as another
    customer, and what the outbox holds would never be sent."""
    if os.name != "posix":
        return  # Windows opens no folders, and needs none of this.
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
