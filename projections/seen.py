"""Which events of a stream were seen, so that each is announced once, over restarts too.

A fold of its own beside the root: nothing that is shown rests on it, and a replay does without.
Server ids end with the event's ordinal in its thread (Customer Chat API 3.5, identifiers), so a
thread costs a pair of numbers; ids of another form are kept one by one.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec

from livechat_customer.models.wire import pushes, responses
from livechat_customer.models.wire.chats import Chat, Thread
from livechat_customer.models.wire.events import Event
from livechat_customer.projections.chat import threads_of
from livechat_customer.records import Record

SEEN: Final = "seen-1"
"""Name and version of this fold: a snapshot of another one is of no use to it."""

_DIGITS: Final = 15

Shown = tuple[str, str, Event]
"""Ids of chat and thread, and the event."""


class SeenState(msgspec.Struct):
    """What a snapshot holds."""

    spans: dict[str, list[int]] = {}
    """By id without its ordinal: first and last ordinal of each run, ascending."""
    others: set[str] = set()


class SeenFold:
    """The accumulator: a set of event ids."""

    __slots__ = ("_state",)

    def __init__(self, state: SeenState | None = None) -> None:
        self._state = SeenState() if state is None else state

    def take(self, record: Record, payload: object) -> list[Shown]:
        """The events in this record that no record before it brought, oldest thread first."""
        if type(payload) is pushes.IncomingEvent:
            event = payload.event
            new = bool(event.id) and self.add(event.id)
            return [(payload.chat_id, payload.thread_id, event)] if new else []
        shown = _SHOWN.get(type(payload))
        if shown is None:
            return []
        return [each for each in shown(record, payload) if each[2].id and self.add(each[2].id)]

    def add(self, event_id: str) -> bool:
        """Whether it is new; from now on it is not."""
        prefix, _, number = event_id.rpartition("_")
        spans = self._state.spans.get(prefix)
        if spans is not None and number == str(spans[-1] + 1):
            # The usual case: the next event of a thread.
            spans[-1] += 1
            return True
        if not _is_ordinal(number):
            others = self._state.others
            if event_id in others:
                return False
            others.add(event_id)
            return True
        ordinal = int(number)
        if spans is None:
            self._state.spans[prefix] = [ordinal, ordinal]
            return True
        if ordinal > spans[-1]:
            spans += (ordinal, ordinal)
            return True
        return _insert(spans, ordinal)

    def encode(self) -> bytes:
        """A snapshot: `decode` gives a fold of the same state."""
        return _encoder.encode(self._state)

    @classmethod
    def decode(cls, data: bytes) -> SeenFold:
        """msgspec.DecodeError if `data` is no snapshot of this fold."""
        return cls(_decoder.decode(data))


def _is_ordinal(number: str) -> bool:
    """A number that is written in one way only, and fits a snapshot."""
    return (
        number.isdecimal()
        and number.isascii()
        and len(number) <= _DIGITS
        and (number[0] != "0" or number == "0")
    )


def _insert(spans: list[int], ordinal: int) -> bool:
    """Adds an ordinal that is not above the last; whether it was missing."""
    after = bisect_right(spans, ordinal)
    # An odd place is inside a run, and so is its last number, which stands before an even one.
    if after % 2 or (after and spans[after - 1] == ordinal):
        return False
    joins_before = after > 0 and spans[after - 1] == ordinal - 1
    joins_after = spans[after] == ordinal + 1
    if joins_before and joins_after:
        del spans[after - 1 : after + 1]
    elif joins_before:
        spans[after - 1] = ordinal
    elif joins_after:
        spans[after] = ordinal
    else:
        spans[after:after] = (ordinal, ordinal)
    return True


def _of_threads(chat_id: str, threads: tuple[Thread, ...]) -> Iterator[Shown]:
    for thread in sorted(threads, key=lambda each: (each.created_at, each.id)):
        for event in thread.events:
            yield chat_id, thread.id, event


def _of_chat(record: Record, chat: Chat) -> Iterator[Shown]:
    return _of_threads(chat.id, threads_of(chat))


def _of_push(record: Record, push: pushes.IncomingChat) -> Iterator[Shown]:
    return _of_chat(record, push.chat)


def _of_update(record: Record, push: pushes.EventUpdated) -> Iterator[Shown]:
    yield push.chat_id, push.thread_id, push.event


def _of_page(record: Record, answer: responses.ListThreadsResponse) -> Iterator[Shown]:
    return _of_threads(record.chat_id or "", answer.threads)


def _of_summaries(record: Record, answer: responses.ListChatsResponse) -> Iterator[Shown]:
    for summary in answer.chats_summary:
        last = summary.last_event_per_type or {}
        shown = [each for each in last.values() if each.event is not None]
        for each in sorted(shown, key=lambda it: it.event.created_at if it.event else ""):
            if each.event is not None:
                yield summary.id, each.thread_id, each.event


_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(SeenState)

_SHOWN: Final[dict[type, Callable[[Record, Any], Iterator[Shown]]]] = {
    pushes.IncomingChat: _of_push,
    pushes.EventUpdated: _of_update,
    responses.GetChatResponse: _of_chat,
    responses.ListThreadsResponse: _of_page,
    responses.ListChatsResponse: _of_summaries,
}
