"""Pushes to events: names, payloads and order."""

from __future__ import annotations

from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from models_kit import each, json_objects, json_values, push, record, response, sample

from livechat_customer import models
from livechat_customer.models import payloads
from livechat_customer.models.push_events import legacy_queue, push_events, user_data
from livechat_customer.models.wire import pushes, users
from livechat_customer.models.wire.decode import payload_of
from livechat_customer.records import UNPARSED

IDS = {"chat_id": "C1", "thread_id": "T1"}
SILENT = {"customer_disconnected", "customer_side_storage_updated"}


def raised(action: str, payload: Any, own_group: int | None = None) -> list[tuple[str, Any]]:
    made = push(action, payload)
    return [
        (name, event) for name, event in push_events(made, payload_of(made), own_group=own_group)
    ]


def kinds(name: str) -> tuple[type, ...]:
    kind = payloads.EVENT_PAYLOADS[name]
    return get_args(kind) or (kind,)


@pytest.mark.parametrize(("action", "given_payload"), each("pushes"))
def test_each_push_raises_what_the_table_of_events_says(
    action: str, given_payload: dict[str, Any]
) -> None:
    events = raised(action, given_payload)
    for name, event in events:
        assert type(event) in kinds(name)
    if action in SILENT:
        assert events == []
    elif action == "groups_status_updated":
        assert [name for name, _ in events] == ["availability_updated"]
    else:
        assert events[-1][0] == action


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        (
            "chat_deactivated",
            models.ChatDeactivated(
                "SC4T9X0A1B", "ST7H2K8M3N", "5f0c1d2e-7a40-4b1f-9c55-0d7e4f3a9b21"
            ),
        ),
        (
            "chat_transferred",
            models.ChatTransferred(
                "SC4T9X0A1B",
                models.Transfer((4,), ("a17f0c3b9d2e4f6081a2b3c4d5e6f708",)),
                "ST7H2K8M3N",
                models.Queue(3, 120, "2025-03-01T09:00:04.000001Z"),
                "manual",
                "a17f0c3b9d2e4f6081a2b3c4d5e6f708",
            ),
        ),
        (
            "user_removed_from_chat",
            models.UserRemovedFromChat(
                "SC4T9X0A1B",
                "a17f0c3b9d2e4f6081a2b3c4d5e6f708",
                "ST7H2K8M3N",
                "signed_out",
                "a17f0c3b9d2e4f6081a2b3c4d5e6f708",
            ),
        ),
        (
            "chat_properties_deleted",
            models.ChatPropertiesDeleted("SC4T9X0A1B", {"routing": ("continuous",), "test": ()}),
        ),
        (
            "incoming_rich_message_postback",
            models.IncomingRichMessagePostback(
                "5f0c1d2e-7a40-4b1f-9c55-0d7e4f3a9b21",
                "SC4T9X0A1B",
                "ST7H2K8M3N",
                "ST7H2K8M3N_7",
                models.Postback("add", True, "message", "v", models.Ecommerce("p-1")),
            ),
        ),
        (
            "incoming_typing_indicator",
            models.IncomingTypingIndicator(
                "SC4T9X0A1B",
                models.TypingIndicator("a17f0c3b9d2e4f6081a2b3c4d5e6f708", True, 1740819600, "all"),
                "ST7H2K8M3N",
            ),
        ),
        (
            "incoming_multicast",
            models.IncomingMulticast({"any": ["thing"]}, "a17f0c3b9d2e4f6081a2b3c4d5e6f708", "lc2"),
        ),
        (
            "customer_updated",
            models.CustomerUpdated("5f0c1d2e-7a40-4b1f-9c55-0d7e4f3a9b21", email="n@shop.invalid"),
        ),
        (
            "queue_position_updated",
            models.QueuePositionUpdated("SC4T9X0A1B", "ST7H2K8M3N", models.Queue(2, 60)),
        ),
    ],
)
def test_payloads(action: str, expected: msgspec.Struct) -> None:
    assert raised(action, sample("pushes", action)) == [(action, expected)]


def test_the_event_of_a_push_knows_its_thread() -> None:
    ((_, incoming),) = raised("incoming_event", sample("pushes", "incoming_event"))
    assert incoming.thread_id == incoming.event.thread_id == "ST7H2K8M3N"
    ((_, updated),) = raised("event_updated", sample("pushes", "event_updated"))
    assert updated.event.thread_id == updated.thread_id == "ST7H2K8M3N"
    ((_, preview),) = raised("incoming_event_preview", sample("pushes", "incoming_event_preview"))
    assert (preview.event.id, preview.event.custom_id) == ("", "p-1")
    ((_, welcome),) = raised(
        "incoming_welcome_message", sample("pushes", "incoming_welcome_message")
    )
    assert welcome.event.thread_id is None


