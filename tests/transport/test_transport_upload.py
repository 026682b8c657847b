"""Files to send: measured before they are read, read in threads, wrapped in a form."""

from __future__ import annotations

import io
import os
import tempfile
import threading
from contextlib import aclosing
from email.parser import BytesParser
from email.policy import HTTP
from pathlib import Path
from typing import IO, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livechat_customer.errors import InvalidArgumentError, TooBigFileError, UploadFailedError
from livechat_customer.transport.files import (
    CHUNK,
    MAX_FILE,
    FileGiven,
    Source,
    check_given,
    content_type_of,
    name_of,
    open_source,
)
from livechat_customer.transport.upload import UploadBody, check_content_type

TEXT = bytes(range(256)) * 1_000
SIZE = len(TEXT)


async def content(source: Source) -> bytes:
    async with aclosing(source.chunks()) as chunks:
        return b"".join([chunk async for chunk in chunks])


async def sent(file: FileGiven) -> bytes:
    """What is read of a file, in two goes, which must agree."""
    source = await open_source(file)
    try:
        first, second = await content(source), await content(source)
    finally:
        await source.aclose()
    assert first == second
    assert len(first) == source.size
    return first


class Pipe(io.RawIOBase):
    """Can't seek, gives a little at a time, counts what it gave; knows who read it."""

    def __init__(self, size: int) -> None:
        self.left = size
        self.given = 0
        self.threads: set[int] = set()

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        self.threads.add(threading.get_ident())
        most = min(self.left, size if size >= 0 else self.left, 1_000)
        self.left -= most
        self.given += most
        return b"x" * most


class Watched(io.BytesIO):
    """Knows which threads touched it."""

    def __init__(self, initial: bytes) -> None:
        super().__init__(initial)
        self.threads: set[int] = set()

    def read(self, size: int | None = -1) -> bytes:
        self.threads.add(threading.get_ident())
        return super().read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        self.threads.add(threading.get_ident())
        return super().seek(offset, whence)


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
async def test_bytes_of_any_kind(kind: type[Any]) -> None:
    assert await sent(kind(TEXT)) == TEXT


async def test_bytes_that_are_changed_meanwhile_are_sent_as_they_were() -> None:
    given = bytearray(TEXT)
    source = await open_source(given)
    given[:] = b"other"
    assert await content(source) == TEXT


@pytest.mark.parametrize("kind", [Path, str])
async def test_a_path(tmp_path: Path, kind: type[Any]) -> None:
    (tmp_path / "file").write_bytes(TEXT)
    assert await sent(kind(tmp_path / "file")) == TEXT


