"""The fold of one chat's records into what its threads hold: events, and changes of events.

It is made when somebody asks for the chat's history and sees only records whose `chat_id` is that
chat. Everything else about a chat is in the root fold. The records may come in any order and in
slices: newest part first, say, while pushes go on coming.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec

from livechat_customer.models.wire import pushes, responses
from livechat_customer.models.wire.base import Empty
from livechat_customer.models.wire.chats import Chat, Thread
from livechat_customer.models.wire.decode import ErrorAnswer
from livechat_customer.projections.content import Content, Entry
from livechat_customer.projections.overlay import OWN, Toggle
from livechat_customer.projections.own_requests import Deleted, Pressed, own_request
from livechat_customer.projections.register import CREATION, creation_of, rank_of
from livechat_customer.records import RESPONSE, Record

NOT_FOUND: Final = "not_found"


class ChatFold:
    """What is known of the events of one chat, by thread."""

    __slots__ = ("chat_id", "only", "own", "threads", "touched")

    def __init__(self, chat_id: str, own: str | None = None, only: str | None = None) -> None:
        """`only`: the one thread whose events are wanted; None: all."""
        self.chat_id = chat_id
        self.only = only
        self.own = own
        """The customer's id, once known."""
        self.threads: dict[str, Content] = {}
        self.touched: set[str] = set()
        """Threads that may have changed; whoever reads them clears it."""

    def apply(self, record: Record, payload: object) -> None:
        """Folds one record. `payload` is `payload_of(record)`; others are of no interest here."""
        handler = _HANDLERS.get(type(payload))
        if handler is not None and (self.only is None or self._is_wanted(record)):
            handler(self, record, payload)

    def _is_wanted(self, record: Record) -> bool:
        """Whether the record may be about the thread; those that show many name none."""
        return record.thread_id is None or record.thread_id == self.only

    def content(self, thread_id: str) -> Content:
        """The thread's events, known from now on; it is marked as touched."""
        self.touched.add(thread_id)
        content = self.threads.get(thread_id)
        if content is None:
            content = self.threads[thread_id] = Content(thread_id, self.own)
        return content

    def learn(self, own: str) -> None:
        """Who the customer is, is known: the root fold is told of it."""
        self.own = own
        for thread_id, content in self.threads.items():
            if content.learn(own):
                self.touched.add(thread_id)

    def document(self) -> dict[str, Any]:
        """The whole state as JSON's builtins, for digests."""
        return {thread_id: _content(content) for thread_id, content in self.threads.items()}


def _incoming_event(fold: ChatFold, record: Record, push: pushes.IncomingEvent) -> None:
    event = push.event
    event_id = event.id
    if not event_id:
        return
    thread_id = push.thread_id
    content = fold.threads.get(thread_id) or fold.content(thread_id)
    fold.touched.add(thread_id)
    seq = record.seq
    created = event.created_at
    if (
        created > content.last
        and created[26:] == "Z"
        and created[10] == "T"
        and event_id not in content.entries
        and event_id not in content.overlays
        and seq >= content.answers[0]
    ):
        # The usual case, all that `show` would do: a new event after all the others.
        # The content's string, not the push's: one for all entries.
        entry = Entry(event, content.thread_id, seq, -1, seq)
        content.entries[event_id] = entry
        content.run.append(entry)
        content.last = created
    else:
        content.show(event, creation_of(record), seq)


def _event_updated(fold: ChatFold, record: Record, push: pushes.EventUpdated) -> None:
    if push.event.id:
        rank = creation_of(record) if record.late else rank_of(record)
        fold.content(push.thread_id).show(push.event, rank, record.stamp)


def _properties_updated(
    fold: ChatFold, record: Record, push: pushes.EventPropertiesUpdated
) -> None:
    content = fold.content(push.thread_id)
    overlay = content.overlay_of(push.event_id, record.seq)
    if not record.late:
        overlay.update(push.properties, record.seq)
    content.overlaid(push.event_id)


def _properties_deleted(
    fold: ChatFold, record: Record, push: pushes.EventPropertiesDeleted
) -> None:
    content = fold.content(push.thread_id)
    overlay = content.overlay_of(push.event_id, record.seq)
    if not record.late:
        overlay.delete(push.properties, record.seq)
    content.overlaid(push.event_id)


