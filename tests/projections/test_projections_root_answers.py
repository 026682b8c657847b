"""What each answer means to the root fold, where histories against a server don't tell."""

from __future__ import annotations

from typing import Any

import pytest
from projections_kit import Log, folded
from projections_server_kit import AGENT, CHAT, CUSTOMER, Json

from livechat_customer.projections.chats import ChatState
from livechat_customer.projections.root import RootFold
from livechat_customer.records import Record

NO_ONE = "2025-01-01T11:59:59.000001Z"


def thread(number: int, active: bool = False, **fields: Any) -> Json:
    at = f"2025-01-0{number + 1}T12:00:00.000001Z"
    found: Json = {"id": f"T{number}", "active": active, "created_at": at, "events": []}
    if number:
        found["previous_thread_id"] = f"T{number - 1}"
    return found | fields


def message(number: int, author: str = AGENT) -> Json:
    at = f"2025-01-05T12:00:{number:02}.000001Z"
    return {"id": f"E_{number}", "type": "message", "created_at": at, "author_id": author}


def chat_of(*records: Record) -> ChatState:
    return root_of(*records).chats[CHAT]


def root_of(*records: Record) -> RootFold:
    return folded(records).root


def login(log: Log, **fields: Any) -> Record:
    return log.ask("login", {"customer": {"id": CUSTOMER}} | fields)


@pytest.mark.parametrize(
    ("answer", "active"),
    [
        ({"has_active_thread": True, "chats": [{"chat_id": CHAT}]}, True),
        ({"has_active_thread": False, "chats": [{"chat_id": CHAT}]}, False),
        (
            {"has_active_thread": True, "chats": [{"chat_id": CHAT, "has_active_thread": False}]},
            False,
        ),
        # Which of the two it is, is not said.
        ({"has_active_thread": True, "chats": [{"chat_id": CHAT}, {"chat_id": "X"}]}, None),
        ({"has_active_thread": False, "chats": [{"chat_id": CHAT}, {"chat_id": "X"}]}, False),
        ({"chats": [{"chat_id": CHAT}]}, None),
    ],
)
def test_the_login_tells_which_chats_are_active(answer: Json, active: bool | None) -> None:
    register = chat_of(login(Log(), **answer)).facts.active

    assert (register.value if register.rank[0] >= 0 else None) == active


def test_no_active_thread_closes_the_threads_known_when_it_was_asked() -> None:
    log = Log()
    opened = log.push(("incoming_chat", {"chat": {"id": CHAT, "thread": thread(0, True)}}))
    request = log.request("login")
    later = log.push(("incoming_chat", {"chat": {"id": CHAT, "thread": thread(1, True)}}))
    answer = log.answer(
        request,
        {"customer": {"id": CUSTOMER}, "has_active_thread": False, "chats": [{"chat_id": CHAT}]},
    )

    assert not any(chat_of(opened, answer).open_now(each) for each in _threads(opened, answer))
    state = chat_of(opened, later, answer)
    assert state.newest is not None
    assert state.open_now(state.newest)


def _threads(*records: Record) -> list[Any]:
    return list(chat_of(*records).facts.threads.values())


def test_an_answer_read_before_an_earlier_one_closes_nothing_that_only_that_one_shows() -> None:
    """Two questions under way; the second was read first, and the thread began between the two."""
    log = Log()
    first = log.request("get_chat", chat_id=CHAT)
    second = log.request("list_chats")
    records = [
        log.answer(second, {"chats_summary": [{"id": CHAT, "active": False}]}),
        log.answer(first, {"id": CHAT, "thread": thread(0, True)}),
    ]

    state = chat_of(*records)

    assert state.open_now(state.facts.threads["T0"])


PAGES: list[tuple[str, list[Json], bool]] = [
    (
        "the last page, down to a thread without another before it",
        [{"threads": [thread(1), thread(0)]}],
        True,
    ),
    ("a page with more behind it", [{"threads": [thread(0)], "next_page_id": "p"}], False),
    ("the last page, but its oldest thread names another", [{"threads": [thread(1)]}], False),
    (
        "first and last page",
        [
            {"threads": [thread(1)], "next_page_id": "p"},
            {"threads": [thread(0)], "previous_page_id": "p"},
        ],
        True,
    ),
    ("no thread at all", [{"threads": []}], True),
    ("oldest first, all on one page", [{"threads": [thread(0), thread(1)]}], True),
]


@pytest.mark.parametrize(("what", "pages", "reached"), PAGES)
def test_the_start_is_proved_by_pages(what: str, pages: list[Json], reached: bool) -> None:
    log = Log()

    state = chat_of(*(log.ask("list_threads", page, chat_id=CHAT) for page in pages))

    assert state.start_reached is reached, what


def test_no_other_record_proves_the_start() -> None:
    log = Log()
    pushed = log.push(("incoming_chat", {"chat": {"id": CHAT, "thread": thread(0, True)}}))
    asked = log.ask("get_chat", {"id": CHAT, "thread": thread(0, True)}, chat_id=CHAT)

    assert not chat_of(pushed, asked).start_reached


def test_the_customers_own_start_proves_it_until_something_older_shows_up() -> None:
    log = Log()
    answer = {"chat_id": CHAT, "thread_id": "T1"}
    started = log.ask("start_chat", answer)
    shown = log.push(
        (
            "incoming_chat",
            {"chat": {"id": CHAT, "thread": thread(1) | {"previous_thread_id": None}}},
        )
    )
    assert chat_of(started, shown).start_reached

    older = log.ask("get_chat", {"id": CHAT, "thread": thread(0)}, chat_id=CHAT)
    assert not chat_of(started, shown, older).start_reached


