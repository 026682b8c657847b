"""Uploads: what can be sent, how far it is, how it ends."""

from __future__ import annotations

import asyncio
import io
import logging
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from front_kit import customer
from parity_kit import asked

import livechat_customer as lc
from livechat_customer.errors import EntityTooLargeError, InternalError, ValidationError
from livechat_customer.models.wire.decode import json_of
from livechat_customer.sandbox import Limits, Sandbox
from livechat_customer.store import wall_clock
from livechat_customer.store.sqlite import SqliteLog
from livechat_customer.transport.http import HttpAnswer, exchange

CONTENT = bytes(range(256)) * 1_000
SIZE = len(CONTENT)


async def served(file: lc.UploadedFile) -> HttpAnswer:
    """The file as the server gives it back."""
    return await exchange("GET", file.url)


def outcomes(sdk: lc.CustomerSDK) -> list[dict[str, Any]]:
    """What the log will say of the uploads from now on."""
    found: list[dict[str, Any]] = []

    def look(record: lc.Record) -> None:
        if record.kind == "http" and record.action == "upload_file":
            found.append(json_of(record))

    sdk.records.subscribe(look)
    return found


@pytest.mark.shows("method upload_file", "upload of bytes", by="sandbox")
async def test_upload_of_bytes() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        told = outcomes(sdk)

        file = await sdk.upload_file(file=CONTENT, name="zażółć.png")

        assert isinstance(file, lc.UploadedFile)
        answer = await served(file)
        assert answer.body == CONTENT
        assert answer.all("content-type") == ["image/png"]
        assert len(asked(sandbox, "upload_file")) == 1
        assert told == [{"size": SIZE, "status": 200}], "neither name nor URL nor content"


@pytest.mark.parametrize("kind", [Path, str])
@pytest.mark.shows("upload of a path", by="sandbox")
async def test_upload_of_a_path(tmp_path: Path, kind: type[Any]) -> None:
    (tmp_path / "notes.txt").write_bytes(CONTENT)
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        file = await sdk.upload_file(file=kind(tmp_path / "notes.txt"))

        answer = await served(file)
        assert answer.body == CONTENT
        assert answer.all("content-type") == ["text/plain; charset=utf-8"]
        assert file.url.endswith("/notes.txt")


