"""The custom ids that a request of ours gives to events (Customer Chat API 3.5, send_event,
start_chat, resume_chat)."""

from __future__ import annotations

from typing import Final

import msgspec


class _Event(msgspec.Struct):
    custom_id: str | None = None


class _Thread(msgspec.Struct):
    events: list[_Event] = []


class _Chat(msgspec.Struct):
    thread: _Thread | None = None


class _Payload(msgspec.Struct):
    event: _Event | None = None
    chat: _Chat | None = None


class _Frame(msgspec.Struct):
    payload: _Payload


_decoder: Final = msgspec.json.Decoder(_Frame)


def custom_ids(frame: bytes) -> list[str]:
    """Of all events in the frame of a request; none if it has another shape."""
    try:
        payload = _decoder.decode(frame).payload
    except (msgspec.DecodeError, RecursionError):
        return []
    events = [] if payload.event is None else [payload.event]
    if payload.chat is not None and payload.chat.thread is not None:
        events = events + payload.chat.thread.events
    return [event.custom_id for event in events if event.custom_id is not None]
