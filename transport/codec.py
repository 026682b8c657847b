"""Frames in, frames out: the envelope of what arrives, the bytes of what is sent.

Only the envelope and the routing keys are decoded here, in one msgspec pass that skips the rest;
the payload stays bytes, for the log and for `models.wire.decode`. Nothing here raises on what a
server sends.
"""

from __future__ import annotations

from typing import Final

import msgspec

from livechat_customer.transport.envelope import Envelope
from livechat_customer.transport.lenient import decode_leniently

__all__ = [
    "ANSWERED_BY",
    "Envelope",
    "decode_frame",
    "encode_request",
    "redacted",
    "routing_of_request",
]

ANSWERED_BY: Final[dict[str, str]] = {
    "send_event": "incoming_event",
    "start_chat": "incoming_chat",
    "resume_chat": "incoming_chat",
}
"""Requests that are resolved by a push with their `request_id`, and by which."""

REDACTED: Final = "[redacted]"

_SECRETS: Final[dict[str, tuple[str, ...]]] = {
    "login": ("token",),
    "send_sneak_peek": ("sneak_peek_text",),
}
"""Keys of request payloads that the log must not hold: tokens, and what a customer is typing."""

_CHAT_IS_ID: Final = frozenset(
    {"deactivate_chat", "update_chat_properties", "delete_chat_properties"}
)
"""Requests whose `id` is the chat's."""

_ARGUMENTS: Final[dict[str, tuple[str, ...]]] = {
    "list_chats": ("sort_order", "limit", "page_id"),
    "list_threads": ("sort_order", "limit", "page_id", "min_events_count"),
    "delete_event": ("event_id",),
    "mark_events_as_seen": ("seen_up_to",),
    "send_rich_message_postback": ("event_id", "postback"),
}
"""What the answers to these requests leave out and can't be understood without."""

_decoder: Final = msgspec.json.Decoder(Envelope)
_encoder: Final = msgspec.json.Encoder()


def decode_frame(frame: bytes | str) -> Envelope:
    """The envelope of a frame from the server. Never raises.

    Fields of the wrong type are dropped one by one. A frame that `json.loads` takes and msgspec
    does not (a lone surrogate) still gives its envelope; any other gives action "unparsed".
    """
    try:
        return _decoder.decode(frame)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return decode_leniently(frame)


class _Request(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    request_id: str
    action: str
    version: str | None = None
    payload: msgspec.Raw = msgspec.Raw(b"")


def encode_request(
    request_id: str, action: str, payload: bytes, version: str | None = None
) -> bytes:
    """A request's frame. `payload` is a JSON object, taken as it is."""
    return _encoder.encode(_Request(request_id, action, version, msgspec.Raw(payload)))


def redacted(action: str, frame: bytes) -> bytes:
    """The frame of a request of ours as the log may keep it: the token of `login` and the text of
    `send_sneak_peek` replaced by "[redacted]", any other frame as it is."""
    secrets = _SECRETS.get(action)
    if secrets is None:
        return frame
    fields = msgspec.json.decode(frame, type=dict[str, msgspec.Raw])
    try:
        payload = msgspec.json.decode(fields.get("payload", b"{}"), type=dict[str, msgspec.Raw])
    except msgspec.DecodeError:
        # A raw request of the app's: no object, so nothing can be told from it.
        payload = {}
    payload |= {name: msgspec.Raw(_encoder.encode(REDACTED)) for name in secrets if name in payload}
    return _encoder.encode(fields | {"payload": payload})


class _RequestChat(msgspec.Struct, frozen=True):
    id: str | None = None


class _RequestKeys(msgspec.Struct, frozen=True):
    chat_id: str | None = None
    thread_id: str | None = None
    id: str | None = None
    chat: _RequestChat | None = None


class _RequestFrame(msgspec.Struct, frozen=True):
    payload: _RequestKeys = _RequestKeys()


class _RequestArgs(msgspec.Struct, frozen=True):
    payload: dict[str, msgspec.Raw]


def routing_of_request(action: str, frame: bytes) -> tuple[str | None, str | None, bytes | None]:
    """Chat id, thread id and other arguments (a JSON object) that a request's frame names, for its
    record and for the record of its answer. Where a key is of another type, all three are None."""
    try:
        keys = msgspec.json.decode(frame, type=_RequestFrame).payload
        args = _arguments(action, frame)
    except (msgspec.DecodeError, RecursionError):
        return None, None, None
    chat_id = keys.chat_id
    if chat_id is None and keys.chat is not None:
        chat_id = keys.chat.id
    if chat_id is None and action in _CHAT_IS_ID:
        chat_id = keys.id
    return chat_id, keys.thread_id, args


def _arguments(action: str, frame: bytes) -> bytes | None:
    names = _ARGUMENTS.get(action)
    if names is None:
        return None
    given = msgspec.json.decode(frame, type=_RequestArgs).payload
    return _encoder.encode({name: given[name] for name in names if name in given})
