"""What each push means to the root fold, where histories against a server don't tell."""

from __future__ import annotations

from typing import Any

import pytest
from projections_kit import Log, payload
from projections_server_kit import AGENT, CHAT, CUSTOMER, Json, Server

from livechat_customer.models.wire.chats import Queue
from livechat_customer.projections.chats import ChatState, Seen
from livechat_customer.projections.root import RootFold
from livechat_customer.projections.root_pushes import TYPING_US
from livechat_customer.records import Record

T = "STHREAD000"


def event(number: int, author: str | None = AGENT, **fields: Any) -> Json:
    at = f"2025-01-01T12:00:{number:02}.000001Z"
    body = {"id": f"{T}_{number}", "type": "message", "created_at": at, "text": "hi"}
    return body | ({"author_id": author} if author else {}) | fields


def incoming(number: int, author: str | None = AGENT, **fields: Any) -> tuple[str, Json]:
    body = {"chat_id": CHAT, "thread_id": T, "event": event(number, author, **fields)}
    return ("incoming_event", body)


class Story:
    """A log that is folded as it grows; the customer is known."""

    def __init__(self, login: bool = True) -> None:
        self.log = Log()
        self.root = RootFold()
        if login:
            self.log.connect(Server().login())
            for record in self.log.records:
                self.root.apply(record, payload(record))

    def push(self, action: str, body: Json, **fields: Any) -> Record:
        record = self.log.push((action, body), **fields)
        self.root.apply(record, payload(record))
        return record

    @property
    def chat(self) -> ChatState:
        return self.root.chats[CHAT]


def test_the_short_way_of_the_hot_path_ends_as_the_long_one() -> None:
    plain, odd = Story(), Story()
    for number in range(4):
        author = CUSTOMER if number == 1 else AGENT
        at = f"2025-01-01T12:00:{number:02}.000001Z"
        plain.push(*incoming(number, author))
        odd.push(*incoming(number, author, created_at=at[:-1] + "+00:00"))

    known, same = plain.chat.facts, odd.chat.facts
    assert list(known.unread) == list(same.unread) == [f"{T}_2", f"{T}_3"]
    assert known.last["message"].key == same.last["message"].key
    assert plain.chat.own_mark == odd.chat.own_mark


def test_writing_means_having_seen() -> None:
    story = Story()
    story.push(*incoming(1))
    own = story.push(*incoming(2, CUSTOMER))

    assert story.chat.facts.unread == {}
    assert story.chat.facts.seen == {CUSTOMER: Seen(event(2)["created_at"], own.seq)}


def test_an_own_event_without_an_author_is_told_by_its_request() -> None:
    story = Story()
    story.push(*incoming(1))
    story.push(*incoming(2, None, type="system_message"), request_id="r")

    assert story.chat.facts.unread == {}
    assert story.chat.facts.seen[CUSTOMER].until == event(2)["created_at"]


def test_an_event_for_agents_marks_what_is_there_and_is_no_last_event() -> None:
    story = Story()
    story.push(*incoming(1))
    story.push(*incoming(2, CUSTOMER, recipients="agents"))
    story.push(*incoming(3))

    facts = story.chat.facts
    assert list(facts.unread) == [f"{T}_3"]
    assert facts.last["message"].event.id == f"{T}_3"
    assert CUSTOMER not in facts.seen


def test_typing_lasts_until_the_next_event_of_its_author() -> None:
    story = Story()

    def typing(is_typing: bool, **fields: Any) -> Record:
        body = {"author_id": AGENT, "is_typing": is_typing, "timestamp": 1}
        ids = {"chat_id": CHAT, "thread_id": T}
        return story.push("incoming_typing_indicator", ids | {"typing_indicator": body}, **fields)

    record = typing(True)
    assert story.chat.typing[AGENT].expires_at == record.recorded_at + TYPING_US
    assert story.root.typing == {CHAT}
    typing(False)
    assert story.chat.typing[AGENT].expires_at == 0
    typing(True)
    story.push(*incoming(1, CUSTOMER))
    assert AGENT in story.chat.typing
    story.push(*incoming(2, AGENT))
    assert story.chat.typing == {}
    typing(True, late=True)
    assert story.chat.typing == {}


def test_the_older_form_of_a_place_in_the_queue() -> None:
    story = Story()
    ids = {"chat_id": CHAT, "thread_id": T}
    given: list[Json] = [{"queue_pos": 4, "queue_waiting_time": 90}, {"queue_pos": None}]

    story.push("thread_properties_updated", ids | {"properties": {"lc2": given[0]}})
    thread = story.chat.facts.threads[T]
    assert thread.queue_now() == Queue(4, 90)
    story.push("thread_properties_updated", ids | {"properties": {"lc2": given[1]}})
    assert thread.queue_now() is None


