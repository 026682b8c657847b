"""The demo with a server: a conversation, a cut in the middle of it, and on it goes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Final, TypeVar

import livechat_customer as lc
from livechat_customer.cli import demo_script as script
from livechat_customer.cli.demo_lived import Lived, Mark, id_of
from livechat_customer.cli.demo_steps import Act, Happened, Said, Show
from livechat_customer.cli.exits import CommandError
from livechat_customer.projections.live import View
from livechat_customer.projections.values import HistoryItem
from livechat_customer.records import REQUEST, RESPONSE, Record
from livechat_customer.sandbox import Sandbox

T = TypeVar("T")

PATIENCE: Final = 30.0
"""Seconds to wait for what must come."""

FAULTS: Final = ("cut", "drop")
"""The connection is cut before the request has its effect, or after it. The client can't tell."""


async def live(log: str, seed: int, show: Show, pace: float = 0.0) -> Lived:
    """Run the part with a server. `pace`: seconds to rest after a message, for those who read."""
    async with Sandbox(seed=seed, bot=True) as sandbox:
        sdk = lc.init(**sandbox.options(), log=log)
        scene = _Scene(sandbox, sdk, show, pace)
        async with sdk:
            await scene.arrive()
            await scene.read_history()
            await scene.converse(FAULTS[seed % len(FAULTS)])
            return await scene.remember()


