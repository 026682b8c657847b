"""The envelope of a frame that the typed decoder refuses, taken field by field.

Frames that `json.loads` takes and msgspec does not were seen: a lone surrogate (an emoji cut in
half), a routing key of another type. What can be read is kept, what can't is dropped; the bytes are
in the log in any case.
"""

from __future__ import annotations

import json
from typing import cast

import msgspec

from livechat_customer.records import UNPARSED
from livechat_customer.transport.envelope import ChatKey, Envelope, ErrorKey, Routing, ThreadKey


def decode_leniently(frame: bytes | str) -> Envelope:
    """The envelope of `frame`; action "unparsed" where it is no JSON object at all."""
    text = frame if isinstance(frame, str) else frame.decode("utf-8", "replace")
    try:
        found: object = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        return Envelope(action=UNPARSED, type="push")
    frame_map = cast("dict[str, object]", found)
    return Envelope(
        action=_text(frame_map, "action") or "",
        type=_text(frame_map, "type") or "",
        request_id=_text(frame_map, "request_id"),
        success=frame_map.get("success") is True,
        version=_text(frame_map, "version"),
        payload=_routing(_map(frame_map, "payload")),
    )


def _routing(payload: dict[str, object]) -> Routing:
    error = payload.get("error")
    return Routing(
        chat_id=_text(payload, "chat_id"),
        thread_id=_text(payload, "thread_id"),
        id=_text(payload, "id"),
        chat=_chat(payload.get("chat")),
        error=_error(_map(payload, "error")) if error is not None else None,
        reason=_text(payload, "reason"),
        data=_raw(payload.get("data")),
    )


def _chat(value: object) -> ChatKey | None:
    if not isinstance(value, dict):
        return None
    chat = cast("dict[str, object]", value)
    return ChatKey(id=_text(chat, "id"), thread=_thread(chat.get("thread")))


def _thread(value: object) -> ThreadKey | None:
    if not isinstance(value, dict):
        return None
    return ThreadKey(id=_text(cast("dict[str, object]", value), "id"))


def _error(error: dict[str, object]) -> ErrorKey:
    return ErrorKey(
        type=_text(error, "type") or "",
        message=_text(error, "message") or "",
        data=_raw(error.get("data")),
    )


def _map(of: dict[str, object], key: str) -> dict[str, object]:
    value = of.get(key)
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def _text(of: dict[str, object], key: str) -> str | None:
    value = of.get(key)
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else None


def _raw(value: object) -> msgspec.Raw:
    # ASCII escapes keep a lone surrogate encodable.
    return msgspec.Raw(json.dumps(value).encode())
