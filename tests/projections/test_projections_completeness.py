"""What a history says of itself: complete as of when, confirmed or from the log, where it begins."""

from __future__ import annotations

from projections_kit import Frame, Log, payload
from projections_server_kit import AGENT, CHAT, CUSTOMER, Json, Server

from livechat_customer.models import Message
from livechat_customer.projections.history import History, ThreadEvents
from livechat_customer.projections.hub import Hub
from livechat_customer.projections.root import RootFold
from livechat_customer.projections.values import ChatItem, Gap
from livechat_customer.records import Record


def event(number: int, ordinal: int, **fields: object) -> Json:
    at = f"2025-01-{number:02}T12:00:{ordinal:02}.000001Z"
    body: Json = {"id": f"T{number}_{ordinal}", "type": "message", "author_id": AGENT}
    return body | {"created_at": at, "text": "hello"} | fields


def thread(number: int, *ordinals: int, previous: int = 0, active: bool = False) -> Json:
    found: Json = {"id": f"T{number}", "active": active}
    found["created_at"] = f"2025-01-{number:02}T12:00:00.000001Z"
    found["events"] = [event(number, ordinal) for ordinal in ordinals]
    return found | ({"previous_thread_id": f"T{previous}"} if previous else {})


class Seen:
    """A log, and the views of one chat beside it."""

    def __init__(self) -> None:
        self.log = Log()
        self.hub = Hub(RootFold(), seq=0, load=lambda _: None, report=lambda _, __: None)
        self._history = self.hub.history(CHAT)
        self._chat = self.hub.chat(CHAT)
        self.log.connect(Server().login())

    def catch_up(self) -> None:
        records = self.log.records[self.hub.seq :]
        self.hub.fold([(record, payload(record)) for record in records])

    @property
    def history(self) -> History:
        self.catch_up()
        value = self._history.value
        assert value is not None
        return value

    @property
    def chat(self) -> ChatItem:
        self.catch_up()
        value = self._chat.value
        assert value is not None
        return value

    def thread(self, number: int) -> ThreadEvents:
        self.catch_up()
        value = self.hub.thread(CHAT, f"T{number}").value
        assert value is not None
        return value

    def ids(self) -> list[str]:
        return [
            each.id if isinstance(each, Message) else type(each).__name__ for each in self.history
        ]

    def answer(self, shown: Json, *, late: bool = False) -> Record:
        request = self.log.request("get_chat", chat_id=CHAT, thread_id=shown["id"])
        return self.log.answer(request, {"id": CHAT, "thread": shown}, late=late)

    def begin(self, shown: Json) -> Record:
        return self.log.push(("incoming_chat", {"chat": {"id": CHAT, "thread": shown}}))

    def come(self, number: int, ordinal: int, **fields: object) -> Record:
        body = {"chat_id": CHAT, "thread_id": f"T{number}"}
        return self.log.push(("incoming_event", body | {"event": event(number, ordinal, **fields)}))

    def page(self, *threads: Json, **pages: str) -> Record:
        return self.log.ask("list_threads", {"threads": list(threads)} | pages, chat_id=CHAT)


def test_a_thread_is_complete_as_of_the_newest_record_that_showed_it_whole() -> None:
    it = Seen()
    it.come(1, 1)
    assert it.thread(1).info.as_of is None, "who knows what came before"
    shown = it.answer(thread(1, 1, active=True))
    it.come(1, 2)
    assert it.thread(1).info.as_of == shown.recorded_at
    begun = it.begin(thread(2, 1, previous=1, active=True))
    assert it.thread(2).info.as_of == begun.recorded_at
    late = it.answer(thread(1, 1, 2), late=True)
    assert it.thread(1).info.as_of == shown.recorded_at != late.recorded_at


def test_it_is_current_while_the_connection_lasts_that_showed_it() -> None:
    it = Seen()
    it.begin(thread(1, 1, active=True))
    assert not it.history.from_log
    assert not it.thread(1).from_log
    it.log.drop()
    assert it.history.from_log
    assert it.thread(1).from_log
    it.log.connect(Server().login())
    assert it.history.from_log, "another connection"
    it.answer(thread(1, 1, active=True))
    assert not it.history.from_log


