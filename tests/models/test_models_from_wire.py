"""Users, chats, greetings and answers for users."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from models_kit import push, response, sample

from livechat_customer import models
from livechat_customer.models import from_wire
from livechat_customer.models.push_events import push_events
from livechat_customer.models.wire import chats, greetings, responses, users
from livechat_customer.models.wire.decode import payload_of

CUSTOMER = "5f0c1d2e-7a40-4b1f-9c55-0d7e4f3a9b21"
AGENT = "a17f0c3b9d2e4f6081a2b3c4d5e6f708"
ADDRESS = models.Address("1 Quay Street", "Galway", "Ireland", "Connacht", "H91")


def structure(name: str, number: int = 0) -> Any:
    module, kind = name.split(".")
    found = {"users": users, "chats": chats, "greetings": greetings}[module]
    return msgspec.convert(sample("structures", name, number), getattr(found, kind))


def answer(action: str, number: int = 0) -> Any:
    return msgspec.convert(sample("responses", action, number), responses.RESPONSES[action])


def test_a_customer() -> None:
    assert from_wire.user(structure("users.User")) == models.Customer(
        id=CUSTOMER,
        name="Noor",
        email="noor@shop.invalid",
        avatar="https://cdn.invalid/a/n.png",
        session_fields={"cart": "12 EUR", "plan": "pro"},
        present=True,
        seen_up_to="2025-03-01T09:00:01.000001Z",
        email_verified=True,
    )
    me = from_wire.user(structure("users.User", 2))
    assert me == models.Customer(
        id=CUSTOMER,
        name="Noor",
        statistics=models.Statistics(1, 2, 3, 9, 0, 0),
        phone_number="+353 1 555",
        address=ADDRESS,
        omnichannel={"twilio": [{"phone_number": "+353 1 555"}]},
    )


def test_agents_and_all_others() -> None:
    assert from_wire.user(structure("users.User", 1)) == models.Agent(
        AGENT,
        "Ines",
        "cdn.invalid/a/i.png",
        "Support",
        present=False,
        seen_up_to="2025-03-01T09:00:02.000001Z",
    )
    bot = from_wire.agent(structure("users.User", 3))
    assert (bot.is_bot, bot.bot_type) == (True, "ai_agent")
    assert from_wire.user(structure("users.User", 4)) == models.Agent("u-1")
    assert from_wire.user(users.User(id="u")).type == "agent"


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([], []),
        ([{"a": "1"}, {"b": "2"}], [("a", "1"), ("b", "2")]),
        ([{"a": "1", "c": "x"}, {}, {"b": "2"}, {"a": "3"}], [("a", "3"), ("b", "2")]),
    ],
)
def test_session_fields(pairs: list[dict[str, str]], expected: list[tuple[str, str]]) -> None:
    assert list(from_wire.session_fields(pairs).items()) == expected


def test_a_thread() -> None:
    thread = from_wire.thread(structure("chats.Thread"), "C1")
    assert (thread.id, thread.chat_id, thread.active) == ("ST7H2K8M3N", "C1", True)
    assert thread.access == models.Access((4,))
    assert thread.queue == models.Queue(3, 120, "2025-03-01T09:00:04.000001Z")
    assert thread.properties == {"routing": {"continuous": True}}
    assert (thread.previous_thread_id, thread.next_thread_id) == ("SP1R2E3V4A", "SN1E2X3T4A")
    assert {event.thread_id for event in thread.events} == {"ST7H2K8M3N"}
    bare = from_wire.thread(chats.Thread(id="T1"), "C1")
    assert bare == models.Thread("T1", "C1")


def test_the_events_of_a_thread_are_ordered() -> None:
    given = {
        "id": "T1",
        "events": [
            {"id": f"T1_{number}", "type": "message", "created_at": f"2025-01-01T12:00:0{at}Z"}
            for number, at in ((10, 2), (3, 1), (9, 2), (1, 5))
        ],
    }
    thread = from_wire.thread(msgspec.convert(given, chats.Thread), "C1")
    assert [event.id for event in thread.events] == ["T1_3", "T1_9", "T1_10", "T1_1"]


def test_a_chat() -> None:
    chat = from_wire.chat(structure("chats.Chat"))
    assert chat.thread is not None
    assert chat.thread.chat_id == chat.id == "SC4T9X0A1B"
    assert [user.type for user in chat.users] == ["customer", "agent"]
    assert chat.events_seen_up_to_map == {
        CUSTOMER: "2025-03-01T09:00:01.000001Z",
        AGENT: "2025-03-01T09:00:02.000001Z",
    }
    assert from_wire.chat(chats.Chat(id="C1")) == models.Chat("C1")


def test_a_chat_with_the_older_list_of_threads() -> None:
    chat = from_wire.chat(structure("chats.Chat", 2))
    assert chat.thread is not None
    assert chat.thread.id == "SP1R2E3V4A"


def test_a_summary() -> None:
    summary = from_wire.summary(structure("chats.ChatSummary"))
    assert summary.active
    assert set(summary.last_events_per_type) == {"message", "system_message"}
    assert summary.last_event is summary.last_events_per_type["message"]
    assert summary.last_events_per_type["system_message"].thread_id == "SP1R2E3V4A"
    empty = from_wire.summary(structure("chats.ChatSummary", 1))
    assert (empty.last_events_per_type, empty.last_event) == ({}, None)


@pytest.mark.parametrize(
    ("message", "file", "newest"),
    [
        # thread created, event created
        (("2025-01-02", "2025-01-02"), ("2025-01-01", "2025-01-03"), "message"),
        (("2025-01-01", "2025-01-02"), ("2025-01-01", "2025-01-03"), "file"),
        (("2025-01-01", "2025-01-03"), ("2025-01-01", "2025-01-03"), "file"),
    ],
)
def test_the_last_event_is_the_newest_thread_s_newest(
    message: tuple[str, str], file: tuple[str, str], newest: str
) -> None:
    given = {
        "id": "C1",
        "last_event_per_type": {
            kind: {
                "thread_id": f"T{thread}",
                "thread_created_at": f"{thread}T12:00:00.000000Z",
                "event": {
                    "id": f"T_{number}",
                    "type": kind,
                    "created_at": f"{created}T12:00:00.000000Z",
                },
            }
            for number, (kind, (thread, created)) in enumerate(
                {"message": message, "file": file}.items()
            )
        },
    }
    summary = from_wire.summary(msgspec.convert(given, chats.ChatSummary))
    assert summary.last_event is not None
    assert summary.last_event.type == newest


def test_pages() -> None:
    page = from_wire.chats_page(answer("list_chats"))
    assert page.total_chats == 1
    assert (page.next_page_id, page.previous_page_id) == ("bmV4dA==", "cHJldg==")
    assert [user.id for user in page.users] == [CUSTOMER, AGENT]
    threads = from_wire.threads_page(answer("list_threads"), "C1")
    assert [thread.id for thread in threads.threads] == ["ST7H2K8M3N", "SP1R2E3V4A"]
    assert threads.found_threads == 2
    assert from_wire.chats_page(responses.ListChatsResponse()) == models.ChatsPage()
    assert from_wire.threads_page(responses.ListThreadsResponse(), "C1") == models.ThreadsPage()


def test_users_of_a_page_come_once() -> None:
    shared = users.User(id="u-1", name="first")
    page = responses.ListChatsResponse(
        chats_summary=(
            chats.ChatSummary(id="C1", users=(shared, users.User(id="u-2"))),
            chats.ChatSummary(id="C2", users=(users.User(id="u-1", name="second"),)),
        )
    )
    found = from_wire.chats_page(page)
    assert [(user.id, user.name) for user in found.users] == [("u-1", "first"), ("u-2", None)]


def test_a_greeting() -> None:
    greeting = from_wire.greeting(structure("greetings.Greeting"))
    assert (greeting.id, greeting.unique_id) == (17, "UG1R2E3E4T")
    assert (greeting.subtype, greeting.addon) == ("announcement", "email")
    assert greeting.displayed_first_time
    assert isinstance(greeting.event, models.Message)
    assert greeting.event.thread_id is None
    assert greeting.agent is not None
    assert greeting.agent.is_bot is False
    assert from_wire.greeting(greetings.Greeting(unique_id="U")) == models.Greeting("U")


@pytest.mark.parametrize(
    ("config", "availability", "group"),
    [
        (None, "offline", None),
        ({}, "offline", None),
        ({"customer_groups": {"monitoring": {"id": 4}}}, "offline", 4),
        (
            {"online_groups_ids": [0], "customer_groups": {"monitoring": {"id": 4}}},
            "offline",
            4,
        ),
        (
            {"online_groups_ids": [0, 4], "customer_groups": {"monitoring": {"id": 4}}},
            "online",
            4,
        ),
        ({"online_groups_ids": [0], "customer_groups": {"monitoring": {"id": 0}}}, "online", 0),
        ({"online_groups_ids": [0]}, "offline", None),
    ],
)
def test_availability_at_login(config: Any, availability: str, group: int | None) -> None:
    login = msgspec.convert({"__priv_dynamic_config": config}, responses.LoginResponse)
    assert from_wire.login_availability(login) == availability
    assert from_wire.own_group(login) == group


def test_what_a_login_raises() -> None:
    connected = from_wire.connected(answer("login"))
    assert connected.customer.statistics == models.Statistics(1, 2, 3, 9)
    assert connected.availability == "online"
    assert connected.greeting is not None
    bare = from_wire.connected(responses.LoginResponse(customer_id=CUSTOMER))
    assert bare == models.Connected(models.Customer(CUSTOMER), "offline")


@pytest.mark.parametrize(
    ("status", "word"),
    [("online", "online"), ("offline", "offline"), ("online_for_queue", "online"), ("", "online")],
)
def test_availability_of_a_group(status: str, word: str) -> None:
    assert from_wire.availability(status) == word


def test_forms() -> None:
    info = from_wire.form_info(answer("get_form"))
    assert info.enabled
    assert info.form is not None
    assert info.form.id == "700000000000000001"
    assert len(info.form.fields) == 6
    assert from_wire.form_info(answer("get_form", 1)) == models.FormInfo(False)
    ticket = from_wire.form_info(answer("get_form", 2)).form
    assert ticket is not None
    assert ticket.id is None
    assert [field.id for field in ticket.fields] == ["0", "1"]
    assert from_wire.form_info(responses.GetFormResponse(enabled=True)).form is None


def test_agents_foretold() -> None:
    found = from_wire.predicted_agent(answer("get_predicted_agent"))
    assert found.queue
    assert found.agent is not None
    assert found.agent.is_bot
    assert from_wire.predicted_agent(responses.GetPredictedAgentResponse()).agent is None
    welcome = from_wire.welcome_message(answer("request_welcome_message"))
    assert (welcome.id, welcome.queue) == ("w-1", False)
    assert welcome.predicted_agent == found.agent


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("cdn.invalid/i/s.png", "https://cdn.invalid/i/s.png"),
        ("//cdn.invalid/i", "https://cdn.invalid/i"),
        ("http://cdn.invalid/i", "https://cdn.invalid/i"),
        ("HTTPS://cdn.invalid/i//x", "https://cdn.invalid/i//x"),
        ("cdn.invalid/i?u=http://x", "https://cdn.invalid/i?u=http://x"),
        ("", None),
    ],
)
def test_the_picture_of_a_page_is_https(address: str, expected: str | None) -> None:
    wire = responses.GetUrlInfoResponse("u", image_url=address, image_width=3, image_height=2)
    info = from_wire.url_info(wire)
    assert info.image_url == expected
    assert (info.image_width, info.image_height) == ((3, 2) if expected else (None, None))


def test_a_page_s_picture_without_a_size() -> None:
    wire = responses.GetUrlInfoResponse("u", title="", image_url="a", image_width=3, image_height=0)
    info = from_wire.url_info(wire)
    assert (info.title, info.image_width, info.image_height) == (None, None, None)


def test_group_statuses() -> None:
    assert from_wire.group_statuses(answer("list_group_statuses")) == {0: "online", 4: "offline"}
    odd = responses.ListGroupStatusesResponse({"x": "online", "-1": "online", "9" * 5000: "a"})
    assert from_wire.group_statuses(odd) == {}
    assert from_wire.group_statuses(responses.ListGroupStatusesResponse()) == {}


def test_a_message_of_the_history_equals_the_one_that_was_pushed() -> None:
    given = sample("events", "message")
    chat_id, thread_id = "SC4T9X0A1B", "ST7H2K8M3N"
    ids = {"chat_id": chat_id, "thread_id": thread_id}
    pushed = push("incoming_event", ids | {"event": given})
    ((_, payload),) = push_events(pushed, payload_of(pushed))
    page = payload_of(response("list_threads", {"threads": [{"id": thread_id, "events": [given]}]}))
    assert isinstance(page, responses.ListThreadsResponse)
    (event,) = from_wire.threads_page(page, chat_id).threads[0].events
    assert isinstance(payload, models.IncomingEvent)
    assert type(payload.event) is type(event) is models.Message
    assert payload.event == event


def test_wire_structs_are_left_as_they_were() -> None:
    wire = structure("chats.Chat")
    before = msgspec.json.encode(wire)
    from_wire.chat(wire)
    assert msgspec.json.encode(wire) == before
