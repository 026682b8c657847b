"""Events of a chat: sending, reading marks, postbacks, sneak peeks, deleting one's own (3.6)."""

from __future__ import annotations

from typing import Final

from livechat_customer.sandbox import operations
from livechat_customer.sandbox.api_errors import ApiError, invalid
from livechat_customer.sandbox.calls import Action, Call
from livechat_customer.sandbox.check import Fields
from livechat_customer.sandbox.incoming_events import read_event
from livechat_customer.sandbox.pushes import Push
from livechat_customer.sandbox.rich_messages import read_choice, toggle
from livechat_customer.sandbox.structures import visible
from livechat_customer.sandbox.versions import OLDEST
from livechat_customer.sandbox.wire_json import JsonObject
from livechat_customer.sandbox.world import Chat, Thread


def send_event(call: Call) -> JsonObject:
    fields = call.fields
    chat = call.writable_chat(fields, "chat_id")
    event = read_event(fields.need("event", fields.fields("event")), call.author)
    attach = fields.boolean("attach_to_last_thread")
    thread = chat.open_thread or (chat.newest if attach else None)
    if thread is None:
        raise ApiError("chat_inactive")
    call.keep_files([event])
    stored = operations.add_event(call.world, thread, event, call.customer.id)
    chat.sneak_peek = None
    call.pushes += operations.sent_by_customer(chat, thread, stored)
    return {"event_id": stored["id"]}


def mark_events_as_seen(call: Call) -> JsonObject:
    chat = call.chat(call.fields, "chat_id")
    seen_up_to = call.fields.need("seen_up_to", call.fields.time("seen_up_to"))
    call.pushes += operations.mark_seen(chat, call.customer.id, seen_up_to)
    return {}


def send_rich_message_postback(call: Call) -> JsonObject:
    """The push is sent for active threads only."""
    fields = call.fields
    chat = call.writable_chat(fields, "chat_id")
    thread = call.thread(chat)
    event = _event(call, thread)
    postback = fields.need("postback", fields.fields("postback"))
    postback_id = postback.need("id", postback.string("id"))
    toggled = postback.need("toggled", postback.boolean("toggled"))
    more = {} if call.version == OLDEST else _read_details(postback)
    if not toggle(event, postback_id, call.customer.id, toggled=toggled):
        raise ApiError("not_found", "Button not found")
    if thread.active:
        payload = {
            "user_id": call.customer.id,
            "chat_id": chat.id,
            "thread_id": thread.id,
            "event_id": event["id"],
            "postback": {"id": postback_id, "toggled": toggled} | more,
        }
        call.pushes.append(Push("incoming_rich_message_postback", payload))
    return {}


def send_sneak_peek(call: Call) -> JsonObject:
    """Agents would see it; customers get no push. Empty: every word was taken back."""
    chat = call.chat(call.fields, "chat_id")
    text = call.fields.string("sneak_peek_text")
    if text is None:
        raise invalid("sneak_peek_text", "is required")
    operations.need_open(chat)
    chat.sneak_peek = text
    return {}


def delete_event(call: Call) -> JsonObject:
    """API 3.6: an event of the customer's own."""
    chat = call.writable_chat(call.fields, "chat_id")
    thread = call.thread(chat)
    event = _event(call, thread)
    if event.get("author_id") != call.customer.id:
        raise ApiError("not_allowed", "Only own events can be deleted")
    call.pushes += delete(chat, thread, event)
    return {}


def delete(chat: Chat, thread: Thread, event: JsonObject) -> list[Push]:
    """Takes the event out of the thread, whoever asked for it; told where it could be seen."""
    thread.events.remove(event)
    payload = {"chat_id": chat.id, "thread_id": thread.id, "event_id": event["id"]}
    return [Push("event_deleted", payload)] if visible(event) else []


def _read_details(postback: Fields) -> JsonObject:
    """What API 3.6 adds to a postback: the button's kind, and what was chosen of a product."""
    button = {name: postback.string(name) for name in ("button_type", "button_value")}
    found = {name: value for name, value in button.items() if value is not None}
    return found | read_choice(postback)


def _event(call: Call, thread: Thread) -> JsonObject:
    event = thread.event(call.fields.need("event_id", call.fields.string("event_id")))
    if event is None or not visible(event):
        raise ApiError("not_found", "Event not found")
    return event


ACTIONS: Final = {
    "send_event": Action(send_event, counts=True),
    "mark_events_as_seen": Action(mark_events_as_seen),
    "send_rich_message_postback": Action(send_rich_message_postback),
    "send_sneak_peek": Action(send_sneak_peek, counts=True),
    "delete_event": Action(delete_event, since="3.6"),
}
