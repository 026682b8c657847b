"""An outbox's log to write by hand: commands, attempts, what the server says of them."""

from __future__ import annotations

import json
from typing import Any

from projections_kit import Frame, Log, encoded, pairs, payload

from livechat_customer.models.commands import (
    SEND_EVENT,
    Attempted,
    Cancelled,
    Cleared,
    Command,
    Doubted,
    Mapped,
    Parked,
    Queued,
    Refused,
    Retried,
    encode,
)
from livechat_customer.projections.digests import StateFold
from livechat_customer.projections.history import History
from livechat_customer.projections.hub import Hub, Loading
from livechat_customer.projections.outbox import OutboxState
from livechat_customer.projections.outbox_facts import EntryFacts
from livechat_customer.projections.root import RootFold
from livechat_customer.projections.values import Gap, HistoryItem, PendingEvent
from livechat_customer.records import COMMAND, PUSH, REQUEST, RESPONSE, Record

ME = "c0ffee00-0000-4000-8000-00000000beef"
AGENT = "a0000000000000000000000000000007"
CHAT = "SCHAT00007"
THREAD = "STHREAD007"

Json = dict[str, Any]


def at(second: int) -> str:
    return f"2025-01-01T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}.000001Z"


def event(
    number: int, custom_id: str | None = None, *, author: str | None = ME, text: str = ""
) -> Json:
    """The event of this ordinal."""
    found: Json = {
        "id": f"{THREAD}_{number}",
        "type": "message",
        "text": text or f"text {number}",
        "author_id": author,
        "created_at": at(number),
    }
    return found | ({"custom_id": custom_id} if custom_id is not None else {})


def thread(*events: Json, active: bool = True, id: str = THREAD) -> Json:
    return {"id": id, "created_at": at(0), "active": active, "events": list(events)}


def chat(*events: Json, id: str = CHAT, **fields: Any) -> Json:
    users = [{"id": ME, "type": "customer", "present": True}]
    return {"id": id, "users": users, "thread": thread(*events, **fields)}


class Desk(Log):
    """A log, folded as it is written: into a state, and by a hub with its views."""

    def __init__(self) -> None:
        super().__init__()
        self.state = StateFold()
        self.hub = Hub(RootFold(), seq=0, load=self._load, report=lambda what, _: None)
        self.hub.root.outbox.follow()

    def _load(self, loading: Loading) -> None:
        of_chat = [each for each in self.records[: loading.upto] if each.chat_id == loading.chat_id]
        loading.feed(pairs(of_chat))
        loading.done()

    @property
    def outbox(self) -> OutboxState:
        return self.hub.root.outbox

    def entry(self, custom_id: str) -> EntryFacts:
        entry = self.outbox.entry(custom_id)
        assert entry is not None
        return entry

    def add(self, kind: str, action: str, payload: bytes, **fields: Any) -> Record:
        record = super().add(kind, action, payload, **fields)
        self.fold(record)
        return record

    def fold(self, record: Record) -> None:
        self.state.apply(record, payload(record))
        self.hub.fold([(record, payload(record))])
        self.hub.publish()

    def login(self) -> None:
        """A connection, and the chat as it is: one agent's event."""
        self.connect({"customer": {"id": ME, "type": "customer"}, "chats": [{"chat_id": CHAT}]})

    def command(self, command: Command, chat_id: str | None = None) -> Record:
        action, body = encode(command)
        return self.add(COMMAND, action, body, chat_id=chat_id)

    def queue(
        self, custom_id: str, chat_id: str = CHAT, *, own_id: bool = False, text: str = "hello"
    ) -> Record:
        body = {"type": "message", "text": text, "custom_id": custom_id}
        return self.command(Queued(custom_id, SEND_EVENT, body, own_id=own_id), chat_id)

    def mark(self, custom_id: str, seen_up_to: str, chat_id: str = CHAT) -> Record:
        queued = Queued(custom_id, "mark_events_as_seen", seen_up_to=seen_up_to)
        return self.command(queued, chat_id)

    def attempt(
        self, custom_id: str, action: str = SEND_EVENT, thread_id: str | None = THREAD
    ) -> Record:
        """The attempt and its request, which is given."""
        entry = self.entry(custom_id)
        request_id = f"r{len(self.records)}"
        self.command(Attempted(custom_id, request_id, action, thread_id), entry.chat_id)
        chat_id = None if entry.chat_id.startswith("local:") else entry.chat_id
        frame = {"action": action, "request_id": request_id, "payload": {"chat_id": chat_id}}
        return self.add(REQUEST, action, encoded(frame), request_id=request_id, chat_id=chat_id)

    def reply(
        self, request: Record, answer: Json, *, success: bool = True, late: bool = False
    ) -> Record:
        frame = Frame.of_answer(request.action, answer, success=success)
        return self.add(
            RESPONSE,
            request.action,
            frame.payload,
            request_id=request.request_id,
            ref=request.seq,
            chat_id=request.chat_id,
            thread_id=request.thread_id,
            late=late,
        )

    def refuse(self, request: Record, error: str, *, late: bool = False) -> Record:
        answer = {"error": {"type": error, "message": f"It says {error}"}}
        return self.reply(request, answer, success=False, late=late)

    def show(self, body: Json, request: Record | None = None, *, late: bool = False) -> Record:
        """The push of an event, of a request if given."""
        payload = {"chat_id": CHAT, "thread_id": THREAD, "event": body}
        frame = {"action": "incoming_event", "type": "push", "payload": payload}
        return self.add(
            PUSH,
            "incoming_event",
            json.dumps(frame).encode(),
            chat_id=CHAT,
            thread_id=THREAD,
            request_id=request.request_id if request is not None else None,
            ref=request.seq if request is not None else None,
            late=late,
        )

    def ask_chat(self, *events: Json, **fields: Any) -> Record:
        return self.ask("get_chat", chat(*events, **fields), chat_id=fields.get("id", CHAT))

    def doubt(self, request: Record, custom_id: str) -> None:
        self.command(Doubted(custom_id, request.request_id or "", "REQUEST_TIMEOUT"))

    def clear(self, custom_id: str) -> None:
        self.command(Cleared(custom_id, self.entry(custom_id).attempts[-1].request_id))

    def retry(self, custom_id: str) -> None:
        self.command(Retried(custom_id))

    def cancel(self, custom_id: str) -> None:
        self.command(Cancelled(custom_id))

    def expire(self, custom_id: str) -> None:
        self.command(Refused(custom_id, "EXPIRED", "Too old."))

    def map(self, local: str, chat_id: str) -> None:
        self.command(Mapped(chat_id), local)

    def park(self, code: str) -> None:
        self.command(Parked(code))


def told(state: OutboxState) -> list[tuple[str, str, str | None]]:
    """Kind, custom id and event id of what has come of entries."""
    return [(each.kind, each.custom_id, each.event_id) for each in state.settled()]


def line(item: HistoryItem) -> str:
    """An item of a history in a word: the event's id, or the entry and its state."""
    match item:
        case Gap():
            return "gap"
        case PendingEvent():
            return f"{item.custom_id} {item.entry.state}"
        case _:
            return item.id


def lines(history: History | None) -> list[str]:
    return [line(item) for item in history or ()]
