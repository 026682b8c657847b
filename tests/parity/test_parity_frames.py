"""What a server may send that is odd: one bad object costs neither the frame nor the connection."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from events_kit import Heard, scene
from scripted_kit import LOGIN, OWN, Script, scripted

import livechat_customer as lc

Json = dict[str, Any]
AGENT = "a17f0c3b9d2e4f6081a2b3c4d5e6f708"
T1 = {"chat_id": "C1", "thread_id": "T1"}


def message(number: int, text: Any = "hi", **more: Any) -> Json:
    return {
        "id": f"T1_{number}",
        "type": "message",
        "text": text,
        "author_id": AGENT,
        "created_at": f"2025-01-01T12:00:{number:02}.000000Z",
    } | more


def users() -> list[Json]:
    return [{"id": OWN, "type": "customer"}, {"id": AGENT, "type": "agent", "name": "Jane"}]


async def told_of(*pushes: tuple[str, Any]) -> Heard:
    """What handlers hear of these pushes; the connection must stand them."""
    script = Script(get_customer={"id": OWN})
    for action, payload in pushes:
        script.push(action, payload)
    async with scripted(script) as sdk:
        heard = Heard(sdk)
        assert (await sdk.get_customer()).id == OWN
        assert sdk.connection.value.status == "connected"
        return heard


# Pushes.


@pytest.mark.shows("event incoming_event", "event event_updated", by="push")
async def test_events_of_an_unknown_type_are_shown_as_such() -> None:
    async with scene() as it:
        poll = {"id": f"{it.thread_id}_7", "type": "poll", "choices": ["yes", "no"]}
        place = {"chat_id": it.chat_id, "thread_id": it.thread_id}
        it.sandbox.push("incoming_event", place | {"event": poll})
        it.sandbox.push("event_updated", place | {"event": poll | {"choices": ["no"]}})
        first, second = (
            await it.heard.until("incoming_event"),
            await it.heard.until("event_updated"),
        )
        for told, choices in ((first, ["yes", "no"]), (second, ["no"])):
            assert isinstance(told.event, lc.UnknownEvent)
            assert told.event.id == poll["id"]
            assert json.loads(told.event.raw)["choices"] == choices
        assert it.heard.names == ["incoming_event", "event_added", "event_updated"]


@pytest.mark.parametrize(
    "odd",
    [
        message(2, text=None),
        message(2, text={"a": 1}),
        {"id": "T1_2", "type": "rich_message", "template_id": "holograms"},
        {"id": "T1_2", "type": None},
        {"id": "T1_2"},
    ],
)
@pytest.mark.shows("event incoming_event", by="frames")
async def test_an_event_that_does_not_fit_is_kept_whole(odd: Json) -> None:
    heard = await told_of(*(("incoming_event", T1 | {"event": e}) for e in (odd, message(3))))
    first, second = heard.of("incoming_event")
    assert second.event.text == "hi"
    assert first.event.id == "T1_2"
    if isinstance(first.event, lc.UnknownEvent):
        assert json.loads(first.event.raw) == odd
    assert [added.event.id for added in heard.of("event_added")] == ["T1_2", "T1_3"]


@pytest.mark.shows("event incoming_event", by="frames")
async def test_a_rich_message_without_elements_and_a_form_without_fields() -> None:
    rich = {"id": "T1_1", "type": "rich_message", "template_id": "cards"}
    form: Json = {"id": "T1_2", "type": "filled_form", "form_id": "1", "fields": []}
    heard = await told_of(*(("incoming_event", T1 | {"event": e}) for e in (rich, form)))
    first, second = heard.of("incoming_event")
    assert isinstance(first.event, lc.RichMessage)
    assert first.event.elements == ()
    assert isinstance(second.event, lc.FilledForm)
    assert second.event.fields == ()


@pytest.mark.shows("event incoming_chat", by="frames")
async def test_a_chat_with_odd_parts() -> None:
    whole = {"id": "C1", "users": [*users(), {"name": "nobody"}, 5], "thread": {"id": "T1"}}
    odd = {"id": "C2", "thread": {"id": "T2", "events": [message(1), None, 7, message(2)]}}
    heard = await told_of(("incoming_chat", {"chat": whole}), ("incoming_chat", {"chat": odd}))
    first, second = heard.of("incoming_chat")
    assert [user.id for user in first.chat.users] == [OWN, AGENT]
    assert first.chat.thread.events == ()
    assert [event.id for event in second.chat.thread.events if event.id] == ["T1_1", "T1_2"]
    assert heard.names[:3] == ["user_data", "user_data", "incoming_chat"]


@pytest.mark.parametrize(
    ("action", "payload"),
    [
        ("incoming_event", T1),
        ("incoming_event", []),
        ("incoming_event", None),
        ("chat_deactivated", {}),
        ("incoming_chat", {"chat": 5}),
        ("groups_status_updated", {"groups": []}),
        ("groups_status_updated", {"groups": 5}),
        ("customer_side_storage_updated", {"customer_side_storage": None}),
        ("incoming_typing_indicator", {"chat_id": "C1"}),
    ],
)
@pytest.mark.shows("event incoming_event", by="frames")
async def test_a_push_without_what_it_is_about_tells_nothing(action: str, payload: Any) -> None:
    good = ("chat_deactivated", {"chat_id": "C1"})
    heard = await told_of((action, payload), good)
    assert heard.names == ["chat_deactivated"], "it is in the log, and was warned of"


@pytest.mark.shows("event unknown_push", by="frames")
async def test_unknown_pushes_whatever_they_carry() -> None:
    heard = await told_of(("new_a", {"chat_id": 5}), ("new_b", [1]), ("new_c", "x"), ("", {}))
    assert [(one.action, json.loads(one.raw)) for one in heard.of("unknown_push")[:3]] == [
        ("new_a", {"chat_id": 5}),
        ("new_b", [1]),
        ("new_c", "x"),
    ]


@pytest.mark.parametrize(
    "frame",
    [
        "{",
        "",
        "null",
        "[]",
        "5",
        '"text"',
        "{}",
        '{"action":5,"type":"push"}',
        '{"type":"push","payload":{}}',
        '{"action":"incoming_event","type":"push","payload":{"event":' + "[" * 5000,
        "[" * 100_000,
        b"\x00\xff binary",
        b'{"action":"get_customer","type":"response"}',
        '{"request_id":"nobody","action":"get_chat","type":"response","success":true,"payload":{}}',
        '{"request_id":"nobody","action":"send_event","type":"response","success":false}',
    ],
)
@pytest.mark.shows("event incoming_event", by="frames")
async def test_frames_that_cannot_be_read(frame: str | bytes) -> None:
    script = Script(get_customer={"id": OWN})
    script.first["get_customer"] = [frame]
    script.push("chat_deactivated", {"chat_id": "C1"})
    async with scripted(script) as sdk:
        records: list[lc.Record] = []
        sdk.records.subscribe(records.append)
        heard = Heard(sdk)
        assert (await sdk.get_customer()).id == OWN
        assert heard.names[-1] == "chat_deactivated"
        assert sdk.connection.value.status == "connected"
        kept = frame if isinstance(frame, bytes) else frame.encode()
        assert kept in [record.payload for record in records], "its bytes are kept"


@pytest.mark.shows("event incoming_event", by="frames")
async def test_half_an_emoji() -> None:
    script = Script(get_customer={"id": OWN})
    script.push("incoming_event", T1 | {"event": message(1, "half \ud83d")})
    async with scripted(script) as sdk:
        heard = Heard(sdk)
        await sdk.get_customer()
        (told,) = heard.of("incoming_event")
        assert told.event.text == "half \ufffd"


async def test_the_id_of_a_request_that_nobody_waits_for_makes_an_ordinary_push() -> None:
    script = Script(get_customer={"id": OWN})
    script.push("incoming_event", T1 | {"event": message(1)}, request_id="long-gone")
    script.push("incoming_chat", {"chat": {"id": "C1", "thread": {"id": "T1"}}}, request_id="x")
    async with scripted(script) as sdk:
        heard = Heard(sdk)
        await sdk.get_customer()
        assert heard.names == ["incoming_event", "event_added", "incoming_chat"]


# Answers.


@pytest.mark.shows("method list_chats", by="frames")
async def test_a_list_of_chats_whose_newest_events_cannot_be_shown() -> None:
    def last(**events: Any) -> Json:
        return {
            kind: {"thread_id": "T1", "thread_created_at": "2025-01-01T12:00:00Z"} | given
            for kind, given in events.items()
        }

    poll = {"id": "T1_9", "type": "poll", "created_at": "2025-01-01T13:00:00.000000Z"}
    chats: list[Json] = [
        {"id": "C1", "last_event_per_type": last(poll={"event": poll})},
        {"id": "C2", "last_event_per_type": last(message={}, file={"event": None})},
        {"id": "C3", "last_event_per_type": {}},
        {"id": "C4", "last_event_per_type": last(message={"event": message(1)}, file={"a": 1})},
        {"id": "C5", "users": 5},
        {"no": "id"},
    ]
    async with scripted(Script(list_chats={"chats_summary": chats})) as sdk:
        page = await sdk.list_chats()
        assert [one.id for one in page.chats_summary] == ["C1", "C2", "C3", "C4", "C5"]
        first, second, third, fourth, _ = page.chats_summary
        assert isinstance(first.last_event, lc.UnknownEvent)
        assert (second.last_event, third.last_event) == (None, None)
        assert fourth.last_event is not None
        assert fourth.last_event.id == "T1_1"
        assert len(sdk.chats.value) == 5


ANSWERS: list[tuple[str, Json, Callable[[Any], bool]]] = [
    ("get_chat", {"id": "C1"}, lambda it: it.thread is None),
    ("get_chat", {"id": "C1", "thread": {"id": "T1"}}, lambda it: it.thread.events == ()),
    ("get_chat", {"id": "C1", "thread": None, "users": None}, lambda it: it.users == ()),
    ("list_threads", {}, lambda it: it.threads == ()),
    ("list_threads", {"threads": [{"id": "T1"}, 5]}, lambda it: len(it.threads) == 1),
    ("get_customer", {"id": OWN}, lambda it: it.statistics is None),
    ("get_customer", {"id": OWN, "statistics": 5}, lambda it: it.id == OWN),
    ("get_predicted_agent", {}, lambda it: it.agent is None and it.queue is False),
    ("get_form", {"enabled": True, "form": {"fields": []}}, lambda it: it.form.fields == ()),
    ("get_form", {}, lambda it: it.enabled is False),
    ("list_chats", {}, lambda it: it.chats_summary == ()),
    ("list_group_statuses", {}, lambda it: it == {}),
    ("get_url_info", {}, lambda it: it is not None),
]


@pytest.mark.parametrize(("action", "answer", "check"), ANSWERS)
async def test_answers_that_lack_what_they_should_have(
    action: str, answer: Json, check: Callable[[Any], bool]
) -> None:
    arguments: dict[str, Json] = {
        "get_chat": {"chat_id": "C1"},
        "list_threads": {"chat_id": "C1"},
        "get_form": {"group_id": 0, "type": "prechat"},
        "get_url_info": {"url": "https://a.example/"},
    }
    async with scripted(Script(**{action: answer})) as sdk:
        found = await getattr(sdk, action)(**arguments.get(action, {}))
        assert check(found)


@pytest.mark.parametrize("answer", ["5", "[]", '{"id": 5}', "null"])
async def test_an_answer_that_is_no_answer_ends_the_call(answer: str) -> None:
    frame = '{"request_id":"ID","action":"get_chat","type":"response","success":true,"payload":%s}'
    async with scripted(Script(get_chat=frame % answer)) as sdk:
        with pytest.raises(lc.ServerError) as caught:
            await sdk.get_chat(chat_id="C1")
        assert caught.value.code == "UNREADABLE_ANSWER"
        assert sdk.connection.value.status == "connected"


@pytest.mark.parametrize(
    "answer",
    [
        '"success":false',
        '"success":false,"payload":{}',
        '"success":false,"payload":{"error":5}',
        '"success":false,"payload":{"error":{"message":"no"}}',
        '"payload":{"error":{"type":null}}',
    ],
)
async def test_a_refusal_that_does_not_say_why_ends_the_call(answer: str) -> None:
    frame = '{"request_id":"ID","action":"get_customer","type":"response",' + answer + "}"
    async with scripted(Script(get_customer=frame)) as sdk:
        with pytest.raises(lc.ServerError):
            await sdk.get_customer()
        assert sdk.connection.value.status == "connected"


LOGINS: list[Json] = [
    {},
    {"customer": {"id": OWN}},
    {"customer": {"id": OWN}, "chats": None, "__priv_dynamic_config": None},
    LOGIN | {"__priv_dynamic_config": {}},
    LOGIN | {"__priv_dynamic_config": {"customer_groups": {"monitoring": {}}}},
    LOGIN | {"chats": [{"chat_id": "C1"}, {}, 5], "greeting": {"id": 1}},
    LOGIN | {"customer": {"id": OWN, "statistics": None, "session_fields": [5, {}]}},
]


@pytest.mark.parametrize("login", LOGINS)
@pytest.mark.shows("event connected", by="frames")
async def test_logins_that_lack_what_they_should_have(login: Json) -> None:
    async with scripted(Script(login=login, get_customer={"id": OWN})) as sdk:
        connected = await sdk.connect()
        assert connected.availability == "offline"
        assert (await sdk.get_customer()).id == OWN


async def test_what_could_not_be_read_is_warned_of_without_what_it_says(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    odd = T1 | {"event": message(1, text={"secret": "secret"})}
    await told_of(("incoming_event", odd))
    lines = [record.getMessage() for record in caplog.records]
    assert any("did not fit at payload.event.text" in line for line in lines)
    assert not any("secret" in line for line in lines)


async def test_a_login_whose_answer_cannot_be_read_is_a_login_all_the_same() -> None:
    frame = '{"request_id":"ID","action":"login","type":"response","success":true,"payload":[]}'
    async with scripted(Script(login=frame, get_customer={"id": OWN})) as sdk:
        assert (await sdk.get_customer()).id == OWN
