"""What API 3.6 added to structures, taken away again where 3.5 was asked for.

The state is kept in the newest form. Answers are formatted for the version of their request,
pushes for the version they are subscribed in (protocol: changes of 3.6; versions on one
connection). Only known places are touched: what users put into `content` or `properties` is theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from livechat_customer.sandbox.wire_json import JsonObject

Change = Callable[[JsonObject], JsonObject]

OLDEST: Final = "3.5"
SYSTEM_EVENT: Final = "system"
"""The type of event that 3.5 does not have."""

CONTACT: Final = ("phone_number", "address", "omnichannel")
"""What 3.6 added to customers."""

_POSTBACK: Final = ("button_type", "button_value", "ecommerce")


def answer_in(version: str, action: str, payload: JsonObject) -> JsonObject:
    """The answer's payload as `version` has it."""
    change = _ANSWERS.get(action)
    return payload if version != OLDEST or change is None else change(payload)


def push_in(version: str, action: str, payload: JsonObject) -> JsonObject | None:
    """The push's payload as `version` has it; None: there is nothing to tell in that version."""
    change = _PUSHES.get(action)
    return payload if version != OLDEST or change is None else change(payload)


def chat_in(version: str, chat: JsonObject) -> JsonObject:
    """A chat, or its summary, as `version` has it."""
    return chat if version != OLDEST else _chat(chat)


def events_in(version: str, events: list[JsonObject]) -> list[JsonObject]:
    """A thread's events as `version` has them: those it knows."""
    return events if version != OLDEST else _events(events)


def customer_in(version: str, customer: JsonObject) -> JsonObject:
    """A customer as `version` has it."""
    return customer if version != OLDEST else _user(customer)


def _without(found: JsonObject, *names: str) -> JsonObject:
    return {name: value for name, value in found.items() if name not in names}


def _user(user: JsonObject) -> JsonObject:
    return _without(user, *CONTACT)


def _event(event: JsonObject) -> JsonObject | None:
    if event["type"] == SYSTEM_EVENT:
        return None
    if event["type"] == "message" and "postback" in event:
        return event | {"postback": _without(event["postback"], "ecommerce")}
    if event["type"] == "rich_message" and "elements" in event:
        plain = [_without(element, "ecommerce") for element in event["elements"]]
        return event | {"elements": plain}
    return event


def _events(events: Iterable[JsonObject]) -> list[JsonObject]:
    return [found for event in events if (found := _event(event)) is not None]


def _thread(thread: JsonObject) -> JsonObject:
    return thread | {"events": _events(thread["events"])}


def _chat(chat: JsonObject) -> JsonObject:
    found = chat | {"users": [_user(user) for user in chat["users"]]}
    if "thread" in chat:
        found["thread"] = _thread(chat["thread"])
    if "last_event_per_type" in chat:
        last = {
            kind: place | {"event": event}
            for kind, place in chat["last_event_per_type"].items()
            if (event := _event(place["event"])) is not None
        }
        found = _without(found, "last_event_per_type")
        if last:
            found["last_event_per_type"] = last
    return found


def _each(name: str, change: Change) -> Change:
    def changed(payload: JsonObject) -> JsonObject:
        return payload | {name: [change(item) for item in payload[name]]}

    return changed


def _inside(name: str, change: Change) -> Change:
    def changed(payload: JsonObject) -> JsonObject:
        return payload | {name: change(payload[name])}

    return changed


def _with_event(payload: JsonObject) -> JsonObject | None:
    event = _event(payload["event"])
    return None if event is None else payload | {"event": event}


def _with_greeting_event(payload: JsonObject) -> JsonObject:
    return _with_event(payload) or payload


def _customer_updated(payload: JsonObject) -> JsonObject | None:
    """Nothing when only the newer version could tell what changed."""
    found = _user(payload)
    return found if len(found) > 1 else None


def _login(payload: JsonObject) -> JsonObject:
    found = _inside("customer", _user)(payload)
    return _inside("greeting", _with_greeting_event)(found) if "greeting" in found else found


_ANSWERS: Final[dict[str, Change]] = {
    "login": _login,
    "get_customer": _user,
    "get_chat": _chat,
    "list_chats": _each("chats_summary", _chat),
    "list_threads": _each("threads", _thread),
}
_PUSHES: Final[dict[str, Callable[[JsonObject], JsonObject | None]]] = {
    "incoming_chat": _inside("chat", _chat),
    "user_added_to_chat": _inside("user", _user),
    "incoming_event": _with_event,
    "event_updated": _with_event,
    "incoming_greeting": _with_greeting_event,
    "customer_updated": _customer_updated,
    "incoming_rich_message_postback": _inside(
        "postback", lambda postback: _without(postback, *_POSTBACK)
    ),
}