def test_a_chat_not_found_is_gone_until_it_is_shown_again() -> None:
    log = Log()
    shown = log.ask("get_chat", {"id": CHAT}, chat_id=CHAT)
    error = {"error": {"type": "not_found"}}
    refused = log.answer(log.request("get_chat", chat_id=CHAT), error, success=False)
    assert not chat_of(shown, refused).exists
    assert not chat_of(refused, shown).exists

    again = log.push(("incoming_chat", {"chat": {"id": CHAT}}))
    assert chat_of(shown, refused, again).exists


@pytest.mark.parametrize(
    ("action", "arguments", "error"),
    [
        ("get_chat", {"chat_id": CHAT, "thread_id": "T0"}, "not_found"),
        ("send_event", {"chat_id": CHAT}, "not_found"),
        ("get_chat", {"chat_id": CHAT}, "internal"),
    ],
)
def test_other_refusals_do_not_make_it_gone(action: str, arguments: Json, error: str) -> None:
    log = Log()
    shown = log.ask("get_chat", {"id": CHAT}, chat_id=CHAT)
    request = log.request(action, **arguments)
    refused = log.answer(request, {"error": {"type": error}}, success=False)

    assert chat_of(shown, refused).exists


def test_an_older_thread_asked_for_says_nothing_of_the_chat() -> None:
    log = Log()
    active = log.ask("get_chat", {"id": CHAT, "thread": thread(1, True)}, chat_id=CHAT)
    old = log.ask("get_chat", {"id": CHAT, "thread": thread(0)}, chat_id=CHAT, thread_id="T0")

    assert chat_of(active, old).facts.active.value


def test_a_summary_shows_the_last_events_and_the_newest_thread() -> None:
    log = Log()
    summary: Json = {
        "id": CHAT,
        "active": True,
        "users": [{"id": AGENT, "type": "agent", "present": True, "events_seen_up_to": NO_ONE}],
        "last_thread_id": "T2",
        "last_thread_created_at": thread(2)["created_at"],
        "last_event_per_type": {
            "message": {
                "thread_id": "T1",
                "thread_created_at": thread(1)["created_at"],
                "event": message(1),
            },
            "file": {"thread_id": "T0", "event": None},
        },
    }
    state = chat_of(login(log), log.ask("list_chats", {"chats_summary": [summary]}))

    assert [name for _, name in state.order] == ["T1", "T2"]
    assert state.newest is not None
    assert state.open_now(state.newest)
    assert list(state.facts.unread) == ["E_1"]
    assert state.facts.last["message"].event.id == "E_1"
    assert state.facts.seen[AGENT].until == NO_ONE


def test_seen_marks_of_an_answer_come_before_its_events() -> None:
    log = Log()
    answer = {
        "id": CHAT,
        "users": [{"id": CUSTOMER, "events_seen_up_to": message(2)["created_at"]}],
        "thread": thread(0, True, events=[message(1), message(2), message(3)]),
    }

    state = chat_of(login(log), log.ask("get_chat", answer, chat_id=CHAT))

    assert list(state.facts.unread) == ["E_3"]


def test_group_statuses_are_read_where_they_are_numbers() -> None:
    log = Log()
    config = {"online_groups_ids": [0], "customer_groups": {"monitoring": {"id": 0}}}
    records = [
        login(log, __priv_dynamic_config=config),
        log.ask("list_group_statuses", {"groups_status": {"0": "offline", "x": "online"}}),
        log.ask("update_customer_page", {"groups": [{"id": 3, "status": "online"}]}),
    ]

    facts = root_of(*records).state.availability

    assert facts.statuses() == {0: "offline", 3: "online"}
    assert facts.now() == "offline"


def test_names_of_threads_in_acknowledgements_make_them_known() -> None:
    log = Log()
    resumed = log.ask("resume_chat", {"thread_id": "T9"}, chat_id=CHAT)

    assert "T9" in chat_of(resumed).facts.threads


LATE: list[tuple[str, Json, Json]] = [
    (
        "login",
        {"customer": {"id": CUSTOMER}, "chats": [{"chat_id": CHAT, "has_unread_events": True}]},
        {},
    ),
    ("get_customer", {"id": CUSTOMER, "name": "Late"}, {}),
    ("list_group_statuses", {"groups_status": {"0": "online"}}, {}),
    ("update_customer_page", {"groups": [{"id": 0, "status": "online"}]}, {}),
    (
        "get_chat",
        {"id": CHAT, "access": {"group_ids": [1]}, "users": [{"id": AGENT}]},
        {"chat_id": CHAT},
    ),
    (
        "list_chats",
        {"chats_summary": [{"id": CHAT, "active": True, "access": {"group_ids": [1]}}]},
        {},
    ),
]


@pytest.mark.parametrize(("action", "answer", "arguments"), LATE)
def test_late_answers_set_no_register(action: str, answer: Json, arguments: Json) -> None:
    log = Log()
    record = log.answer(log.request(action, **arguments), answer, late=True)

    root = root_of(record)

    users = root.state.users
    assert users.customer.value is None
    assert users.profiles == {}
    assert root.state.availability.now() == "unknown"
    for state in root.chats.values():
        assert state.facts.access.value is None
        assert state.facts.confirmed == 0
        assert not state.facts.active.value
        assert not state.facts.has_unread.value
        assert state.facts.users.effective() == {}
