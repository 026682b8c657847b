"""A consumer whose process is killed between the commit and its work: the next one has it all."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from livechat_customer.sandbox import Sandbox

# Takes events from where the last one of this name stopped, and notes each in the file; killed by
# its own hand when the record of the event `fatal` is committed and no handler has been called, or
# when it holds that event in its hands and has noted nothing.
CHILD = """
import asyncio, json, os, signal, sys
import livechat_customer as lc

given = json.loads(sys.argv[1])
notes = given["notes"]
taken = [json.loads(line) for line in open(notes)] if os.path.exists(notes) else []
since = (taken[-1]["seq"], taken[-1]["part"]) if taken else 0

def die(_=None):
    os.kill(os.getpid(), signal.SIGKILL)

def look(record):
    if given["fatal"].encode() in record.payload and record.kind == "push":
        die()

async def main():
    async with lc.init(log=given["log"], **given["options"]) as sdk:
        if given["where"] == "commit":
            sdk.records.subscribe(look)
        await sdk.connect()
        if not sdk.chats.value:
            await sdk.start_chat()
        print("ready", flush=True)
        async for item in sdk.consume("event_added", since=since):
            text = item.payload.event.text
            if text == given["fatal"] and given["where"] == "handler":
                die()
            with open(notes, "a") as file:
                file.write(json.dumps({"seq": item.seq, "part": item.part, "text": text}) + "\\n")
            taken.append(text)
            if len(taken) == given["count"]:
                break

asyncio.run(main())
"""


async def child(given: dict[str, Any]) -> asyncio.subprocess.Process:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CHILD, json.dumps(given), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    return process


@pytest.mark.parametrize("where", ["commit", "handler"])
async def test_killed_between_the_commit_and_the_work(where: str, tmp_path: Path) -> None:
    async with Sandbox() as sandbox:
        options = sandbox.options()
        given = {
            "options": options,
            "log": str(tmp_path / "a.db"),
            "notes": str(tmp_path / "notes"),
            "where": where,
            "fatal": "fatal",
            "count": 7,
        }
        first = await child(given)
        (chat_id,) = sandbox.chats
        jane = sandbox.agent("Jane")
        for text in ("a", "fatal", "b"):
            jane.send_event(chat_id, text)
        assert await first.wait() == -signal.SIGKILL
        for text in ("away 1", "away 2", "away 3"):
            jane.send_event(chat_id, text)

        second = await child(given | {"fatal": "never"})
        jane.send_event(chat_id, "last")
        assert await second.wait() == 0
        noted = [json.loads(line)["text"] for line in (tmp_path / "notes").read_text().splitlines()]
        away = ["away 1", "away 2", "away 3"]
        assert noted[:3] == ["a", "fatal", "b"]
        assert sorted(noted[3:]) == [*away, "last"], "the answer may come after the push"
