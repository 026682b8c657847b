"""The fold of a chat's content takes what concerns it, and late records for what they are worth."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from projections_kit import Log, payload
from projections_server_kit import AGENT, CHAT, CUSTOMER

from livechat_customer.models.wire.events import Message
from livechat_customer.projections.chat import ChatFold
from livechat_customer.records import Record

T = "STHREAD000"


def event(number: int, text: str = "hi", **fields: Any) -> dict[str, Any]:
    at = f"2025-01-01T12:00:{number:02}.000001Z"
    body = {"id": f"{T}_{number}", "type": "message", "created_at": at, "author_id": AGENT}
    return body | {"text": text} | fields


def incoming(number: int, **fields: Any) -> tuple[str, dict[str, Any]]:
    body = {"chat_id": CHAT, "thread_id": T, "event": event(number, **fields)}
    return ("incoming_event", body)


def about(action: str, number: int, **fields: Any) -> tuple[str, dict[str, Any]]:
    body = {"chat_id": CHAT, "thread_id": T, "event_id": f"{T}_{number}"}
    return (action, body | fields)


def folded(*records: Record) -> ChatFold:
    fold = ChatFold(CHAT)
    for record in records:
        fold.apply(record, payload(record))
    return fold


def texts(fold: ChatFold) -> list[str]:
    return [
        entry.event.text for entry in fold.content(T).items() if isinstance(entry.event, Message)
    ]


def test_pushes_in_order_take_the_short_way_and_end_as_by_the_long_one() -> None:
    log = Log()
    pushes = [log.push(incoming(number)) for number in range(5)]
    short, long = ChatFold(CHAT), ChatFold(CHAT)
    for push in pushes:
        short.apply(push, payload(push))
    for push in reversed(pushes):
        long.apply(push, payload(push))

    assert short.document() == long.document()


def test_threads_that_changed_are_told() -> None:
    log = Log()
    fold = folded(log.push(incoming(1)))
    assert fold.touched == {T}
    fold.touched.clear()

    update = log.push(about("event_properties_updated", 1, properties={"ns": {"a": 1}}))
    fold.apply(update, payload(update))

    assert fold.touched == {T}


def test_records_of_no_interest_change_nothing() -> None:
    log = Log()
    fold = folded(
        log.request("get_chat", chat_id=CHAT),
        log.push(("chat_deactivated", {"chat_id": CHAT, "thread_id": T})),
        log.push(("unheard_of", {"chat_id": CHAT})),
        log.answer(log.request("get_chat", chat_id=CHAT), {"error": {}}, success=False),
        log.push(incoming(1, id="")),
    )

    assert fold.document() == ChatFold(CHAT).document()


def test_another_chat_in_a_record_of_this_one_is_left_out() -> None:
    log = Log()
    other: dict[str, Any] = {"id": "OTHER", "thread": {"id": T, "events": [event(1)]}}
    record = log.answer(log.request("get_chat", chat_id=CHAT), other)

    assert folded(record).threads == {}


LATE: list[tuple[tuple[str, dict[str, Any]], list[str]]] = [
    (incoming(2), ["hi", "hi"]),
    (("event_updated", incoming(1, text="updated")[1]), ["hi"]),
    (about("event_deleted", 1), []),
]


@pytest.mark.parametrize(("push", "expected"), LATE)
def test_late_pushes_count_for_what_cannot_be_taken_back(
    push: tuple[str, dict[str, Any]], expected: list[str]
) -> None:
    log = Log()
    answer = {"threads": [{"id": T, "events": [event(1)]}]}
    shown = log.answer(log.request("list_threads", chat_id=CHAT), answer)

    assert texts(folded(shown, log.push(push, late=True))) == expected


def test_late_changes_of_properties_and_toggles_are_dropped() -> None:
    log = Log()
    late = [
        log.push(about("event_properties_updated", 1, properties={"ns": {"a": 2}}), late=True),
        log.push(about("event_properties_deleted", 1, properties={"ns": ["a"]}), late=True),
    ]
    created = log.push(incoming(1, properties={"ns": {"a": 1}}))

    (entry,) = folded(*late, created).content(T).items()

    assert entry.event.properties == {"ns": {"a": 1}}


def test_a_late_answer_is_no_word_on_what_is_missing() -> None:
    log = Log()
    created = log.push(incoming(1))
    answers = [
        log.answer(log.request("list_threads", chat_id=CHAT), {"threads": [{"id": T}]}, late=True)
        for _ in range(2)
    ]

    assert texts(folded(created, *answers)) == ["hi"]


Join = tuple[str, dict[str, Any]]
JOINS: list[Join] = [
    *(incoming(number, text=f"n{number}") for number in range(6)),
    about("event_deleted", 2),
    about("event_deleted", 5),
]


@given(st.permutations(JOINS), st.lists(st.sampled_from(JOINS), max_size=8))
def test_join_facts_may_come_in_any_order_and_any_number_of_times(
    order: list[Join], again: list[Join]
) -> None:
    log = Log()

    fold = folded(*(log.push(push) for push in [*order, *again]))

    assert texts(fold) == ["n0", "n1", "n3", "n4"]


def test_a_unknown_event_type_is_kept() -> None:
    log = Log()
    odd = log.push(incoming(1, type="hologram", depth=3))

    (entry,) = folded(odd).content(T).items()

    assert entry.event.type == "hologram"


def test_own_and_others_events_stand_together() -> None:
    log = Log()
    fold = folded(log.push(incoming(1)), log.push(incoming(2, author_id=CUSTOMER)))

    items = list(fold.content(T).items())

    assert [entry.event.author_id for entry in items] == [AGENT, CUSTOMER]
    assert all(one.event.created_at < two.event.created_at for one, two in pairwise(items))
