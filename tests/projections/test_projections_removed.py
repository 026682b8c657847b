"""Threads that an answer does not find: out of the history until something newer shows them."""

from __future__ import annotations

from itertools import permutations

import pytest
from projections_kit import Frame, Log, folded, payload
from projections_server_kit import AGENT, CHAT, Json, Server

from livechat_customer.projections.chats import ChatState
from livechat_customer.projections.digests import StateFold
from livechat_customer.projections.hub import Hub
from livechat_customer.projections.root import RootFold
from livechat_customer.records import RESPONSE, Record


def event(thread_id: str, ordinal: int) -> Json:
    body = {"id": f"{thread_id}_{ordinal}", "type": "message", "author_id": AGENT}
    return body | {"created_at": f"2025-01-0{thread_id[-1]}T12:00:{ordinal:02}.000001Z"}


def thread(thread_id: str, *ordinals: int) -> Json:
    created = f"2025-01-0{thread_id[-1]}T12:00:00.000001Z"
    events = [event(thread_id, ordinal) for ordinal in ordinals]
    return {"id": thread_id, "created_at": created, "active": False, "events": events}


class Story:
    def __init__(self) -> None:
        self.log = Log()
        self.log.connect(Server().login())

    def show(self, thread_id: str, *ordinals: int) -> Record:
        request = self.log.request("get_chat", chat_id=CHAT, thread_id=thread_id)
        return self.log.answer(request, {"id": CHAT, "thread": thread(thread_id, *ordinals)})

    def push(self, thread_id: str, ordinal: int) -> Record:
        body = {"chat_id": CHAT, "thread_id": thread_id, "event": event(thread_id, ordinal)}
        return self.log.push(("incoming_event", body))

    def not_found(self, thread_id: str, *, late: bool = False) -> Record:
        request = self.log.request("get_chat", chat_id=CHAT, thread_id=thread_id)
        error: Json = {"error": {"type": "not_found", "message": "Thread not found"}}
        answer = Frame.of_answer("get_chat", error, success=False)
        return self.log.answer(request, answer, late=late)

    @property
    def fold(self) -> StateFold:
        return folded(self.log.records)

    @property
    def state(self) -> ChatState:
        return self.fold.root.chats[CHAT]


def names(state: ChatState) -> list[str]:
    return [name for _, name in state.order]


def test_a_thread_that_is_not_found_is_gone_with_what_it_held() -> None:
    story = Story()
    story.show("T1", 1)
    story.show("T2", 1, 2)
    hub = Hub(RootFold(), seq=0, load=lambda _: None, report=lambda _, __: None)
    history, view, chat = hub.history(CHAT), hub.thread(CHAT, "T2"), hub.chat(CHAT)
    hub.fold([(record, payload(record)) for record in story.log.records])
    assert chat.value is not None
    assert chat.value.unread == 3
    assert view.value is not None

    record = story.not_found("T2")
    hub.fold([(record, payload(record))])

    assert names(story.state) == ["T1"]
    assert [item.id for item in history.value or ()] == ["T1_1"]  # type: ignore[union-attr]
    assert view.value is None
    assert chat.value.unread == 1
    assert chat.value.thread is not None
    assert chat.value.thread.id == "T1"
    assert chat.value.last_event is None, "what came before it is not known of each type"


def test_it_comes_back_when_something_newer_shows_it() -> None:
    story = Story()
    story.show("T1", 1)
    story.show("T2", 1)
    story.not_found("T2")
    story.push("T2", 2)

    fold = story.fold
    state = fold.root.chats[CHAT]
    assert names(state) == ["T1", "T2"]
    assert state.facts.removed == {}
    assert sorted(state.facts.unread) == ["T1_1", "T2_2"], "its old event is in doubt"
    assert state.facts.threads["T2"].created_at.startswith("2025-01-02")
    content = fold.chats[CHAT].threads["T2"]
    assert content.doubtful == {"T2_1"}

    story.show("T2", 2)
    assert [each.event.id for each in story.fold.chats[CHAT].threads["T2"].items()] == ["T2_2"]
    story.show("T2", 1, 2)
    assert len(story.fold.chats[CHAT].threads["T2"].items()) == 2
    assert sorted(story.state.facts.unread) == ["T1_1", "T2_1", "T2_2"]


def test_an_older_record_does_not_bring_it_back() -> None:
    story = Story()
    story.show("T1", 1)
    asked = story.log.request("get_chat", chat_id=CHAT, thread_id="T2")
    story.not_found("T2")
    story.log.answer(asked, {"id": CHAT, "thread": thread("T2", 1)})

    assert names(story.state) == ["T1"]
    assert story.state.facts.unread.keys() == {"T1_1"}


def test_a_late_refusal_removes_nothing() -> None:
    story = Story()
    story.show("T1", 1)
    for _ in range(2):
        story.not_found("T1", late=True)

    assert names(story.state) == ["T1"]
    content = story.fold.chats[CHAT].threads["T1"]
    assert len(content.items()) == 1
    assert content.doubtful == set()


def test_the_chat_itself_stays() -> None:
    story = Story()
    story.show("T1", 1)
    story.not_found("T1")

    assert story.state.exists
    assert story.state.newest is None
    assert not story.state.start_reached


@pytest.mark.parametrize("again", [True, False])
def test_any_order_gives_the_same(again: bool) -> None:
    story = Story()
    story.show("T1", 1)
    story.not_found("T1")
    story.push("T1", 4)
    story.not_found("T1")
    if again:
        story.show("T1", 2, 3)
    story.not_found("T2")
    expected = story.fold.document()

    telling = [each for each in story.log.records[4:] if each.kind in (RESPONSE, "push")]
    for order in permutations(telling):
        assert folded([*story.log.records[:4], *order]).document() == expected


def test_a_snapshot_remembers_what_is_gone() -> None:
    story = Story()
    story.show("T1", 1)
    story.not_found("T1")
    root = RootFold.decode(story.fold.root.encode())
    record = story.push("T1", 2)
    root.apply(record, payload(record))

    assert root.digest() == story.fold.root.digest()
    assert names(root.chats[CHAT]) == ["T1"]
