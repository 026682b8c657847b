"""What is made of objects that do not fit, and that their good neighbours are spared."""

from __future__ import annotations

import json
from typing import Any, Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from models_kit import json_objects, json_values, more_examples, sample, samples

from livechat_customer.models.wire import events, lenient, pushes, responses
from livechat_customer.models.wire.chats import Chat, ChatSummary, Thread
from livechat_customer.models.wire.events import Event, Message, UnknownEvent
from livechat_customer.models.wire.repair import repaired
from livechat_customer.models.wire.requests import REQUESTS
from livechat_customer.models.wire.users import User

GOOD: dict[str, Any] = {"id": "T1_2", "type": "message", "text": "Hello"}


def fit(value: Any, kind: Any) -> tuple[Any, list[str]]:
    return repaired(value, kind)


EVENTS: Final[list[tuple[dict[str, Any], str, list[str]]]] = [
    (GOOD, "message", []),
    (GOOD | {"properties": {"a": 1, "b": {"c": 2}}}, "message", ["payload.properties.*"]),
    (GOOD | {"properties": []}, "message", ["payload.properties"]),
    (GOOD | {"custom_id": 7}, "message", ["payload.custom_id"]),
    (GOOD | {"created_at": None}, "message", ["payload.created_at"]),
    (GOOD | {"postback": {"id": 1}}, "message", ["payload.postback.id"]),
    (GOOD | {"text": 7}, "poll?", ["payload.text"]),
    (GOOD | {"text": None}, "poll?", ["payload.text"]),
    (GOOD | {"id": 7}, "poll?", ["payload.id"]),
    (GOOD | {"type": "poll"}, "poll?", ["payload.type"]),
    (GOOD | {"type": None}, "poll?", ["payload.type"]),
    (GOOD | {"type": events.UNKNOWN_TAG}, "poll?", ["payload.type"]),
    ({"id": "T1_2"}, "poll?", ["payload.type"]),
    ({}, "poll?", ["payload.type"]),
]


@pytest.mark.parametrize(("given_event", "kind", "faults"), EVENTS)
def test_an_event_keeps_what_fits_or_all_of_it_as_unknown(
    given_event: dict[str, Any], kind: str, faults: list[str]
) -> None:
    event, found = fit(given_event, Event)
    assert found == faults
    if kind == "message":
        assert isinstance(event, Message)
        assert event.text == "Hello"
        return
    assert isinstance(event, UnknownEvent)
    assert json.loads(event.raw) == given_event
    assert event.id == (given_event.get("id") if isinstance(given_event.get("id"), str) else "")
    assert event.type == (given_event.get("type") or "")


def test_an_unknown_event_still_tells_what_is_common_to_all() -> None:
    event, _ = fit(
        {
            "id": "T1_3",
            "type": "poll",
            "created_at": "2025-01-01T12:00:00.000001Z",
            "author_id": "u-1",
            "custom_id": "c-1",
            "properties": {"a": {"b": 1}},
            "visibility": "all",
            "choices": ["yes"],
        },
        Event,
    )
    assert isinstance(event, UnknownEvent)
    assert event.created_at == "2025-01-01T12:00:00.000001Z"
    assert (event.author_id, event.custom_id, event.visibility) == ("u-1", "c-1", "all")
    assert event.properties == {"a": {"b": 1}}


def test_a_bad_event_spares_its_neighbours() -> None:
    thread, faults = fit(
        {"id": "T1", "events": [GOOD, 5, {"id": 1}, GOOD | {"id": "T1_4"}, None]}, Thread
    )
    assert [event.id for event in thread.events] == ["T1_2", "", "T1_4"]
    assert isinstance(thread.events[1], UnknownEvent)
    assert faults == ["payload.events[1]", "payload.events[2].type", "payload.events[4]"]


