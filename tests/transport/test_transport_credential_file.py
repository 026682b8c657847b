"""Credentials in a file: real files, real processes, and nothing lost whatever is wrong with it."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import filelock
import pytest
from transport_kit import SECRET, token

from livechat_customer.errors import AuthError
from livechat_customer.records import StreamKey
from livechat_customer.transport import credential_file
from livechat_customer.transport.credential_file import CredentialFile
from livechat_customer.transport.credentials import CREDENTIALS_FAILED, Credentials

KEY = StreamKey("org", "client")
HELD = Credentials(cid="id", cst="cookie-secret", token=token())


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def chmod(path: Path, to: int) -> None:
    path.chmod(to)


def put(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    path.chmod(0o600)


def content_of(path: Path) -> bytes:
    return path.read_bytes()


def link(path: Path, target: Path) -> None:
    target.parent.mkdir()
    path.symlink_to(target)


def leads_to(path: Path) -> str:
    return os.path.realpath(path)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "credentials.json"


async def test_another_run_finds_what_was_kept(path: Path) -> None:
    await CredentialFile(path).save(KEY, HELD)

    assert await CredentialFile(str(path)).load(KEY) == HELD


async def test_each_stream_has_its_own(path: Path) -> None:
    store = CredentialFile(path)
    keys = [
        KEY,
        StreamKey("org", "client", profile="ann"),
        StreamKey("org", "client", group_id=3),
        StreamKey("org", "client", group_id=0),
        StreamKey("org", "other client"),
        StreamKey("other org", "client"),
    ]
    for number, key in enumerate(keys):
        await store.save(key, Credentials(cid=str(number)))

    found = [await store.load(key) for key in keys]

    assert found == [Credentials(cid=str(number)) for number in range(len(keys))]
    await store.delete(keys[2])
    await store.delete(keys[2])
    assert await store.load(keys[2]) is None
    assert await store.load(keys[3]) == Credentials(cid="3")


async def test_what_another_server_gave_out_is_neither_found_nor_touched(path: Path) -> None:
    await CredentialFile(path).save(KEY, HELD)
    sandbox = CredentialFile(path, issuer="127.0.0.1:8080")

    assert await sandbox.load(KEY) is None
    await sandbox.save(KEY, Credentials(cid="a sandbox's"))
    await sandbox.delete(KEY)

    assert await CredentialFile(path).load(KEY) == HELD


async def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        folder = tmp_path / "one" / "two"
        await CredentialFile(folder / "c.json").save(KEY, HELD)
    finally:
        os.umask(before)

    assert mode(folder / "c.json") == 0o600
    assert mode(folder / "c.json.lock") == 0o600
    assert (mode(folder), mode(folder.parent)) == (0o700, 0o700)
    assert names(folder) == {"c.json", "c.json.lock"}


async def test_one_that_others_can_read_is_tightened(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await CredentialFile(path).save(KEY, HELD)
    chmod(path, 0o644)

    assert await CredentialFile(path).load(KEY) == HELD

    assert mode(path) == 0o600
    assert "0644" in caplog.text
    assert SECRET not in caplog.text


async def test_a_link_stays_a_link(tmp_path: Path, path: Path) -> None:
    real = tmp_path / "elsewhere" / "real.json"
    link(path, real)

    await CredentialFile(path).save(KEY, HELD)

    assert leads_to(path) == str(real)
    assert await CredentialFile(real).load(KEY) == HELD


async def test_reading_makes_nothing(tmp_path: Path) -> None:
    store = CredentialFile(tmp_path / "none" / "c.json")

    assert await store.load(KEY) is None

    assert names(tmp_path) == set()


GOOD = json.dumps({"version": 1, "identities": []})


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "damaged"),
        (b"{", "damaged"),
        (b"[]", "damaged"),
        (b"\xff\xfe", "damaged"),
        (b"[" * 100_000, "damaged"),
        (GOOD.encode()[:-1], "damaged"),
        (b'{"version": 1, "identities": 5}', "damaged"),
        (b'{"version": 1, "identities": [{"stream": 1}]}', "damaged"),
        (b'{"version": "one"}', "damaged"),
        (b'{"version": 2, "vault": {}}', "newer livechat-customer"),
    ],
)
async def test_what_can_not_be_read_is_one_error_and_is_left_as_it_is(
    path: Path, content: bytes, says: str
) -> None:
    put(path, content)
    store = CredentialFile(path)

    for call in (store.load(KEY), store.save(KEY, HELD), store.delete(KEY)):
        with pytest.raises(AuthError, match=says) as failed:
            await call
        assert (failed.value.code, failed.value.retryable) == (CREDENTIALS_FAILED, False)
        assert "credentials.json" in failed.value.message

    assert content_of(path) == content
    assert names(path.parent) <= {"credentials.json", "credentials.json.lock"}


async def test_the_errors_text_holds_nothing_of_the_file(path: Path) -> None:
    put(path, f'{{"version": 1, "identities": [{{"{SECRET}": "{SECRET}"}}]}}'.encode())

    with pytest.raises(AuthError) as failed:
        await CredentialFile(path).load(KEY)

    assert SECRET not in repr(failed.value)
    assert failed.value.__cause__ is None


async def test_a_long_path_is_cut_so_that_what_to_do_is_seen(tmp_path: Path) -> None:
    folder = tmp_path / ("a" * 200)
    folder.mkdir()
    put(folder / "c.json", b"{")

    with pytest.raises(AuthError, match=r"a/c\.json: it is damaged.*new customer\.$") as failed:
        await CredentialFile(folder / "c.json").load(KEY)

    assert len(failed.value.message) <= 200


async def test_a_folder_in_its_place_is_said(tmp_path: Path) -> None:
    store = CredentialFile(tmp_path)
    for call in (store.load(KEY), store.save(KEY, HELD)):
        with pytest.raises(AuthError, match="directory"):
            await call


async def test_a_folder_that_can_not_be_is_said(tmp_path: Path) -> None:
    put(tmp_path / "file", b"")
    store = CredentialFile(tmp_path / "file" / "folder" / "c.json")
    for call in (store.load(KEY), store.save(KEY, HELD)):
        with pytest.raises(AuthError, match="Not a directory"):
            await call


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The disk fills up at the last moment."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        yield


async def test_a_full_disk_leaves_the_old_file(path: Path, request: pytest.FixtureRequest) -> None:
    store = CredentialFile(path)
    await store.save(KEY, HELD)
    request.getfixturevalue("full_disk")

    with pytest.raises(AuthError, match="No space left"):
        await store.save(KEY, Credentials(cid="new"))

    assert await store.load(KEY) == HELD
    assert names(path.parent) == {"credentials.json", "credentials.json.lock"}


async def test_one_that_another_program_holds_for_long_can_be_tried_again(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(credential_file, "LOCK_SECONDS", 0.0)
    store = CredentialFile(path)
    await store.save(KEY, HELD)
    with filelock.FileLock(f"{path}.lock"):
        with pytest.raises(AuthError, match="another program") as failed:
            await store.save(KEY, Credentials())
        assert failed.value.retryable
        assert await store.load(KEY) == HELD, "reading waits for nobody"


_WRITER = """
import asyncio, sys
from livechat_customer.records import StreamKey
from livechat_customer.transport.credential_file import CredentialFile
from livechat_customer.transport.credentials import Credentials