async def test_an_open_file_from_where_it_stands(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(TEXT)
    with (tmp_path / "file").open("rb") as file:
        file.seek(1_000)
        assert await sent(file) == TEXT[1_000:]
        assert not file.closed


async def test_an_open_file_without_a_buffer(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(TEXT)
    with (tmp_path / "file").open("rb", buffering=0) as file:
        assert await sent(file) == TEXT


async def test_a_temporary_file() -> None:
    with tempfile.SpooledTemporaryFile() as file:
        file.write(TEXT)
        file.seek(0)
        assert await sent(file) == TEXT


async def test_a_file_beyond_its_end_is_empty() -> None:
    file = io.BytesIO(b"abc")
    file.seek(10)
    assert await sent(file) == b""


async def test_what_cannot_seek_is_read_up_to_the_limit() -> None:
    pipe = Pipe(200_000)
    assert await sent(pipe) == b"x" * 200_000  # type: ignore[arg-type]

    endless = Pipe(1 << 40)
    with pytest.raises(TooBigFileError):
        await open_source(endless)  # type: ignore[arg-type]
    assert endless.given == MAX_FILE + 1


async def test_files_are_never_read_on_the_loop() -> None:
    file, pipe = Watched(TEXT), Pipe(SIZE)
    await sent(file)
    await sent(pipe)  # type: ignore[arg-type]
    for threads in (file.threads, pipe.threads):
        assert threads
        assert threading.get_ident() not in threads


@pytest.mark.parametrize("more", [0, 1])
async def test_the_limit(tmp_path: Path, more: int) -> None:
    """Exactly 10 MiB pass."""
    size = 10_485_760 + more
    path = tmp_path / "file"
    with path.open("wb") as file:
        file.truncate(size)

    class Lent(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise AssertionError("it was read")

    ways: list[Any] = [bytes(size), path, Lent(bytes(size)), memoryview(bytes(size))]
    for given_ in ways:
        if more:
            with pytest.raises(TooBigFileError) as failed:
                await open_source(given_)
            assert failed.value.code == "TOO_BIG_FILE"
        else:
            source = await open_source(given_)
            assert source.size == size
            await source.aclose()


async def test_a_huge_file_is_refused_without_being_read(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(TooBigFileError):
        await open_source(path)


async def test_a_file_that_grows_is_sent_as_long_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(TEXT)
    source = await open_source(path)
    with path.open("ab") as file:
        file.write(b"more")
    assert await content(source) == TEXT
    await source.aclose()


async def test_a_file_that_shrinks_ends_the_upload(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(TEXT)
    source = await open_source(path)
    os.truncate(path, CHUNK + 1)
    with pytest.raises(UploadFailedError, match="shorter") as failed:
        await content(source)
    await source.aclose()
    assert failed.value.code == "UPLOAD_FAILED"


async def test_a_file_that_cannot_be_read_on() -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError("the-secret-path")

    source = await open_source(Broken(TEXT))
    with pytest.raises(UploadFailedError, match=r"could not be read \(OSError\)") as failed:
        await content(source)
    assert "secret" not in str(failed.value)


async def test_a_file_that_was_closed_meanwhile() -> None:
    file = io.BytesIO(TEXT)
    source = await open_source(file)
    file.close()
    with pytest.raises(UploadFailedError, match="ValueError"):
        await content(source)


async def test_what_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    closed = io.BytesIO()
    closed.close()
    table: list[tuple[Any, str]] = [
        (tmp_path / "missing", "FileNotFoundError"),
        (tmp_path, "no regular file"),
        (tmp_path / "pipe", "no regular file"),
        ("nul\0", "ValueError"),
        (closed, "ValueError"),
        (io.StringIO("text"), "no bytes"),
    ]
    for file, what in table:
        with pytest.raises(InvalidArgumentError, match=what) as failed:
            await sent(file)
        assert failed.value.argument == "file"
        assert str(tmp_path) not in str(failed.value)


@pytest.mark.parametrize("value", [None, 7, ["a"], object(), io.StringIO("text")])
def test_what_can_be_no_file_is_told_at_once(value: object) -> None:
    with pytest.raises(InvalidArgumentError) as failed:
        check_given(value)
    assert failed.value.argument == "file"


def test_names_and_types() -> None:
    class Named(io.BytesIO):
        def __init__(self, name: object) -> None:
            super().__init__()
            self.name = name

    assert name_of(b"x") == "file"
    assert name_of(Path("/some/where/photo.png")) == "photo.png"
    assert name_of("photo.png") == "photo.png"
    assert name_of(io.BytesIO()) == "file"
    assert name_of(Named("/tmp/a.txt")) == "a.txt"
    assert name_of(Named(3)) == "file"


@pytest.mark.parametrize(
    ("name", "kind"),
    [("a.png", "image/png"), ("a.txt", "text/plain"), ("file", "application/octet-stream")],
)
async def test_the_type_that_goes_with_a_name(name: str, kind: str) -> None:
    assert await content_type_of(name) == kind


@pytest.mark.parametrize("value", ["image/png", "text/plain; charset=utf-8", "a/b+c.d-e"])
def test_media_types(value: str) -> None:
    check_content_type(value)


@pytest.mark.parametrize("value", ["", "png", "a/b\r\nX: y", "a/b; \n", "ä/b", "a b/c"])
def test_what_is_no_media_type(value: str) -> None:
    with pytest.raises(InvalidArgumentError) as failed:
        check_content_type(value)
    assert failed.value.argument == "content_type"


async def form(file: FileGiven, name: str) -> tuple[dict[str, str], bytes, list[tuple[int, int]]]:
    """Headers and bytes of a form, and the progress that was told."""
    told: list[tuple[int, int]] = []
    source = await open_source(file)
    body = UploadBody(source, name, "text/plain", lambda done, total: told.append((done, total)))
    async with aclosing(body.chunks()) as chunks:
        whole = b"".join([chunk async for chunk in chunks])
    await source.aclose()
    return body.headers, whole, told


@given(st.binary(max_size=3 * CHUNK // 2), st.text(min_size=1))
async def test_any_file_and_name_make_a_form_of_one_part(file: bytes, name: str) -> None:
    headers, whole, _ = await form(file, name)

    assert headers["Content-Length"] == str(len(whole))
    head = f"Content-Type: {headers['Content-Type']}\r\n\r\n".encode()
    [part] = BytesParser(policy=HTTP).parsebytes(head + whole).iter_parts()
    raw = whole.split(b"\r\n\r\n", 1)
    assert len(raw[0].split(b"\r\n")) == 3, "no name adds a line"
    boundary = headers["Content-Type"].partition("boundary=")[2].encode()
    assert raw[1] == file + b"\r\n--" + boundary + b"--\r\n"
    assert part.get_param("name", header="content-disposition") == "file"
    assert part.get_content_type() == "text/plain"


async def test_the_name_is_written_as_browsers_do() -> None:
    _, whole, _ = await form(b"x", 'zażółć "a"\r\nb.txt')
    assert 'filename="zażółć %22a%22%0D%0Ab.txt"\r\n'.encode() in whole


async def test_progress_goes_from_nothing_to_all() -> None:
    _, _, told = await form(bytes(2 * CHUNK + 1), "file")
    total = 2 * CHUNK + 1
    assert told == [(0, total), (CHUNK, total), (2 * CHUNK, total), (total, total)]
    assert (await form(b"", "file"))[2] == [(0, 0)]


def test_every_kind_of_file_is_one_that_can_be_given() -> None:
    kinds: list[FileGiven | IO[bytes]] = [b"", bytearray(), memoryview(b""), "a", Path("a")]
    for value in [*kinds, io.BytesIO(), Pipe(1)]:
        check_given(value)
