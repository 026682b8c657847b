"""`history.changes` on a history of 100,000 events: the diffs lead from each list to the next."""

from __future__ import annotations

from collections.abc import Callable
from operator import is_

import pytest
from projections_kit import Frame, Log, payload
from projections_server_kit import AGENT, CHAT, Json, Server

from livechat_customer.projections.changes import Change, Reset, applied
from livechat_customer.projections.hub import Hub
from livechat_customer.projections.root import RootFold
from livechat_customer.projections.values import Gap, HistoryItem
from livechat_customer.records import Record

THREADS, EVENTS = 100, 1_000


def event(number: int, ordinal: int, text: str = "hello") -> Json:
    day, hour = divmod(number, 24)
    at = f"2025-02-{day + 1:02}T{hour:02}:{ordinal // 60:02}:{ordinal % 60:02}.000001Z"
    body = {"id": f"T{number}_{ordinal}", "type": "message", "author_id": AGENT}
    return body | {"created_at": at, "text": text}


def thread(number: int, *, linked: bool = True, events: int = EVENTS) -> Json:
    shown = [event(number, ordinal) for ordinal in range(1, events + 1)]
    found: Json = {"id": f"T{number}", "created_at": shown[0]["created_at"], "active": False}
    if linked:
        found["previous_thread_id"] = f"T{number - 1}"
    return found | {"events": shown}


class Watched:
    """A hub whose history is patched by its changes, beside the value."""

    def __init__(self) -> None:
        self.log = Log()
        self.log.connect(Server().login())
        self.hub = Hub(RootFold(), seq=0, load=lambda _: None, report=lambda _, __: None)
        self.items: list[HistoryItem] = []
        self.last: tuple[Change[HistoryItem], ...] = ()
        self.view = self.hub.history(CHAT)
        self.view.changes.subscribe(self.patch)
        self.fold(*self.log.records)

    def patch(self, changes: tuple[Change[HistoryItem], ...]) -> None:
        self.last = changes
        self.items = applied(self.items, changes)

    def fold(self, *records: Record) -> None:
        self.last = ()
        self.hub.fold([(record, payload(record)) for record in records])
        self.hub.publish()

    def show(self, *threads: Json) -> None:
        for one in threads:
            self.fold(
                self.log.ask(
                    "get_chat", {"id": CHAT, "thread": one}, chat_id=CHAT, thread_id=one["id"]
                )
            )

    def event(self, action: str, number: int, ordinal: int, text: str = "hello") -> None:
        ids = {"chat_id": CHAT, "thread_id": f"T{number}"}
        self.fold(self.log.push((action, ids | {"event": event(number, ordinal, text)})))

    def delete(self, number: int, ordinal: int) -> None:
        ids = {"chat_id": CHAT, "thread_id": f"T{number}", "event_id": f"T{number}_{ordinal}"}
        self.fold(self.log.push(("event_deleted", ids)))

    def not_found(self, number: int) -> None:
        request = self.log.request("get_chat", chat_id=CHAT, thread_id=f"T{number}")
        error: Json = {"error": {"type": "not_found", "message": "Thread not found"}}
        self.fold(self.log.answer(request, Frame.of_answer("get_chat", error, success=False)))

    def lacking(self, number: int) -> None:
        """Two answers agree that the second half of the thread is gone."""
        self.show(*[thread(number, events=EVENTS // 2)] * 2)

    @property
    def agrees(self) -> bool:
        value = self.view.value or ()
        return len(self.items) == len(value) and all(map(is_, self.items, value))


STEPS: dict[str, tuple[Callable[[Watched], None], int]] = {
    "a push at the end": (lambda it: it.event("incoming_event", 99, EVENTS + 1), 1),
    "an edit in the middle": (lambda it: it.event("event_updated", 50, 500, "edited"), 1),
    "an event that was missed": (lambda it: it.event("incoming_event", 50, EVENTS + 5), 1),
    "a deletion": (lambda it: it.delete(30, 7), 1),
    "a new thread": (lambda it: it.show(thread(100, events=1)), 1),
    "a thread far behind": (lambda it: it.show(thread(102, linked=False, events=2)), 3),
    "a thread in a gap": (lambda it: it.show(thread(101, events=3)), 5),
    "a link that closes the gap": (lambda it: it.show(thread(102, events=2)), 1),
    "half a thread is gone": (lambda it: it.lacking(60), EVENTS // 2),
    "and comes back": (lambda it: it.show(thread(60)), EVENTS // 2),
    "a thread is removed": (lambda it: it.not_found(101), 4),
    "a very long thread is removed": (lambda it: it.not_found(10), EVENTS + 1),
}


@pytest.mark.slow
def test_the_diffs_lead_from_each_list_to_the_next_in_a_history_of_100_000_events() -> None:
    it = Watched()
    it.show(*map(thread, range(THREADS)))
    assert len(it.items) == THREADS * EVENTS
    assert it.agrees

    for name, (step, most) in STEPS.items():
        before = len(it.items)
        step(it)
        assert it.agrees, name
        assert not any(isinstance(change, Reset) for change in it.last), name
        assert 1 <= len(it.last) <= most, (name, before, it.last[:3])

    assert [item for item in it.items if isinstance(item, Gap)] == [
        Gap("T9", "T11"),
        Gap("T100", "T102"),
    ]
    earlier = list(it.items)
    it.show(thread(200, linked=False, events=2_000))
    assert isinstance(it.last[0], Reset), "so much at once is given whole"
    assert it.agrees
    assert earlier == it.items[: len(earlier)]
