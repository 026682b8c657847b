"""Digests: of the whole state, and of what server and clients must agree on."""

from __future__ import annotations

from hypothesis import given
from projections_kit import Log, Step, Wire, folded, pruned, stories, told
from projections_server_kit import CHAT, CUSTOMER, Json

from livechat_customer.models.canonical import digest
from livechat_customer.projections.digests import StateFold, shared_document


@given(stories())
def test_the_shared_document_is_what_the_server_would_answer(steps: list[Step]) -> None:
    wire = told(steps)
    wire.ask("get_chat")
    wire.finish()

    fold = folded(wire.log.records)

    assert fold.shared_digest() == digest(wire.server.document())
    assert pruned(shared_document(fold.root, fold.chats)) == pruned(wire.server.document())


@given(stories(drops=True))
def test_two_clients_agree(steps: list[Step]) -> None:
    """One was there all the time, the other came at the end."""
    wire = told(steps)
    wire.finish()
    late = Wire()
    late.server, late.log = wire.server, Log()
    for client in (wire, late):
        client.connect()
        for _ in range(2):
            client.log.ask("get_chat", client.server.get_chat(), chat_id=CHAT)

    assert folded(wire.log.records).shared_digest() == folded(late.log.records).shared_digest()


def test_statistics_and_who_types_are_left_out() -> None:
    def known(visits: int) -> str:
        log = Log()
        log.ask("get_customer", {"id": CUSTOMER, "statistics": {"visits_count": visits}})
        return folded(log.records).shared_digest()

    assert known(1) == known(2)


def test_a_chat_that_is_gone_is_left_out() -> None:
    log = Log()
    log.ask("get_chat", {"id": CHAT}, chat_id=CHAT)
    request = log.request("get_chat", chat_id=CHAT)
    log.answer(request, {"error": {"type": "not_found"}}, success=False)

    fold = folded(log.records)

    assert shared_document(fold.root, fold.chats) == {"chats": []}


def test_an_unknown_event_is_what_the_server_sent() -> None:
    event: Json = {
        "id": "T_1",
        "type": "hologram",
        "created_at": "2025-01-01T12:00:00.000001Z",
        "depth": {"of": "field"},
        "properties": {"ns": {"a": 1}},
    }
    thread: Json = {"id": "T", "active": False, "events": [event]}
    chat: Json = {"id": CHAT, "thread": thread}
    log = Log()
    log.ask("get_chat", chat, chat_id=CHAT)
    fold = folded(log.records)

    (found,) = shared_document(fold.root, fold.chats)["chats"]

    filled: Json = {"user_ids": [], "created_at": ""}
    assert pruned(found) == chat | {"users": [], "thread": thread | filled}
    ids = {"chat_id": CHAT, "thread_id": "T", "event_id": "T_1"}
    log.push(("event_properties_updated", ids | {"properties": {"ns": {"a": 2}}}))
    fold = folded(log.records)
    (found,) = shared_document(fold.root, fold.chats)["chats"]
    assert found["thread"]["events"] == [event | {"properties": {"ns": {"a": 2}}}]


def test_without_the_content_of_chats_there_are_no_events() -> None:
    wire = told([])
    wire.finish()
    fold = folded(wire.log.records)

    (chat,) = shared_document(fold.root, {})["chats"]

    assert chat["thread"]["events"] == []


def test_the_state_of_nothing_is_that_of_a_new_fold() -> None:
    assert folded([]).digest() == StateFold().digest()
    assert folded(told([("agent_event", 0, 0)]).log.records).digest() != StateFold().digest()
