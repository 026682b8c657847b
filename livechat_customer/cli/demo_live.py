"""The demo with a server: a conversation, a cut in the middle of it, and on it goes."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from msgspec.structs import replace

import livechat_customer as lc
from livechat_customer.cli import demo_script as script
from livechat_customer.cli.demo_killed import killed
from livechat_customer.cli.demo_lived import Killed, Lived, id_of
from livechat_customer.cli.demo_scene import Scene
from livechat_customer.cli.demo_service import be_served
from livechat_customer.cli.demo_steps import Act, Show
from livechat_customer.projections.values import HistoryItem
from livechat_customer.sandbox import Sandbox

FAULTS: Final = ("cut", "drop")
"""The connection is cut before the request has its effect, or after it. The client can't tell."""


async def live(log: str, seed: int, show: Show, pace: float = 0.0) -> Lived:
    """Run the part with a server. `pace`: seconds to rest after a message, for those who read."""
    # The customer is gone with the server: nothing of theirs goes to the user's data folder.
    async with _folder() as folder:
        credentials = str(folder / "credentials.json")
        async with Sandbox(seed=seed, bot=True) as sandbox:

            def client() -> lc.CustomerSDK:
                file = lc.CredentialFile(credentials)
                return lc.init(**sandbox.options(), log=log, credentials=file)

            scene = Scene(sandbox, sdk := client(), show, pace)
            async with sdk:
                await _arrive(scene)
                pages = await _read_history(scene)
                await _converse(scene, FAULTS[seed % len(FAULTS)])
                progress = await _end_and_begin_again(scene)
            outbox = await killed(scene, log, credentials)
            scene.follow(sdk := client())
            async with sdk:
                await _come_back(scene)
                return await _remember(scene, pages, progress, outbox)


@asynccontextmanager
async def _folder() -> AsyncGenerator[Path]:
    """An empty one, gone with the block."""
    folder = await asyncio.to_thread(tempfile.TemporaryDirectory, prefix="livechat-customer-demo-")
    try:
        yield Path(folder.name)
    finally:
        await asyncio.to_thread(folder.cleanup)


async def _arrive(scene: Scene) -> None:
    """Connect, as a customer who was here before."""
    scene.show(Act("Arriving", f"a sandbox at {scene.sandbox.api_url}"))
    connected = await scene.sdk.connect()
    scene.own_id = connected.customer.id
    scene.happened("logged in as a customer of the sandbox")
    clerk = scene.sandbox.agent("Tom")
    past = script.earlier_threads(scene.own_id, clerk.id, datetime.now(UTC))
    scene.sandbox.plant_history(past, customer_id=scene.own_id)
    chats = await scene.sdk.list_chats()
    scene.chat_id = chats.chats_summary[0].id
    scene.happened(f"list_chats: {chats.total_chats} chat, from earlier visits")


async def _read_history(scene: Scene) -> int:
    """Page back to the beginning of the chat; the number of pages."""
    scene.show(Act("Scrolling up", "the archived threads, page by page"))
    pages = 0
    async for page in scene.sdk.get_chat_history(chat_id=scene.chat_id):
        pages += 1
        events = sum(len(thread.events) for thread in page.threads)
        end = "; nothing is older" if page.done else ""
        scene.happened(f"page {pages}: {len(page.threads)} threads with {events} events{end}")
    return pages


async def _converse(scene: Scene, fault: str) -> None:
    """Talk, lose the connection over a message, come back, and talk on."""
    first, *rest = script.TOGETHER
    scene.show(Act("Talking", "a new thread of the same chat; the helpdesk's bot answers"))
    await _resume(scene, first)
    for text in rest[:-1]:
        await scene.say(text)
    scene.show(Act("The connection is cut", "while a message is on its way"))
    await _say_through_a_cut(scene, rest[-1], fault)
    scene.show(Act("Going on", "with the new connection"))
    for text in script.AFTERWARDS:
        await scene.say(text)


