"""What the methods refuse before anything is sent, with the argument's name."""

from __future__ import annotations

from typing import Any, cast

import pytest
from front_kit import customer

import livechat_customer as lc
from livechat_customer.errors import InvalidArgumentError
from livechat_customer.sandbox import Sandbox

EVENT = {"chat_id": "C", "thread_id": "T", "event_id": "T_1"}
THREAD = {"chat_id": "C", "thread_id": "T"}
VALUES = {"properties": {"rating": {"score": 1}}}
NAMES = {"properties": {"rating": ["score"]}}
MANY = {str(number): "" for number in range(101)}
MESSAGE = {"type": "message", "text": "hi"}

WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("accept_greeting", {"greeting_id": "7", "unique_id": "u"}, "greeting_id"),
    ("accept_greeting", {"greeting_id": 7, "unique_id": ""}, "unique_id"),
    ("cancel_greeting", {"unique_id": 7}, "unique_id"),
    ("cancel_rate", {"chat_id": ""}, "chat_id"),
    ("cancel_rate", {"chat_id": "C", "properties": "score"}, "properties"),
    ("cancel_rate", {"chat_id": "C", "properties": []}, "properties"),
    ("deactivate_chat", {"id": None}, "id"),
    ("delete_chat_properties", {"id": "", **NAMES}, "id"),
    ("delete_chat_properties", {"id": "C", **VALUES}, "properties.*"),
    ("delete_thread_properties", {**THREAD, "thread_id": "", **NAMES}, "thread_id"),
    ("delete_thread_properties", {**THREAD, "properties": ["rating"]}, "properties"),
    ("delete_event_properties", {**EVENT, "event_id": "", **NAMES}, "event_id"),
    ("delete_event_properties", {**EVENT, "properties": {"rating": [1]}}, "properties.*[0]"),
    ("delete_event", {**EVENT, "chat_id": ""}, "chat_id"),
    ("delete_event", {**EVENT, "event_id": 1}, "event_id"),
    ("get_chat", {"chat_id": ""}, "chat_id"),
    ("get_chat", {"chat_id": "C", "thread_id": ""}, "thread_id"),
    ("get_form", {"group_id": "0", "type": "prechat"}, "group_id"),
    ("get_form", {"group_id": 0, "type": "survey"}, "type"),
    ("get_predicted_agent", {"group_id": -1}, "group_id"),
    ("get_url_info", {"url": ""}, "url"),
    ("list_chats", {"limit": 26}, "limit"),
    ("list_chats", {"page_id": ""}, "page_id"),
    ("list_group_statuses", {"group_ids": [0, "3"]}, "group_ids[1]"),
    ("list_group_statuses", {"group_ids": 3}, "group_ids"),
    ("list_threads", {"chat_id": "C", "limit": 101}, "limit"),
    ("list_threads", {"chat_id": "C", "min_events_count": 0}, "min_events_count"),
    ("list_threads", {"chat_id": "C", "limit": 3, "min_events_count": 3}, "limit"),
    ("list_threads", {"chat_id": "C", "sort_order": "up"}, "sort_order"),
    ("mark_events_as_seen", {"chat_id": "C", "seen_up_to": "today"}, "seen_up_to"),
    ("mark_events_as_seen", {"chat_id": "C", "seen_up_to": 5}, "seen_up_to"),
    ("rate_chat", {"chat_id": "C", "rating": {}}, "rating"),
    ("rate_chat", {"chat_id": "C", "rating": {"score": 2}}, "rating.score"),
    ("rate_chat", {"chat_id": "C", "rating": {"stars": 5}}, "rating.stars"),
    ("request", {"action": ""}, "action"),
    ("request", {"action": "a", "payload": {"a": {1, 2}}}, "payload.a"),
    ("request", {"action": "get_customer", "timeout": "5"}, "timeout"),
    ("request", {"action": "get_customer", "timeout": 0}, "timeout"),
    ("request", {"action": "get_customer", "timeout": float("nan")}, "timeout"),
    ("request", {"action": "get_customer", "version": 3.6}, "version"),
    ("request", {"action": "get_customer", "version": "v3.6"}, "version"),
    ("request", {"action": "get_customer", "version": "3.4"}, "version"),
    ("request_welcome_message", {"id": ""}, "id"),
    ("request_welcome_message", {"group_id": True}, "group_id"),
    ("resume_chat", {"chat": {}}, "chat.id"),
    ("resume_chat", {"chat": {"id": "C"}, "active": "no"}, "active"),
    ("send_event", {"chat_id": "", "event": MESSAGE}, "chat_id"),
    ("send_event", {"chat_id": "C", "event": {"type": "message"}}, "event.text"),
    ("send_event", {"chat_id": "C", "event": {"type": "poll"}}, "event.type"),
    ("send_event", {"chat_id": "C", "event": lc.Message("ä" * 8_193)}, "event.text"),
    (
        "send_event",
        {"chat_id": "C", "event": {**MESSAGE, "properties": {"a": {"b": 2**31}}}},
        "event.properties.a.b",
    ),
    (
        "send_event",
        {"chat_id": "C", "event": MESSAGE, "attach_to_last_thread": 1},
        "attach_to_last_thread",
    ),
    ("send_greeting_button_clicked", {"greeting_unique_id": "", "button_id": "b"}, "greeting_"),
    ("send_greeting_button_clicked", {"greeting_unique_id": "g", "button_id": 1}, "button_id"),
    ("send_rich_message_postback", {**EVENT, "postback": {}}, "postback.id"),
    (
        "send_rich_message_postback",
        {**EVENT, "postback": {"id": "p", "toggled": "yes"}},
        "postback.toggled",
    ),
    (
        "send_rich_message_postback",
        {**EVENT, "postback": {"id": "p", "ecommerce": {"quantity": 1}}},
        "postback.ecommerce.product_id",
    ),
    ("set_customer_session_fields", {"session_fields": MANY}, "session_fields"),
    ("set_customer_session_fields", {"session_fields": {"a": 1}}, "session_fields.*"),
    ("set_customer_session_fields", {"session_fields": [{"a": "b"}]}, "session_fields"),
    ("start_chat", {"chat": {"thread": {"events": [MESSAGE, {}]}}}, "chat.thread.events[1].type"),
    ("start_chat", {"chat": {"properties": {"a": {"b": []}}}}, "chat.properties.a.b"),
    ("start_chat", {"continuous": "yes"}, "continuous"),
    ("update_chat_properties", {"id": "C", "properties": {"a": {"b": 1.5}}}, "properties.a.b"),
    ("update_chat_properties", {"id": 1, **VALUES}, "id"),
    ("update_customer", {}, "name"),
    ("update_customer", {"name": 1}, "name"),
    ("update_customer", {"session_fields": MANY}, "session_fields"),
    ("update_customer", {"address": {"town": "Galway"}}, "address.town"),
    ("update_event_properties", {**EVENT, "thread_id": "", **VALUES}, "thread_id"),
    ("update_event_properties", {**EVENT, "properties": {"a": {"b": None}}}, "properties.a.b"),
    ("update_thread_properties", {**THREAD, "properties": {"a": {"b": 2**31}}}, "properties.a.b"),
    ("update_thread_properties", {**THREAD, "properties": {"a": 1}}, "properties.*"),
]


