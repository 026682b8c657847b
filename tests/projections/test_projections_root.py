"""The root fold: who the customer is, what changed, snapshots, digests."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from projections_kit import Log, Step, folded, payload, stories, told
from projections_server_kit import CHAT, CUSTOMER, Json, Server

from livechat_customer.models.canonical import digest
from livechat_customer.projections.root import PROJECTOR, Changes, RootFold
from livechat_customer.records import Record


def root_of(*records: Record, into: RootFold | None = None) -> RootFold:
    fold = RootFold() if into is None else into
    for record in records:
        fold.apply(record, payload(record))
    return fold


def test_nothing_is_known_at_first() -> None:
    root = RootFold()

    assert (root.own, root.current, root.chats) == (None, 0, {})
    assert not root.take_changes()


@pytest.mark.parametrize(
    "told_by",
    ["login", "customer_id", "get_customer"],
)
def test_the_customer_is_known_by_the_first_record_that_names_it(told_by: str) -> None:
    log = Log()
    if told_by == "customer_id":
        record = log.fact("customer_id", customer_id=CUSTOMER)
    else:
        answer = {"id": CUSTOMER, "customer": {"id": CUSTOMER}}
        record = log.ask(told_by, answer)

    assert root_of(record).own == CUSTOMER


def test_changes_name_what_may_have_changed_once() -> None:
    server, log = Server(), Log()
    log.connect(server.login())
    root = root_of(*log.records)
    changes = root.take_changes()
    assert changes.connection
    assert changes.confirmed
    assert changes.customer
    assert changes.availability
    assert root.take_changes() == Changes()

    for push in server.do(("resume", 0, 0)):
        root_of(log.push(push), into=root)
    root_of(log.push(server.do(("customer_event", 0, 0))[0]), into=root)

    assert root.take_changes() == Changes(chats={CHAT})
    root_of(log.push(server.do(("customer_event", 0, 0))[0]), into=root)
    assert root.take_changes() == Changes(chats={CHAT})
    for push in server.do(("update_customer", 0, 0)):
        root_of(log.push(push), into=root)
    assert root.take_changes() == Changes(chats={CHAT}, customer=True)
    for push in server.do(("greet", 0, 0)):
        root_of(log.push(push), into=root)
    assert root.take_changes() == Changes(greeting=True)
    for push in server.do(("group_status", 0, 1)):
        root_of(log.push(push), into=root)
    assert root.take_changes() == Changes(availability=True)


def test_the_number_of_the_connection_that_stands() -> None:
    log = Log()
    log.connect(Server().login())
    root = root_of(*log.records)
    assert root.current == 1

    log.drop()
    root_of(log.records[-1], into=root)
    assert root.current == 0


@given(stories(drops=True))
def test_snapshots_hold_the_whole_state(steps: list[Step]) -> None:
    root = folded(told(steps).log.records).root

    again = RootFold.decode(root.encode())

    assert again.digest() == root.digest() == digest(root.document())
    assert again.encode() == root.encode()
    assert (again.own, again.current) == (root.own, root.current)
    for chat_id, state in root.chats.items():
        other = again.chats[chat_id]
        assert (other.order, other.own_mark, other.unread_until >= "") == (
            state.order,
            state.own_mark,
            True,
        )


def test_a_snapshot_of_something_else_is_refused() -> None:
    with pytest.raises(msgspec.DecodeError):
        RootFold.decode(b"no snapshot")
    assert PROJECTOR


def test_who_is_typing_is_no_part_of_the_digest() -> None:
    log, server = Log(), Server()
    pushes = server.do(("resume", 0, 0))
    records = [log.push(push) for push in pushes]
    body: Json = {"chat_id": CHAT, "typing_indicator": {"author_id": "a", "is_typing": True}}
    typing = log.push(("incoming_typing_indicator", body))

    with_typing, without = root_of(*records, typing), root_of(*records)

    assert with_typing.chats[CHAT].typing
    assert with_typing.digest() == without.digest()
    assert with_typing.encode() == without.encode()
