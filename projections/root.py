"""The root fold: every record of a stream folded into all but the content of threads.

Connection, customer, availability, greeting, and of each chat its users, properties, threads,
links, seen marks, unread events and newest event of each type. It is small, so it is kept for the
whole stream and stored as a snapshot now and then.

A record is read once, in order, by the client; but any order gives the same state (see `register`),
with one premise: a stream belongs to one customer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from livechat_customer.models.canonical import digest
from livechat_customer.projections import root_answers, root_outbox, root_pushes
from livechat_customer.projections.availability import AvailabilityFacts
from livechat_customer.projections.chats import ChatFacts, ChatState
from livechat_customer.projections.connection import ConnectionFacts
from livechat_customer.projections.customer import UserFacts
from livechat_customer.projections.greeting import GreetingFacts
from livechat_customer.projections.outbox import OutboxState
from livechat_customer.projections.outbox_facts import OutboxFacts
from livechat_customer.projections.register import Register
from livechat_customer.projections.sync import SyncFacts
from livechat_customer.projections.threads import UNNAMED
from livechat_customer.records import (
    COMMAND,
    CONNECTING,
    DESTROYED,
    DISCONNECTED,
    LIFECYCLE,
    OPENED,
    REQUEST,
    Record,
)

PROJECTOR: Final = "root-3"
"""Name and version of this fold: a snapshot of another one is of no use to it."""


CUSTOM_ID: Final = b'"custom_id"'
"""Where a request's payload lacks this, it gives no event a custom id."""


class RootState(msgspec.Struct):
    """What a snapshot holds and a digest covers."""

    connection: ConnectionFacts = msgspec.field(default_factory=ConnectionFacts)
    users: UserFacts = msgspec.field(default_factory=UserFacts)
    availability: AvailabilityFacts = msgspec.field(default_factory=AvailabilityFacts)
    greeting: GreetingFacts = msgspec.field(default_factory=GreetingFacts)
    side_storage: Register[dict[str, Any]] = msgspec.field(default_factory=lambda: Register({}))
    """What the server asked to be given back at the next login."""
    chats: dict[str, ChatFacts] = {}
    spoken_of: dict[str, dict[str, int]] = {}
    """By chat: threads whose events a record changed before any record named the thread, with the
    least stamp of such a record."""
    listed: int = 0
    """Number of the newest connection whose login named the chats."""
    outbox: OutboxFacts = msgspec.field(default_factory=OutboxFacts)
    sync: SyncFacts = msgspec.field(default_factory=SyncFacts)


class Changes(msgspec.Struct):
    """What may have changed since the last look."""

    connection: bool = False
    customer: bool = False
    availability: bool = False
    greeting: bool = False
    sync: bool = False
    confirmed: bool = False
    """Another connection stands, or none: what is confirmed and what is from the log only."""
    chats: set[str] = msgspec.field(default_factory=set[str])
    queues: set[str] = msgspec.field(default_factory=set[str])
    """Chats of which the outbox holds something else now; also local ones, and unknown ones."""

    def __bool__(self) -> bool:
        return bool(
            self.chats
            or self.queues
            or self.connection
            or self.customer
            or self.availability
            or self.greeting
            or self.sync
            or self.confirmed
        )


