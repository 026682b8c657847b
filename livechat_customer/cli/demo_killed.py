"""The demo's outbox: messages queued with no network, in a process that is killed, and again as they
leave; each is delivered once, in order."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

import msgspec
from msgspec.structs import replace

from livechat_customer.cli import demo_script as script
from livechat_customer.cli.demo_child import Errand, Told
from livechat_customer.cli.demo_lived import Killed
from livechat_customer.cli.demo_scene import Scene
from livechat_customer.cli.demo_steps import Act
from livechat_customer.cli.exits import CommandError
from livechat_customer.records import Record
from livechat_customer.replay import replay

BEFORE_THE_SECOND: Final = 2
"""Messages that are delivered before it is killed once more."""


async def killed(scene: Scene, log: str, credentials: str) -> Killed:
    """Let processes of their own queue and deliver. The log must be nobody's meanwhile."""
    errand = Errand(scene.sandbox.options(), log, credentials, scene.chat_id)
    written = scene.last
    scene.show(Act("No network", "messages are queued in the log; then the process is killed"))
    queued = list[Told]()
    kills = 0
    async with _child(replace(errand, texts=script.OFFLINE, stays=True)) as child:
        for _ in script.OFFLINE:
            queued.append(await _told(scene, child))
            scene.note(f"queued: “{queued[-1].text}”")
        kills += await _kill(child)
    scene.happened("SIGKILL", await _records(log, written))
    written = scene.last

    scene.show(Act("Restarted", "what is queued leaves, and the process is killed once more"))
    delivered = list[Told]()
    async with _child(replace(errand, stays=True)) as child:
        while len(delivered) < BEFORE_THE_SECOND:
            delivered.append(await _told(scene, child))
            scene.note(f"delivered: “{delivered[-1].text}”")
        kills += await _kill(child)
    scene.happened("SIGKILL", await _records(log, written))
    written = scene.last

    scene.show(Act("Restarted again", "what is in doubt is searched for first"))
    async with _child(errand) as child:
        assert child.stdout is not None, "it is a pipe"
        await scene.wait(child.wait(), "the end of the outbox")
        async for line in child.stdout:
            scene.note(f"delivered: “{msgspec.json.decode(line, type=Told).text}”")
    if child.returncode:
        raise CommandError(
            f"a process of the demo ended with {child.returncode}. Run it once more."
        )
    scene.happened("the outbox is empty", await _records(log, written))
    ids = tuple(told.custom_id for told in queued)
    return Killed(queued=ids, kills=kills, delivered=_on_server(scene, ids))


def _on_server(scene: Scene, custom_ids: tuple[str, ...]) -> tuple[str, ...]:
    threads = scene.sandbox.chats[scene.chat_id].threads
    events = [event.get("custom_id") for thread in threads for event in thread.events]
    return tuple(id for id in events if id in custom_ids)


@asynccontextmanager
async def _child(errand: Errand) -> AsyncGenerator[asyncio.subprocess.Process]:
    """It has ended when the block has."""
    given = msgspec.json.encode(errand).decode()
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "livechat_customer.cli.demo_child",
        given,
        stdout=asyncio.subprocess.PIPE,
        # Ctrl-C is for the demo, which ends it then.
        start_new_session=True,
    )
    try:
        yield child
    finally:
        await _kill(child)


async def _told(scene: Scene, child: asyncio.subprocess.Process) -> Told:
    assert child.stdout is not None, "it is a pipe"
    line = await scene.wait(child.stdout.readline(), "a word of a process of the demo")
    if not line:
        raise CommandError("a process of the demo ended too soon. Run it once more.")
    return msgspec.json.decode(line, type=Told)


async def _kill(child: asyncio.subprocess.Process) -> bool:
    """Whether it ended by that, and not by itself before."""
    if child.returncode is None:
        child.kill()
    return await child.wait() == -signal.SIGKILL


async def _records(log: str, after: int) -> tuple[Record, ...]:
    """What the processes wrote."""
    found: list[Record] = []
    async with replay(log) as session:
        await session.run_to(after)
        while (record := await session.step()) is not None:
            found.append(record)
    return tuple(found)
