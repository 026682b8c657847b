"""What 3.6 knows and 3.5 does not, taken out of answers and pushes; nothing else is touched."""

from __future__ import annotations

import copy

import pytest
from sandbox_kit import Json

from livechat_customer.sandbox.versions import answer_in, push_in

CONTACT: Json = {"phone_number": "1", "address": {"city": "X"}, "omnichannel": {"twilio": []}}
OLD_USER: Json = {"id": "u", "type": "customer", "name": "Ann"}
NEW_USER: Json = OLD_USER | CONTACT

OLD_POSTBACK: Json = {"id": "p", "thread_id": "t", "event_id": "e"}
OLD_MESSAGE: Json = {"id": "1", "type": "message", "postback": OLD_POSTBACK}
NEW_MESSAGE: Json = OLD_MESSAGE | {"postback": OLD_POSTBACK | {"ecommerce": {"product_id": "1"}}}
OLD_CARDS: Json = {"id": "2", "type": "rich_message", "elements": [{"title": "T"}]}
NEW_CARDS: Json = OLD_CARDS | {"elements": [{"title": "T", "ecommerce": {"product_id": "1"}}]}
CUSTOM: Json = {"id": "3", "type": "custom", "content": NEW_USER | {"events": [{"type": "system"}]}}
SYSTEM: Json = {"id": "4", "type": "system", "subtype": "x"}

OLD_THREAD: Json = {"id": "t", "events": [OLD_MESSAGE, OLD_CARDS, CUSTOM]}
NEW_THREAD: Json = {"id": "t", "events": [NEW_MESSAGE, SYSTEM, NEW_CARDS, CUSTOM]}
OLD_CHAT: Json = {"id": "c", "users": [OLD_USER], "thread": OLD_THREAD}
NEW_CHAT: Json = {"id": "c", "users": [NEW_USER], "thread": NEW_THREAD}
OLD_SUMMARY: Json = {"id": "c", "users": [], "last_event_per_type": {"custom": {"event": CUSTOM}}}
NEW_SUMMARY: Json = OLD_SUMMARY | {
    "last_event_per_type": {"custom": {"event": CUSTOM}, "system": {"event": SYSTEM}}
}
ONLY_SYSTEM: Json = {"id": "c", "users": [], "last_event_per_type": {"system": {"event": SYSTEM}}}

ANSWERS: list[tuple[str, Json, Json]] = [
    ("get_customer", NEW_USER, OLD_USER),
    ("login", {"customer": NEW_USER, "chats": []}, {"customer": OLD_USER, "chats": []}),
    (
        "login",
        {"customer": NEW_USER, "greeting": {"id": 1, "event": NEW_CARDS}},
        {"customer": OLD_USER, "greeting": {"id": 1, "event": OLD_CARDS}},
    ),
    ("get_chat", NEW_CHAT, OLD_CHAT),
    ("get_chat", {"id": "c", "users": [NEW_USER]}, {"id": "c", "users": [OLD_USER]}),
    ("list_threads", {"threads": [NEW_THREAD]}, {"threads": [OLD_THREAD]}),
    ("list_chats", {"chats_summary": [NEW_SUMMARY]}, {"chats_summary": [OLD_SUMMARY]}),
    (
        "list_chats",
        {"chats_summary": [ONLY_SYSTEM]},
        {"chats_summary": [{"id": "c", "users": []}]},
    ),
    ("send_event", {"event_id": "x"}, {"event_id": "x"}),
]


@pytest.mark.parametrize(("action", "newest", "older"), ANSWERS)
def test_answers(action: str, newest: Json, older: Json) -> None:
    given = copy.deepcopy(newest)
    assert answer_in("3.6", action, given) is given
    assert answer_in("3.5", action, given) == older
    assert given == newest


POSTBACK: Json = {"id": "p", "toggled": True}
PUSHES: list[tuple[str, Json, Json | None]] = [
    ("incoming_chat", {"chat": NEW_CHAT}, {"chat": OLD_CHAT}),
    ("user_added_to_chat", {"user": NEW_USER}, {"user": OLD_USER}),
    ("incoming_event", {"event": NEW_MESSAGE}, {"event": OLD_MESSAGE}),
    ("incoming_event", {"event": SYSTEM}, None),
    ("event_updated", {"event": NEW_CARDS}, {"event": OLD_CARDS}),
    ("event_updated", {"event": CUSTOM}, {"event": CUSTOM}),
    ("incoming_greeting", {"id": 1, "event": NEW_CARDS}, {"id": 1, "event": OLD_CARDS}),
    ("customer_updated", {"id": "u", "name": "A"} | CONTACT, {"id": "u", "name": "A"}),
    ("customer_updated", {"id": "u"} | CONTACT, None),
    (
        "incoming_rich_message_postback",
        {"postback": POSTBACK | {"button_type": "url", "button_value": "u", "ecommerce": {}}},
        {"postback": POSTBACK},
    ),
    ("chat_deactivated", {"chat_id": "c"}, {"chat_id": "c"}),
]


@pytest.mark.parametrize(("action", "newest", "older"), PUSHES)
def test_pushes(action: str, newest: Json, older: Json | None) -> None:
    given = copy.deepcopy(newest)
    assert push_in("3.6", action, given) is given
    assert push_in("3.5", action, given) == older
    assert given == newest
