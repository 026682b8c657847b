"""What the live part of the demo leaves to compare with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

import livechat_customer as lc
from livechat_customer.cli import demo_picture
from livechat_customer.cli import demo_script as script
from livechat_customer.projections.values import ChatItem, Gap, HistoryItem, PendingEvent


class Mark(msgspec.Struct, frozen=True):
    """The root digest as of a record."""

    seq: int
    root: str


class Killed(msgspec.Struct, frozen=True):
    """What became of the messages that killed processes queued, by their custom ids."""

    queued: tuple[str, ...]
    kills: int
    """Processes that ended by SIGKILL."""
    delivered: tuple[str, ...]
    """As the server holds them, in its order, each as often as it is there."""
    left: int = 0
    """Entries of the outbox when all is said and done."""


class Lived(msgspec.Struct, frozen=True):
    """What the live client knew at its end, to compare with."""

    options: dict[str, Any]
    own_id: str
    chat_id: str
    chat: ChatItem
    history: tuple[HistoryItem, ...]
    on_server: tuple[str, ...]
    """Ids of the events the server holds, in its order."""
    marks: tuple[Mark, ...]
    """Root digests on the way, the last one at the end."""
    state: str
    sent: int
    received: int
    reconnects: int
    pages: int
    archived: int
    progress: tuple[lc.UploadProgress, ...]
    """How the upload went on."""
    outbox: Killed
    commit_us: int
    """How long the last commit took, in µs."""


def ids_of(history: Iterable[HistoryItem]) -> tuple[str, ...]:
    """The ids of the events, and what no event has where there is a gap or one is not sent yet."""
    return tuple(map(id_of, history))


def id_of(item: HistoryItem) -> str:
    return "" if isinstance(item, Gap | PendingEvent) else item.id


class Pieces(msgspec.Struct, frozen=True):
    """What the customer did besides talking, as far as the views show it."""

    uploaded: bool
    """The file's event is in the history, and has all of the file."""
    postback: bool
    """The button is on, for this customer and no other one."""
    rated: bool
    """By the thread's property and by the system message."""
    transcript: bool
    """By the thread's property and by the system message."""


def pieces_of(chat: ChatItem | None, history: Iterable[HistoryItem], own_id: str) -> Pieces:
    """What of it these values show, in the chat's newest thread."""
    thread = None if chat is None else chat.thread
    if thread is None:
        return Pieces(uploaded=False, postback=False, rated=False, transcript=False)
    events = [
        item
        for item in history
        if not isinstance(item, Gap | PendingEvent) and item.thread_id == thread.id
    ]
    told = {item.system_message_type for item in events if isinstance(item, lc.SystemMessage)}
    rating = thread.properties.get("rating", {}).get("score")
    email = thread.properties.get("routing", {}).get("transcript_email")
    return Pieces(
        uploaded=any(
            isinstance(item, lc.File) and item.author_id == own_id and _is_the_picture(item)
            for item in events
        ),
        postback=any(
            isinstance(item, lc.RichMessage) and _is_pressed(item, own_id) for item in events
        ),
        rated=rating == script.SCORE and "rating.chat_rated" in told,
        transcript=email == script.EMAIL and "transcript_requested" in told,
    )


def _is_the_picture(file: lc.File) -> bool:
    shown = (file.name, file.size, file.width, file.height)
    size = len(demo_picture.picture())
    return shown == (demo_picture.NAME, size, demo_picture.WIDTH, demo_picture.HEIGHT)


def _is_pressed(message: lc.RichMessage, own_id: str) -> bool:
    """Who is named by which button."""
    named = {
        button.postback_id: button.user_ids
        for element in message.elements
        for button in element.buttons
    }
    wanted = {id: (own_id,) if id == script.PRESSED else () for id in script.BUTTONS}
    return named == wanted
