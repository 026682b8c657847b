"""Files to send: bytes, a path, or an open binary file, in chunks that are read in a thread.

Each is measured before any of it is read, and never more is read than was measured then: a file
that grows meanwhile is sent as long as it was, one that shrinks is an error.
"""

from __future__ import annotations

import asyncio
import io
import mimetypes
import os
import stat
import threading
from collections.abc import AsyncGenerator
from typing import IO, Final, Protocol

from livechat_customer.errors import InvalidArgumentError, TooBigFileError, UploadFailedError

MAX_FILE: Final = 10_485_760
"""Bytes of a file at most (10 MiB); exactly so many pass."""

CHUNK: Final = 65_536

FileGiven = bytes | bytearray | memoryview | str | os.PathLike[str] | IO[bytes]
"""What can be sent. A `str` is a path."""

_UNKNOWN_TYPE: Final = "application/octet-stream"


class Source(Protocol):
    """A file that was measured. `chunks()` gives it from the start, as often as it is called."""

    size: int
    """Bytes."""

    def chunks(self) -> AsyncGenerator[bytes, None]: ...
    async def aclose(self) -> None: ...


async def open_source(given: FileGiven) -> Source:
    """Measure a file. Raises `TooBigFileError`, and `InvalidArgumentError` for what is no file."""
    if isinstance(given, bytes | bytearray | memoryview):
        view = memoryview(given)
        _check_size(view.nbytes)
        return _Held(view.tobytes())
    file: _File = _OnDisk(given) if isinstance(given, str | os.PathLike) else _Lent(given)
    try:
        return await file.measured()
    except BaseException:
        await file.aclose()
        raise


def name_of(given: FileGiven) -> str:
    """The name a file goes by when the caller gives none."""
    if isinstance(given, bytes | bytearray | memoryview):
        return "file"
    path = given if isinstance(given, str | os.PathLike) else getattr(given, "name", None)
    if not isinstance(path, str | os.PathLike):
        return "file"  # a pipe's name is a number
    return os.path.basename(os.fspath(path)) or "file"


async def content_type_of(name: str) -> str:
    """The type that goes with a name. In a thread: the table is read from files of the system."""
    guessed, _ = await asyncio.to_thread(mimetypes.guess_type, name)
    return guessed or _UNKNOWN_TYPE


def check_given(given: object) -> None:
    """Raises `InvalidArgumentError` for what can be no file, before any of it is touched."""
    if isinstance(given, io.TextIOBase):
        raise InvalidArgumentError("file", "is open as text; open it in binary mode, 'rb'")
    fits = isinstance(given, bytes | bytearray | memoryview | str | os.PathLike)
    if not fits and not callable(getattr(given, "read", None)):
        raise InvalidArgumentError("file", "must be bytes, a path, or a file open in binary mode")


def _check_size(size: int) -> None:
    if size > MAX_FILE:
        raise TooBigFileError


class _Held:
    """Bytes in memory."""

    def __init__(self, content: bytes) -> None:
        self.size = len(content)
        self._content = content

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        for at in range(0, self.size, CHUNK):
            yield self._content[at : at + CHUNK]

    async def aclose(self) -> None:
        """Nothing is open."""


class _File:
    """A file that is read in threads. A thread goes on when its caller is cancelled, hence the
    lock: whoever comes last closes the file."""

    def __init__(self) -> None:
        self.size = 0
        self._start = 0

    def _measure(self) -> Source:
        raise NotImplementedError

    def _open_file(self) -> IO[bytes]:
        raise NotImplementedError

    def _close(self) -> None:
        """Let go of the file."""

    async def measured(self) -> Source:
        try:
            return await asyncio.to_thread(self._measure)
        except InvalidArgumentError:
            raise
        except (OSError, ValueError) as error:
            raise InvalidArgumentError(
                "file", f"could not be opened ({type(error).__name__}); check that it can be read"
            ) from error

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        at, left = self._start, self.size
        while left:
            chunk = await asyncio.to_thread(self._read, at, min(CHUNK, left))
            at, left = at + len(chunk), left - len(chunk)
            yield chunk

    async def aclose(self) -> None:
        await asyncio.to_thread(self._close)

    def _read(self, at: int, most: int) -> bytes:
        try:
            file = self._open_file()
            file.seek(at)
            chunk = _binary(file.read(most))
        except InvalidArgumentError:
            raise
        except (OSError, ValueError) as error:
            raise UploadFailedError(
                f"The file could not be read ({type(error).__name__}). Check it, then try again."
            ) from error
        if not chunk:
            raise UploadFailedError("The file became shorter while it was sent. Try again.")
        return chunk


class _OnDisk(_File):
    """A path."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        super().__init__()
        self._path = path
        self._lock = threading.Lock()
        self._file: IO[bytes] | None = None
        self._closed = False

    def _measure(self) -> Source:
        if not stat.S_ISREG(os.stat(self._path).st_mode):  # a pipe's open() would wait
            raise InvalidArgumentError(
                "file", "is no regular file; give one, bytes or an open file"
            )
        self.size = os.fstat(self._open_file().fileno()).st_size
        _check_size(self.size)
        return self

    def _open_file(self) -> IO[bytes]:
        with self._lock:
            if self._closed:
                raise ValueError("closed")
            if self._file is None:
                self._file = open(self._path, "rb")  # noqa: SIM115 - closed in _close
            return self._file

    def _close(self) -> None:
        with self._lock:
            self._closed = True
            if self._file is not None:
                self._file.close()


class _Lent(_File):
    """The caller's open file, from where it stands to its end; it stays open. One that can't seek
    is read into memory, up to the limit."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__()
        self._file = file

    def _measure(self) -> Source:
        seekable = getattr(self._file, "seekable", None)
        if seekable is None or not seekable():
            return _Held(self._all())
        self._start = self._file.tell()
        self.size = max(0, self._file.seek(0, os.SEEK_END) - self._start)
        self._file.seek(self._start)
        _check_size(self.size)
        return self

    def _open_file(self) -> IO[bytes]:
        return self._file

    def _all(self) -> bytes:
        held = bytearray()
        while chunk := _binary(self._file.read(min(CHUNK, MAX_FILE + 1 - len(held)))):
            held += chunk
            _check_size(len(held))
        return bytes(held)


def _binary(chunk: object) -> bytes:
    if chunk is None or isinstance(chunk, bytes | bytearray):
        return bytes(chunk or b"")
    raise InvalidArgumentError("file", "gives no bytes; open it in binary mode, 'rb'")
