"""What a live probe saw: requests, answers and pushes of its devices, in one order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec

from livechat_customer.models.wire.decode import json_of
from livechat_customer.records import PUSH, REQUEST, RESPONSE, Record

Json = dict[str, Any]

FLOW: Final = "flow"
"""Messages sent one after the other, each when the one before was answered."""
LATE: Final = "late"
"""The message whose connection is reset at once."""
LOGIN: Final = "login"
"""The message sent right after the other device's login."""

MARK: Final = "mark"
IN_TIME: Final = "in time"
"""The mark when a request without a connection must have had its effect."""


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One frame, or a mark. Answers name their request by its place in the timeline."""

    device: str
    kind: str
    action: str
    payload: Json = msgspec.field(default_factory=Json)
    ok: bool = True
    request: int | None = None


class Sent(msgspec.Struct, frozen=True, gc=False):
    """A message of ours: where it was asked for and answered, and what came of it."""

    custom_id: str
    thread_id: str | None
    """The newest thread we knew of."""
    asked: int
    answered: int | None
    ok: bool
    event_id: str | None

    @property
    def purpose(self) -> str:
        return self.custom_id.split("-")[1]


class Shown(msgspec.Struct, frozen=True, gc=False):
    """A thread in an answer."""

    asked: int
    at: int
    thread: Json


class Seen(msgspec.Struct, frozen=True, gc=False):
    """An event in a push or an answer."""

    at: int
    thread_id: str | None
    event: Json


class Timeline:
    """Frames in the order in which they were committed. Events of both devices' logs go in."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self._asked: dict[tuple[str, str | None], int] = {}

    def mark(self, name: str) -> None:
        self.entries.append(Entry("", MARK, name))

    def take(self, device: str, record: Record) -> None:
        """A record of one device's log; only frames count."""
        if record.kind not in (REQUEST, RESPONSE, PUSH):
            return
        frame = json_of(record)
        key = (device, record.request_id)
        payload: Json = frame.get("payload") or {}
        if record.kind == REQUEST:
            self._asked[key] = len(self.entries)
            self.entries.append(Entry(device, REQUEST, record.action, payload))
        elif record.kind == RESPONSE:
            ok = bool(frame.get("success"))
            asked = self._asked.get(key)
            self.entries.append(Entry(device, RESPONSE, record.action, payload, ok, asked))
        else:
            self.entries.append(Entry(device, PUSH, record.action, payload))

    def marked(self, name: str) -> int | None:
        """Where the mark stands."""
        return next(
            (at for at, one in enumerate(self.entries) if (one.kind, one.action) == (MARK, name)),
            None,
        )

    def answers(self, *actions: str) -> Iterator[tuple[int, Entry, Entry]]:
        """(place, request, answer) of these actions."""
        for at, one in enumerate(self.entries):
            if one.kind == RESPONSE and one.action in actions and one.request is not None:
                yield at, self.entries[one.request], one

    def opened(self) -> list[tuple[int, str]]:
        """The threads of our chat that we opened, in order: where we learnt of each, and its id."""
        found = [
            (at, answer) for at, _, answer in self.answers("start_chat", "resume_chat") if answer.ok
        ]
        # A second chat is none of ours.
        return [
            (at, answer.payload["thread_id"])
            for at, answer in found
            if answer.action == "resume_chat" or answer is found[0][1]
        ]

    def threads(self) -> list[str]:
        """Their ids."""
        return [thread_id for _, thread_id in self.opened()]

    def sent(self) -> list[Sent]:
        """Our messages, in order of asking."""
        found: list[Sent] = []
        opened = self.opened()
        answered = {answer.request: at for at, _, answer in self.answers("send_event")}
        for at, one in enumerate(self.entries):
            if (one.kind, one.action) != (REQUEST, "send_event"):
                continue
            place = answered.get(at)
            answer = None if place is None else self.entries[place]
            thread = next((thread for since, thread in reversed(opened) if since < at), None)
            found.append(
                Sent(
                    one.payload["event"].get("custom_id", ""),
                    thread,
                    at,
                    place,
                    answer is not None and answer.ok,
                    None if answer is None else answer.payload.get("event_id"),
                )
            )
        return found

    def shown(self) -> Iterator[Shown]:
        """The threads that answers show."""
        for at, _, answer in self.answers("get_chat", "list_threads"):
            if answer.ok and answer.request is not None:
                one = answer.payload.get("thread")
                for thread in [one] if one else answer.payload.get("threads", []):
                    yield Shown(answer.request, at, thread)

    def events(self) -> Iterator[Seen]:
        """The events that pushes and answers show."""
        for at, one in enumerate(self.entries):
            if one.kind == PUSH and one.action == "incoming_event":
                yield Seen(at, one.payload.get("thread_id"), one.payload["event"])
            elif one.kind == PUSH and one.action == "incoming_chat":
                yield from _of_thread(at, one.payload["chat"].get("thread"))
        for shown in self.shown():
            yield from _of_thread(shown.at, shown.thread)

    def pushed(self, device: str) -> list[Json]:
        """The events pushed to one device, in order."""
        return [
            one.payload["event"]
            for one in self.entries
            if (one.device, one.kind, one.action) == (device, PUSH, "incoming_event")
        ]


def _of_thread(at: int, thread: Json | None) -> Iterator[Seen]:
    events: Sequence[Json] = (thread or {}).get("events", [])
    for event in events:
        yield Seen(at, (thread or {}).get("id"), event)
