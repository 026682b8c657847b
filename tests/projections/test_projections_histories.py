"""The folds against a server: whatever is asked when, the end is the server's state."""

from __future__ import annotations

import itertools

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from projections_kit import (
    OF_CHAT,
    Frame,
    Log,
    Step,
    Wire,
    canonical,
    folded,
    payload,
    picture,
    pruned,
    stories,
    told,
)
from projections_server_kit import CHAT, OPS, Op, Server

from livechat_customer.projections.digests import StateFold, shared_document
from livechat_customer.projections.root import RootFold
from livechat_customer.records import RESPONSE, Record

THEMES: dict[str, tuple[Op, ...]] = {
    "events": (
        ("agent_event", 0, 0),
        ("update_event", 0, 1),
        ("set_event_property", 0, 2),
        ("delete_event_property", 0, 2),
        ("delete_event", 0, 0),
    ),
    "toggles": (
        ("rich_event", 0, 0),
        ("toggle", 0, 0),
        ("toggle", 0, 2),
        ("toggle", 0, 6),
    ),
    "threads": (
        ("deactivate", 0, 0),
        ("resume", 1, 0),
        ("customer_event", 0, 0),
        ("set_thread_property", 0, 1),
        ("delete_thread_property", 0, 1),
    ),
    "users": (
        ("agent_event", 0, 0),
        ("agent_leaves", 0, 0),
        ("agent_seen", 0, 0),
        ("customer_seen", 0, 0),
        ("queue", 0, 3),
        ("update_customer", 0, 4),
    ),
    "chat": (
        ("set_chat_property", 0, 1),
        ("delete_chat_property", 0, 1),
        ("transfer", 0, 3),
        ("agent_event", 0, 0),
        ("deactivate", 0, 0),
    ),
    "customer": (
        ("update_customer", 0, 1),
        ("group_status", 0, 1),
        ("group_status", 0, 0),
        ("greet", 0, 0),
        ("accept_greeting", 0, 0),
        ("cancel_greeting", 0, 0),
    ),
}
ASKED: dict[str, tuple[str, ...]] = {
    "events": ("get_chat",),
    "toggles": ("get_chat",),
    "threads": ("get_chat", "list_threads", "list_chats"),
    "users": ("get_chat", "list_chats"),
    "chat": ("get_chat", "list_chats"),
    "customer": ("login", "get_customer", "list_group_statuses"),
}


START: Op = ("resume", 0, 0)
Placement = tuple[int, int, int]


class History:
    """What a server did: its pushes, and what it would have answered after each operation."""

    def __init__(self, ops: tuple[Op, ...], actions: tuple[str, ...]) -> None:
        server = Server()
        self.login = Frame.of_answer("login", server.login())
        self.pushes: list[Frame] = []
        self.after: list[int] = []
        """Pushes there were after each operation."""
        self.answers: dict[str, list[Frame | None]] = {action: [] for action in actions}
        for op in (START, *ops):
            self.pushes += map(Frame.of_push, server.do(op))
            self.after.append(len(self.pushes))
            for action, answers in self.answers.items():
                answer = server.answer(action)
                answers.append(Frame.of_answer(action, answer) if answer is not None else None)
        self.end = canonical(server.picture())


def asked(log: Log, action: str) -> Record:
    return log.request(action, **({"chat_id": CHAT} if action in OF_CHAT else {}))


def placed(history: History, action: str, placement: Placement) -> list[Record]:
    """The log: the answer was asked for when some pushes had come, read after some operations,
    and came when some pushes had."""
    at, read, arrived = placement
    log = Log()
    log.connect(history.login)
    for push in history.pushes[:at]:
        log.push(push)
    request = asked(log, action)
    for push in history.pushes[at:arrived]:
        log.push(push)
    answer = history.answers[action][read]
    if answer is not None:
        log.answer(request, answer)
    for push in history.pushes[arrived:]:
        log.push(push)
    return log.records


def placements(history: History) -> list[Placement]:
    """Every moment at which one answer can be asked for, read by the server, and come."""
    count = len(history.pushes)
    return [
        (at, read, arrived)
        for at in range(count + 1)
        for read, done in enumerate(history.after)
        if done >= at
        for arrived in range(at, count + 1)
    ]


@pytest.mark.slow
@pytest.mark.parametrize("theme", THEMES)
def test_every_small_history_ends_in_the_servers_state(theme: str) -> None:
    """Up to four operations (the chat's start is one), one answer anywhere in flight."""
    for ops in itertools.product(THEMES[theme], repeat=3):
        history = History(ops, ASKED[theme])
        for action in ASKED[theme]:
            for placement in placements(history):
                records = placed(history, action, placement)
                assert canonical(picture(folded(records))) == history.end, (ops, action, placement)


def last_arrival_wins(records: list[Record]) -> list[Record]:
    """The same log, with answers dated by their arrival."""
    return [
        msgspec.structs.replace(record, ref=record.seq) if record.kind == RESPONSE else record
        for record in records
    ]


