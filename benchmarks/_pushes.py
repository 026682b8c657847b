"""Pushes for the folds: chats with a customer and an agent who write in turn."""

from __future__ import annotations

import json
from collections.abc import Iterator

from livechat_customer.models.times import format_us
from livechat_customer.records import Record

CUSTOMER = "b7eff798-f8df-4364-8059-649c35c9ed0c"
AGENT = "a0000000000000000000000000000001"
START_US = 1_790_000_000_000_000


def chat_id(chat: int) -> str:
    return f"CH{chat:08}"


def _record(seq: int, kind: str, action: str, payload: bytes, chat: int | None = None) -> Record:
    return Record(
        seq,
        kind,
        1,
        action,
        None,
        None,
        None if chat is None else chat_id(chat),
        None if chat is None else f"TH{chat:08}",
        START_US + seq,
        "3.5",
        False,
        None,
        payload,
    )


def _frame(**fields: object) -> bytes:
    return json.dumps({"version": "3.5"} | fields, separators=(",", ":")).encode()


def _login(seq: int) -> Record:
    answer: dict[str, object] = {"customer": {"id": CUSTOMER, "type": "customer"}, "chats": []}
    frame = _frame(action="login", type="response", success=True, payload=answer)
    return _record(seq, "response", "login", frame)


def _opened(seq: int, chat: int) -> Record:
    users = [
        {"id": CUSTOMER, "type": "customer", "name": "Ann", "present": True},
        {"id": AGENT, "type": "agent", "name": "Jane", "job_title": "Support", "present": True},
    ]
    thread = {
        "id": f"TH{chat:08}",
        "active": True,
        "created_at": format_us(START_US),
        "user_ids": [CUSTOMER, AGENT],
        "access": {"group_ids": [0]},
        "events": [],
    }
    body = {"chat": {"id": chat_id(chat), "users": users, "thread": thread}}
    frame = _frame(action="incoming_chat", type="push", payload=body)
    return _record(seq, "push", "incoming_chat", frame, chat)


def _event(seq: int, chat: int, ordinal: int) -> Record:
    event: dict[str, object] = {
        "id": f"TH{chat:08}_{ordinal}",
        "created_at": format_us(START_US + seq),
        "author_id": AGENT if ordinal % 2 else CUSTOMER,
        "type": "message",
        "text": "Hello, my order did not arrive yet; could you have a look at it, please?",
        "recipients": "all",
        "properties": {},
    }
    body: dict[str, object] = {
        "chat_id": chat_id(chat),
        "thread_id": f"TH{chat:08}",
        "event": event,
    }
    frame = _frame(action="incoming_event", type="push", payload=body)
    return _record(seq, "push", "incoming_event", frame, chat)


def session(chats: int) -> Iterator[Record]:
    """A login, `chats` chats, and then events for ever, one chat after the other."""
    yield _login(1)
    for chat in range(chats):
        yield _opened(chat + 2, chat)
    ordinal = 0
    seq = chats + 2
    while True:
        ordinal += 1
        for chat in range(chats):
            yield _event(seq, chat, ordinal)
            seq += 1
