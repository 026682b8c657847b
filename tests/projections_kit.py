"""A log to read the reference server into, and what the folds make of it.

`Log` turns frames into records. `picture` is what the folds know, in the
form of `Server.picture()`: where nothing is missing the two are equal.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from hypothesis import strategies as st
from projections_server_kit import (
    CHAT,
    CUSTOMER,
    DELETE,
    OPS,
    OWN_REQUESTS,
    POSTBACK,
    Json,
    Op,
    Push,
    Server,
)

from livechat_customer.models.wire.decode import json_of, payload_of
from livechat_customer.projections.chat_items import members, next_of
from livechat_customer.projections.content import for_agents
from livechat_customer.projections.digests import StateFold
from livechat_customer.projections.hub import Hub, Loading
from livechat_customer.projections.root import RootFold
from livechat_customer.records import COMMAND, LIFECYCLE, PUSH, REQUEST, RESPONSE, Record
from livechat_customer.transport.codec import routing_of_request


@dataclass(frozen=True)
class Frame:
    """A push or an answer as it travels, and what it is about."""

    action: str
    payload: bytes
    chat_id: str | None = None
    thread_id: str | None = None

    @classmethod
    def of_push(cls, push: Push) -> Frame:
        action, payload = push
        chat_id = payload.get("chat_id") or payload.get("chat", {}).get("id")
        frame = {"action": action, "type": "push", "version": "3.5", "payload": payload}
        return cls(action, encoded(frame), chat_id, payload.get("thread_id"))

    @classmethod
    def of_answer(cls, action: str, payload: Json, *, success: bool = True) -> Frame:
        frame = {"action": action, "type": "response", "success": success, "payload": payload}
        return cls(action, encoded(frame))


class Log:
    """Records, as the pump would write them."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.connection = 0

    def add(self, kind: str, action: str, payload: bytes, **fields: Any) -> Record:
        seq = len(self.records) + 1
        known: dict[str, Any] = {
            "request_id": None,
            "ref": None,
            "chat_id": None,
            "thread_id": None,
            "late": False,
            "args": None,
        }
        record = Record(
            seq=seq,
            kind=kind,
            connection=self.connection,
            action=action,
            recorded_at=1_700_000_000_000_000 + seq * 1_000,
            api_version="3.5",
            payload=payload,
            **(known | fields),
        )
        self.records.append(record)
        return record

    def fact(self, action: str, **data: Any) -> Record:
        return self.add(LIFECYCLE, action, json.dumps(data).encode())

    def connect(self, login: Json | Frame) -> None:
        """A new connection, logged in with this answer at once."""
        self.connection += 1
        self.fact("connecting", number=self.connection, attempt=1)
        self.answer(self.request("login"), login)
        self.fact("connected", number=self.connection)

    def drop(self) -> None:
        self.fact(
            "disconnected", number=self.connection, reason="connection_lost", will="reconnect"
        )

    def push(self, push: Push | Frame, *, late: bool = False, **fields: Any) -> Record:
        frame = push if isinstance(push, Frame) else Frame.of_push(push)
        keys = {"chat_id": frame.chat_id, "thread_id": frame.thread_id, "late": late}
        return self.add(PUSH, frame.action, frame.payload, **keys, **fields)

    def request(self, action: str, **payload: Any) -> Record:
        frame = {"action": action, "request_id": "r", "payload": payload}
        chat_id, thread_id = payload.get("chat_id"), payload.get("thread_id")
        return self.add(REQUEST, action, encoded(frame), chat_id=chat_id, thread_id=thread_id)

    def answer(
        self, request: Record, answer: Json | Frame, *, success: bool = True, late: bool = False
    ) -> Record:
        if not isinstance(answer, Frame):
            answer = Frame.of_answer(request.action, answer, success=success)
        return self.add(
            RESPONSE,
            request.action,
            answer.payload,
            ref=request.seq,
            chat_id=request.chat_id,
            thread_id=request.thread_id,
            late=late,
            args=routing_of_request(request.action, request.payload)[2],
        )

    def ask(self, action: str, payload: Json, **arguments: Any) -> Record:
        """A request answered at once."""
        return self.answer(self.request(action, **arguments), payload)


def encoded(frame: Json) -> bytes:
    return json.dumps(frame).encode()


_payloads: dict[tuple[str, str, bytes], object] = {}


def payload(record: Record) -> object:
    """The record's payload as the folds get it; the same frame is decoded once."""
    key = (record.kind, record.action, record.payload)
    if key not in _payloads:
        if len(_payloads) > 50_000:
            _payloads.clear()
        decode = json_of if record.kind in (LIFECYCLE, COMMAND) else payload_of
        _payloads[key] = decode(record)
    return _payloads[key]


def folded(records: Iterable[Record], into: StateFold | None = None) -> StateFold:
    fold = StateFold() if into is None else into
    for record in records:
        fold.apply(record, payload(record))
    return fold