@pytest.mark.shows("upload of an open file", by="sandbox")
async def test_upload_of_an_open_file(tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(CONTENT)
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        with (tmp_path / "data").open("rb") as open_file:
            open_file.seek(1_000)
            file = await sdk.upload_file(file=open_file, content_type="video/mp4")
            assert not open_file.closed

        answer = await served(file)
        assert answer.body == CONTENT[1_000:]
        assert answer.all("content-type") == ["video/mp4"]


@pytest.mark.shows("upload as a file event", by="sandbox")
async def test_upload_as_a_file_event() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        chat = await sdk.start_chat()
        file = await sdk.upload_file(file=CONTENT, name="photo.png")

        event = await sdk.send_event(chat_id=chat.id, event=lc.File(url=file.url))

        assert isinstance(event, lc.File)
        assert (event.name, event.content_type, event.size) == ("photo.png", "image/png", SIZE)
        assert (await exchange("GET", event.url)).body == CONTENT


@pytest.mark.shows("upload progress", by="sandbox")
async def test_progress_as_a_callback_and_as_an_observable() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        fractions: list[float] = []
        steps: list[lc.UploadProgress] = []
        late: list[lc.UploadProgress] = []
        ended: list[str] = []

        upload = sdk.upload_file(file=CONTENT, on_progress=fractions.append)
        upload.progress.subscribe(steps.append, on_completed=lambda: ended.append("completed"))
        assert not upload.done
        await upload

        assert upload.done
        upload.progress.subscribe(late.append)
        assert (fractions[0], fractions[-1]) == (0.0, 1.0)
        assert fractions == sorted(set(fractions))
        assert [step.fraction for step in steps] == fractions
        assert {step.total for step in steps} == {SIZE}
        assert len(steps) > 3, "it comes in steps"
        assert late == steps[-1:]
        assert ended == ["completed"]


@pytest.mark.shows("upload progress", by="sandbox")
async def test_who_raises_at_progress_hurts_nobody() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        reported: list[lc.CustomerSDKError] = []
        steps: list[lc.UploadProgress] = []
        sdk.on("error", reported.append)

        def fail(_: object) -> None:
            raise LookupError("the-secret")

        upload = sdk.upload_file(file=CONTENT, on_progress=fail)
        upload.progress.subscribe(fail)
        gone = upload.progress.subscribe(lambda _: gone.dispose())
        upload.progress.subscribe(steps.append)
        file = await upload

        assert (await served(file)).body == CONTENT
        assert steps[-1].sent == SIZE
        assert {error.code for error in reported} == {"HANDLER_FAILED"}
        assert {str(error).partition(" raised")[0] for error in reported} == {
            "on_progress of upload_file",
            "a subscriber of an upload's progress",
        }


async def test_progress_never_goes_back_when_the_file_is_sent_again() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        sandbox.fault("error", action="upload_file", error="authentication")
        fractions: list[float] = []

        await sdk.upload_file(file=CONTENT, on_progress=fractions.append)

        assert len(asked(sandbox, "upload_file")) == 2
        assert fractions == sorted(set(fractions))


@pytest.mark.shows("upload cancelled", by="sandbox")
async def test_cancelled_on_the_way() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        told = outcomes(sdk)

        def stop(fraction: float) -> None:
            if fraction > 0.5:
                upload.cancel()

        upload = sdk.upload_file(file=CONTENT, on_progress=stop)
        first, second = await asyncio.gather(upload, upload, return_exceptions=True)

        assert isinstance(first, lc.UploadCancelledError)
        assert first is second
        assert first.code == "UPLOAD_CANCELED"
        assert upload.done
        await sdk.upload_file(file=b"another")
        assert told == [{"size": SIZE, "code": "UPLOAD_CANCELED"}, {"size": 7, "status": 200}]


@pytest.mark.shows("upload cancelled", by="fault")
async def test_cancelled_while_the_answer_is_awaited() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        fault = sandbox.fault("delay", action="upload_file")
        upload = sdk.upload_file(file=CONTENT)
        await sandbox.wait_until(lambda: fault.fired)

        upload.cancel()
        with pytest.raises(lc.UploadCancelledError):
            await upload
        fault.release()


async def test_cancelled_before_it_began_and_after_it_ended() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        upload = sdk.upload_file(file=CONTENT)
        upload.cancel()
        upload.cancel()
        with pytest.raises(lc.UploadCancelledError):
            await upload
        assert asked(sandbox, "upload_file") == []

        upload = sdk.upload_file(file=CONTENT)
        file = await upload
        upload.cancel()
        assert await upload == file


async def test_cancelling_who_waits_does_not_stop_it() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        fault = sandbox.fault("delay", action="upload_file")
        upload = sdk.upload_file(file=CONTENT)

        async def wait() -> None:
            await upload

        waiting = asyncio.create_task(wait())
        await sandbox.wait_until(lambda: fault.fired)
        waiting.cancel()
        await asyncio.wait([waiting])
        fault.release()

        assert waiting.cancelled()
        assert (await served(await upload)).body == CONTENT


@pytest.mark.shows("refusal upload_file TOO_BIG_FILE", by="sandbox")
async def test_too_big(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with path.open("wb") as file:
        file.truncate(10 * 1024 * 1024 + 1)
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        for given in (path, path.read_bytes(), io.BytesIO(path.read_bytes())):
            with pytest.raises(lc.TooBigFileError) as failed:
                await sdk.upload_file(file=given)
            assert failed.value.code == "TOO_BIG_FILE"
        assert asked(sandbox, "upload_file") == []

        with path.open("r+b") as file:
            file.truncate(10 * 1024 * 1024)
        uploaded = await sdk.upload_file(file=path)
        answer = await exchange("GET", uploaded.url, limit=1 << 24)
        assert len(answer.body) == 10 * 1024 * 1024


@pytest.mark.shows("upload refused by the server", by="sandbox")
async def test_refused_for_its_size_and_for_its_type() -> None:
    async with Sandbox(limits=Limits(upload=1_000)) as sandbox, customer(sandbox) as sdk:
        told = outcomes(sdk)

        with pytest.raises(EntityTooLargeError) as failed:
            await sdk.upload_file(file=b"x" * 1_001)
        assert failed.value.code == "ENTITY_TOO_LARGE"
        with pytest.raises(ValidationError, match="executable"):
            await sdk.upload_file(file=b"x", name="setup.exe")

        assert told == [
            {"size": 1_001, "status": 413, "code": "ENTITY_TOO_LARGE"},
            {"size": 1, "status": 400, "code": "VALIDATION"},
        ]


@pytest.mark.shows("upload refused by the server", by="fault")
async def test_refused_with_any_error() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        sandbox.fault("error", action="upload_file", error="internal")
        with pytest.raises(InternalError):
            await sdk.upload_file(file=CONTENT)


@pytest.mark.parametrize(
    ("status", "kind"),
    [(200, lc.UploadFailedError), (502, lc.UploadFailedError), (413, EntityTooLargeError)],
)
@pytest.mark.shows("upload answered with HTML", by="fault")
async def test_answered_with_a_page(status: int, kind: type[lc.CustomerSDKError]) -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        told = outcomes(sdk)
        page = {"html": "<html><title>Bad Gateway</title></html>", "status": status}
        sandbox.fault("error", action="upload_file", error=page)

        with pytest.raises(kind) as failed:
            await sdk.upload_file(file=CONTENT)

        assert "html" not in str(failed.value)
        assert told == [{"size": SIZE, "status": status, "code": failed.value.code}]


@pytest.mark.parametrize("kind", ["cut", "drop"])
async def test_the_connection_ends(kind: str) -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        told = outcomes(sdk)
        sandbox.fault(kind, action="upload_file")

        with pytest.raises(lc.UploadFailedError) as failed:
            await sdk.upload_file(file=CONTENT)

        assert failed.value.code == "UPLOAD_FAILED"
        assert told == [{"size": SIZE, "code": "UPLOAD_FAILED"}]
        assert len(asked(sandbox, "upload_file")) == 1


async def test_nobody_answers() -> None:
    async with Sandbox() as sandbox:
        options = {"timeouts": lc.Timeouts(standstill=0.2)}
        async with customer(sandbox, **options) as sdk:
            fault = sandbox.fault("delay", action="upload_file")
            with pytest.raises(lc.UploadFailedError, match="in time"):
                await sdk.upload_file(file=CONTENT)
            fault.release()


@pytest.mark.shows("upload in another region", by="sandbox")
async def test_in_another_region() -> None:
    async with Sandbox(region="fra") as sandbox:
        options = {"log": ":memory:", "auto_connect": False, **sandbox.options()}
        async with lc.init(**options) as sdk:
            told = outcomes(sdk)
            first = await sdk.upload_file(file=CONTENT)
            assert (await served(first)).body == CONTENT

            await sdk.connect()
            await sdk.upload_file(file=CONTENT)
            assert [one["status"] for one in told] == [200, 200]


async def test_a_token_that_ended_is_replaced() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        await sdk.disconnect()
        sandbox.fault("expire_token")
        assert (await served(await sdk.upload_file(file=CONTENT))).body == CONTENT


async def test_it_needs_no_connection() -> None:
    async with Sandbox() as sandbox:
        options = {"log": ":memory:", "auto_connect": False, **sandbox.options()}
        sdk = lc.init(**options)
        with pytest.raises(lc.NoConnectionError):
            sdk.upload_file(file=CONTENT)
        async with sdk:
            await sdk.upload_file(file=CONTENT)
            await sdk.connect()
            await sdk.disconnect()
            await sdk.upload_file(file=CONTENT)
        assert len(asked(sandbox, "upload_file")) == 2
        assert len(sandbox.customers) == 1, "it is the same customer all the time"


@pytest.mark.parametrize("end", ["destroy", "aclose"])
async def test_it_ends_with_the_sdk(end: str) -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        fault = sandbox.fault("delay", action="upload_file")
        upload = sdk.upload_file(file=CONTENT)
        await sandbox.wait_until(lambda: fault.fired)

        await getattr(sdk, end)()

        with pytest.raises(lc.SDKDestroyedError):
            await upload
        with pytest.raises(lc.SDKDestroyedError):
            sdk.upload_file(file=CONTENT)
        fault.release()


async def test_a_fatal_reason_ends_it() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        fault = sandbox.fault("delay", action="upload_file")
        upload = sdk.upload_file(file=CONTENT)
        await sandbox.wait_until(lambda: fault.fired)

        sandbox.disconnect(reason="customer_banned")

        with pytest.raises(lc.SDKDestroyedError, match="customer_banned"):
            await upload
        fault.release()


@pytest.mark.parametrize(
    ("given", "argument"),
    [
        ({"file": 7}, "file"),
        ({"file": io.StringIO("text")}, "file"),
        ({"file": b"x", "name": ""}, "name"),
        ({"file": b"x", "name": 7}, "name"),
        ({"file": b"x", "content_type": "png"}, "content_type"),
        ({"file": b"x", "content_type": "a/b\r\nX: y"}, "content_type"),
        ({"file": b"x", "on_progress": "print"}, "on_progress"),
        ({"file": b"x", "on_progress": asyncio.sleep}, "on_progress"),
    ],
)
async def test_arguments_are_checked_at_once(given: dict[str, Any], argument: str) -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        with pytest.raises(lc.InvalidArgumentError) as failed:
            sdk.upload_file(**given)
        assert failed.value.argument == argument


async def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        with pytest.raises(lc.InvalidArgumentError, match="FileNotFoundError") as failed:
            await sdk.upload_file(file=tmp_path / "the-secret")
        assert "secret" not in str(failed.value)


async def test_a_custom_provider_that_refuses() -> None:
    class Provider:
        async def get_token(self) -> lc.Token:
            raise lc.AuthError("No more.", code="SSO_IDENTITY_EXCEPTION")

        get_fresh_token = get_token

        async def has_token(self) -> bool:
            return False

        async def invalidate(self) -> None:
            """Nothing is kept."""

    async with Sandbox() as sandbox:
        options = {"log": ":memory:", "auto_connect": False, "profile": "p", **sandbox.options()}
        async with lc.init(**options, identity_provider=Provider) as sdk:
            told = outcomes(sdk)
            with pytest.raises(lc.AuthError):
                await sdk.upload_file(file=CONTENT)
            assert told == [{"size": SIZE, "code": "SSO_IDENTITY_EXCEPTION"}]


async def test_nothing_of_it_shows(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    caplog.set_level(logging.DEBUG)
    (tmp_path / "the-name.txt").write_bytes(b"the-secret")
    everything: list[bytes] = []
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        sdk.records.subscribe(lambda record: everything.append(record.payload))
        upload = sdk.upload_file(file=tmp_path / "the-name.txt")
        file = await upload
        token = await sdk.auth.get_token()

    key = file.url.split("/")[-2]
    for shown in (caplog.text, repr(upload), b"".join(everything).decode()):
        for secret in ("the-name", "the-secret", key, token.access_token):
            assert secret not in shown


async def test_a_log_that_failed(tmp_path: Path) -> None:
    """What is not in the log is not told, though the server has it."""
    path = tmp_path / "a.db"
    log = SqliteLog(str(path), clock=wall_clock, busy_timeout=0.05)
    async with Sandbox() as sandbox, customer(sandbox, log=log) as sdk:
        connection = await asyncio.to_thread(
            sqlite3.connect, path, isolation_level=None, check_same_thread=False
        )
        await asyncio.to_thread(connection.execute, "BEGIN IMMEDIATE")
        for _ in range(2):
            with pytest.raises(lc.LogError):
                await sdk.upload_file(file=CONTENT)
        await asyncio.to_thread(connection.close)

        await sdk.connect()
        assert (await served(await sdk.upload_file(file=CONTENT))).body == CONTENT
    await log.aclose()


async def test_many_at_a_time() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        contents = [bytes([number]) * 100_000 for number in range(10)]
        files = await asyncio.gather(*[sdk.upload_file(file=content) for content in contents])
        assert [(await served(file)).body for file in files] == contents
