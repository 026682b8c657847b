"""The programs in examples/, as processes, against a sandbox of this process."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from cli_kit import PATIENCE, environment, one_line
from front_kit import texts, until

import livechat_customer as lc
from livechat_customer.sandbox import Sandbox

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@asynccontextmanager
async def example(
    name: str, *arguments: str, home: Path, sandbox: Sandbox | None = None
) -> AsyncGenerator[Process]:
    """Runs it in `home` as a customer of the sandbox; warnings are errors."""
    options = {} if sandbox is None else sandbox.options()
    variables = {f"LIVECHAT_CUSTOMER_{name.upper()}": value for name, value in options.items()}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "error", str(EXAMPLES / f"{name}.py"), *arguments),
        cwd=home,
        env=environment(home, **variables),
        stdout=PIPE,
        stderr=PIPE,
    )
    try:
        async with asyncio.timeout(PATIENCE):
            yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def line_of(process: Process) -> str:
    assert process.stdout is not None
    return (await process.stdout.readline()).decode().rstrip("\n")


async def end_of(process: Process, status: int = 0) -> tuple[list[str], str]:
    """Its other lines, and what it complained of."""
    out, err = await process.communicate()
    assert process.returncode == status, err.decode()
    return out.decode().splitlines(), err.decode()


def said(sandbox: Sandbox, chat_id: str) -> list[str]:
    """The messages of a chat, as the server holds them."""
    return [
        event["text"]
        for thread in sandbox.chats[chat_id].threads
        for event in thread.events
        if event["type"] == "message"
    ]


def test_all_of_them_are_run_here() -> None:
    here = Path(__file__).read_text()
    found = sorted(path.stem for path in EXAMPLES.glob("*.py"))
    assert found
    assert [name for name in found if f'example("{name}"' not in here] == []


async def test_the_echo_bot_answers_each_message_once(tmp_path: Path) -> None:
    async with Sandbox() as sandbox:
        jane = sandbox.agent("Jane")
        async with example("echo_bot", home=tmp_path, sandbox=sandbox) as process:
            word, chat_id = (await line_of(process)).split()
            assert word == "chat"
            jane.send_event(chat_id, "One")
            assert (await line_of(process)).startswith("echoed ")
            # What is written while the connection is cut is answered, too.
            sandbox.disconnect()
            jane.send_event(chat_id, "Two")
            assert (await line_of(process)).startswith("echoed ")
            jane.send_event(chat_id, "Bye")
            assert await end_of(process) == ([], "")
        assert said(sandbox, chat_id) == ["One", "One", "Two", "Two", "Bye"]

        # What is written while the program does not run is answered at its next start.
        jane.send_event(chat_id, "Three")
        jane.deactivate_chat(chat_id)
        async with example("echo_bot", home=tmp_path, sandbox=sandbox) as process:
            lines = {(await line_of(process)).split()[0] for _ in range(2)}
            assert lines == {"chat", "echoed"}
            jane.send_event(chat_id, "bye")
            assert await end_of(process) == ([], "")
        assert said(sandbox, chat_id)[5:] == ["Three", "Three", "bye"]


async def test_upload_sends_the_file_to_the_chat_there_is(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_bytes(bytes(200_000))
    sent: list[str] = []
    async with Sandbox() as sandbox:
        for _ in range(2):
            async with example("upload", "notes.txt", home=tmp_path, sandbox=sandbox) as process:
                lines, complaint = await end_of(process)
            assert complaint == ""
            assert (lines[0], lines[-2]) == ("0%", "100%")
            sent.append(lines[-1].removeprefix("sent as "))
            for chat in sandbox.chats.values():
                if chat.open_thread is not None:
                    sandbox.agent("Jane").deactivate_chat(chat.id)
        (chat,) = sandbox.chats.values()
        (thread,) = chat.threads
        files = [event for event in thread.events if event["type"] == "file"]
        assert [file["id"] for file in files] == sent
        assert [(file["name"], file["size"]) for file in files] == [("notes.txt", 200_000)] * 2


async def test_offline_reader_prints_what_the_log_holds(tmp_path: Path) -> None:
    chat_id = ""
    async with Sandbox() as sandbox:
        options = {**sandbox.options(), "credentials": lc.MemoryCredentials()}
        async with lc.init(**options, log=str(tmp_path / "support.db")) as sdk:
            await sdk.connect()
            chat = await sdk.start_chat()
            await sdk.send_event(chat_id=chat.id, event=lc.Message("Hello"))
            file = await sdk.upload_file(file=b"words", name="notes.txt")
            await sdk.send_event(chat_id=chat.id, event=lc.File(url=file.url))
            sandbox.agent("Jane").send_event(chat.id, "\x1b[2JHi")
            await until(sdk.history(chat.id), lambda items: "\x1b[2JHi" in texts(items))
            await sdk.deactivate_chat(id=chat.id)
            chat_id = chat.id

    async with example("offline_reader", "support.db", home=tmp_path) as process:
        lines, complaint = await end_of(process)
    assert complaint == ""
    assert lines[0] == f"chat {chat_id}"
    shown = [line.split(" ", 3)[-1] for line in lines[1:]]
    for wanted in ("'Hello'", "'notes.txt', 5 bytes", r"'Jane': '\x1b[2JHi'", "archived the chat'"):
        assert [line for line in shown if line.endswith(wanted)], (wanted, shown)


@pytest.mark.parametrize(
    ("name", "arguments", "says"),
    [
        ("echo_bot", [], "organization_id"),
        ("offline_reader", [], "usage"),
        ("offline_reader", ["no.db"], "no.db"),
        ("upload", [], "usage"),
        ("upload", ["no.txt"], "organization_id"),
    ],
)
async def test_what_is_wrong_is_one_line(
    name: str, arguments: list[str], says: str, tmp_path: Path
) -> None:
    async with example(name, *arguments, home=tmp_path) as process:
        lines, complaint = await end_of(process, status=1)
    assert lines == []
    assert says in one_line(complaint)


async def test_a_file_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    async with (
        Sandbox() as sandbox,
        example("upload", "no.txt", home=tmp_path, sandbox=sandbox) as process,
    ):
        _, complaint = await end_of(process, status=1)
    assert "file" in one_line(complaint)
