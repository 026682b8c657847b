"""Properties of chats, threads and events: the six methods, and what ratings set off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from livechat_customer.sandbox import operations, properties
from livechat_customer.sandbox.api_errors import ApiError
from livechat_customer.sandbox.calls import Action, Call
from livechat_customer.sandbox.pushes import Push
from livechat_customer.sandbox.structures import visible
from livechat_customer.sandbox.wire_json import JsonObject
from livechat_customer.sandbox.world import Chat, Properties, Thread

_SCORES: Final = {0: "bad", 1: "good"}


class _Place:
    """What a call's properties belong to."""

    def __init__(self, call: Call, location: str) -> None:
        # The chat variants take `id` where all others, and all pushes, say `chat_id`.
        name = "id" if location == "chat" else "chat_id"
        self.chat: Chat = call.writable_chat(call.fields, name)
        self.thread: Thread | None = None
        self.names: JsonObject = {"chat_id": self.chat.id}
        self.properties: Properties = self.chat.properties
        if location == "chat":
            return
        self.thread = call.thread(self.chat)
        self.names["thread_id"] = self.thread.id
        self.properties = self.thread.properties
        if location == "event":
            event_id = call.fields.need("event_id", call.fields.string("event_id"))
            event = self.thread.event(event_id)
            if event is None or not visible(event):
                raise ApiError("not_found", "Event not found")
            self.names["event_id"] = event_id
            self.properties = event.setdefault("properties", {})


def _updating(location: str) -> Callable[[Call], JsonObject]:
    def update(call: Call) -> JsonObject:
        place = _Place(call, location)
        call.fields.need("properties", call.fields.mapping("properties"))
        values = properties.read_values(
            call.fields, location, call.client_id, most=call.limits.property_value
        )
        properties.merge(place.properties, values)
        shown = properties.readable(location, values)
        if shown:
            pushed = place.names | {"properties": shown}
            call.pushes.append(Push(f"{location}_properties_updated", pushed))
        if location == "thread" and place.thread is not None:
            _after_update(call, place.chat, place.thread, values)
        return {}

    return update


def _deleting(location: str) -> Callable[[Call], JsonObject]:
    def delete(call: Call) -> JsonObject:
        place = _Place(call, location)
        names = properties.read_names(call.fields, location, call.client_id)
        rated = "score" in place.properties.get("rating", {})
        properties.remove(place.properties, names)
        shown = properties.readable_names(location, names)
        if shown:
            pushed = place.names | {"properties": shown}
            call.pushes.append(Push(f"{location}_properties_deleted", pushed))
        if location == "thread" and place.thread and rated and "score" in names.get("rating", []):
            _tell(call, place.chat, place.thread, "rating.chat_rating_canceled")
        return {}

    return delete


def _after_update(call: Call, chat: Chat, thread: Thread, values: Properties) -> None:
    rating = values.get("rating", {})
    score = rating.get("score")
    if isinstance(score, int):
        _tell(call, chat, thread, "rating.chat_rated", score=_SCORES[score])
    comment = rating.get("comment")
    if isinstance(comment, str):
        _tell(call, chat, thread, "rating.chat_commented", comment=comment)
    email = values.get("routing", {}).get("transcript_email")
    if isinstance(email, str) and email:
        _tell(call, chat, thread, "transcript_requested", email=email)


def _tell(call: Call, chat: Chat, thread: Thread, kind: str, **variables: str) -> None:
    call.pushes += operations.add_system_message(
        call.world, chat, thread, kind, customer=call.name, **variables
    )


ACTIONS: Final = {
    f"{verb}_{location}_properties": Action(make(location))
    for location in ("chat", "thread", "event")
    for verb, make in (("update", _updating), ("delete", _deleting))
}
