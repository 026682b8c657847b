"""A small reference server: the truth of one customer as plain JSON, told by pushes.

It knows what the folds must know in the end, and nothing of how they get there.
"""

from __future__ import annotations

import copy
from typing import Any

CUSTOMER = "c0ffee00-0000-4000-8000-000000000001"
AGENT = "a0000000000000000000000000000001"
OTHER = "a0000000000000000000000000000002"
CHAT = "SCHAT00001"

DELETE = "delete_event"
POSTBACK = "send_rich_message_postback"
OWN_REQUESTS: tuple[str, ...] = (DELETE, POSTBACK)

Json = dict[str, Any]
Op = tuple[str, int, int]
Push = tuple[str, Json]

OPS: tuple[str, ...] = (
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
        self.dangling: dict[str, Json] = {}
        """Links that don't hold, by thread."""
        self.opened = 0
        """Threads there ever were."""
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
        return shown | self.dangling.get(thread["id"], {})

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
            "id": f"STHREAD{self.opened:03}",
            "active": True,
            "created_at": self.time(),
            "user_ids": [CUSTOMER],
            "access": copy.deepcopy(self.chat["access"]),
            "properties": {"routing": {"continuous": False}},
            "events": [],
            "queue": {"position": 2, "wait_time": 120, "queued_at": self.time()},
        }
        self.joined = set()
        self.opened += 1
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

    def _some_rich(self, which: int) -> tuple[Json, Json] | None:
        rich = [
            (thread, event)
            for thread in self.threads
            for event in thread["events"]
            if event["type"] == "rich_message"
        ]
        return rich[-1 - which % len(rich)] if rich else None

    def _toggle(self, which: int, what: int) -> list[Push] | None:
        found = self._some_rich(which)
        if found is None or not found[0]["active"]:
            return None
        thread, event = found
        user = (CUSTOMER, AGENT)[what // 4 % 2]
        return self._press(thread, event, user, postback(what))

    def _press(self, thread: Json, event: Json, user: str, given: Json) -> list[Push]:
        for element in event["elements"]:
            for button in element["buttons"]:
                if button["postback_id"] == given["id"]:
                    users = button["user_ids"]
                    if given["toggled"] and user not in users:
                        users.append(user)
                    elif not given["toggled"] and user in users:
                        users.remove(user)
        if not thread["active"]:
            return []
        ids = {"chat_id": CHAT, "thread_id": thread["id"], "event_id": event["id"]}
        return [("incoming_rich_message_postback", ids | {"user_id": user, "postback": given})]

    # What the customer asks for on this connection, where no push need tell of it.

    def own_request(self, action: str, which: int, what: int) -> Json | None:
        """The arguments of a request about some event; None where there is none."""
        found = self._some_rich(which) if action == POSTBACK else self._some_event(which)
        if found is None or (action == DELETE and found[1].get("author_id") != CUSTOMER):
            return None
        ids = {"chat_id": CHAT, "thread_id": found[0]["id"], "event_id": found[1]["id"]}
        return ids | ({"postback": postback(what)} if action == POSTBACK else {})

    def obey(self, action: str, asked: Json) -> list[Push] | None:
        """Does it; None if the event is not there any more. A deletion is told to newer versions
        of the API only."""
        for thread in self.threads:
            for event in thread["events"]:
                if event["id"] == asked["event_id"]:
                    if action == POSTBACK:
                        return self._press(thread, event, CUSTOMER, asked["postback"])
                    thread["events"].remove(event)
                    return []
        return None

    def remove_thread(self, which: int) -> None:
        """Somebody deletes a thread; no push tells of it."""
        if len(self.threads) > 1:
            del self.threads[-1 - which % len(self.threads)]

    def hide_thread(self, place: int) -> None:
        """As `remove_thread`, but its neighbours go on naming it."""
        gone = self.threads.pop(place)["id"]
        self.dangling = {
            self.threads[place - 1]["id"]: {"next_thread_id": gone},
            self.threads[place]["id"]: {"previous_thread_id": gone},
        }

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


def postback(what: int) -> Json:
    return {"id": ("yes", "no")[what % 2], "toggled": bool(what // 2 % 2)}


def merge(into: Json, given: Json) -> None:
    for namespace, values in given.items():
        into.setdefault(namespace, {}).update(values)


def remove(properties: Json, namespace: str, name: str) -> None:
    properties.get(namespace, {}).pop(name, None)