def test_users_come_before_the_chat() -> None:
    events = raised("incoming_chat", sample("pushes", "incoming_chat"))
    assert [name for name, _ in events] == ["user_data", "user_data", "incoming_chat"]
    customer, agent, chat = (event for _, event in events)
    assert (customer.type, agent.type) == ("customer", "agent")
    assert (customer.present, customer.seen_up_to) == (None, None)
    assert [user.present for user in chat.chat.users] == [True, False]
    assert chat.transferred_from == models.Transfer((2,), ("a17f0c3b9d2e4f6081a2b3c4d5e6f708",))
    assert chat.requester_id == customer.id


@pytest.mark.parametrize(("given_user", "present"), [({"present": True}, True), ({}, False)])
def test_a_user_comes_before_it_was_added(given_user: dict[str, Any], present: bool) -> None:
    events = raised(
        "user_added_to_chat",
        {"chat_id": "C1", "user": {"id": "a", "type": "agent"} | given_user, "reason": "manual"},
    )
    assert [name for name, _ in events] == ["user_data", "user_added_to_chat"]
    assert events[0][1] == models.Agent("a")
    assert events[1][1].present is present
    assert events[1][1].reason == "manual"


def test_user_data_tells_each_user_once_and_no_statistics() -> None:
    wire = users.User(
        id="u", type="customer", present=True, statistics=users.Statistics(chats_count=1)
    )
    events = user_data([wire, users.User(id="a"), wire])
    assert events == [("user_data", models.Customer("u")), ("user_data", models.Agent("a"))]


@pytest.mark.parametrize(
    ("lc2", "queue"),
    [
        ({"queue_pos": 2, "queue_waiting_time": 60}, models.Queue(2, 60)),
        ({"queue_pos": 2}, models.Queue(2)),
        ({"queue_pos": None}, models.Queue()),
        ({"queue_pos": "2", "queue_waiting_time": True}, models.Queue()),
        ({"queue_waiting_time": 60}, None),
        ({}, None),
        (None, None),
    ],
)
def test_the_older_way_to_tell_the_queue(lc2: Any, queue: models.Queue | None) -> None:
    properties = {"other": {"a": 1}} | ({} if lc2 is None else {"lc2": lc2})
    events = raised("thread_properties_updated", IDS | {"properties": properties})
    told = ("thread_properties_updated", models.ThreadPropertiesUpdated("C1", "T1", properties))
    if queue is None:
        assert events == [told]
    else:
        update = models.QueuePositionUpdated("C1", "T1", queue)
        assert events == [("queue_position_updated", update), told]
    wire = pushes.ThreadPropertiesUpdated("C1", "T1", properties)
    assert legacy_queue(wire) == queue


GROUPS = [
    {"id": 0, "status": "online"},
    {"id": 4, "status": "online_for_queue"},
    {"id": 5, "status": "offline"},
]


@pytest.mark.parametrize(
    ("groups", "own", "expected"),
    [
        (GROUPS, None, ("online", 0, "online")),
        (GROUPS, 4, ("online", 4, "online_for_queue")),
        (GROUPS, 5, ("offline", 5, "offline")),
        (GROUPS, 9, None),
        ([], None, None),
        ([], 0, None),
    ],
)
def test_availability_is_that_of_the_own_group(
    groups: Any, own: int | None, expected: tuple[Any, ...] | None
) -> None:
    events = raised("groups_status_updated", {"groups": groups}, own)
    if expected is None:
        assert events == []
    else:
        assert events == [("availability_updated", models.AvailabilityUpdated(*expected))]


def test_an_unknown_event_is_raised_like_any_other() -> None:
    poll = {"id": "T1_1", "type": "poll"}
    for action in ("incoming_event", "event_updated"):
        ((name, payload),) = raised(action, IDS | {"event": poll})
        assert name == action
        assert isinstance(payload.event, models.UnknownEvent)
        assert payload.event.type == "poll"


def test_an_unknown_push() -> None:
    ((name, payload),) = raised("new_action", {"a": 1})
    assert name == "unknown_push"
    assert payload == models.UnknownPush("new_action", b'{"a": 1}')
    assert raised("incoming_event", {"event": 5}) == []
    broken = record(b"no json", UNPARSED)
    assert push_events(broken, payload_of(broken)) == []


def test_only_pushes_raise_events() -> None:
    chat = response("get_chat", sample("responses", "get_chat"))
    assert push_events(chat, payload_of(chat)) == []


def test_session_fields_that_did_not_change_are_none() -> None:
    ((_, unchanged),) = raised("customer_updated", {"id": "u", "name": "N"})
    ((_, emptied),) = raised("customer_updated", {"id": "u", "session_fields": []})
    ((_, changed),) = raised("customer_updated", {"id": "u", "session_fields": [{"a": "1"}]})
    assert (unchanged.session_fields, emptied.session_fields) == (None, {})
    assert changed.session_fields == {"a": "1"}


@given(st.sampled_from(sorted({*pushes.PUSHES, "new_action"})), json_values | json_objects)
def test_any_json_raises_events_and_no_error(action: str, payload: Any) -> None:
    for name, event in raised(action, payload, 0):
        assert type(event) in kinds(name)
