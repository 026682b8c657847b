"""What readers get shares no map with the folds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeGuard, cast

import msgspec
import pytest
from projections_kit import Log, payload
from projections_server_kit import AGENT, CHAT, CUSTOMER, Json

from livechat_customer.models import from_wire
from livechat_customer.models.own import own
from livechat_customer.models.wire.events import Message
from livechat_customer.projections.hub import Hub
from livechat_customer.projections.root import RootFold

PROPERTIES: Json = {"ns": {"deep": {"er": [1]}}}
FIELDS: dict[str, Json] = {
    "message": {"text": "hi"},
    "custom": {"content": {"a": {"b": [1]}}},
    "system_message": {"text": "x", "text_vars": {"agent": "Jane"}},
    "rich_message": {
        "template_id": "cards",
        "elements": [{"ecommerce": {"product_id": "p", "options": [{"size": "L"}]}}],
    },
    "file": {"url": "https://cdn.example/x"},
    "hologram": {"depth": {"of": "field"}},
}


def is_map(value: object) -> TypeGuard[dict[Any, Any]]:
    return isinstance(value, dict)


def maps_in(value: Any) -> Iterator[dict[Any, Any]]:
    if is_map(value):
        yield value
        for item in value.values():
            yield from maps_in(item)
    elif isinstance(value, list | tuple):
        for item in cast("list[Any]", value):
            yield from maps_in(item)
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from maps_in(getattr(value, name))


def records(log: Log) -> None:
    user = {"id": CUSTOMER, "type": "customer", "session_fields": [{"plan": "pro"}]}
    agent = {"id": AGENT, "type": "agent", "name": "Jane"}
    event = {"type": "rich_message", "id": ""} | FIELDS["rich_message"]
    greeting = {"id": 1, "unique_id": "g", "event": event, "agent": agent}
    config = {"online_groups_ids": [0], "customer_groups": {"monitoring": {"id": 0}}}
    log.connect({"customer": user, "greeting": greeting, "__priv_dynamic_config": config})
    events = [
        {
            "id": f"T_{number}",
            "type": kind,
            "created_at": f"2025-01-01T12:00:{number:02}.000001Z",
            "author_id": AGENT,
            "properties": PROPERTIES,
        }
        | fields
        for number, (kind, fields) in enumerate(FIELDS.items())
    ]
    at = "2025-01-01T12:00:00.000001Z"
    thread = {"id": "T", "created_at": at, "properties": PROPERTIES, "events": events}
    chat = {"id": CHAT, "users": [user, agent], "properties": PROPERTIES, "thread": thread}
    log.ask("get_chat", chat, chat_id=CHAT)


def test_changing_a_snapshot_changes_no_digest() -> None:
    log = Log()
    records(log)
    hub = Hub(RootFold(), seq=0, load=lambda loading: loading.done(), report=lambda what, _: None)
    history, thread = hub.history(CHAT), hub.thread(CHAT, "T")
    hub.fold([(record, payload(record)) for record in log.records])
    before = hub.root.digest(), hub.root.encode()
    values: list[Any] = [
        hub.connection.value,
        hub.customer.value,
        hub.availability.value,
        hub.greeting.value,
        list(hub.chats.value),
        hub.chat(CHAT).value,
        list(history.value or ()),
        list(thread.value or ()),
        thread.value and thread.value.info,
    ]

    maps = [found for value in values for found in maps_in(value)]
    for found in maps:
        found["changed"] = "by a reader"

    assert len(maps) > 20
    assert (hub.root.digest(), hub.root.encode()) == before
    assert "by a reader" not in str([msgspec.to_builtins(payload(each)) for each in log.records])


def test_copies_are_deep() -> None:
    value: Json = {"a": [{"b": 1}], "c": "d"}

    found = own(value)
    found["a"][0]["b"] = 2

    assert value == {"a": [{"b": 1}], "c": "d"}


def test_what_can_not_be_changed_is_not_copied() -> None:
    text = "a text"

    assert own(text) is text


@pytest.mark.parametrize("given", [None, {}, {"ns": {"a": 1}}])
def test_an_event_keeps_its_properties(given: Json | None) -> None:
    event = from_wire.event(Message("E_1", properties=given, text="hi"), "T")

    assert event.properties == (given or {})
    assert event.thread_id == "T"