def _postback(fold: ChatFold, record: Record, push: pushes.IncomingRichMessagePostback) -> None:
    content = fold.content(push.thread_id)
    overlay = content.overlay_of(push.event_id, record.seq)
    if not record.late and push.postback.toggled is not None:
        postback = push.postback
        overlay.toggle(Toggle(record.seq, postback.id, push.user_id, push.postback.toggled))
    content.overlaid(push.event_id)


def _event_deleted(fold: ChatFold, _: Record, push: pushes.EventDeleted) -> None:
    content = fold.content(push.thread_id)
    content.overlay_of(push.event_id, CREATION).deleted = True
    content.overlaid(push.event_id)


def _done(fold: ChatFold, record: Record, _: Empty) -> None:
    """A request of the customer's own has had its effect."""
    asked = own_request(record)
    if record.thread_id is None or not isinstance(asked, Deleted | Pressed):
        return
    content = fold.content(record.thread_id)
    if isinstance(asked, Deleted):
        content.overlay_of(asked.event_id, CREATION).deleted = True
    else:
        overlay = content.overlay_of(asked.event_id, record.stamp)
        postback = asked.postback
        if postback.toggled is not None and not record.late:
            overlay.toggle(Toggle(record.stamp, postback.id, OWN, postback.toggled))
    content.overlaid(asked.event_id)


def _refused(fold: ChatFold, record: Record, answer: ErrorAnswer) -> None:
    """A thread that does not exist has no events: an answer that shows none of them."""
    if (
        answer.type == NOT_FOUND
        and record.action == "get_chat"
        and record.thread_id is not None
        and not record.late
    ):
        fold.content(record.thread_id).answered(record.stamp)


def _incoming_chat(fold: ChatFold, record: Record, push: pushes.IncomingChat) -> None:
    if push.chat.id == fold.chat_id:
        for thread in threads_of(push.chat):
            _thread(fold, record, thread)


def _get_chat(fold: ChatFold, record: Record, answer: responses.GetChatResponse) -> None:
    if answer.id == fold.chat_id:
        for thread in threads_of(answer):
            _thread(fold, record, thread)


def _list_threads(fold: ChatFold, record: Record, answer: responses.ListThreadsResponse) -> None:
    for thread in answer.threads:
        _thread(fold, record, thread)


def _thread(fold: ChatFold, record: Record, thread: Thread) -> None:
    """The thread's events, all of them. In a push they are creations."""
    if fold.only not in (None, thread.id):
        return
    content = fold.content(thread.id)
    answer = record.kind == RESPONSE and not record.late
    rank = rank_of(record) if answer else creation_of(record)
    for event in thread.events:
        if event.id:
            content.show(event, rank, record.stamp)
    if answer:
        content.answered(record.stamp)


def threads_of(chat: Chat) -> tuple[Thread, ...]:
    """The thread that is shown with a chat; older samples have a list."""
    return (chat.thread, *chat.threads) if chat.thread is not None else chat.threads


def _content(content: Content) -> dict[str, Any]:
    return {
        "answers": list(content.answers),
        "events": {
            event_id: {
                "event": msgspec.to_builtins(entry.event),
                "rank": [entry.stamp, entry.seq],
                "shown": entry.shown,
            }
            for event_id, entry in content.entries.items()
        },
        "order": [entry.event.id for entry in content.items()],
        "overlays": msgspec.to_builtins(content.overlays),
    }


_Handler = Callable[[ChatFold, Record, Any], None]

_HANDLERS: Final[dict[type, _Handler]] = {
    pushes.IncomingEvent: _incoming_event,
    pushes.EventUpdated: _event_updated,
    pushes.EventPropertiesUpdated: _properties_updated,
    pushes.EventPropertiesDeleted: _properties_deleted,
    pushes.IncomingRichMessagePostback: _postback,
    pushes.EventDeleted: _event_deleted,
    pushes.IncomingChat: _incoming_chat,
    responses.GetChatResponse: _get_chat,
    responses.ListThreadsResponse: _list_threads,
    Empty: _done,
    ErrorAnswer: _refused,
}
