"""What the folds and the views keep does not grow with what nobody looks at."""

from __future__ import annotations

import gc
import random
import tracemalloc
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from projections_kit import Step, folded, payload, stories, told
from projections_server_kit import AGENT, CHAT, CUSTOMER, Json
from reactivex.abc import DisposableBase
from snapshot_kit import empty, unheard

from livechat_customer.announcements import pairs
from livechat_customer.projections import chats, root_pushes
from livechat_customer.projections.chats import UNREAD_KEPT, ChatFacts, ChatState, Unread
from livechat_customer.projections.hub import Hub
from livechat_customer.projections.live_chat import Loading
from livechat_customer.projections.root import RootFold
from livechat_customer.projections.values import Gap, PendingEvent
from livechat_customer.records import LIFECYCLE, PUSH, Record

EVENTS = 50
"""Events of a thread."""

Look = Callable[[Hub, str], DisposableBase]
"""Subscribes to something, told the newest thread."""


class Talk:
    """An agent who talks, and closes the thread now and then; a hub that hears it."""

    def __init__(self, look: Look | None = None) -> None:
        self.hub = empty()
        self.threads = 0
        self._look = look
        self._looking: DisposableBase | None = None
        self._seq = 0
        self._add(LIFECYCLE, "customer_id", None, {"customer_id": CUSTOMER})

    def thread(self, events: int = EVENTS) -> None:
        """One more thread, with its events."""
        self.threads += 1
        thread_id = f"T{self.threads}"
        shown: Json = {"id": thread_id, "active": True, "created_at": self.time(), "events": []}
        self._push("incoming_chat", None, {"chat": {"id": CHAT, "thread": shown}})
        looking = self._look(self.hub, thread_id) if self._look is not None else None
        if self._looking is not None:
            self._looking.dispose()
        self._looking = looking
        about: Json = {"chat_id": CHAT, "thread_id": thread_id}
        for number in range(1, events + 1):
            event = {
                "id": f"{thread_id}_{number}",
                "type": "message",
                "text": f"The text of a message that nobody has read so far, {self._seq}.",
                "author_id": AGENT,
                "created_at": self.time(),
                "recipients": "all",
            }
            self._push("incoming_event", thread_id, about | {"event": event})
        self._push("chat_deactivated", thread_id, about)

    def time(self) -> str:
        """Of the next record, on the server's clock."""
        minutes, seconds = divmod(self._seq, 60)
        hours, minutes = divmod(minutes, 60)
        return f"2025-01-01T{hours:02}:{minutes:02}:{seconds:02}.000001Z"

    def seen(self, until: str) -> None:
        body = {"chat_id": CHAT, "user_id": CUSTOMER, "seen_up_to": until}
        self._push("events_marked_as_seen", None, body)

    def _push(self, action: str, thread_id: str | None, body: Json) -> None:
        frame = {"version": "3.5", "action": action, "type": "push", "payload": body}
        self._add(PUSH, action, thread_id, frame)

    def _add(self, kind: str, action: str, thread_id: str | None, body: Json) -> None:
        self._seq += 1
        chat_id = CHAT if kind == PUSH else None
        record = Record(
            *(self._seq, kind, 1, action, None, None, chat_id, thread_id),
            *(self._seq, "3.5", False, None, msgspec.json.encode(body)),
        )
        self.hub.fold(pairs([record]))
        self.hub.publish()


def history(hub: Hub, thread_id: str) -> DisposableBase:
    return hub.history(CHAT).subscribe(nothing)


def thread(hub: Hub, thread_id: str) -> DisposableBase:
    return hub.thread(CHAT, thread_id).subscribe(nothing)


def nothing(value: object) -> None: ...


def growth(look: Look | None) -> int:
    """Bytes that ten threads more cost."""
    talk = Talk(look)
    for _ in range(3):
        talk.thread()
    gc.collect()
    tracemalloc.start()
    try:
        for _ in range(10):
            talk.thread()
        gc.collect()
        return tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()


def test_who_watches_the_newest_thread_keeps_that_one_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in (chats, root_pushes):
        monkeypatch.setattr(module, "UNREAD_KEPT", EVENTS)
    nobody, of_thread, of_history = growth(None), growth(thread), growth(history)
    content = (of_history - nobody) / 10
    assert of_thread - nobody < 2 * content, "of one thread, not of ten"


def test_unread_events_are_counted_up_to_a_number() -> None:
    talk = Talk()
    talk.thread(10)
    talk.thread(UNREAD_KEPT)
    (item,) = talk.hub.chats.value
    assert (item.unread, item.has_unread) == (UNREAD_KEPT, True)
    size = len(talk.hub.root.encode())
    before = talk.time()
    talk.thread(UNREAD_KEPT // 2)
    (item,) = talk.hub.chats.value
    assert item.unread == UNREAD_KEPT
    assert len(talk.hub.root.encode()) < size + 2048, "a thread more, and no event more"
    talk.seen(before)
    (item,) = talk.hub.chats.value
    assert item.unread == UNREAD_KEPT // 2
    talk.seen(talk.time())
    (item,) = talk.hub.chats.value
    assert (item.unread, item.has_unread) == (0, False)


@given(st.sets(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=5), st.randoms())
def test_of_many_unread_events_the_newest_are_kept_in_whatever_order_they_come(
    events: set[tuple[int, int]], chance: random.Random
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chats, "UNREAD_KEPT", 4)
        state = ChatState(ChatFacts(CHAT), None)
        shuffled = sorted(events)
        chance.shuffle(shuffled)
        for key, name in shuffled:
            state.is_unread(f"{key}-{name}", Unread(f"{key}", AGENT, "T", 1))
    kept = sorted((unread.key, event_id) for event_id, unread in state.facts.unread.items())
    assert kept == sorted((f"{key}", f"{key}-{name}") for key, name in events)[-4:]


@given(stories(drops=True))
def test_a_thread_alone_is_as_in_the_whole_chat(steps: list[Step]) -> None:
    """Of the records from its first one on only."""
    records = told(steps).log.records
    root = folded(records).root
    if CHAT not in root.chats:
        return  # the connection was lost before anything came of it
    asked: list[Loading] = []
    hub = Hub(RootFold(), seq=0, load=asked.append, report=unheard)
    hub.restore(root, len(records))
    history = hub.history(CHAT)
    threads = root.chats[CHAT].facts.threads
    views = {thread_id: hub.thread(CHAT, thread_id) for thread_id in threads}
    for loading in asked:
        loading.feed(
            (record, payload(record))
            for record in records[loading.after : loading.upto]
            if record.chat_id == CHAT
        )
        loading.done()
    hub.publish()
    for thread_id, view in views.items():
        of_thread = [
            item
            for item in history.value or ()
            if not isinstance(item, Gap | PendingEvent) and item.thread_id == thread_id
        ]
        assert list(view.value or ()) == of_thread