def picture(fold: StateFold) -> Json:
    """What the folds know, in the form of `Server.picture`."""
    root = fold.root
    greeting = root.state.greeting.now()
    customer = root.state.users.customer_now()
    found: Json = {
        "customer": builtins(msgspec.structs.replace(customer, statistics=None))
        if customer is not None
        else None,
        "availability": root.state.availability.now(),
        "greeting": {"accepted": False} | builtins(greeting) if greeting is not None else None,
    }
    state = root.chats.get(CHAT)
    if state is not None:
        facts = state.facts
        content = fold.chats[CHAT].threads if CHAT in fold.chats else {}
        threads: list[Json] = []
        for _, thread_id in state.order:
            thread = facts.threads[thread_id]
            items = content[thread_id].items() if thread_id in content else ()
            threads.append(
                {
                    "id": thread_id,
                    "active": state.open_now(thread),
                    "created_at": thread.created_at,
                    "user_ids": list(thread.users.effective()),
                    "access": builtins(thread.access.value),
                    "properties": thread.properties.effective(),
                    "queue": builtins(thread.queue_now()),
                    "previous_thread_id": thread.previous.value,
                    "next_thread_id": next_of(state, thread),
                    "events": [
                        builtins(each.event) for each in items if not for_agents(each.event)
                    ],
                }
            )
        found["chat"] = {
            "id": CHAT,
            "access": builtins(facts.access.value),
            "properties": facts.properties.effective(),
            "users": [builtins(user) for user in members(root, state)],
            "active": facts.active.value,
            "unread": sorted(facts.unread),
            "threads": threads,
        }
    return found


def builtins(value: object) -> Any:
    return msgspec.to_builtins(value)


def canonical(found: Json) -> Json:
    """Without nulls, empty maps and the server's own notes, for comparing."""
    clean: Json = pruned(found)
    chat = clean.get("chat")
    if chat is not None:
        for thread in chat["threads"]:
            thread.pop("_last", None)
        for user in chat["users"]:
            # Marked by an event for agents: the document for digests works it out.
            if user["id"] == CUSTOMER:
                user.pop("events_seen_up_to", None)
    return clean


