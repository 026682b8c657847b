"""The whole state of a stream, and the documents that digests are made of.

`state_digest` covers everything the folds know. `shared_document` covers what the server would
answer now and nothing else, so two clients agree on it, and a server can make it from its own
state: the customer without statistics, and of each chat the answer of `get_chat`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from livechat_customer.models.canonical import digest
from livechat_customer.models.wire.events import Event, UnknownEvent
from livechat_customer.models.wire.users import User
from livechat_customer.projections.chat import ChatFold
from livechat_customer.projections.chat_items import members, next_of
from livechat_customer.projections.chats import ChatState
from livechat_customer.projections.content import Entry, for_agents
from livechat_customer.projections.order import time_key
from livechat_customer.projections.root import RootFold
from livechat_customer.projections.threads import ThreadFacts
from livechat_customer.records import Record


class StateFold:
    """Every record of a stream folded: the root and the content of every chat."""

    __slots__ = ("_own", "chats", "root")

    def __init__(self, root: RootFold | None = None) -> None:
        self.root = RootFold() if root is None else root
        self._own = self.root.own
        self.chats: dict[str, ChatFold] = {}

    def apply(self, record: Record, payload: object) -> None:
        """Folds one record; `payload` as for `RootFold.apply`."""
        self.root.apply(record, payload)
        chat_id = record.chat_id
        if chat_id is not None:
            fold = self.chats.get(chat_id)
            if fold is None:
                fold = self.chats[chat_id] = ChatFold(chat_id, self.root.own)
            fold.apply(record, payload)
        if self.root.own != self._own and self.root.own is not None:
            self._own = self.root.own
            for fold in self.chats.values():
                fold.learn(self._own)

    def document(self) -> dict[str, Any]:
        """The state as JSON's builtins."""
        return {
            "root": self.root.document(),
            "chats": {chat_id: fold.document() for chat_id, fold in self.chats.items()},
        }

    def digest(self) -> str:
        """SHA-256 of the state, valid for this version of the folds."""
        return digest(self.document())

    def shared_digest(self) -> str:
        """SHA-256 of what any client of this customer must know, and the server too."""
        return digest(shared_document(self.root, self.chats))


def shared_document(root: RootFold, chats: Mapping[str, ChatFold]) -> dict[str, Any]:
    """What the server would answer now. `chats` must hold the folds of all chats."""
    customer = root.state.users.customer_now()
    found: dict[str, Any] = {
        "chats": [
            _chat(root, state, chats.get(chat_id))
            for chat_id, state in sorted(root.chats.items())
            if state.exists
        ]
    }
    if customer is not None:
        found["customer"] = _profile(msgspec.structs.replace(customer, statistics=None))
    return found


def _chat(root: RootFold, state: ChatState, fold: ChatFold | None) -> dict[str, Any]:
    facts = state.facts
    found: dict[str, Any] = {
        "id": facts.id,
        "users": [_user(root, state, fold, user) for user in members(root, state)],
        "access": msgspec.to_builtins(facts.access.value),
        "properties": facts.properties.effective(),
    }
    newest = state.newest
    if newest is not None:
        found["thread"] = _thread(state, newest, fold)
    return found


def _user(root: RootFold, state: ChatState, fold: ChatFold | None, user: User) -> dict[str, Any]:
    found = _profile(user)
    until = state.facts.own_until
    if user.id == root.own and until and fold is not None:
        # Sending to agents only marks what is there as seen; the server says so with the time of
        # the newest event that it shows.
        seen = next((time for time in _times(state, fold) if time_key(time) <= until), "")
        if time_key(seen) > time_key(user.events_seen_up_to or ""):
            found["events_seen_up_to"] = seen
    return found


def _profile(user: User) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(user)
    if not found.get("session_fields"):
        # A push says that there are none any more, an answer leaves them out.
        found.pop("session_fields", None)
    return found


def _times(state: ChatState, fold: ChatFold) -> Iterator[str]:
    """Creation times of the events everybody sees, from the newest back."""
    for _, thread_id in reversed(state.order):
        for entry in reversed(_entries(fold, thread_id)):
            yield entry.event.created_at


def _entries(fold: ChatFold | None, thread_id: str) -> list[Entry]:
    content = fold.threads.get(thread_id) if fold is not None else None
    if content is None:
        return []
    return [entry for entry in content.items() if not for_agents(entry.event)]


def _thread(state: ChatState, thread: ThreadFacts, fold: ChatFold | None) -> dict[str, Any]:
    return {
        "id": thread.id,
        "active": state.open_now(thread),
        "created_at": thread.created_at,
        "user_ids": list(thread.users.effective()),
        "events": [_event(entry.event) for entry in _entries(fold, thread.id)],
        "access": msgspec.to_builtins(thread.access.value),
        "properties": thread.properties.effective(),
        "queue": msgspec.to_builtins(thread.queue_now()),
        "previous_thread_id": thread.previous.value,
        "next_thread_id": next_of(state, thread),
    }


def _event(event: Event) -> dict[str, Any]:
    if isinstance(event, UnknownEvent):
        raw: dict[str, Any] = msgspec.json.decode(event.raw)
        return raw if event.properties is None else raw | {"properties": event.properties}
    found: dict[str, Any] = msgspec.to_builtins(event)
    return found
