"""Requests and answers that break what clients assume about them.

What is not broken passes as it is; a fault is counted down only where it has something to break.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from livechat_customer.sandbox.api_errors import ApiError
from livechat_customer.sandbox.faults import Fault, Faults
from livechat_customer.sandbox.limits import Limits
from livechat_customer.sandbox.pushes import Push
from livechat_customer.sandbox.spoiled import SPOILERS
from livechat_customer.sandbox.wire_json import (
    JsonObject,
    as_list,
    as_object,
    copied,
    dump,
    parse_object,
)
from livechat_customer.sandbox.world import World

READING: Final = ("get_chat", "list_threads", "list_chats", "get_customer")
SENDING: Final = ("send_event", "start_chat", "resume_chat")


class BrokenAnswers:
    """The broken assumptions of one sandbox's requests."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._given: dict[tuple[str, str, str], str] = {}
        """Answers that an equal request may get again."""

    def clear(self) -> None:
        self._given.clear()

    def request(self, customer_id: str, action: str, payload: JsonObject) -> JsonObject:
        """The payload to carry out. ApiError where it is refused though nothing is wrong."""
        if action == "get_chat" and "thread_id" in payload:
            if self._broken("not_found_is_gone", action, customer_id):
                raise ApiError("not_found", "Thread not found")
        elif action in SENDING:
            less = _without_custom_ids(payload)
            if less != payload and self._broken("custom_id_echoed", action, customer_id):
                return less
        return payload

    def limits(self, world: World, customer_id: str, action: str, limits: Limits) -> Limits:
        """Those that hold for this request."""
        chats = len(world.chats_of(customer_id))
        if action != "start_chat" or chats < limits.chats_per_customer:
            return limits
        if self._broken("one_chat", action, customer_id):
            return replace(limits, chats_per_customer=chats + 1)
        return limits

    def late(self, customer_id: str | None, action: str) -> Fault | None:
        """The fault by which a request has its effect long after its connection was cut."""
        if action not in SENDING:
            return None
        return self._faults.broken("no_late_effect", action, customer_id)

    def is_refused(self, customer_id: str | None, action: str) -> bool:
        """Whether a request that was carried out is refused nevertheless."""
        return action in SENDING and bool(
            self._faults.broken("refusals_have_no_effect", action, customer_id)
        )

    def answer(
        self, customer_id: str, action: str, asked: JsonObject, answer: JsonObject
    ) -> JsonObject:
        """What a reader gets."""
        if action not in READING:
            return answer
        for name, spoil in SPOILERS.items():
            change = spoil(answer)
            if change is not None and self._broken(name, action, customer_id):
                change()
        if not self._faults.waits_for("answers_fresh"):
            self._given.clear()
            return answer
        text, key = dump(answer), (customer_id, action, dump(asked))
        old = self._given.setdefault(key, text)
        if old != text and self._broken("answers_fresh", action, customer_id):
            return parse_object(old)
        self._given[key] = text
        return answer

    def renamed(
        self, world: World, customer_id: str, action: str, answer: JsonObject, pushes: list[Push]
    ) -> JsonObject:
        """The answer to a `send_event` whose event gets another id, in the pushes, too."""
        if action != "send_event":
            return answer
        threads = [thread for chat in world.chats_of(customer_id) for thread in chat.threads]
        for thread in threads:
            event = thread.event(answer["event_id"])
            if event is None:
                continue
            place = thread.events.index(event)
            if place > 0 and self._broken("ids_unique", action, customer_id):
                new = thread.events[place - 1]["id"]
            elif self._broken("ordinals_count", action, customer_id):
                new = f"{thread.id}_no{thread.last_ordinal}"
            else:
                break
            for push in pushes:
                shown = as_object(push.payload.get("event"))
                if shown is not None and shown.get("id") == event["id"]:
                    shown["id"] = new
            event["id"] = new
            return answer | {"event_id": new}
        return answer

    def _broken(self, name: str, action: str, customer_id: str) -> bool:
        return bool(self._faults.broken(name, action, customer_id))


def _without_custom_ids(payload: JsonObject) -> JsonObject:
    found = copied(payload)
    thread = as_object((as_object(found.get("chat")) or {}).get("thread")) or {}
    for event in (found.get("event"), *(as_list(thread.get("events")) or [])):
        (as_object(event) or {}).pop("custom_id", None)
    return found