async def test_arguments_are_checked_before_anything_is_sent() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        await sdk.get_customer()
        before = len(sandbox.received)
        for method, arguments, path in WRONG:
            with pytest.raises(InvalidArgumentError) as caught:
                await getattr(sdk, method)(**arguments)
            said = caught.value
            assert (said.code, said.argument.startswith(path)) == ("VALIDATION", True), said
            assert str(said).startswith(said.argument)
        nobody: list[dict[str, Any]] = [{"chat_id": ""}, {"chat_id": None}]
        for arguments in nobody:
            with pytest.raises(InvalidArgumentError, match="chat_id"):
                sdk.get_chat_history(**arguments)
            with pytest.raises(InvalidArgumentError, match="chat_id"):
                sdk.set_sneak_peek(**arguments, sneak_peek_text="")
        with pytest.raises(InvalidArgumentError, match="sneak_peek_text"):
            sdk.set_sneak_peek(chat_id="C", sneak_peek_text=cast("Any", None))
        assert len(sandbox.received) == before


async def test_without_a_connection_nothing_is_sent() -> None:
    """Arguments first, then the connection: what is wrong is told at once."""
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        await sdk.disconnect()
        before = len(sandbox.received)
        for method, arguments in SOUND.items():
            with pytest.raises(lc.NoConnectionError):
                await getattr(sdk, method)(**arguments)
        with pytest.raises(lc.NoConnectionError):
            await sdk.get_chat_history(chat_id="C").next()
        assert len(sandbox.received) == before
        await sdk.destroy()
        for method, arguments in SOUND.items():
            with pytest.raises(lc.SDKDestroyedError):
                await getattr(sdk, method)(**arguments)


SOUND: dict[str, dict[str, Any]] = {
    "accept_greeting": {"greeting_id": 7, "unique_id": "u"},
    "cancel_greeting": {"unique_id": "u"},
    "cancel_rate": {"chat_id": "C"},
    "deactivate_chat": {"id": "C"},
    "delete_chat_properties": {"id": "C", **NAMES},
    "delete_event": EVENT,
    "delete_event_properties": {**EVENT, **NAMES},
    "delete_thread_properties": {**THREAD, **NAMES},
    "get_chat": {"chat_id": "C"},
    "get_customer": {},
    "get_form": {"group_id": 0, "type": "ticket"},
    "get_predicted_agent": {},
    "get_url_info": {"url": "https://example.com"},
    "list_chats": {},
    "list_group_statuses": {},
    "list_threads": {"chat_id": "C"},
    "mark_events_as_seen": {"chat_id": "C", "seen_up_to": "2025-01-01T12:00:00Z"},
    "rate_chat": {"chat_id": "C", "rating": {"score": 1}},
    "request": {"action": "get_customer"},
    "request_welcome_message": {},
    "resume_chat": {"chat": {"id": "C"}},
    "send_event": {"chat_id": "C", "event": MESSAGE},
    "send_greeting_button_clicked": {"greeting_unique_id": "g", "button_id": "b"},
    "send_rich_message_postback": {**EVENT, "postback": {"id": "p"}},
    "set_customer_session_fields": {"session_fields": {}},
    "start_chat": {},
    "update_chat_properties": {"id": "C", **VALUES},
    "update_customer": {"name": "Noor"},
    "update_event_properties": {**EVENT, **VALUES},
    "update_thread_properties": {**THREAD, **VALUES},
}
"""One sound call of each method that is a request."""
