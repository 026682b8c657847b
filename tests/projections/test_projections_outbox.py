"""The outbox is a fold of the log: its commands, and what the server says of the attempts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from projections_outbox_kit import AGENT, CHAT, ME, THREAD, Desk, at, chat, event, told

from livechat_customer.models.commands import START_CHAT, Attempted, Cleared
from livechat_customer.projections.outbox_asked import custom_ids
from livechat_customer.projections.outbox_memory import REMEMBERED
from livechat_customer.projections.root import RootFold

LOCAL = "local:lcq-1"
ONE = "lcq-1"
TWO = "lcq-2"


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.login()
    return desk


def test_a_message_is_queued_sent_and_shown(desk: Desk) -> None:
    queued = desk.queue(ONE)
    assert [entry.custom_id for entry in desk.outbox] == [ONE]
    assert desk.entry(ONE).state == "queued"
    assert desk.entry(ONE).queued_at == queued.recorded_at

    request = desk.attempt(ONE)
    entry = desk.entry(ONE)
    assert (entry.state, entry.tries) == ("sending", 1)
    (attempt,) = entry.attempts
    assert attempt.request_id == request.request_id
    assert (attempt.action, attempt.thread_id, attempt.connection) == ("send_event", THREAD, 1)

    desk.reply(request, {"event_id": f"{THREAD}_5"})
    assert desk.outbox.entry(ONE) is None
    assert told(desk.outbox) == [("sent", ONE, f"{THREAD}_5")]

    desk.show(event(5, ONE), request)
    (shown,) = desk.outbox.settled()
    assert (shown.kind, shown.thread_id, shown.chat_id) == ("shown", THREAD, CHAT)
    assert shown.event is not None
    assert (shown.event.id, shown.event.thread_id) == (f"{THREAD}_5", THREAD)
    assert not desk.outbox.facts.unshown


def test_the_push_may_come_before_the_answer(desk: Desk) -> None:
    desk.queue(ONE)
    request = desk.attempt(ONE)
    desk.show(event(5, ONE), request)
    desk.reply(request, {"event_id": f"{THREAD}_5"})

    (sent,) = desk.outbox.settled()
    assert (sent.kind, sent.event_id) == ("sent", f"{THREAD}_5")
    assert sent.event is not None
    assert not desk.outbox.facts.unshown


def test_a_push_without_the_custom_id_counts_as_it_answers_the_request(desk: Desk) -> None:
    desk.queue(ONE)
    request = desk.attempt(ONE)
    desk.show(event(4, author=AGENT), request)
    assert desk.entry(ONE).state == "sending"

    desk.show(event(5), request)
    assert told(desk.outbox) == [("sent", ONE, f"{THREAD}_5")]


def test_an_answer_and_an_event_without_the_custom_id_are_of_one_entry(desk: Desk) -> None:
    desk.queue(ONE)
    desk.reply(desk.attempt(ONE), {"event_id": f"{THREAD}_5"})
    desk.show(event(5))

    assert told(desk.outbox) == [("sent", ONE, f"{THREAD}_5"), ("shown", ONE, f"{THREAD}_5")]


@pytest.mark.parametrize("shown_by", ["incoming_event", "get_chat", "list_threads", "list_chats"])
def test_whatever_shows_the_event_ends_the_doubt(desk: Desk, shown_by: str) -> None:
    desk.queue(ONE)
    desk.attempt(ONE)
    desk.drop()
    assert desk.entry(ONE).state == "unknown"
    assert desk.entry(ONE).in_doubt
    desk.login()
    assert desk.entry(ONE).state == "unknown"

    body = event(5, ONE)
    match shown_by:
        case "incoming_event":
            desk.show(body)
        case "get_chat":
            desk.ask_chat(event(1, author=AGENT), body)
        case "list_threads":
            answer = {"threads": [chat(body)["thread"]], "found_threads": 1}
            desk.ask("list_threads", answer, chat_id=CHAT)
        case _:
            last = {"message": {"event": body, "thread_id": THREAD, "thread_created_at": at(0)}}
            summary = {"id": CHAT, "last_event_per_type": last, "last_thread_id": THREAD}
            desk.ask("list_chats", {"chats_summary": [summary]})

    assert desk.outbox.entry(ONE) is None
    assert told(desk.outbox) == [("sent", ONE, f"{THREAD}_5")]


@pytest.mark.parametrize("own_id", [False, True])
@pytest.mark.parametrize("shown_by", ["incoming_event", "incoming_chat", "get_chat"])
def test_a_system_message_is_known_without_an_author(
    desk: Desk, shown_by: str, own_id: bool
) -> None:
    custom_id = "mine" if own_id else ONE
    desk.queue(custom_id, own_id=own_id)
    desk.attempt(custom_id)
    desk.drop()
    desk.login()
    body = event(5, custom_id, author=None)
    match shown_by:
        case "incoming_event":
            desk.show(body)
        case "incoming_chat":
            desk.push(("incoming_chat", {"chat": chat(body)}))
        case _:
            desk.ask_chat(body)

    assert told(desk.outbox) == [("sent", custom_id, f"{THREAD}_5")]


def test_an_agents_event_with_the_custom_id_is_not_ours(desk: Desk) -> None:
    desk.queue(ONE)
    desk.show(event(5, ONE, author=AGENT))

    assert desk.entry(ONE).state == "queued"


def test_an_event_of_another_chat_is_not_the_entrys(desk: Desk) -> None:
    desk.queue("mine", "SOTHER", own_id=True)
    desk.show(event(5, "mine"))

    assert desk.entry("mine").state == "queued"


ENDS: dict[str, Callable[[Desk], object]] = {
    "disconnected": Desk.drop,
    "opened": lambda desk: desk.fact("opened", epoch=2),
    "destroyed": lambda desk: desk.fact("destroyed", reason="manual"),
}


@pytest.mark.parametrize("end", ENDS)
def test_an_end_leaves_what_was_being_sent_in_doubt(desk: Desk, end: str) -> None:
    desk.queue(ONE)
    desk.queue(TWO, "SOTHER")
    desk.mark("lcq-m", at(9), "STHIRD")
    desk.attempt(ONE)
    desk.attempt("lcq-m", "mark_events_as_seen")
    ENDS[end](desk)

    assert desk.entry(ONE).state == "unknown"
    assert desk.entry(ONE).error is not None
    assert desk.entry(TWO).state == "queued"
    assert desk.entry("lcq-m").state == "queued", "marking twice does no harm"


def test_what_waits_is_sent_again_only_when_a_search_cleared_it(desk: Desk) -> None:
    desk.queue(ONE)
    first = desk.attempt(ONE)
    desk.doubt(first, ONE)
    assert desk.entry(ONE).state == "unknown"
    desk.command(Cleared(ONE, "another"))
    assert desk.entry(ONE).state == "unknown"
    desk.clear(ONE)
    assert (desk.entry(ONE).state, desk.entry(ONE).in_doubt) == ("queued", False)

    second = desk.attempt(ONE)
    desk.doubt(first, ONE)
    assert desk.entry(ONE).state == "sending", "the doubt is of the attempt before"
    desk.reply(second, {"event_id": f"{THREAD}_6"})
    assert told(desk.outbox) == [("sent", ONE, f"{THREAD}_6")]


@pytest.mark.parametrize(
    ("error", "state", "in_doubt", "recheck"),
    [
        ("internal", "unknown", True, False),
        ("too_many_requests", "queued", False, False),
        ("chat_inactive", "queued", False, True),
        ("groups_offline", "waiting", False, False),
        ("validation", "failed", False, False),
    ],
)
def test_a_refusal_says_what_becomes_of_it(
    desk: Desk, error: str, state: str, in_doubt: bool, recheck: bool
) -> None:
    desk.queue(ONE)
    refused = desk.refuse(desk.attempt(ONE), error)
    entry = desk.entry(ONE)

    assert (entry.state, entry.in_doubt, entry.recheck) == (state, in_doubt, recheck)
    assert entry.error is not None
    assert (entry.error.code, entry.error.message) == (error.upper(), f"It says {error}")
    assert (entry.since, entry.refusals) == (refused.recorded_at, 1)
    assert len(entry.attempts) == int(in_doubt), "what was refused for sure had no effect"
    assert told(desk.outbox) == ([("failed", ONE, None)] if state == "failed" else [])

    desk.attempt(ONE)
    assert (entry.recheck, entry.tries) == (False, 2)
    assert entry.error is None


def test_a_late_answer_still_says_what_came_of_it(desk: Desk) -> None:
    for custom_id, chat_id in ((ONE, CHAT), (TWO, "SOTHER")):
        desk.queue(custom_id, chat_id)
    sent, refused = desk.attempt(ONE), desk.attempt(TWO)
    desk.drop()
    desk.reply(sent, {"event_id": f"{THREAD}_5"}, late=True)
    desk.refuse(refused, "validation", late=True)

    assert desk.outbox.entry(ONE) is None
    assert (desk.entry(TWO).state, desk.entry(TWO).in_doubt) == ("failed", False)


def test_an_answer_to_an_older_attempt_may_still_send_it(desk: Desk) -> None:
    desk.queue(ONE)
    first = desk.attempt(ONE)
    desk.drop()
    desk.clear(ONE)
    desk.login()
    second = desk.attempt(ONE)
    desk.refuse(first, "validation", late=True)
    assert desk.entry(ONE).state == "sending"
    assert [each.request_id for each in desk.entry(ONE).attempts] == [second.request_id]

    desk.drop()
    desk.clear(ONE)
    desk.attempt(ONE)
    desk.reply(second, {"event_id": f"{THREAD}_5"}, late=True)
    assert told(desk.outbox) == [("sent", ONE, f"{THREAD}_5")]


def test_a_retry_begins_anew_and_keeps_the_place(desk: Desk) -> None:
    desk.queue(ONE)
    desk.queue(TWO)
    desk.refuse(desk.attempt(ONE), "validation")
    desk.retry(ONE)

    entry = desk.entry(ONE)
    assert (entry.state, entry.refusals) == ("queued", 0)
    assert entry.error is None
    assert [each.custom_id for each in desk.outbox.queue(CHAT)] == [ONE, TWO]


def test_a_retry_does_not_end_a_doubt(desk: Desk) -> None:
    desk.queue(ONE)
    desk.attempt(ONE)
    desk.drop()
    desk.expire(ONE)
    assert (desk.entry(ONE).state, desk.entry(ONE).in_doubt) == ("failed", True)

    desk.retry(ONE)
    assert (desk.entry(ONE).state, desk.entry(ONE).asked) == ("unknown", True)
    desk.clear(ONE)
    assert (desk.entry(ONE).state, desk.entry(ONE).asked) == ("queued", False)


def test_what_was_cancelled_is_gone_and_may_still_turn_out_to_be_there(desk: Desk) -> None:
    desk.queue(ONE)
    desk.queue(TWO)
    desk.attempt(ONE)
    desk.drop()
    desk.cancel(ONE)
    desk.cancel(TWO)
    assert len(desk.outbox) == 0
    desk.ask_chat(event(5, ONE))

    assert told(desk.outbox) == [
        ("cancelled", ONE, None),
        ("cancelled", TWO, None),
        ("shown", ONE, f"{THREAD}_5"),
    ]


@pytest.mark.parametrize(("code", "goes_on"), [("restored", True), ("identity_changed", False)])
def test_nothing_parked_is_sent_by_itself(desk: Desk, code: str, goes_on: bool) -> None:
    desk.queue(ONE)
    desk.queue(TWO, "SOTHER")
    desk.attempt(ONE)
    desk.park(code)
    later = desk.queue("lcq-3")

    assert [(entry.state, entry.parked) for entry in desk.outbox] == [
        ("failed", code),
        ("failed", code),
        ("queued", None),
    ]
    assert later.seq == desk.entry("lcq-3").seq
    error = desk.entry(ONE).error
    assert error is not None
    assert error.code == code.upper()
    desk.retry(ONE)
    desk.retry(TWO)
    assert desk.entry(ONE).state == ("unknown" if goes_on else "failed")
    assert desk.entry(TWO).state == ("queued" if goes_on else "failed")

    desk.show(event(5, ONE))
    assert desk.outbox.entry(ONE) is None, "parked or not: the server has it"


def test_heads_are_one_for_each_chat(desk: Desk) -> None:
    def heads() -> list[str]:
        return [entry.custom_id for entry in desk.outbox.heads()]

    assert heads() == []
    desk.queue(ONE)
    desk.queue(TWO)
    desk.queue("lcq-3", "SOTHER")
    assert heads() == [ONE, "lcq-3"]
    request = desk.attempt(ONE)
    desk.mark("lcq-m", at(9))
    assert heads() == [ONE, "lcq-3"], "one unfinished attempt at a time"
    desk.reply(request, {"event_id": f"{THREAD}_5"})
    assert heads() == ["lcq-3", "lcq-m"], "marks go first"
    assert [each.custom_id for each in desk.outbox.queue(CHAT)] == ["lcq-m", TWO]

    desk.refuse(desk.attempt("lcq-m", "mark_events_as_seen"), "not_found")
    assert desk.entry("lcq-m").state == "failed"
    assert heads() == [TWO, "lcq-3"], "a failed mark blocks nothing"
    desk.refuse(desk.attempt(TWO), "validation")
    assert heads() == [TWO, "lcq-3"], "a failed message does"
    desk.cancel(TWO)
    assert heads() == ["lcq-3"]


def test_a_mark_ends_with_its_answer(desk: Desk) -> None:
    desk.mark("lcq-m", at(9))
    desk.reply(desk.attempt("lcq-m", "mark_events_as_seen"), {})

    assert told(desk.outbox) == [("sent", "lcq-m", None)]
    assert not desk.outbox.used("lcq-m"), "no event has it"


def test_a_started_chat_takes_the_place_of_the_local_one(desk: Desk) -> None:
    desk.queue(ONE, LOCAL)
    desk.queue(TWO, LOCAL)
    assert desk.outbox.resolve(LOCAL) == LOCAL
    request = desk.attempt(ONE, START_CHAT)
    answer = {"chat_id": "SNEW", "thread_id": "STNEW", "event_ids": ["STNEW_1"]}
    desk.reply(request, answer)

    (sent,) = desk.outbox.settled()
    assert (sent.chat_id, sent.thread_id, sent.event_id) == ("SNEW", "STNEW", "STNEW_1")
    assert desk.outbox.resolve(LOCAL) == "SNEW"
    assert [entry.custom_id for entry in desk.outbox.queue(LOCAL)] == [TWO]
    assert [entry.custom_id for entry in desk.outbox.queue("SNEW")] == [TWO]


def test_a_start_in_doubt_is_told_by_the_event_in_whatever_chat_it_is(desk: Desk) -> None:
    desk.queue(ONE, LOCAL)
    desk.attempt(ONE, START_CHAT)
    desk.drop()
    desk.login()
    desk.ask_chat(event(1, ONE))

    assert desk.outbox.resolve(LOCAL) == CHAT
    assert told(desk.outbox) == [("sent", ONE, f"{THREAD}_1")]


def test_a_mapped_chats_entries_stand_among_the_real_ones_by_age(desk: Desk) -> None:
    desk.queue(ONE, LOCAL)
    desk.queue(TWO)
    desk.queue("lcq-3", LOCAL)
    desk.map(LOCAL, CHAT)
    desk.map(LOCAL, "SOTHER")

    assert [entry.custom_id for entry in desk.outbox.queue(CHAT)] == [ONE, TWO, "lcq-3"]
    assert [entry.custom_id for entry in desk.outbox.heads()] == [ONE]


def test_a_second_event_of_an_entry_is_a_double(desk: Desk) -> None:
    desk.queue(ONE)
    desk.attempt(ONE)
    desk.drop()
    desk.clear(ONE)
    desk.login()
    desk.reply(desk.attempt(ONE), {"event_id": f"{THREAD}_6"})
    desk.show(event(6, ONE))
    desk.outbox.settled()
    desk.ask_chat(event(4, ONE), event(6, ONE))
    desk.show(event(4, ONE))

    (doubled,) = desk.outbox.settled()
    assert (doubled.kind, doubled.event_id) == ("doubled", f"{THREAD}_4")
    assert desk.outbox.doubles(CHAT) == {f"{THREAD}_4": ONE}
    again = RootFold.decode(desk.hub.root.encode())
    assert again.outbox.doubles(CHAT) == {f"{THREAD}_4": ONE}


def test_of_doubles_shown_at_once_the_oldest_stands_for_the_entry(desk: Desk) -> None:
    desk.queue(ONE)
    for _ in range(2):
        desk.attempt(ONE)
        desk.drop()
        desk.clear(ONE)
        desk.login()
    desk.ask_chat(event(10, ONE), event(9, ONE), event(11, ONE))

    assert desk.outbox.doubles(CHAT) == {f"{THREAD}_{number}": ONE for number in (10, 11)}


def test_an_entry_sent_at_once_is_forgotten_in_the_end(desk: Desk) -> None:
    for number in range(REMEMBERED + 2):
        desk.queue(f"lcq-{number}")
        desk.show(event(number + 1, f"lcq-{number}"), desk.attempt(f"lcq-{number}"))

    assert len(desk.outbox.facts.sent) == REMEMBERED
    assert not desk.outbox.facts.doubted
    assert not desk.outbox.requests
    desk.show(event(REMEMBERED + 9, f"lcq-{REMEMBERED}"))
    assert desk.outbox.doubles(CHAT) == {f"{THREAD}_{REMEMBERED + 9}": f"lcq-{REMEMBERED}"}


def test_custom_ids_of_the_stream_are_known(desk: Desk) -> None:
    desk.queue("mine", own_id=True)
    desk.queue(ONE)
    desk.show(event(3, "direct"))
    desk.show(event(4, "theirs", author=AGENT))
    desk.ask_chat(event(2, "older"))
    assert [desk.outbox.used(each) for each in ("mine", ONE, "direct", "older")] == [True] * 4
    assert not desk.outbox.used("theirs")

    desk.cancel("mine")
    assert desk.outbox.used("mine")
    assert sorted(desk.outbox.facts.used) == ["direct", "mine", "older"]


def test_custom_ids_seen_before_the_customer_is_known_count_too() -> None:
    desk = Desk()
    desk.show(event(3, "direct"))
    desk.show(event(4, "theirs", author=AGENT))
    assert not desk.outbox.used("direct")
    desk.fact("customer_id", customer_id=ME)

    assert desk.outbox.used("direct")
    assert not desk.outbox.used("theirs")
    assert not desk.outbox.facts.unclaimed


def test_what_names_no_entry_changes_nothing(desk: Desk) -> None:
    desk.queue(ONE)
    before = desk.hub.root.digest()
    desk.queue(ONE, "SOTHER")
    desk.retry("lcq-9")
    desk.cancel("lcq-9")
    desk.command(Attempted("lcq-9", "r", "send_event"))
    desk.add("command", "outbox_later", b'{"command":"outbox_later"}')
    desk.add("command", "outbox_queued", b"{")

    assert desk.hub.root.digest() == before


def test_nobody_is_told_who_does_not_follow() -> None:
    desk = Desk()
    desk.state.root.outbox.follow()
    desk.state.root.outbox.follow()
    quiet = RootFold()
    desk.queue(ONE)
    desk.cancel(ONE)

    assert told(desk.state.root.outbox) == [("cancelled", ONE, None)]
    assert told(desk.state.root.outbox) == []
    assert told(quiet.outbox) == []


@pytest.mark.parametrize(
    ("frame", "found"),
    [
        (b'{"payload": {"event": {"custom_id": "a"}}}', ["a"]),
        (b'{"payload": {"chat": {"thread": {"events": [{"custom_id": "a"}, {}]}}}}', ["a"]),
        (b'{"payload": {"event": {"custom_id": null}, "chat": {"id": "C"}}}', []),
        (b'{"payload": {"event": {"custom_id": 7}}}', []),
        (b'{"payload": []}', []),
        (b"[" * 100_000, []),
    ],
)
def test_the_custom_ids_of_a_request(frame: bytes, found: list[str]) -> None:
    assert custom_ids(frame) == found