async def _end_and_begin_again(scene: Scene) -> tuple[lc.UploadProgress, ...]:
    """Archive the thread, and use all the rest in the next; how the upload went on."""
    await scene.sdk.deactivate_chat(id=scene.chat_id)
    scene.happened("deactivate_chat: the thread is archived")
    scene.show(Act("One more thing", "the next thread"))
    first, *rest, last = script.IN_THE_NEXT_THREAD
    await _resume(scene, first)
    for text in rest:
        await scene.say(text)
    progress = await be_served(scene)
    scene.show(Act("Leaving"))
    await scene.say(last)
    return progress


async def _come_back(scene: Scene) -> None:
    """Connect once more, and read what was said meanwhile: all of it has its answer."""
    scene.show(Act("Back", "the views, as the server has it"))
    await scene.sdk.connect()

    def new(history: Sequence[HistoryItem]) -> list[lc.Message]:
        after = scene.said_at
        return [it for it in history if isinstance(it, lc.Message) and it.created_at > after]

    # Each is answered.
    count = 2 * len(script.OFFLINE)
    await scene.until(lambda _, history: len(new(history)) >= count)
    scene.happened("what was missed is fetched")
    for message in new(await scene.history()):
        scene.said(message.author_id or "", message.text)
        if message.author_id != scene.own_id:
            scene.said_at = message.created_at


async def _remember(
    scene: Scene, pages: int, progress: tuple[lc.UploadProgress, ...], outbox: Killed
) -> Lived:
    """Take down what is known, at a moment when nothing is on its way."""
    await scene.sdk.mark_events_as_seen(chat_id=scene.chat_id, seen_up_to=scene.said_at)
    # The answer to it comes before the push that moves the mark.
    await scene.until(lambda chat, _: chat is not None and not chat.unread)
    history = await scene.history()
    chat = scene.sdk.chat(scene.chat_id).value
    assert chat is not None, "the chat is in its own log"
    server = scene.sandbox.chats[scene.chat_id]
    past = {thread.id for thread in server.threads[: script.ARCHIVED]}
    said = [item for item in history if isinstance(item, lc.Message) and item.thread_id not in past]
    own = sum(item.author_id == scene.own_id for item in said)
    scene.mark()
    return Lived(
        options=scene.sandbox.options(),
        own_id=scene.own_id,
        chat_id=scene.chat_id,
        chat=chat,
        history=history,
        on_server=tuple(event["id"] for one in server.threads for event in one.events),
        marks=tuple(scene.marks),
        state=await scene.sdk.state_digest(),
        sent=own,
        received=len(said) - own,
        reconnects=scene.connections - scene.clients,
        pages=pages,
        archived=sum(not thread.active for thread in server.threads),
        progress=progress,
        outbox=replace(outbox, left=len(scene.sdk.outbox.value)),
        commit_us=scene.sdk.log.health.last_commit_us,
    )


async def _resume(scene: Scene, text: str) -> None:
    event = {"type": "message", "text": text, "custom_id": scene.next_id()}
    chat = {"id": scene.chat_id, "thread": {"events": [event]}}
    await scene.sdk.resume_chat(chat=chat)
    await scene.exchange(text)


async def _say_through_a_cut(scene: Scene, text: str, fault: str) -> None:
    custom_id = scene.next_id()
    message = lc.Message(text=text, custom_id=custom_id)
    scene.sandbox.fault(fault, action="send_event")
    try:
        await scene.sdk.send_event(chat_id=scene.chat_id, event=message)
    except lc.OutcomeUnknownError as error:
        scene.happened(f"send_event raised {error.code}: it may or may not have arrived")
    note = scene.sandbox.agent(script.AGENT).send_event(scene.chat_id, script.WHILE_AWAY)
    scene.happened(f"meanwhile {script.AGENT} writes; nobody is there to be told")
    await scene.wait(scene.connected.wait(), "the next connection")
    scene.happened("connected again, by itself; what was missed is fetched")
    await scene.until(lambda _, history: note.event_id in map(id_of, history))
    missed = [
        item
        for item in await scene.history()
        if isinstance(item, lc.Message) and item.created_at > scene.said_at
    ]
    for item in missed:
        scene.said(item.author_id or "", item.text)
    if any(item.custom_id == custom_id for item in missed):
        scene.happened("the message had arrived: it is not sent again")
        return
    scene.happened("the message had not arrived: it is sent again")
    await scene.sdk.send_event(chat_id=scene.chat_id, event=message)
    await scene.exchange(text)