class RootFold:
    """The accumulator. `apply` folds; the rest reads."""

    __slots__ = ("changes", "chats", "current", "outbox", "own", "requests", "state", "typing")

    def __init__(self, state: RootState | None = None) -> None:
        self.state = RootState() if state is None else state
        self.own = self.state.users.own
        """The customer's id, once known."""
        self.current = self.state.connection.current
        """Number of the connection that stands; 0 if none."""
        self.chats = {
            chat_id: ChatState(facts, self.own) for chat_id, facts in self.state.chats.items()
        }
        self.outbox = OutboxState(self.state.outbox)
        """What waits to be sent; read it as you like."""
        self.requests = self.outbox.requests
        """Ids of the requests that were written for entries of the outbox."""
        self.typing: set[str] = set()
        """Chats in which somebody was said to type."""
        self.changes = Changes()

    def apply(self, record: Record, payload: object) -> None:
        """Folds one record.

        `payload` is `payload_of(record)`, or of a lifecycle or command record `json_of(record)`.
        Records of other kinds change nothing, whatever is given for them.
        """
        handler = _HANDLERS.get(type(payload))
        if handler is not None:
            handler(self, record, payload)
        if self.requests and record.request_id in self.requests:
            root_outbox.answered(self, record, payload)
        elif record.kind == REQUEST and CUSTOM_ID in record.payload:
            root_outbox.asked(self, record)

    def take_changes(self) -> Changes:
        """What changed since this was called last."""
        changes, self.changes = self.changes, Changes()
        for chat_id in changes.chats:
            self.chats[chat_id].marked = False
        return changes

    def chat(self, chat_id: str) -> ChatState:
        """The chat, known from now on; it is marked as changed."""
        state = self.chats.get(chat_id)
        if state is None:
            facts = self.state.chats[chat_id] = ChatFacts(chat_id)
            state = self.chats[chat_id] = ChatState(facts, self.own)
        state.events_only = False
        self.mark(state)
        return state

    def spoke_of(self, chat_id: str, thread_id: str, stamp: int) -> None:
        """A record changes an event of this thread, which makes no thread known."""
        if self._named(chat_id, thread_id) > stamp:
            of_chat = self.state.spoken_of.setdefault(chat_id, {})
            of_chat[thread_id] = min(stamp, of_chat.get(thread_id, stamp))

    def since(self, chat_id: str, thread_id: str) -> int:
        """The least stamp of a record that says anything of this thread; 0 if it is unknown."""
        named = self._named(chat_id, thread_id)
        spoken_of = self.state.spoken_of.get(chat_id, {}).get(thread_id, named)
        return 0 if named == UNNAMED else min(named, spoken_of)

    def _named(self, chat_id: str, thread_id: str) -> int:
        state = self.chats.get(chat_id)
        if state is None:
            return UNNAMED
        thread = state.facts.threads.get(thread_id) or state.facts.removed.get(thread_id)
        return UNNAMED if thread is None else thread.since

    def _tidy(self) -> None:
        """Leave out what a thread's own facts say by now, so that equal knowledge has one form."""
        spoken_of: dict[str, dict[str, int]] = {}
        for chat_id, of_chat in self.state.spoken_of.items():
            for thread_id, stamp in of_chat.items():
                if self._named(chat_id, thread_id) > stamp:
                    spoken_of.setdefault(chat_id, {})[thread_id] = stamp
        self.state.spoken_of = spoken_of

    def mark(self, state: ChatState) -> None:
        """Something changed in the chat."""
        state.fresh = False
        if not state.marked:
            state.marked = True
            self.changes.chats.add(state.facts.id)

    def learn(self, own: str, seq: int) -> None:
        """A record told who the customer is."""
        if self.state.users.learn(own, seq):
            self.own = own
            self.outbox.learn(own)
            root_outbox.settle(self)
            self.changes.customer = True
            for chat_id in self.chats:
                self.chat(chat_id).learn(own)

    def fact(self, record: Record, data: Mapping[str, Any]) -> None:
        """A fact about the connection or about who the customer is, or the outbox's command."""
        if record.kind == COMMAND:
            root_outbox.command(self, record)
        elif record.kind == LIFECYCLE:
            self._lifecycle(record, data)

    def _lifecycle(self, record: Record, data: Mapping[str, Any]) -> None:
        own = data.get("customer_id")
        if isinstance(own, str):
            self.learn(own, record.seq)
        if self.state.sync.apply(record, data):
            self.changes.sync = True
        if record.action in _ENDS:
            root_outbox.ended(self, record)
        if self.state.connection.apply(record, data):
            self.changes.connection = True
            current = self.state.connection.current
            if current != self.current:
                self.current = current
                self.changes.confirmed = True

    def encode(self) -> bytes:
        """A snapshot: `decode` gives a fold of the same state."""
        self._tidy()
        return _encoder.encode(self.state)

    @classmethod
    def decode(cls, data: bytes) -> RootFold:
        """msgspec.DecodeError if `data` is no snapshot of this projector."""
        return cls(_decoder.decode(data))

    def document(self) -> dict[str, Any]:
        """The state as JSON's builtins."""
        self._tidy()
        document: dict[str, Any] = msgspec.to_builtins(self.state)
        return document

    def digest(self) -> str:
        """SHA-256 of the state. Who is typing is no part of it."""
        return digest(self.document())


_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(RootState)

_ENDS: Final = frozenset({OPENED, CONNECTING, DISCONNECTED, DESTROYED})
"""After these no request that was written before will be answered."""

_HANDLERS: Final[dict[type, Callable[[RootFold, Record, Any], None]]] = {
    dict: RootFold.fact,
    **root_pushes.HANDLERS,
    **root_answers.HANDLERS,
}