def test_without_the_stamp_rule_small_histories_end_wrong() -> None:
    """The property above can fail: it does when answers count as of their arrival."""
    wrong = total = 0
    for ops in itertools.product(THEMES["events"], repeat=2):
        history = History(ops, ("get_chat",))
        for placement in placements(history):
            records = last_arrival_wins(placed(history, "get_chat", placement))
            total += 1
            wrong += canonical(picture(folded(records))) != history.end

    assert wrong > total / 20


@given(stories())
def test_every_history_ends_in_the_servers_state(steps: list[Step]) -> None:
    """Any operations, any number of answers in flight, pushes in their order."""
    wire = told(steps)
    wire.finish()

    assert canonical(picture(folded(wire.log.records))) == canonical(wire.server.picture())


@given(stories(drops=True, without=["delete_event"]), st.integers(0, 3))
def test_after_a_drop_one_answer_heals(steps: list[Step], late: int) -> None:
    wire = told(steps)
    wire.drop(late)
    wire.connect()
    wire.ask("get_chat")
    wire.finish()

    fold = folded(wire.log.records)
    document = shared_document(fold.root, fold.chats)

    assert pruned(document) == pruned(wire.server.document())


@given(stories(drops=True), st.integers(0, 3))
def test_after_a_drop_two_answers_heal_deletions_too(steps: list[Step], late: int) -> None:
    """What was deleted unseen is missing in the first answer and gone with the second."""
    wire = told(steps)
    wire.drop(late)
    wire.connect()
    for _ in range(2):
        wire.ask("get_chat")
        wire.settle(0)
    wire.finish()

    fold = folded(wire.log.records)
    document = shared_document(fold.root, fold.chats)

    assert pruned(document) == pruned(wire.server.document())


@given(stories(drops=True), st.data())
def test_records_read_in_any_order_and_in_slices_give_one_state(
    steps: list[Step], data: st.DataObject
) -> None:
    wire = told(steps)
    records = wire.log.records
    shuffled = data.draw(st.permutations(records))
    again = data.draw(st.lists(st.sampled_from(records), max_size=10))
    cut = data.draw(st.integers(0, len(records)))

    expected = folded(records)
    newest_first = folded(records[:cut], folded(records[cut:]))

    assert folded([*shuffled, *again]).document() == expected.document()
    assert newest_first.digest() == expected.digest()


@given(stories(drops=True))
def test_a_prefix_gives_the_state_of_that_moment(steps: list[Step]) -> None:
    records = told(steps).log.records
    live = StateFold()
    digests: list[str] = []
    for record in records:
        live.apply(record, payload(record))
        digests.append(live.digest())

    for end in range(0, len(records), 7):
        assert folded(records[: end + 1]).digest() == digests[end]


@given(stories(drops=True))
def test_a_snapshot_goes_on_as_the_fold_it_was_taken_of(steps: list[Step]) -> None:
    records = told(steps).log.records
    half = len(records) // 2
    whole = folded(records).root
    root = RootFold.decode(folded(records[:half]).root.encode())
    for record in records[half:]:
        root.apply(record, payload(record))

    assert root.digest() == whole.digest()
    assert root.encode() == whole.encode()


JOINS = frozenset(
    {
        "incoming_event",
        "event_deleted",
        "chat_deactivated",
        "events_marked_as_seen",
        "greeting_accepted",
        "greeting_canceled",
    }
)
"""Pushes that say what can't be taken back."""


def joined(start: list[Record], pushes: list[Frame]) -> dict[str, object]:
    """What join facts say, in whatever order these pushes came after the start."""
    log = Log()
    log.records = list(start)
    for push in pushes:
        log.push(push)
    fold = folded(log.records)
    state = fold.root.chats[CHAT]
    found = canonical(picture(fold))["chat"]
    return {
        "events": [thread["events"] for thread in found["threads"]],
        "closed": [state.facts.threads[name].closed_seq is None for _, name in state.order],
        "seen": {name: seen.until for name, seen in state.facts.seen.items()},
        "unread": found["unread"],
        "accepted": sorted(fold.root.state.greeting.accepted),
        "ended": sorted(fold.root.state.greeting.ended),
    }


@given(stories(), st.data())
def test_join_facts_may_come_in_any_order_and_any_number_of_times(
    steps: list[Step], data: st.DataObject
) -> None:
    wire = Wire()
    wire.do(START)
    wire.deliver(len(wire.flying))
    start = list(wire.log.records)
    for name, which, what in steps:
        if name in OPS:
            wire.do((name, which, what))
    pushes = [push for push in wire.flying if push.action in JOINS]
    again = data.draw(st.lists(st.sampled_from(pushes), max_size=6)) if pushes else []

    shuffled = data.draw(st.permutations([*pushes, *again]))

    assert joined(start, shuffled) == joined(start, pushes)
