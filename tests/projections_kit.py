"""A small reference server and a log to read it into, for the tests of the folds.

`Server` keeps the truth of one customer as plain JSON and tells of each operation by pushes, as the
Customer Chat API does. `Log` turns frames into records. `picture` is what the folds know, in the
form of `Server.picture()`: where nothing is missing the two are equal.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec
from hypothesis import strategies as st

from livechat_customer.models.wire.decode import json_of, payload_of
from livechat_customer.projections.chat_items import members, next_of
from livechat_customer.projections.content import for_agents
from livechat_customer.projections.digests import StateFold
from livechat_customer.records import LIFECYCLE, PUSH, REQUEST, RESPONSE, Record

CUSTOMER = "c0ffee00-0000-4000-8000-000000000001"
AGENT = "a0000000000000000000000000000001"
OTHER = "a0000000000000000000000000000002"
CHAT = "SCHAT00001"

Json = dict[str, Any]
Op = tuple[str, int, int]
Push = tuple[str, Json]

OPS = (
    "customer_event",
    "agent_event",
    "rich_event",
    "agents_only",
    "update_event",
    "set_event_property",
    "delete_event_property",
    "toggle",
    "delete_event",
    "set_chat_property",
    "delete_chat_property",
    "set_thread_property",
    "delete_thread_property",
    "deactivate",
    "resume",
    "attach",
    "customer_seen",
    "agent_seen",
    "agent_leaves",
    "queue",
    "transfer",
    "update_customer",
    "group_status",
    "greet",
    "accept_greeting",
    "cancel_greeting",
)
"""What can happen: `(name, which, what)`; numbers choose among what there is."""


class Server:
    """The state of one customer, changed by operations that give the pushes they cause."""

    def __init__(self) -> None:
        self.customer: Json = {"id": CUSTOMER, "type": "customer", "name": "Ann"}
        self.users: dict[str, Json] = {}
        self.chat: Json | None = None
        self.threads: list[Json] = []
        self.groups: dict[int, str] = {0: "online"}
        self.greeting: Json | None = None
        self.greetings = 0
        self.joined: set[str] = set()
        self._now = 0

    def time(self) -> str:
        self._now += 1
        return f"2025-01-01T12:{self._now // 60:02}:{self._now % 60:02}.000001Z"

    # The truth, as answers show it.

    def user(self, user_id: str) -> Json:
        known: Json = (
            self.customer
            if user_id == CUSTOMER
            else {"id": user_id, "type": "agent", "name": f"Agent {user_id[-1]}", "job_title": "x"}
        )
        return known | self.users[user_id]

    def thread(self, thread: Json) -> Json:
        place = self.threads.index(thread)
        shown = copy.deepcopy(thread)
        shown["events"] = [each for each in shown["events"] if each["recipients"] != "agents"]
        if place:
            shown["previous_thread_id"] = self.threads[place - 1]["id"]
        if place + 1 < len(self.threads):
            shown["next_thread_id"] = self.threads[place + 1]["id"]
        return shown

    def head(self) -> Json:
        assert self.chat is not None
        return copy.deepcopy(self.chat) | {"users": [self.user(user_id) for user_id in self.users]}

    def get_chat(self, thread_id: str | None = None) -> Json:
        found = self.head()
        for thread in self.threads[-1:] if thread_id is None else self.threads:
            if thread_id in (None, thread["id"]):
                found["thread"] = self.thread(thread)
        return found

    def list_threads(self, start: int = 0, limit: int = 100) -> Json:
        """A page, newest first; `start` newer threads were on pages before."""
        threads = [self.thread(thread) for thread in reversed(self.threads)]
        found: Json = {"threads": threads[start : start + limit], "found_threads": len(threads)}
        if start + limit < len(threads):
            found["next_page_id"] = f"page:{start + limit}"
        if start:
            found["previous_page_id"] = f"page:{start}"
        return found

    def list_chats(self) -> Json:
        if self.chat is None:
            return {"chats_summary": [], "total_chats": 0}
        last: Json = {}
        for thread in self.threads:
            for event in self.thread(thread)["events"]:
                last[event["type"]] = {
                    "thread_id": thread["id"],
                    "thread_created_at": thread["created_at"],
                    "event": event,
                }
        newest = self.threads[-1]
        summary = self.head() | {
            "active": newest["active"],
            "last_thread_id": newest["id"],
            "last_thread_created_at": newest["created_at"],
            "last_event_per_type": last,
        }
        return {"chats_summary": [summary], "total_chats": 1}

    def login(self) -> Json:
        found: Json = {
            "customer": copy.deepcopy(self.customer) | {"statistics": {"visits_count": self._now}},
            "has_active_thread": bool(self.threads) and self.threads[-1]["active"],
            "chats": [],
            "__priv_dynamic_config": {
                "online_groups_ids": [
                    group for group, status in self.groups.items() if status != "offline"
                ],
                "customer_groups": {"monitoring": {"id": 0}},
            },
        }
        if self.chat is not None:
            found["chats"] = [{"chat_id": CHAT, "has_unread_events": bool(self.unread())}]
        if self.greeting is not None:
            found["greeting"] = copy.deepcopy(self.greeting)
        return found

    def list_group_statuses(self) -> Json:
        return {"groups_status": {str(group): status for group, status in self.groups.items()}}

    def get_customer(self) -> Json:
        return copy.deepcopy(self.customer) | {"statistics": {"visits_count": self._now}}

    def answer(self, action: str) -> Json | None:
        """The answer to an action without further arguments; None where the chat is missing."""
        if action in ("get_chat", "list_threads") and self.chat is None:
            return None
        found: Json = getattr(self, action)()
        return found

    def unread(self) -> list[str]:
        seen = self.users[CUSTOMER].get("events_seen_up_to", "") if self.users else ""
        return [
            event["id"]
            for event in self.events()
            if event.get("author_id") not in (None, CUSTOMER) and event["created_at"] > seen
        ]

    def events(self) -> list[Json]:
        """All that the customer may see, oldest first."""
        return [
            event
            for thread in self.threads
            for event in thread["events"]
            if event["recipients"] != "agents"
        ]

    def picture(self) -> Json:
        """All of it, in one form for the server and for the folds."""
        found: Json = {
            "customer": copy.deepcopy(self.customer),
            "availability": "offline" if self.groups.get(0, "offline") == "offline" else "online",
            "greeting": self.greeting,
        }
        if self.chat is not None:
            found["chat"] = self.head() | {
                "active": self.threads[-1]["active"],
                "unread": sorted(self.unread()),
                "threads": [self.thread(thread) for thread in self.threads],
            }
        return found

    def document(self) -> Json:
        """What a client's `shared_document` should be."""
        chats = [self.get_chat()] if self.chat is not None else []
        for chat in chats:
            chat["thread"].pop("_last", None)
        return {"customer": self.customer, "chats": chats}

    # What happens.

    def do(self, op: Op) -> list[Push]:
        """One operation and its pushes; none where it does not apply."""
        name, which, what = op
        if self.chat is None and name not in ("update_customer", "group_status", "greet"):
            return self._open([self._event(CUSTOMER)])
        done: list[Push] | None = getattr(self, f"_{name}")(which, what)
        return done or []

    @property
    def newest(self) -> Json:
        return self.threads[-1]

    def _event(self, author: str | None, **fields: Any) -> Json:
        return {
            "type": "message",
            "text": "hello",
            "recipients": "all",
            "author_id": author,
        } | fields

    def _add(self, thread: Json, event: Json) -> Json:
        thread["_last"] = thread.get("_last", 0) + 1
        event = {"id": f"{thread['id']}_{thread['_last']}", "created_at": self.time()} | event
        event = {key: value for key, value in event.items() if value is not None}
        thread["events"].append(event)
        return event

    def _open(self, events: list[Json]) -> list[Push]:
        if self.chat is None:
            self.chat = {"id": CHAT, "access": {"group_ids": [0]}, "properties": {}}
            self.users[CUSTOMER] = {"present": True}
        thread: Json = {
            "id": f"STHREAD{len(self.threads):03}",
            "active": True,
            "created_at": self.time(),
            "user_ids": [CUSTOMER],
            "access": copy.deepcopy(self.chat["access"]),
            "properties": {"routing": {"continuous": False}},
            "events": [],
            "queue": {"position": 2, "wait_time": 120, "queued_at": self.time()},
        }
        self.joined = set()
        self.threads.append(thread)
        for event in events:
            self._add(thread, event)
        self._see_all()
        return [("incoming_chat", {"requester_id": CUSTOMER, "chat": self.get_chat()})]

    def _see_all(self) -> None:
        events = self.events()
        if events:
            mark = self.users[CUSTOMER].get("events_seen_up_to", "")
            self.users[CUSTOMER]["events_seen_up_to"] = max(mark, events[-1]["created_at"])

    def _pushed(self, event: Json, thread: Json | None = None) -> Push:
        thread_id = (thread or self.newest)["id"]
        body = {"chat_id": CHAT, "thread_id": thread_id, "event": copy.deepcopy(event)}
        return ("incoming_event", body)

    def _customer_event(self, _: int, what: int) -> list[Push] | None:
        if not self.newest["active"]:
            return None
        event = self._add(self.newest, self._event(CUSTOMER, custom_id=f"c{what}"))
        self._see_all()
        return [self._pushed(event)]

    def _attach(self, _: int, __: int) -> list[Push] | None:
        event = self._add(self.newest, self._event(CUSTOMER, text="attached"))
        self._see_all()
        return [self._pushed(event)]

    def _agents_only(self, _: int, __: int) -> list[Push]:
        event = self._add(self.newest, self._event(CUSTOMER, recipients="agents"))
        self._see_all()
        return [self._pushed(event)]

    def _join(self, agent: str) -> list[Push]:
        if agent in self.joined or not self.newest["active"]:
            return []
        self.joined.add(agent)
        self.users.setdefault(agent, {})["present"] = True
        if agent not in self.newest["user_ids"]:
            self.newest["user_ids"].append(agent)
        self.newest.pop("queue", None)
        body = {"chat_id": CHAT, "thread_id": self.newest["id"], "user": self.user(agent)}
        return [("user_added_to_chat", body | {"reason": "assigned"})]

    def _agent_event(self, which: int, _: int) -> list[Push] | None:
        if not self.newest["active"]:
            return None
        agent = (AGENT, OTHER)[which % 2]
        joined = self._join(agent)
        return [*joined, self._pushed(self._add(self.newest, self._event(agent)))]

    def _rich_event(self, _: int, __: int) -> list[Push] | None:
        if not self.newest["active"]:
            return None
        joined = self._join(AGENT)
        buttons: list[Json] = [
            {"text": name, "postback_id": name, "user_ids": []} for name in ("yes", "no")
        ]
        elements = [{"title": "?", "buttons": buttons}]
        event = self._event(AGENT, type="rich_message", template_id="cards", elements=elements)
        event.pop("text")
        return [*joined, self._pushed(self._add(self.newest, event))]

    def _some_event(self, which: int) -> tuple[Json, Json] | None:
        found = [
            (thread, event)
            for thread in self.threads
            for event in thread["events"]
            if event["recipients"] != "agents"
        ]
        return found[-1 - which % len(found)] if found else None

    def _update_event(self, which: int, what: int) -> list[Push] | None:
        found = self._some_event(which)
        if found is None or found[1]["type"] != "message":
            return None
        thread, event = found
        event["text"] = f"updated {what}"
        event["properties"] = {"test": {"string_property": f"with update {what}"}}
        body = {"chat_id": CHAT, "thread_id": thread["id"], "event": copy.deepcopy(event)}
        return [("event_updated", body)]

    def _set_event_property(self, which: int, what: int) -> list[Push] | None:
        found = self._some_event(which)
        if found is None:
            return None
        thread, event = found
        given = {"test": {("int_property", "string_property")[what % 2]: what}}
        merge(event.setdefault("properties", {}), given)
        ids = {"chat_id": CHAT, "thread_id": thread["id"], "event_id": event["id"]}
        return [("event_properties_updated", ids | {"properties": given})]

    def _delete_event_property(self, which: int, what: int) -> list[Push] | None:
        found = self._some_event(which)
        if found is None:
            return None
        thread, event = found
        name = ("int_property", "string_property")[what % 2]
        remove(event.setdefault("properties", {}), "test", name)
        ids = {"chat_id": CHAT, "thread_id": thread["id"], "event_id": event["id"]}
        return [("event_properties_deleted", ids | {"properties": {"test": [name]}})]

    def _toggle(self, which: int, what: int) -> list[Push] | None:
        rich = [
            (thread, event)
            for thread in self.threads
            for event in thread["events"]
            if event["type"] == "rich_message"
        ]
        if not rich:
            return None
        thread, event = rich[-1 - which % len(rich)]
        postback_id, toggled = ("yes", "no")[what % 2], bool(what // 2 % 2)
        user = (CUSTOMER, AGENT)[what // 4 % 2]
        for element in event["elements"]:
            for button in element["buttons"]:
                if button["postback_id"] == postback_id:
                    users = button["user_ids"]
                    if toggled and user not in users:
                        users.append(user)
                    elif not toggled and user in users:
                        users.remove(user)
        body = {"user_id": user, "chat_id": CHAT, "thread_id": thread["id"]}
        body |= {"event_id": event["id"], "postback": {"id": postback_id, "toggled": toggled}}
        return [("incoming_rich_message_postback", body)]

    def _delete_event(self, which: int, _: int) -> list[Push] | None:
        found = self._some_event(which)
        if found is None:
            return None
        thread, event = found
        thread["events"].remove(event)
        ids = {"chat_id": CHAT, "thread_id": thread["id"], "event_id": event["id"]}
        return [("event_deleted", ids)]

    def _set_chat_property(self, _: int, what: int) -> list[Push]:
        assert self.chat is not None
        given = {"test": {("int_property", "string_property")[what % 2]: what}}
        merge(self.chat["properties"], given)
        return [("chat_properties_updated", {"chat_id": CHAT, "properties": given})]

    def _delete_chat_property(self, _: int, what: int) -> list[Push]:
        assert self.chat is not None
        name = ("int_property", "string_property")[what % 2]
        remove(self.chat["properties"], "test", name)
        return [("chat_properties_deleted", {"chat_id": CHAT, "properties": {"test": [name]}})]

    def _set_thread_property(self, which: int, what: int) -> list[Push]:
        thread = self.threads[-1 - which % len(self.threads)]
        given = {"rating": {("score", "comment")[what % 2]: what}}
        merge(thread["properties"], given)
        ids = {"chat_id": CHAT, "thread_id": thread["id"]}
        return [("thread_properties_updated", ids | {"properties": given})]

    def _delete_thread_property(self, which: int, what: int) -> list[Push]:
        thread = self.threads[-1 - which % len(self.threads)]
        name = ("score", "comment")[what % 2]
        remove(thread["properties"], "rating", name)
        ids = {"chat_id": CHAT, "thread_id": thread["id"]}
        return [("thread_properties_deleted", ids | {"properties": {"rating": [name]}})]

    def _deactivate(self, _: int, __: int) -> list[Push] | None:
        thread = self.newest
        if not thread["active"]:
            return None
        said = self._event(
            None, type="system_message", text="x", system_message_type="manual_archived_customer"
        )
        event = self._add(thread, said)
        thread["active"] = False
        thread.pop("queue", None)
        ids = {"chat_id": CHAT, "thread_id": thread["id"]}
        return [self._pushed(event), ("chat_deactivated", ids | {"user_id": CUSTOMER})]

    def _resume(self, which: int, _: int) -> list[Push] | None:
        if self.newest["active"]:
            return None
        return self._open([self._event(CUSTOMER, text="again")] * (which % 2))

    def _customer_seen(self, _: int, __: int) -> list[Push]:
        return self._seen(CUSTOMER)

    def _agent_seen(self, _: int, __: int) -> list[Push]:
        return self._seen(AGENT) if AGENT in self.users else []

    def _seen(self, user: str) -> list[Push]:
        events = self.events()
        mark = events[-1]["created_at"] if events else ""
        if mark <= self.users[user].get("events_seen_up_to", ""):
            return []
        self.users[user]["events_seen_up_to"] = mark
        body = {"user_id": user, "chat_id": CHAT, "seen_up_to": mark}
        return [("events_marked_as_seen", body)]

    def _agent_leaves(self, _: int, __: int) -> list[Push] | None:
        if not self.users.get(AGENT, {}).get("present"):
            return None
        self.users[AGENT]["present"] = False
        self.joined.discard(AGENT)
        return [("user_removed_from_chat", {"chat_id": CHAT, "user_id": AGENT, "reason": "manual"})]

    def _queue(self, _: int, what: int) -> list[Push] | None:
        if "queue" not in self.newest:
            return None
        place = {"position": what + 1, "wait_time": 60 * what}
        self.newest["queue"] |= place
        ids = {"chat_id": CHAT, "thread_id": self.newest["id"]}
        return [("queue_position_updated", ids | {"queue": place})]

    def _transfer(self, _: int, what: int) -> list[Push] | None:
        if not self.newest["active"] or "queue" in self.newest:
            return None
        assert self.chat is not None
        self.chat["access"] = {"group_ids": [what]}
        self.newest["access"] = {"group_ids": [what]}
        ids = {"chat_id": CHAT, "thread_id": self.newest["id"]}
        return [("chat_transferred", ids | {"transferred_to": {"group_ids": [what]}})]

    def _update_customer(self, which: int, what: int) -> list[Push]:
        field = ("name", "email")[which % 2]
        self.customer[field] = f"{field} {what}"
        return [("customer_updated", {"id": CUSTOMER, field: self.customer[field]})]

    def _group_status(self, which: int, what: int) -> list[Push]:
        group, status = which % 2, ("online", "offline", "online_for_queue")[what % 3]
        self.groups[group] = status
        return [("groups_status_updated", {"groups": [{"id": group, "status": status}]})]

    def _greet(self, _: int, __: int) -> list[Push]:
        pushes = self._cancel_greeting(0, 0) or []
        self.greetings += 1
        body: Json = {"id": 7, "unique_id": f"G{self.greetings}", "displayed_first_time": True}
        body["event"] = {"type": "message", "text": "Welcome", "recipients": "all"}
        self.greeting = body | {"accepted": False}
        return [*pushes, ("incoming_greeting", body)]

    def _accept_greeting(self, _: int, __: int) -> list[Push] | None:
        if self.greeting is None:
            return None
        self.greeting["accepted"] = True
        return [("greeting_accepted", {"unique_id": self.greeting["unique_id"]})]

    def _cancel_greeting(self, _: int, __: int) -> list[Push] | None:
        if self.greeting is None:
            return None
        gone, self.greeting = self.greeting, None
        return [("greeting_canceled", {"unique_id": gone["unique_id"]})]


def merge(into: Json, given: Json) -> None:
    for namespace, values in given.items():
        into.setdefault(namespace, {}).update(values)


def remove(properties: Json, namespace: str, name: str) -> None:
    properties.get(namespace, {}).pop(name, None)


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
        decode = json_of if record.kind == LIFECYCLE else payload_of
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

    def read(self, which: int) -> None:
        """The server reads a request and works out its answer."""
        if self.open:
            place = which % len(self.open)
            request, answer = self.open[place]
            if answer is None:
                self.open[place] = (request, self._answer(request.action))

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

    def _answer(self, action: str) -> Frame:
        answer = self.server.answer(action)
        if answer is None:
            error = {"error": {"type": "not_found", "message": "Chat not found"}}
            return Frame.of_answer(action, error, success=False)
        return Frame.of_answer(action, answer)

    def run(self, steps: Iterable[Step]) -> None:
        for name, which, what in steps:
            if name in OPS:
                self.do((name, which, what))
            elif name in ASKABLE:
                self.ask(name)
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
ASKABLE = (*OF_CHAT, "list_chats", "get_customer", "list_group_statuses", "login")

Step = tuple[str, int, int]
"""Of a story: an operation, an action to ask, `deliver`, `read`, `settle` or `drop`."""


RACES = (
    ("agent_event", "update_event", "set_event_property", "delete_event_property", "delete_event"),
    ("rich_event", "toggle", "update_event", "delete_event"),
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
        some = [name for name in (*race, *others) if name not in left_out]
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
