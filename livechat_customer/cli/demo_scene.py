"""One customer, one sandbox, and what has happened between them: what the demo's acts share."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar

import livechat_customer as lc
from livechat_customer.cli.demo_lived import Mark
from livechat_customer.cli.demo_steps import Happened, Said, Show
from livechat_customer.cli.exits import CommandError
from livechat_customer.projections.values import ChatItem, HistoryItem
from livechat_customer.records import REQUEST, RESPONSE, Record
from livechat_customer.sandbox import Sandbox

T = TypeVar("T")

PATIENCE: Final = 30.0
"""Seconds to wait for what must come."""


class Scene:
    """What the SDK told so far, and how to talk, wait and tell of it."""

    def __init__(self, sandbox: Sandbox, sdk: lc.CustomerSDK, show: Show, pace: float) -> None:
        self.sandbox = sandbox
        self.show = show
        self.connected = asyncio.Event()
        self.clients = 0
        self.connections = 0
        self.chat_id = ""
        self.own_id = ""
        self.said_at = ""
        """When the latest answer was given, by the server's clock."""
        self.marks: list[Mark] = []
        self._pace = pace
        self._answers: asyncio.Queue[lc.Message] = asyncio.Queue()
        self._numbers = 0
        self.last = 0
        """Seq of the newest record."""
        self._records: list[Record] = []
        self.follow(sdk)

    def follow(self, sdk: lc.CustomerSDK) -> None:
        """This client, not yet open, comes after the one before."""
        self.sdk = sdk
        self.clients += 1
        sdk.records.subscribe(self._recorded)
        sdk.on("incoming_event", self._incoming)
        sdk.on("connected", self._came)
        sdk.on("disconnected", self._went)

    # What the SDK tells.

    def _recorded(self, record: Record) -> None:
        self.last = record.seq
        self._records.append(record)

    def _incoming(self, payload: lc.IncomingEvent) -> None:
        bot = self.sandbox.bot
        assert bot is not None, "the demo's sandbox has a bot"
        if isinstance(payload.event, lc.Message) and payload.event.author_id == bot.id:
            self._answers.put_nowait(payload.event)

    def _came(self, _: lc.Connected) -> None:
        self.connections += 1
        self.connected.set()

    def _went(self, payload: lc.Disconnected) -> None:
        self.connected.clear()
        self.happened(f"disconnected: {payload.reason}")

    # Talking.

    async def say(self, text: str) -> None:
        """Send a message, and wait for the bot's answer."""
        message = lc.Message(text=text, custom_id=self.next_id())
        await self.sdk.send_event(chat_id=self.chat_id, event=message)
        await self.exchange(text)

    async def exchange(self, text: str) -> None:
        """Show what was said, and wait for the answer."""
        answer = await self.wait(self._answers.get(), "the bot's answer")
        taken = self._take()
        asked = tuple(one for one in taken if one.kind in (REQUEST, RESPONSE) or one.ref)
        told = tuple(one for one in taken if one not in asked)
        self.show(Said("you", text, own=True, records=asked))
        await self._answered(answer, told)

    async def answer(self) -> None:
        """Wait for the bot's answer to something other than a message."""
        answer = await self.wait(self._answers.get(), "the bot's answer")
        await self._answered(answer, self._take())

    async def _answered(self, answer: lc.Message, records: tuple[Record, ...]) -> None:
        self.said(answer.author_id or "", answer.text, records)
        self.said_at = answer.created_at
        self.mark()
        await asyncio.sleep(self._pace)

    def said(self, author_id: str, text: str, records: tuple[Record, ...] = ()) -> None:
        own = author_id == self.own_id
        name = "you" if own else self._name(author_id)
        self.show(Said(name, text, own=own, records=records))

    def _name(self, author_id: str) -> str:
        chat = self.sdk.chat(self.chat_id).value
        users = () if chat is None else chat.users
        return next((user.name for user in users if user.id == author_id and user.name), "agent")

    def next_id(self) -> str:
        self._numbers += 1
        return f"demo-{self._numbers}"

    # The log and the views.

    def happened(self, text: str, others: Sequence[Record] = ()) -> None:
        """Show it with what the log wrote of it; `others`: what other processes wrote."""
        for record in others:
            self._recorded(record)
        self.show(Happened(text, self._take()))

    def note(self, text: str) -> None:
        """Show something of which this process has no records."""
        self.show(Happened(text))

    def _take(self) -> tuple[Record, ...]:
        taken, self._records = tuple(self._records), []
        return taken

    def mark(self) -> None:
        """Take the root digest as of the latest record."""
        self.marks.append(Mark(self.last, self.sdk.root_digest()))

    async def history(self) -> tuple[HistoryItem, ...]:
        view = self.sdk.history(self.chat_id)
        await view.ready()
        return tuple(view.value or ())

    async def until(self, holds: Callable[[ChatItem | None, Sequence[HistoryItem]], bool]) -> None:
        """Return when the views show such a chat with such a history."""
        chat, history = self.sdk.chat(self.chat_id), self.sdk.history(self.chat_id)
        reached = asyncio.Event()

        def look(_: object) -> None:
            if holds(chat.value, history.value or ()):
                reached.set()

        subscriptions = [chat.subscribe(look), history.subscribe(look)]
        try:
            await self.wait(reached.wait(), "a push or an answer")
        finally:
            for subscription in subscriptions:
                subscription.dispose()

    @staticmethod
    async def wait(what: Awaitable[T], name: str) -> T:
        try:
            async with asyncio.timeout(PATIENCE):
                return await what
        except TimeoutError:
            raise CommandError(
                f"{name} did not come within {PATIENCE:.0f} s. Run the demo once more."
            ) from None
