"""Pushes as records, and a hub whose views are observed."""

from __future__ import annotations

import time
from typing import Any

import msgspec

from benchmarks._server import AGENT, CUSTOMER
from livechat_customer.models.wire.decode import payload_of
from livechat_customer.projections.hub import Hub
from livechat_customer.projections.root import RootFold
from livechat_customer.records import PUSH, RESPONSE, Record


def chat_id(number: int) -> str:
    return f"CHAT{number:06}"


def thread_id(number: int) -> str:
    return f"THRD{number:06}"


def frame(chat: int, event: int) -> bytes:
    """An `incoming_event` of about 430 bytes; `event` counts from 1 within the chat."""
    seconds, micro = divmod(event, 1_000_000)
    return msgspec.json.encode(
        {
            "version": "3.5",
            "action": "incoming_event",
            "type": "push",
            "payload": {
                "chat_id": chat_id(chat),
                "thread_id": thread_id(chat),
                "event": {
                    "id": f"{thread_id(chat)}_{event}",
                    "custom_id": f"custom-{event}",
                    "type": "message",
                    "text": "An answer of about the length that answers have, not too long.",
                    "author_id": AGENT if event % 2 else CUSTOMER,
                    "created_at": f"2026-01-01T00:00:{seconds:02}.{micro:06}Z",
                    "recipients": "all",
                    "properties": {"source": {"client_id": "b" * 32}},
                },
            },
        }
    )


def started(chat: int) -> bytes:
    """The `incoming_chat` with which the chat begins."""
    thread = {"id": thread_id(chat), "active": True, "created_at": "2026-01-01T00:00:00.000000Z"}
    body: dict[str, Any] = {"chat": {"id": chat_id(chat), "users": [], "thread": thread}}
    return msgspec.json.encode(
        {"version": "3.5", "action": "incoming_chat", "type": "push", "payload": body}
    )


def record(seq: int, chat: int, event: int) -> Record:
    return Record(
        seq=seq,
        kind=PUSH,
        connection=1,
        action="incoming_event",
        request_id=None,
        ref=None,
        chat_id=chat_id(chat),
        thread_id=thread_id(chat),
        recorded_at=seq,
        api_version="3.5",
        late=False,
        args=None,
        payload=frame(chat, event),
    )


def login(seq: int) -> Record:
    """The login answer, by which the folds know the customer."""
    payload = msgspec.json.encode(
        {
            "action": "login",
            "type": "response",
            "success": True,
            "payload": {"customer": {"id": CUSTOMER, "type": "customer"}, "chats": []},
        }
    )
    return Record(seq, RESPONSE, 1, "login", "l", seq, None, None, seq, "3.5", False, None, payload)


class Observed:
    """A hub with `chats` chats of `events` events each, every history subscribed to."""

    def __init__(self, chats: int, events: int) -> None:
        self.hub = Hub(
            RootFold(),
            seq=0,
            load=lambda loading: loading.done(),
            report=lambda where, error: None,
        )
        self.seen = 0
        self._chats = chats
        self._event = 0
        self._seq = 1
        first = login(1)
        self.hub.fold([(first, payload_of(first))])
        for number in range(chats):
            self.hub.history(chat_id(number)).subscribe(self._saw)
        for _ in range(events):
            self._fold(self._next())
        self.hub.publish()

    def _saw(self, value: object) -> None:
        self.seen += 1

    def _next(self) -> list[Record]:
        self._event += 1
        made: list[Record] = []
        for number in range(self._chats):
            self._seq += 1
            made.append(record(self._seq, number, self._event))
        return made

    def _fold(self, records: list[Record]) -> None:
        self.hub.fold([(one, payload_of(one)) for one in records])

    def pushes(self, count: int) -> float:
        """Fold and publish `count` pushes, one by one, over the chats in turn: µs each."""
        made: list[Record] = []
        while len(made) < count:
            made += self._next()
        started = time.perf_counter()
        for one in made[:count]:
            self.hub.fold([(one, payload_of(one))])
            self.hub.publish()
        return 1_000_000 * (time.perf_counter() - started) / count
