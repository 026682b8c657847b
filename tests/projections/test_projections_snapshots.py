"""A snapshot taken at any record goes on as the fold it was taken of, to the end."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from projections_kit import Frame, Step, Wire, stories
from projections_server_kit import AGENT, CHAT, CUSTOMER, Json
from snapshot_kit import unheard

from livechat_customer.announcements import decoded as payload
from livechat_customer.announcements import pairs
from livechat_customer.models import commands
from livechat_customer.models.commands import GENERATED, LOCAL, Command
from livechat_customer.models.sync import OpenEnd, ResyncReport
from livechat_customer.projections.hub import Hub
from livechat_customer.projections.live import View
from livechat_customer.projections.root import RootFold
from livechat_customer.projections.seen import SeenFold
from livechat_customer.records import (
    COMMAND,
    OPENED,
    REQUEST,
    RESPONSE,
    RESYNC_FINISHED,
    RESYNC_STARTED,
    Record,
)

NEW: Final = f"{LOCAL}{GENERATED}0"
"""The chat of messages that are to begin one."""

ERRORS: Final = (
    "request_timeout",
    "internal",
    "too_many_requests",
    "groups_offline",
    "chat_inactive",
    "validation",
)

Told = tuple[str, int, int]
"""Of the outbox, of a resync: `(name, which, what)`."""


class OutboxWire(Wire):
    """A story in which the customer's messages are queued, too."""

    def __init__(self) -> None:
        super().__init__()
        self.attempts: list[Record] = []
        """Requests that no answer has come to."""

    def tell(self, name: str, which: int, what: int) -> None:
        custom_id = f"{GENERATED}{which}"
        match name:
            case "queue":
                event = {"type": "message", "text": f"{what}", "custom_id": custom_id}
                chat_id = NEW if which == 0 else CHAT
                self.command(commands.Queued(custom_id, commands.SEND_EVENT, event), chat_id)
            case "mark":
                until = f"2025-01-01T12:00:{what:02}.000001Z"
                self.command(
                    commands.Queued(custom_id, commands.MARK_EVENTS_AS_SEEN, seen_up_to=until)
                )
            case "attempt":
                self.attempt(custom_id, what)
            case "answer" if self.attempts:
                self.answered(self.attempts.pop(which % len(self.attempts)), what)
            case "show":
                self.log.push(shown(custom_id, CUSTOMER if what else AGENT, what))
            case "doubt":
                self.command(commands.Doubted(custom_id, f"r{what}", "REQUEST_TIMEOUT"))
            case "clear":
                self.command(commands.Cleared(custom_id, f"r{what}"))
            case "map":
                self.command(commands.Mapped(CHAT), NEW)
            case "refuse":
                self.command(commands.Refused(custom_id, "EXPIRED", "Too old."))
            case "retry":
                self.command(commands.Retried(custom_id))
            case "cancel":
                self.command(commands.Cancelled(custom_id))
            case "park":
                self.command(commands.Parked("restored"))
            case "reopen":
                self.log.fact(OPENED, epoch=what)
            case "resync":
                self.log.fact(RESYNC_STARTED, why="login", number=self.log.connection)
            case "resynced":
                ends = (OpenEnd(CHAT, None, "gap"),) * (what % 2)
                report = ResyncReport("login", self.log.connection, what, unresolved=ends)
                self.log.fact(RESYNC_FINISHED, report=msgspec.to_builtins(report))
            case _:
                pass

    def command(self, command: Command, chat_id: str | None = CHAT) -> None:
        action, written = commands.encode(command)
        self.log.add(COMMAND, action, written, chat_id=chat_id)

    def attempt(self, custom_id: str, what: int) -> None:
        action = (commands.SEND_EVENT, commands.START_CHAT, commands.RESUME_CHAT)[what % 3]
        request_id = f"r{what}"
        self.command(commands.Attempted(custom_id, request_id, action))
        frame = {"action": action, "request_id": request_id, "payload": {"chat_id": CHAT}}
        written = msgspec.json.encode(frame)
        chat_id = CHAT if action == commands.SEND_EVENT else None
        self.attempts.append(
            self.log.add(REQUEST, action, written, request_id=request_id, chat_id=chat_id)
        )

    def answered(self, request: Record, what: int) -> None:
        found: Json = {"chat_id": CHAT, "thread_id": "T9", "event_id": "T9_1", "event_ids": []}
        if what < len(ERRORS):
            found = {"error": {"type": ERRORS[what], "message": "no"}}
        frame = Frame.of_answer(request.action, found, success=what >= len(ERRORS))
        self.log.add(
            RESPONSE,
            request.action,
            frame.payload,
            request_id=request.request_id,
            ref=request.seq,
            chat_id=request.chat_id,
        )