def pruned(value: Any) -> Any:
    if isinstance(value, dict):
        found: Json = {}
        for key, item in value.items():  # pyright: ignore[reportUnknownVariableType]
            kept = pruned(item)
            if kept is not None and kept != {}:
                found[key] = kept
        return found
    if isinstance(value, list | tuple):
        return [pruned(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
    return value


class Wire:
    """A server, a client's log, and what travels between them: the steps of a story."""

    def __init__(self) -> None:
        self.server = Server()
        self.log = Log()
        self.flying: list[Frame] = []
        """Pushes that have not come yet."""
        self.open: list[tuple[Record, Frame | None]] = []
        """Requests without an answer here; with the answer, once the server has read it."""
        self.connect()

    def connect(self) -> None:
        self.log.connect(self.server.login())

    def do(self, op: Op) -> None:
        self.flying += map(Frame.of_push, self.server.do(op))

    def deliver(self, count: int) -> None:
        for push in self.flying[:count]:
            self.log.push(push)
        del self.flying[:count]

    def ask(self, action: str) -> None:
        arguments = {"chat_id": CHAT} if action in OF_CHAT else {}
        self.open.append((self.log.request(action, **arguments), None))

    def own(self, action: str, which: int, what: int) -> None:
        """The customer asks for an effect on some event, and for nothing else meanwhile: of two
        presses in flight as the thread is closed, nothing tells the order."""
        arguments = self.server.own_request(action, which, what)
        busy = self.flying or any(request.action in OWN_REQUESTS for request, _ in self.open)
        if arguments is not None and not busy:
            self.open.append((self.log.request(action, **arguments), None))

    def read(self, which: int) -> None:
        """The server reads a request and works out its answer. It may look things up at any time,
        but an effect comes after what was asked for before, and before what is asked later."""
        if self.open:
            place = which % len(self.open)
            own = any(request.action in OWN_REQUESTS for request, _ in self.open[: place + 1])
            for earlier in range(0 if own else place, place + 1):
                self._read(earlier)

    def _read(self, place: int) -> None:
        request, answer = self.open[place]
        if answer is None:
            self.open[place] = (request, self._answer(request))

    def settle(self, which: int) -> None:
        """An answer comes."""
        if self.open:
            self.read(which)
            request, answer = self.open.pop(which % len(self.open))
            assert answer is not None
            self.log.answer(request, answer)

    def drop(self, late: int) -> None:
        """The connection ends; a few pushes are still read from it, the others are lost."""
        self.log.drop()
        for push in self.flying[:late]:
            self.log.push(push, late=True)
        for request, answer in self.open[: late % 2]:
            if answer is not None:
                self.log.answer(request, answer, late=True)
        self.flying.clear()
        self.open.clear()

    def finish(self) -> None:
        """Everything that travels comes."""
        while self.open:
            self.settle(0)
        self.deliver(len(self.flying))

    def _answer(self, request: Record) -> Frame:
        action = request.action
        if action in OWN_REQUESTS:
            pushes = self.server.obey(action, json.loads(request.payload)["payload"])
            self.flying += map(Frame.of_push, pushes or ())
            answer: Json | None = {} if pushes is not None else None
        else:
            answer = self.server.answer(action)
        if answer is None:
            error = {"error": {"type": "not_found", "message": "Not found"}}
            return Frame.of_answer(action, error, success=False)
        return Frame.of_answer(action, answer)

    def run(self, steps: Iterable[Step]) -> None:
        for name, which, what in steps:
            if name in OPS:
                self.do((name, which, what))
            elif name in ASKABLE:
                self.ask(name)
            elif name in OWN_REQUESTS:
                self.own(name, which, what)
            elif name == "deliver":
                self.deliver(1 + which)
            elif name == "read":
                self.read(which)
            elif name == "settle":
                self.settle(which)
            elif name == "drop":
                self.drop(what)
                self.connect()


OF_CHAT = ("get_chat", "list_threads")
ASKABLE: tuple[str, ...] = (*OF_CHAT, "list_chats", "get_customer", "list_group_statuses", "login")

Step = tuple[str, int, int]
"""Of a story: an operation, an action to ask, `deliver`, `read`, `settle` or `drop`."""


RACES: tuple[tuple[str, ...], ...] = (
    ("agent_event", "update_event", "set_event_property", "delete_event_property", "delete_event"),
    ("rich_event", "toggle", "update_event", "delete_event"),
    ("rich_event", POSTBACK, POSTBACK, "deactivate", "resume"),
    ("customer_event", DELETE, "update_event", "deactivate", "attach"),
    ("deactivate", "resume", "customer_event", "set_thread_property", "attach"),
    ("agent_event", "agent_leaves", "agent_seen", "customer_seen", "queue", "agents_only"),
    ("set_chat_property", "delete_chat_property", "transfer", "agent_event", "deactivate"),
    ("update_customer", "group_status", "greet", "accept_greeting", "cancel_greeting"),
)
"""Operations that touch the same things."""


def stories(*, drops: bool = False, without: Iterable[str] = ()) -> st.SearchStrategy[list[Step]]:
    """What happens at the server, what the client asks, and what travels when.

    Each story keeps to a few kinds of operations and questions, so that they meet.
    """
    left_out = set(without)

    def of(names: tuple[tuple[str, ...], list[str], str]) -> st.SearchStrategy[list[Step]]:
        race, others, asked = names
        # Another device presses nothing meanwhile either.
        alone = {"toggle"} if POSTBACK in race else set[str]()
        some = [name for name in (*race, *others) if name not in left_out | alone]
        travel = ["deliver", "read", "settle", asked] + ["drop"] * drops
        name = st.one_of(st.sampled_from(some), st.sampled_from(travel))
        step = st.tuples(name, st.integers(0, 3), st.integers(0, 7))
        return st.lists(step, min_size=10, max_size=40)

    others = st.lists(st.sampled_from(OPS), max_size=2)
    return st.tuples(st.sampled_from(RACES), others, st.sampled_from(ASKABLE)).flatmap(of)


def told(steps: Iterable[Step]) -> Wire:
    """A story, with a chat to begin with."""
    wire = Wire()
    wire.do(("resume", 0, 0))
    wire.run(steps)
    return wire


class Seat:
    """A hub and the log it reads; contents of chats wait until the test reads them."""

    def __init__(self, root: RootFold | None = None, seq: int = 0) -> None:
        self.log = Log()
        self.asked: list[Loading] = []
        self.reported: list[str] = []
        self.hub = Hub(
            RootFold() if root is None else root,
            seq=seq,
            load=self.asked.append,
            report=lambda where, _: self.reported.append(where),
        )

    def catch_up(self) -> None:
        self.hub.fold(pairs(self.log.records[self.hub.seq :]))
        self.hub.publish()

    def read(self, loading: Loading) -> None:
        loading.feed(pairs(self.of_chat(loading)))
        loading.done()
        self.hub.publish()

    def of_chat(self, loading: Loading) -> list[Record]:
        return [
            record
            for record in self.log.records[: loading.upto]
            if record.chat_id == loading.chat_id
        ]


def pairs(records: Sequence[Record]) -> list[tuple[Record, object]]:
    return [(record, payload(record)) for record in records]


def seat_with_chat() -> tuple[Server, Seat]:
    server, seat = Server(), Seat()
    seat.log.connect(server.login())
    for push in server.do(("resume", 0, 0)):
        seat.log.push(push)
    seat.catch_up()
    return server, seat


def do(server: Server, seat: Seat, *names: str) -> None:
    for name in names:
        for push in server.do((name, 0, 0)):
            seat.log.push(push)