class _Scene:
    """One customer, one sandbox, and what has happened between them."""

    def __init__(self, sandbox: Sandbox, sdk: lc.CustomerSDK, show: Show, pace: float) -> None:
        self._sandbox = sandbox
        self._sdk = sdk
        self._show = show
        self._pace = pace
        self._chat_id = ""
        self._own_id = ""
        self._names: dict[str, str] = {}
        self._answers: asyncio.Queue[lc.Message] = asyncio.Queue()
        self._connected = asyncio.Event()
        self._connections = 0
        self._numbers = 0
        self._said_at = ""
        self._pages = 0
        self._last = 0
        self._records: list[Record] = []
        self._marks: list[Mark] = []
        sdk.records.subscribe(self._recorded)
        sdk.on("incoming_event", self._incoming)
        sdk.on("connected", self._came)
        sdk.on("disconnected", self._went)

    # What the SDK tells.

    def _recorded(self, record: Record) -> None:
        self._last = record.seq
        self._records.append(record)

    def _incoming(self, payload: lc.IncomingEvent) -> None:
        bot = self._sandbox.bot
        assert bot is not None, "the demo's sandbox has a bot"
        if isinstance(payload.event, lc.Message) and payload.event.author_id == bot.id:
            self._answers.put_nowait(payload.event)

    def _came(self, _: lc.Connected) -> None:
        self._connections += 1
        self._connected.set()

    def _went(self, payload: lc.Disconnected) -> None:
        self._connected.clear()
        self._happened(f"disconnected: {payload.reason}")

    # The acts.

    async def arrive(self) -> None:
        """Connect, as a customer who was here before."""
        self._show(Act("Arriving", f"a sandbox at {self._sandbox.api_url}"))
        connected = await self._sdk.connect()
        self._own_id = connected.customer.id
        self._happened("logged in as a customer of the sandbox")
        clerk = self._sandbox.agent("Tom")
        past = script.earlier_threads(self._own_id, clerk.id, datetime.now(UTC))
        self._sandbox.plant_history(past, customer_id=self._own_id)
        chats = await self._sdk.list_chats()
        self._chat_id = chats.chats_summary[0].id
        self._happened(f"list_chats: {chats.total_chats} chat, from earlier visits")

    async def read_history(self) -> None:
        """Page back to the beginning of the chat."""
        self._show(Act("Scrolling up", "the archived threads, page by page"))
        async for page in self._sdk.get_chat_history(chat_id=self._chat_id):
            self._pages += 1
            events = sum(len(thread.events) for thread in page.threads)
            end = "; nothing is older" if page.done else ""
            self._happened(
                f"page {self._pages}: {len(page.threads)} threads with {events} events{end}"
            )

    async def converse(self, fault: str) -> None:
        """Talk, lose the connection over a message, come back, talk on, end and begin again."""
        first, *rest = script.TOGETHER
        self._show(Act("Talking", "a new thread of the same chat; the helpdesk's bot answers"))
        await self._resume(first)
        for text in rest[:-1]:
            await self._say(text)
        self._show(Act("The connection is cut", "while a message is on its way"))
        await self._say_through_a_cut(rest[-1], fault)
        self._show(Act("Going on", "with the new connection"))
        for text in script.AFTERWARDS:
            await self._say(text)
        await self._sdk.deactivate_chat(id=self._chat_id)
        self._happened("deactivate_chat: the thread is archived")
        self._show(Act("One more thing", "the next thread"))
        first, *rest = script.IN_THE_NEXT_THREAD
        await self._resume(first)
        for text in rest:
            await self._say(text)

    async def remember(self) -> Lived:
        """Take down what is known, at a moment when nothing is on its way."""
        await self._sdk.mark_events_as_seen(chat_id=self._chat_id, seen_up_to=self._said_at)
        # The answer to it comes before the push that moves the mark.
        await self._until(
            self._sdk.chat(self._chat_id),
            lambda chat: chat is not None and not chat.unread,
        )
        history = await self._history()
        chat = self._sdk.chat(self._chat_id).value
        assert chat is not None, "the chat is in its own log"
        planted = self._sandbox.chats[self._chat_id].threads[: script.ARCHIVED]
        past = {thread.id for thread in planted}
        said = [
            item for item in history if isinstance(item, lc.Message) and item.thread_id not in past
        ]
        own = sum(item.author_id == self._own_id for item in said)
        server = self._sandbox.chats[self._chat_id]
        self._mark()
        return Lived(
            options=self._sandbox.options(),
            chat_id=self._chat_id,
            chat=chat,
            history=history,
            on_server=tuple(event["id"] for one in server.threads for event in one.events),
            marks=tuple(self._marks),
            state=await self._sdk.state_digest(),
            sent=own,
            received=len(said) - own,
            reconnects=self._connections - 1,
            pages=self._pages,
            archived=sum(not thread.active for thread in server.threads),
            commit_us=self._sdk.log.health.last_commit_us,
        )

    # Talking.

    async def _resume(self, text: str) -> None:
        event = {"type": "message", "text": text, "custom_id": self._next_id()}
        chat = {"id": self._chat_id, "thread": {"events": [event]}}
        await self._sdk.resume_chat(chat=chat)
        await self._exchange(text)

    async def _say(self, text: str) -> None:
        message = lc.Message(text=text, custom_id=self._next_id())
        await self._sdk.send_event(chat_id=self._chat_id, event=message)
        await self._exchange(text)

    async def _say_through_a_cut(self, text: str, fault: str) -> None:
        custom_id = self._next_id()
        message = lc.Message(text=text, custom_id=custom_id)
        self._sandbox.fault(fault, action="send_event")
        try:
            await self._sdk.send_event(chat_id=self._chat_id, event=message)
        except lc.OutcomeUnknownError as error:
            self._happened(f"send_event raised {error.code}: it may or may not have arrived")
        note = self._sandbox.agent("Jane").send_event(self._chat_id, script.WHILE_AWAY)
        self._happened("meanwhile Jane writes; nobody is there to be told")
        await self._wait(self._connected.wait(), "the next connection")
        self._happened("connected again, by itself; what was missed is fetched")
        await self._until(
            self._sdk.history(self._chat_id),
            lambda history: history is not None and note.event_id in map(id_of, history),
        )
        missed = [
            item
            for item in await self._history()
            if isinstance(item, lc.Message) and item.created_at > self._said_at
        ]
        for item in missed:
            self._said(item.author_id or "", item.text)
        if any(item.custom_id == custom_id for item in missed):
            self._happened("the message had arrived: it is not sent again")
            return
        self._happened("the message had not arrived: it is sent again")
        await self._sdk.send_event(chat_id=self._chat_id, event=message)
        await self._exchange(text)

    async def _exchange(self, text: str) -> None:
        """Show what was said, and wait for the answer."""
        answer = await self._wait(self._answers.get(), "the bot's answer")
        taken = self._take()
        asked = tuple(one for one in taken if one.kind in (REQUEST, RESPONSE) or one.ref)
        told = tuple(one for one in taken if one not in asked)
        self._show(Said("you", text, own=True, records=asked))
        self._said(answer.author_id or "", answer.text, told)
        self._said_at = answer.created_at
        self._mark()
        await asyncio.sleep(self._pace)

    def _said(self, author_id: str, text: str, records: tuple[Record, ...] = ()) -> None:
        own = author_id == self._own_id
        name = "you" if own else self._name(author_id)
        self._show(Said(name, text, own=own, records=records))

    def _name(self, author_id: str) -> str:
        chat = self._sdk.chat(self._chat_id).value
        users = () if chat is None else chat.users
        return next((user.name for user in users if user.id == author_id and user.name), "agent")

    def _next_id(self) -> str:
        self._numbers += 1
        return f"demo-{self._numbers}"

    # The log and the views.

    def _happened(self, text: str) -> None:
        self._show(Happened(text, self._take()))

    def _take(self) -> tuple[Record, ...]:
        taken, self._records = tuple(self._records), []
        return taken

    def _mark(self) -> None:
        self._marks.append(Mark(self._last, self._sdk.root_digest()))

    async def _history(self) -> tuple[HistoryItem, ...]:
        view = self._sdk.history(self._chat_id)
        await view.ready()
        return tuple(view.value or ())

    async def _until(self, view: View[T], holds: Callable[[T], bool]) -> None:
        """Return when the view's value is such."""
        reached = asyncio.Event()

        def look(value: T) -> None:
            if holds(value):
                reached.set()

        subscription = view.subscribe(look)
        try:
            await self._wait(reached.wait(), "a push or an answer")
        finally:
            subscription.dispose()

    @staticmethod
    async def _wait(what: Awaitable[T], name: str) -> T:
        try:
            async with asyncio.timeout(PATIENCE):
                return await what
        except TimeoutError:
            raise CommandError(
                f"{name} did not come within {PATIENCE:.0f} s. Run the demo once more."
            ) from None