async def main(path, name):
    store = CredentialFile(path)
    for number in range(20):
        await store.save(StreamKey("org", "client", profile=f"{name}-{number}"), Credentials(cid=name))

asyncio.run(main(*sys.argv[1:]))
"""


async def test_programs_and_sdks_that_write_at_once_lose_nothing(path: Path) -> None:
    store = CredentialFile(path)
    others = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", _WRITER, str(path), name)
        for name in ("ann", "joe")
    ]
    own = [
        store.save(StreamKey("org", "client", profile=f"own-{number}"), Credentials(cid="own"))
        for number in range(20)
    ]
    await asyncio.gather(*own)
    assert [await other.wait() for other in others] == [0, 0]

    for name in ("ann", "joe", "own"):
        for number in range(20):
            found = await store.load(StreamKey("org", "client", profile=f"{name}-{number}"))
            assert found == Credentials(cid=name)


_KILLED = """
import asyncio, os, sys
from livechat_customer.records import StreamKey
from livechat_customer.transport import credential_file
from livechat_customer.transport.credentials import Credentials

credential_file.os.replace = lambda *_: os._exit(9)
store = credential_file.CredentialFile(sys.argv[1])
asyncio.run(store.save(StreamKey("org", "client"), Credentials(cid="new")))
"""


async def test_a_program_killed_while_it_writes_leaves_the_old_file_and_no_lock(
    path: Path,
) -> None:
    await CredentialFile(path).save(KEY, HELD)

    done = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", _KILLED, str(path)], check=False
    )

    assert done.returncode == 9
    assert await CredentialFile(path).load(KEY) == HELD
    await CredentialFile(path).save(KEY, Credentials(cid="next"))
    assert await CredentialFile(path).load(KEY) == Credentials(cid="next")


async def test_nothing_secret_is_shown(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    store = CredentialFile(path)
    await store.save(KEY, HELD)
    await store.load(KEY)

    assert repr(store) == f"CredentialFile({str(path)!r})"
    assert SECRET not in caplog.text
    assert "cookie-secret" not in caplog.text
