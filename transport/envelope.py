"""The envelope of a frame from the server: what routes it before its payload is decoded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

import msgspec

from livechat_customer.records import PUSH, RESPONSE


def json_or_none(raw: msgspec.Raw) -> object:
    """`raw` decoded to builtins; None where it can't be."""
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None


class ThreadKey(msgspec.Struct, frozen=True, gc=False):
    id: str | None = None


class ChatKey(msgspec.Struct, frozen=True, gc=False):
    id: str | None = None
    thread: ThreadKey | None = None


class ErrorKey(msgspec.Struct, frozen=True, gc=False):
    """`payload.error` of a failed response."""

    type: str = ""
    message: str = ""
    data: msgspec.Raw = msgspec.Raw(b"null")

    @property
    def details(self) -> Mapping[str, Any] | None:
        """`data` decoded, where it is an object."""
        found = json_or_none(self.data)
        return cast("dict[str, Any]", found) if isinstance(found, dict) else None


class Routing(msgspec.Struct, frozen=True, gc=False):
    """The few keys of a payload that route a frame."""

    chat_id: str | None = None
    thread_id: str | None = None
    id: str | None = None
    """Means a chat only in some answers: see `Envelope.chat_id`."""
    chat: ChatKey | None = None
    error: ErrorKey | None = None
    reason: str | None = None
    data: msgspec.Raw = msgspec.Raw(b"null")
    """`data` of `customer_disconnected`, as JSON."""


_NO_KEYS: Final = Routing()


class Envelope(msgspec.Struct, frozen=True, gc=False):
    """A frame from the server without its payload, but for the routing keys.

    `action` is "unparsed" where no decoder takes the bytes, "" where the frame names none.
    """

    action: str = ""
    type: str = ""
    request_id: str | None = None
    success: bool = False
    version: str | None = None
    payload: Routing = _NO_KEYS

    @property
    def kind(self) -> str:
        """The `Record.kind` of this frame: what is no response counts as a push."""
        return RESPONSE if self.type == "response" else PUSH

    @property
    def chat_id(self) -> str | None:
        """The chat the frame itself names, for `Record.chat_id`; an answer that names none gets
        its request's."""
        keys = self.payload
        if keys.chat_id is not None:
            return keys.chat_id
        if keys.chat is not None:
            return keys.chat.id
        return keys.id if self.action == "get_chat" else None

    @property
    def thread_id(self) -> str | None:
        """The thread the frame itself names, for `Record.thread_id`.

        Not the one that an answer to `get_chat` holds: whether a certain thread was asked for or
        the newest tells whether the answer says which is the newest, so the request decides.
        """
        keys = self.payload
        if keys.thread_id is not None:
            return keys.thread_id
        if keys.chat is not None and keys.chat.thread is not None:
            return keys.chat.thread.id
        return None