def test_a_push_never_proves_the_beginning() -> None:
    it = Seen()
    it.begin(thread(1, 1, active=True))
    it.answer(thread(1, 1, active=True))
    assert not it.history.start_reached
    it.page(thread(1, 1, active=True), next_page_id="more")
    assert not it.history.start_reached
    it.page(thread(1, 1, previous=9, active=True))
    assert not it.history.start_reached
    it.page(thread(1, 1, active=True))
    assert it.history.start_reached


def test_something_older_refutes_it() -> None:
    it = Seen()
    it.page(thread(2, 1))
    assert it.history.start_reached
    it.answer(thread(1, 1))
    assert not it.history.start_reached
    assert it.history.gaps == (Gap("T1", "T2"),)


def test_the_own_start_proves_it_once_the_thread_was_shown() -> None:
    it = Seen()
    request = it.log.request("start_chat")
    it.log.answer(request, {"chat_id": CHAT, "thread_id": "T1"}, late=True)
    it.come(1, 2)
    assert not it.history.start_reached, "its first events may be missing"
    it.answer(thread(1, 1, 2, active=True))
    assert it.history.start_reached


def test_a_removed_first_thread_leaves_no_beginning() -> None:
    it = Seen()
    it.page(thread(2, 1, previous=1), thread(1, 1))
    assert it.history.start_reached
    request = it.log.request("get_chat", chat_id=CHAT, thread_id="T1")
    error: Json = {"error": {"type": "not_found", "message": "Thread not found"}}
    it.log.answer(request, Frame.of_answer("get_chat", error, success=False))
    assert not it.history.start_reached
    it.page(thread(2, 1))
    assert it.history.start_reached


def test_ordinals_may_skip_without_a_gap() -> None:
    it = Seen()
    it.begin(thread(1, 1, active=True))
    it.come(1, 4)

    assert it.ids() == ["T1_1", "T1_4"]
    assert not it.thread(1).info.partial


def test_a_closed_thread_still_grows_and_stays_closed() -> None:
    """Customer Chat API 3.5, send_event with `attach_to_last_thread`."""
    it = Seen()
    it.begin(thread(1, 1, active=True))
    it.log.push(("chat_deactivated", {"chat_id": CHAT, "thread_id": "T1"}))
    it.come(1, 2, author_id=CUSTOMER)

    assert it.ids() == ["T1_1", "T1_2"]
    assert not it.chat.active
    assert not it.thread(1).info.active
    assert it.chat.unread == 0, "who writes has read"


def test_an_event_that_two_answers_lack_is_no_last_event_either_until_it_is_seen_again() -> None:
    it = Seen()
    it.answer(thread(1, 1, active=True))
    it.come(1, 2)
    it.answer(thread(1, 1, active=True))
    assert it.thread(1).info.partial
    assert it.chat.last_event is not None
    assert it.chat.last_event.id == "T1_2"
    it.answer(thread(1, 1, active=True))
    assert not it.thread(1).info.partial
    assert it.ids() == ["T1_1"]
    assert it.chat.last_event is None
    assert it.chat.unread == 1
    it.come(1, 2)
    assert it.ids() == ["T1_1", "T1_2"]
    assert it.chat.last_event is not None
    assert it.chat.unread == 2


def test_nor_is_it_where_a_summary_named_it() -> None:
    it = Seen()
    named = {"thread_id": "T1", "thread_created_at": thread(1)["created_at"], "event": event(1, 2)}
    summary = {"id": CHAT, "last_event_per_type": {"message": named}}
    it.log.ask("list_chats", {"chats_summary": [summary]})
    assert it.chat.last_event is not None
    for _ in range(2):
        it.answer(thread(1, active=True))
    assert it.chat.last_event is None


def test_a_creation_replaces_no_body_that_is_known_otherwise() -> None:
    it = Seen()
    it.log.push(
        ("event_updated", {"chat_id": CHAT, "thread_id": "T1", "event": event(1, 1, text="edited")})
    )
    it.come(1, 1)
    (first,) = it.history
    assert isinstance(first, Message)
    assert first.text == "edited"


def test_a_gap_stands_where_neighbours_are_not_linked_and_goes_with_the_link() -> None:
    it = Seen()
    it.answer(thread(1, 1))
    it.answer(thread(3, 1, previous=2, active=True))
    assert it.ids() == ["T1_1", "Gap", "T3_1"]
    it.answer(thread(2, 1, previous=1))
    assert it.ids() == ["T1_1", "T2_1", "T3_1"]