def test_a_bad_button_spares_its_card() -> None:
    card = sample("events", "rich_message")
    card["elements"][0]["buttons"][0]["user_ids"] = "everyone"
    card["elements"][0]["image"]["width"] = "wide"
    event, faults = fit(card, Event)
    buttons = event.elements[0].buttons
    assert [button.text for button in buttons] == ["Add", "Site", "More"]
    assert buttons[0].user_ids == ()
    assert event.elements[0].image.url
    assert event.elements[0].image.width is None
    assert faults == [
        "payload.elements[0].image.width",
        "payload.elements[0].buttons[0].user_ids",
    ]


def test_a_bad_user_spares_the_chat() -> None:
    chat, faults = fit({"id": "C1", "users": [{"id": "u-1"}, {"name": "nobody"}, {}]}, Chat)
    assert chat.users == (User(id="u-1"),)
    assert faults == ["payload.users[1].id", "payload.users[2].id"]


def test_a_bad_thread_spares_the_page() -> None:
    page, _ = fit(
        {"threads": [{"id": "T1"}, {}, {"id": "T2", "active": "yes"}]},
        responses.ListThreadsResponse,
    )
    assert [(thread.id, thread.active) for thread in page.threads] == [("T1", None), ("T2", None)]


def test_a_bad_last_event_spares_the_summary() -> None:
    given_summary = sample("structures", "chats.ChatSummary")
    given_summary["last_event_per_type"]["message"]["event"] = 5
    given_summary["last_event_per_type"]["system_message"] = {"event": GOOD}
    given_summary["last_event_per_type"]["poll"] = {
        "thread_id": "T1",
        "event": {"id": "T1_9", "type": "poll"},
    }
    summary, _ = fit(given_summary, ChatSummary)
    assert set(summary.last_event_per_type) == {"message", "poll"}
    assert summary.last_event_per_type["message"].event is None
    assert isinstance(summary.last_event_per_type["poll"].event, UnknownEvent)


def test_what_lacks_its_ids_can_t_be_used() -> None:
    push, faults = fit({"thread_id": "T1", "event": GOOD}, pushes.IncomingEvent)
    assert push is None
    assert faults == ["payload.chat_id"]
    assert fit([], pushes.IncomingEvent) == (None, ["payload"])


def test_paths_never_hold_the_keys_of_users_data() -> None:
    _, faults = fit(GOOD | {"properties": {"my secret": 5}}, Event)
    assert faults == ["payload.properties.*"]


KINDS: Final = sorted(
    {*pushes.PUSHES.values(), *responses.RESPONSES.values(), *REQUESTS.values()},
    key=lambda kind: kind.__name__,
)
FOUND: Final[dict[Any, list[Any]]] = {
    kind: [
        one
        for family, table in (
            ("pushes", pushes.PUSHES),
            ("responses", responses.RESPONSES),
            ("requests", REQUESTS),
        )
        for action, struct in table.items()
        if struct is kind
        for one in samples(family)[action]
    ]
    for kind in KINDS
}


@st.composite
def spoiled(draw: st.DrawFn) -> tuple[Any, Any]:
    """A struct, and one of its samples with something else in some places, or any JSON."""
    kind = draw(st.sampled_from(KINDS))
    if draw(st.integers(0, 4)) == 0:
        return kind, draw(json_values | json_objects)
    return kind, _spoiled(
        draw(st.sampled_from(FOUND[kind])), draw(st.randoms(use_true_random=False))
    )


def _spoiled(value: Any, random: Any) -> Any:
    if random.random() < 0.1:
        return random.choice([None, 5, -1.5, "x", True, [], {}, [{}], {"type": "poll"}])
    if isinstance(value, dict):
        return {k: _spoiled(v, random) for k, v in value.items()}  # pyright: ignore
    if isinstance(value, list):
        return [_spoiled(v, random) for v in value]  # pyright: ignore
    return value


@more_examples(8)
@given(spoiled())
def test_any_json_gives_the_struct_or_nothing(case: tuple[Any, Any]) -> None:
    kind, value = case
    result, faults = fit(lenient.mended(value), kind)
    if result is None:
        assert faults
        return
    # What the fields are declared to be holds in what comes out.
    assert msgspec.json.decode(msgspec.json.encode(result), type=kind) == result