def test_a_transfer_says_whether_the_chat_waits() -> None:
    story = Story()
    ids = {"chat_id": CHAT, "thread_id": T}
    queue = {"position": 1, "wait_time": 60}

    story.push("chat_transferred", ids | {"transferred_to": {"agent_ids": [AGENT]}, "queue": queue})
    assert story.chat.facts.threads[T].queue_now() == Queue(1, 60)
    assert story.chat.facts.access.value is None

    story.push("chat_transferred", ids | {"transferred_to": {"group_ids": [2, 3]}})
    assert story.chat.facts.threads[T].queue_now() is None
    access = story.chat.facts.access.value
    assert access is not None
    assert access.group_ids == (2, 3)
    assert story.chat.facts.threads[T].access.value == access


def test_who_writes_without_joining_is_a_user_that_is_not_present() -> None:
    story = Story()
    user = {"id": AGENT, "type": "agent", "name": "Jane", "present": False}

    story.push("user_added_to_chat", {"chat_id": CHAT, "thread_id": T, "user": user})

    assert story.chat.facts.users.effective() == {AGENT: False}
    assert story.chat.facts.threads[T].users.effective() == {}


REGISTERS: list[tuple[str, Json]] = [
    ("chat_properties_updated", {"properties": {"ns": {"a": 1}}}),
    ("chat_properties_deleted", {"properties": {"ns": ["a"]}}),
    ("thread_properties_updated", {"thread_id": T, "properties": {"lc2": {"queue_pos": 1}}}),
    ("thread_properties_deleted", {"thread_id": T, "properties": {"ns": ["a"]}}),
    ("queue_position_updated", {"thread_id": T, "queue": {"position": 1}}),
    ("user_added_to_chat", {"thread_id": T, "user": {"id": AGENT, "present": True}}),
    ("user_removed_from_chat", {"thread_id": T, "user_id": AGENT}),
    ("chat_transferred", {"thread_id": T, "transferred_to": {"group_ids": [1]}}),
]


@pytest.mark.parametrize(("action", "body"), REGISTERS)
def test_late_pushes_change_no_register(action: str, body: Json) -> None:
    late = Story()
    late.push(*incoming(1))
    thread = late.chat.facts.threads[T]
    before, shown = late.root.digest(), thread.shown

    late.push(action, {"chat_id": CHAT} | body, late=True)

    assert thread.shown == (late.log.records[-1].seq if "thread_id" in body else shown)
    thread.shown = shown
    assert late.root.digest() == before


OWN_REGISTERS: list[tuple[str, Json]] = [
    ("customer_updated", {"id": CUSTOMER, "name": "Late"}),
    ("groups_status_updated", {"groups": [{"id": 0, "status": "offline"}]}),
    ("incoming_greeting", {"id": 1, "unique_id": "g"}),
]


@pytest.mark.parametrize(("action", "body"), OWN_REGISTERS)
def test_late_pushes_about_the_customer_change_nothing(action: str, body: Json) -> None:
    story = Story()
    before = story.root.digest()

    story.push(action, body, late=True)

    assert story.root.digest() == before


def test_late_pushes_count_for_what_cannot_be_taken_back() -> None:
    story = Story()
    story.push(*incoming(1))
    thread = story.chat.facts.threads[T]
    thread.opened = True

    story.push("chat_deactivated", {"chat_id": CHAT, "thread_id": T}, late=True)
    story.push(*incoming(2), late=True)
    seen = {"chat_id": CHAT, "user_id": CUSTOMER, "seen_up_to": event(1)["created_at"]}
    story.push("events_marked_as_seen", seen, late=True)
    story.push("greeting_canceled", {"unique_id": "g"}, late=True)
    story.push("greeting_accepted", {"unique_id": "g"}, late=True)
    story.push("incoming_chat", {"chat": {"id": CHAT, "thread": {"id": "T2"}}}, late=True)

    assert not story.chat.open_now(thread)
    assert list(story.chat.facts.unread) == [f"{T}_2"]
    assert "g" in story.root.state.greeting.ended
    assert "T2" in story.chat.facts.threads


def test_events_without_an_id_are_of_no_use() -> None:
    story = Story()
    before = story.root.digest()

    story.push(*incoming(1, id=""))
    story.push("event_updated", {"chat_id": CHAT, "thread_id": T, "event": event(1, id="")})

    assert story.root.digest() == before


def test_side_storage_is_the_last_map_that_came() -> None:
    story = Story()
    first = story.push("customer_side_storage_updated", {"customer_side_storage": {"a": "1"}})
    story.push("customer_side_storage_updated", {"customer_side_storage": {"b": "2"}})
    held = {"customer_side_storage": {"c": "3"}}
    story.push("customer_side_storage_updated", held, late=True)
    story.root.apply(first, payload(first))

    assert story.root.state.side_storage.value == {"b": "2"}
    again = RootFold.decode(story.root.encode())
    assert again.state.side_storage.value == {"b": "2"}
