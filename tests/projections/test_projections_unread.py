"""Unread events and seen marks: over devices, own sends, absences, offline reading, restarts."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from projections_kit import Log, Step, Wire, folded, pairs, payload, stories, told
from projections_server_kit import CHAT, CUSTOMER, Server
from projections_walk_kit import Walker, absences, deeply, walked

from livechat_customer.models.commands import Cancelled, Command, Queued, encode
from livechat_customer.projections.chat_items import chat_item
from livechat_customer.projections.chats import UNREAD_KEPT
from livechat_customer.projections.hub import Hub
from livechat_customer.projections.root import RootFold
from livechat_customer.projections.values import ChatItem
from livechat_customer.records import COMMAND, Record


def item_of(root: RootFold) -> ChatItem:
    return chat_item(root, root.chats[CHAT], 0, {})


def check(root: RootFold, server: Server) -> None:
    item, unread = item_of(root), server.unread()
    assert (item.unread, item.has_unread) == (len(unread), bool(unread))
    mark = server.users[CUSTOMER].get("events_seen_up_to")
    assert item.events_seen_up_to_map.get(CUSTOMER) == mark


READING = ("agent_event", "customer_event", "customer_seen", "deactivate", "resume", "attach")


def conversations() -> st.SearchStrategy[list[Step]]:
    """Two devices of the customer and two agents, while this one is connected."""
    names = (*READING, "delete_event", "update_event", "get_chat", "login", "list_chats")
    name = st.sampled_from((*names, "deliver", "read", "settle"))
    return st.lists(st.tuples(name, st.integers(0, 3), st.integers(0, 7)), max_size=40)


@given(conversations())
def test_they_are_the_servers_once_its_pushes_are_in(steps: list[Step]) -> None:
    wire = told(steps)
    wire.finish()

    check(folded(wire.log.records).root, wire.server)


@given(absences("customer_seen", "delete_event", "remove_thread"))
def test_they_are_the_servers_after_absences(steps: list[Step]) -> None:
    wire = walked(steps, deeply)

    check(wire.fold().root, wire.server)


@given(stories(drops=True), st.data())
def test_a_restart_forgets_and_adds_nothing(steps: list[Step], data: st.DataObject) -> None:
    records = told(steps).log.records
    cut = data.draw(st.integers(0, len(records)))
    root = RootFold.decode(folded(records[:cut]).root.encode())
    for record in records[cut:]:
        root.apply(record, payload(record))
    whole = folded(records).root

    if CHAT in whole.chats:
        assert item_of(root) == item_of(whole)


def with_unread(count: int = 2) -> Wire:
    wire = Wire()
    for _ in range(count + 1):
        wire.do(("agent_event", 0, 0))
    wire.finish()
    return wire


def test_reading_and_writing_on_another_device_counts_here() -> None:
    for name in ("customer_seen", "customer_event"):
        wire = with_unread()
        assert item_of(folded(wire.log.records).root).unread == 2
        wire.do((name, 0, 0))
        wire.finish()
        check(folded(wire.log.records).root, wire.server)
        assert item_of(folded(wire.log.records).root).unread == 0


def test_what_was_read_elsewhere_while_away_is_read() -> None:
    wire = Walker()
    for _ in range(3):
        wire.do(("agent_event", 0, 0))
    wire.finish()
    wire.drop(0)
    wire.do(("customer_seen", 0, 0))
    wire.flying.clear()
    assert item_of(wire.fold().root).unread == 2, "nothing is known yet"
    wire.connect()
    wire.walk()

    check(wire.fold().root, wire.server)


def test_the_login_tells_of_unread_events_that_are_not_known() -> None:
    wire = with_unread(0)
    wire.drop(0)
    wire.do(("agent_event", 0, 0))
    wire.flying.clear()
    wire.connect()

    item = item_of(folded(wire.log.records).root)
    assert (item.unread, item.has_unread) == (0, True)
    wire.ask("get_chat")
    wire.finish()
    check(folded(wire.log.records).root, wire.server)


class Offline:
    """Unread events, and an outbox whose commands the test writes; no connection."""

    def __init__(self) -> None:
        wire = with_unread(3)
        wire.drop(0)
        self.log: Log = wire.log
        self.server = wire.server
        self.times = [event["created_at"] for event in wire.server.events()]

    def command(self, command: Command) -> Record:
        action, body = encode(command)
        return self.log.add(COMMAND, action, body, chat_id=CHAT)

    def mark(self, custom_id: str, until: str) -> None:
        self.command(Queued(custom_id, "mark_events_as_seen", seen_up_to=until))

    @property
    def counts(self) -> tuple[int, bool]:
        root = folded(self.log.records).root
        again = RootFold.decode(root.encode())
        item = item_of(root)
        assert item_of(again) == item, "a restart changes nothing"
        return item.unread, item.has_unread


def test_what_is_read_offline_is_read_at_once() -> None:
    it = Offline()
    assert it.counts == (3, True)
    it.mark("lcq-1", it.times[-2])
    assert it.counts == (1, True)
    it.mark("lcq-2", it.times[-1])
    assert it.counts == (0, False)


def test_what_is_not_told_to_the_server_after_all_is_unread_again() -> None:
    it = Offline()
    it.mark("lcq-1", it.times[-1])
    it.command(Cancelled("lcq-1"))

    assert it.counts == (3, True)


def test_a_mark_in_the_outbox_answers_what_the_login_told_before_and_not_after() -> None:
    it = Offline()
    told: dict[str, Any] = {"chats": [{"chat_id": CHAT, "has_unread_events": True}]}
    it.log.connect(it.server.login() | told)
    it.mark("lcq-1", it.times[-1])
    assert it.counts == (0, False)
    it.log.drop()
    it.log.connect(it.server.login() | told)
    assert it.counts == (0, True), "there may be others by now"


def test_the_views_show_at_once_what_was_read_offline() -> None:
    it = Offline()
    hub = Hub(RootFold(), seq=0, load=lambda _: None, report=lambda _, __: None)
    seen: list[int] = []
    hub.fold(pairs(it.log.records))
    hub.publish()
    hub.chats.subscribe(lambda chats: seen.append(chats[0].unread))
    it.mark("lcq-1", it.times[-1])
    hub.fold(pairs(it.log.records[-1:]))
    hub.publish()

    assert seen == [3, 0]


def crowd(count: int) -> list[Record]:
    """That many events of somebody else."""
    log = Log()
    log.connect(Server().login())
    for number in range(count):
        at = f"2025-01-01T{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}.000001Z"
        event = {"id": f"T_{number}", "type": "message", "author_id": "a", "created_at": at}
        log.push(("incoming_event", {"chat_id": CHAT, "thread_id": "T", "event": event}))
    return log.records


def test_of_very_many_the_newest_are_counted_in_whatever_order_they_come() -> None:
    records = crowd(UNREAD_KEPT + 30)
    login, pushes = records[:4], records[4:]
    shuffled = sorted(pushes, key=lambda record: (record.seq * 7919) % 1_009)
    newest = {f"T_{number}" for number in range(30, UNREAD_KEPT + 30)}
    for order in (pushes, pushes[::-1], shuffled):
        root = folded([*login, *order]).root
        assert root.chats[CHAT].facts.unread.keys() == newest
        assert item_of(root).unread == UNREAD_KEPT


def test_of_very_many_some_may_be_deleted_and_read_meanwhile() -> None:
    records = crowd(UNREAD_KEPT + 30)
    fold = folded(records)
    log = Log()
    log.records = records
    state = fold.root.chats[CHAT]
    place = {"chat_id": CHAT, "thread_id": "T"}

    def told(action: str, body: dict[str, Any]) -> None:
        record = log.push((action, place | body))
        fold.apply(record, payload(record))

    def come(number: int) -> None:
        at = f"2025-01-02T12:00:{number:02}.000001Z"
        event = {"id": f"N_{number}", "type": "message", "author_id": "a", "created_at": at}
        told("incoming_event", {"event": event})

    come(1)
    told("event_deleted", {"event_id": f"T_{UNREAD_KEPT}"})
    assert len(state.facts.unread) == UNREAD_KEPT - 1
    come(2)
    come(3)
    assert len(state.facts.unread) == UNREAD_KEPT
    assert {"N_1", "N_2", "N_3"} <= state.facts.unread.keys()
    until = "2025-01-02T12:00:02.000001Z"
    told("events_marked_as_seen", {"user_id": CUSTOMER, "seen_up_to": until})
    assert state.facts.unread.keys() == {"N_3"}