def shown(custom_id: str, author: str, what: int) -> Frame:
    """A push that shows a message with this custom id."""
    event: Json = {
        "id": f"T9_{what}",
        "type": "message",
        "text": "x",
        "custom_id": custom_id,
        "author_id": author,
        "created_at": f"2025-01-02T12:00:{what:02}.000001Z",
        "recipients": "all",
    }
    return Frame.of_push(("incoming_event", {"chat_id": CHAT, "thread_id": "T9", "event": event}))


TOLD: Final = (
    *("queue", "queue", "attempt", "attempt", "answer", "answer", "show", "mark"),
    *("doubt", "clear", "map", "refuse", "retry", "cancel", "park", "reopen"),
    *("resync", "resynced"),
)


@st.composite
def lives(draw: st.DrawFn) -> list[Record]:
    """The records of a story with an outbox and resyncs in it."""
    steps: list[Step | Told] = list(draw(stories(drops=True)))
    said = st.tuples(st.sampled_from(TOLD), st.integers(0, 3), st.integers(0, 8))
    for each in draw(st.lists(said, min_size=5, max_size=25)):
        steps.insert(draw(st.integers(0, len(steps))), each)
    wire = OutboxWire()
    wire.do(("resume", 0, 0))
    for step in steps:
        if step[0] in TOLD:
            wire.tell(*step)
        else:
            wire.run([step])
    return wire.log.records


@given(lives())
def test_a_snapshot_at_every_record(records: list[Record]) -> None:
    live, again = RootFold(), RootFold()
    for record in records:
        live.apply(record, payload(record))
        # A snapshot of what came of a snapshot, and so on: any of them alone goes on as well.
        again = RootFold.decode(again.encode())
        again.apply(record, payload(record))
        assert again.encode() == live.encode(), record
    assert again.digest() == live.digest()


@given(lives(), st.data())
def test_the_views_of_a_snapshot_and_its_tail(records: list[Record], data: st.DataObject) -> None:
    cut = data.draw(st.integers(1, len(records)))
    root = RootFold()
    for record in records[:cut]:
        root.apply(record, payload(record))
    live = hub(RootFold(), 0, records)
    again = hub(RootFold.decode(root.encode()), cut, records[cut:])

    assert views(again) == views(live)


@given(lives())
def test_what_was_seen_at_every_record(records: list[Record]) -> None:
    live, again = SeenFold(), SeenFold()
    for record in records:
        again = SeenFold.decode(again.encode())
        assert again.take(record, payload(record)) == live.take(record, payload(record))
    assert msgspec.msgpack.decode(again.encode()) == msgspec.msgpack.decode(live.encode())


def test_the_stories_are_about_the_outbox() -> None:
    """What the properties are given has entries and reports in it."""
    wire = OutboxWire()
    wire.do(("resume", 0, 0))
    for name in ("queue", "attempt", "resync", "resynced"):
        wire.tell(name, 1, 0)
    root = RootFold()
    for record in wire.log.records:
        root.apply(record, payload(record))
    document = msgspec.json.encode(root.document())
    for word in (f"{GENERATED}1", "sending", "verdict"):
        assert word.encode() in document, word


def hub(root: RootFold, seq: int, tail: list[Record]) -> Hub:
    made = Hub(root, seq=seq, load=lambda _: None, report=unheard)
    made.restore(root, seq)
    made.fold(pairs(tail))
    made.publish()
    return made


def views(of: Hub) -> list[Any]:
    """The values of all views that the root makes."""
    shown: list[View[Any]] = [
        of.connection,
        of.customer,
        of.availability,
        of.greeting,
        of.chat(CHAT),
        of.chat(NEW),
    ]
    return [*(view.value for view in shown), list(of.chats.value), list(of.outbox.value)]
