"""Request payloads from what callers give."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from models_kit import encoded

from livechat_customer.errors import InvalidArgumentError
from livechat_customer.models import (
    Access,
    Address,
    Custom,
    CustomerUpdate,
    Message,
    NewChat,
    NewChatUser,
    NewThread,
    Page,
    Postback,
    Rating,
    to_wire,
)
from livechat_customer.models.wire.requests import REQUESTS


def refused(argument: str, call: Any, *args: Any, **kwargs: Any) -> str:
    """The message of the refusal, which names the argument."""
    with pytest.raises(InvalidArgumentError) as caught:
        call(*args, **kwargs)
    assert caught.value.argument == argument
    return str(caught.value)


def test_an_event_as_struct_or_dict() -> None:
    payload = {"type": "message", "text": "Hi", "custom_id": "c"}
    assert to_wire.event(Message("Hi", custom_id="c")) == payload
    assert to_wire.event(payload) == payload
    refused("event.txt", to_wire.event, {"type": "message", "text": "a", "txt": "b"})
    refused("first.text", to_wire.event, {"type": "message", "text": "a" * 20_000}, "first")


def test_an_event_of_the_history_can_be_sent_again() -> None:
    seen = Message("Hi", id="T1_1", thread_id="T1", author_id="u", created_at="2025", custom_id="c")
    assert to_wire.event(seen) == {"type": "message", "text": "Hi", "custom_id": "c"}


def test_the_caller_s_data_is_copied() -> None:
    properties: dict[str, dict[str, Any]] = {"a": {"b": 1}}
    payload = to_wire.event(Message("Hi", properties=properties))
    properties["a"]["b"] = 2
    assert payload["properties"] == {"a": {"b": 1}}


def test_starting_a_chat_with_nothing() -> None:
    assert to_wire.start_chat() == {"active": True, "chat": {}}
    assert to_wire.start_chat({}, active=False, continuous=False) == {
        "active": False,
        "continuous": False,
        "chat": {},
    }


FULL: dict[str, Any] = {
    "access": {"group_ids": [4]},
    "properties": {"routing": {"ignore_bots": True}},
    "users": [{"id": "u", "type": "customer"}],
    "thread": {
        "events": [{"type": "message", "text": "Hi"}, {"type": "custom", "content": {"a": 1}}],
        "properties": {"rating": {"score": 1}},
    },
}


def test_starting_a_chat_with_everything() -> None:
    chat = NewChat(
        thread=NewThread(
            events=(Message("Hi"), Custom({"a": 1})),
            properties={"rating": {"score": 1}},
        ),
        access=Access((4,)),
        properties={"routing": {"ignore_bots": True}},
        users=(NewChatUser("u"),),
    )
    expected = {"active": True, "continuous": True, "chat": FULL}
    assert to_wire.start_chat(chat, continuous=True) == expected
    assert to_wire.start_chat(FULL, continuous=True) == expected
    assert to_wire.start_chat({"thread": {"events": [Message("Hi")]}, "access": Access((4,))})[
        "chat"
    ] == {
        "access": {"group_ids": [4]},
        "thread": {"events": [{"type": "message", "text": "Hi"}]},
    }


def test_resuming_a_chat() -> None:
    assert to_wire.resume_chat({"id": "C1"}) == {"active": True, "chat": {"id": "C1"}}
    assert to_wire.resume_chat(NewChat(id="C1", thread=NewThread()))["chat"] == {
        "id": "C1",
        "thread": {},
    }


def test_what_a_new_chat_can_t_be() -> None:
    long = {"thread": {"events": [Message("a"), Message("a" * 20_000)]}}
    refused("chat.thread.events[1].text", to_wire.start_chat, long)
    refused(
        "chat.thread.events[0].text",
        to_wire.start_chat,
        {"thread": {"events": [{"type": "message", "text": None}]}},
    )
    refused("chat.thread.event", to_wire.start_chat, {"thread": {"event": []}})
    refused("chat.id", to_wire.start_chat, {"id": "C1"})
    refused("chat.users", to_wire.start_chat, {"users": [{"id": "a"}, {"id": "b"}]})
    refused("chat.id", to_wire.resume_chat, {})
    refused("chat.id", to_wire.resume_chat, {"id": ""})
    refused("chat.users", to_wire.resume_chat, {"id": "C1", "users": [{"id": "a"}]})
    refused("active", to_wire.start_chat, active="yes")
    refused("continuous", to_wire.start_chat, continuous=1)
    refused("chat", to_wire.start_chat, "C1")


def test_the_customer_s_data() -> None:
    update = CustomerUpdate(
        name="Noor",
        session_fields={"cart": "1", "plan": "pro"},
        address=Address(city="Galway"),
        omnichannel={"twilio": {"phone_number": "+353"}},
    )
    payload = {
        "name": "Noor",
        "session_fields": [{"cart": "1"}, {"plan": "pro"}],
        "address": {"city": "Galway"},
        "omnichannel": {"twilio": {"phone_number": "+353"}},
    }
    assert to_wire.customer_update(update) == payload
    given = {name: getattr(update, name) for name in update.__struct_fields__}
    assert to_wire.update_customer(given) == payload
    assert to_wire.customer_update({}) == {}
    assert to_wire.customer_update({"session_fields": {}}) == {"session_fields": []}
    refused("name", to_wire.update_customer, {"email": None})
    refused("email", to_wire.update_customer, {"email": 1})
    refused("address.town", to_wire.update_customer, {"address": {"town": "Galway"}})
    many = {str(number): "" for number in range(101)}
    refused("session_fields", to_wire.update_customer, {"session_fields": many})
    refused("session_fields.*", to_wire.update_customer, {"session_fields": {"a": 1}})
    refused("customer.fields", to_wire.customer_update, {"fields": {}})
    refused("customer.session_fields.*", to_wire.customer_update, {"session_fields": {"a": 1}})
    refused("session_fields", to_wire.session_fields, {str(number): "" for number in range(101)})
    assert len(to_wire.session_fields({str(number): "" for number in range(100)})) == 100


def test_small_ones() -> None:
    values = {"a": {"b": 1, "c": True, "d": "e", "f": -(2**31)}, "g": {}}
    assert to_wire.properties(values) == values
    refused("properties.*", to_wire.properties, {"a": 1})
    for wrong in ([1], None, 1.5, {"c": 1}, 2**31):
        refused("properties.a.b", to_wire.properties, {"a": {"b": wrong}})
    refused("chat.properties.a.b", to_wire.start_chat, {"properties": {"a": {"b": []}}})
    refused(
        "chat.thread.properties.a.b",
        to_wire.start_chat,
        {"thread": {"properties": {"a": {"b": []}}}},
    )
    assert to_wire.property_names({"a": ("b", "c")}) == {"a": ["b", "c"]}
    refused("properties.*", to_wire.property_names, {"a": "b"})
    assert to_wire.page(Page("https://x.invalid", "X")) == {
        "url": "https://x.invalid",
        "title": "X",
    }
    assert to_wire.page({"title": "X"}) == {"title": "X"}
    assert to_wire.postback({"id": "p"}) == {"id": "p", "toggled": True}
    assert to_wire.postback(Postback("p", False)) == {"id": "p", "toggled": False}
    assert to_wire.rating({"score": 0, "comment": "no"}) == {
        "rating": {"score": 0, "comment": "no"}
    }
    assert to_wire.rating(Rating(comment="ok")) == {"rating": {"comment": "ok"}}
    refused("rating.score", to_wire.rating, {"score": 5})
    refused("rating", to_wire.rating, {})
    assert to_wire.rating_names(("score",)) == {"rating": ["score"]}
    refused("properties", to_wire.rating_names, "score")
    refused("properties", to_wire.rating_names, ())
    assert to_wire.words("", "sneak_peek_text") == ""
    refused("sneak_peek_text", to_wire.words, None, "sneak_peek_text")
    assert to_wire.number(0, "group_id") == 0
    for no_number in (-1, True, "1", None):
        refused("group_id", to_wire.number, no_number, "group_id")
    assert to_wire.form(4, "prechat") == {"group_id": 4, "type": "prechat"}
    refused("type", to_wire.form, 4, "survey")
    refused("group_id", to_wire.form, None, "ticket")
    assert to_wire.text("C1", "chat_id") == "C1"
    refused("chat_id", to_wire.text, "", "chat_id")
    refused("chat_id", to_wire.text, None, "chat_id")
    assert to_wire.time("2025-01-01T12:00:00Z", "seen_up_to") == "2025-01-01T12:00:00Z"
    refused("seen_up_to", to_wire.time, "today", "seen_up_to")
    assert to_wire.json_object({"a": (1,)}, "payload") == {"a": [1]}
    refused("payload.a", to_wire.json_object, {"a": object()}, "payload")
    refused("payload", to_wire.json_object, [], "payload")


@pytest.mark.parametrize(
    ("given", "payload"),
    [
        ({}, {"limit": 10}),
        ({"limit": 0}, {"limit": 10}),
        ({"limit": 25}, {"limit": 25}),
        ({"page_id": "cA==", "limit": 99}, {"page_id": "cA=="}),
    ],
)
def test_listing_chats(given: dict[str, Any], payload: dict[str, Any]) -> None:
    assert to_wire.list_chats(**given) == payload


def test_listing_too_many_chats() -> None:
    refused("limit", to_wire.list_chats, limit=26)
    refused("limit", to_wire.list_chats, limit=-1)
    refused("limit", to_wire.list_chats, limit="5")
    refused("page_id", to_wire.list_chats, page_id="")


@pytest.mark.parametrize(
    ("given", "payload"),
    [
        ({}, {}),
        ({"sort_order": "asc", "limit": 100}, {"sort_order": "asc", "limit": 100}),
        ({"min_events_count": 25}, {"min_events_count": 25}),
        ({"page_id": "cA==", "sort_order": "asc", "limit": 3}, {"page_id": "cA=="}),
    ],
)
def test_listing_threads(given: dict[str, Any], payload: dict[str, Any]) -> None:
    assert to_wire.list_threads("C1", **given) == {"chat_id": "C1"} | payload


def test_listing_threads_wrongly() -> None:
    refused("chat_id", to_wire.list_threads, "")
    refused("limit", to_wire.list_threads, "C1", limit=0)
    refused("limit", to_wire.list_threads, "C1", limit=101)
    refused("limit", to_wire.list_threads, "C1", limit=3, min_events_count=3)
    refused("min_events_count", to_wire.list_threads, "C1", min_events_count=101)
    refused("sort_order", to_wire.list_threads, "C1", sort_order="up")


def test_group_statuses() -> None:
    assert to_wire.group_statuses() == {"all": True}
    assert to_wire.group_statuses((0, 4)) == {"group_ids": [0, 4]}
    refused("group_ids[1]", to_wire.group_statuses, [0, "4"])


@pytest.mark.parametrize(
    ("action", "payload"),
    [
        ("start_chat", to_wire.start_chat(FULL, continuous=True)),
        ("resume_chat", to_wire.resume_chat({"id": "C1", "thread": FULL["thread"]})),
        ("send_event", {"chat_id": "C1", "event": to_wire.event(Message("Hi"))}),
        ("update_customer", to_wire.update_customer({"name": "Noor"})),
        ("list_threads", to_wire.list_threads("C1", limit=3)),
    ],
)
def test_what_is_sent_is_what_the_log_reads_back(action: str, payload: dict[str, Any]) -> None:
    read = msgspec.convert(payload, REQUESTS[action])
    assert encoded(read) == payload


def test_messages_are_short_and_silent() -> None:
    secret = "my secret words"
    for given in (
        {"type": "message", "text": secret + "\ud83d"},
        {"type": "message", "text": secret * 2_000},
        {"type": secret},
        {"type": "message", "text": [secret]},
    ):
        with pytest.raises(InvalidArgumentError) as caught:
            to_wire.event(given)
        assert secret not in str(caught.value)
        assert len(str(caught.value)) <= 200
