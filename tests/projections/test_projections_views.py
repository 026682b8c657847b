"""The values that rest on the root fold: fresh when something changed, else the same objects."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from projections_kit import Log, Step, payload, stories, told
from projections_server_kit import AGENT, CHAT, CUSTOMER, Json, Server

from livechat_customer.projections.chat_items import chat_item
from livechat_customer.projections.root import RootFold
from livechat_customer.projections.values import (
    Availability,
    ConnectionState,
    CustomerState,
    LastError,
)
from livechat_customer.projections.views import ChatList, RootViews
from livechat_customer.records import Record


class Seat:
    """A fold and its views, fed record by record."""

    def __init__(self) -> None:
        self.root = RootFold()
        self.views = RootViews(self.root)
        self.log = Log()
        self.read = 0

    def catch_up(self) -> None:
        for record in self.log.records[self.read :]:
            self.root.apply(record, payload(record))
        self.read = len(self.log.records)

    def publish(self) -> None:
        self.views.changed(self.root.take_changes())


def all_of(views: RootViews) -> list[Any]:
    return [
        views.connection(),
        views.customer(),
        views.availability(),
        views.greeting(),
        views.chats(),
        views.chat(CHAT),
    ]


def test_before_anything_is_known() -> None:
    views = RootViews(RootFold())

    assert views.connection() == ConnectionState()
    assert views.customer() is None
    assert views.availability() == Availability()
    assert views.greeting() is None
    assert list(views.chats()) == []
    assert views.chats().from_log
    assert views.chat(CHAT) is None


def seated() -> tuple[Server, Seat]:
    server, seat = Server(), Seat()
    seat.log.connect(server.login())
    for op in (("resume", 0, 0), ("agent_event", 0, 0), ("greet", 0, 0)):
        for push in server.do(op):
            seat.log.push(push)
    seat.catch_up()
    return server, seat


def test_they_tell_what_is_known() -> None:
    _, seat = seated()
    views = seat.views

    connection = views.connection()
    assert (connection.status, connection.number, connection.unstable) == ("connected", 1, False)
    assert connection.since == seat.log.records[3].recorded_at
    customer = views.customer()
    assert isinstance(customer, CustomerState)
    assert (customer.id, customer.name, customer.type) == (CUSTOMER, "Ann", "customer")
    assert customer.statistics is not None
    assert not customer.from_log
    assert views.availability() == Availability("online", 0, {0: "online"}, from_log=False)
    greeting = views.greeting()
    assert greeting is not None
    assert (greeting.unique_id, greeting.from_log) == ("G1", False)
    assert greeting.event is not None
    assert [item.id for item in views.chats()] == [CHAT]
    assert not views.chats().from_log
    assert views.chats()[0] is views.chat(CHAT)


def test_what_did_not_change_is_the_same_object() -> None:
    server, seat = seated()
    before = all_of(seat.views)
    seat.publish()
    assert all(one is other for one, other in zip(before, all_of(seat.views), strict=True))

    # Nothing new: the same answers again, and a mark that does not move.
    seat.log.ask("get_customer", server.get_customer() | {"statistics": {"visits_count": 0}})
    seat.log.push(("events_marked_as_seen", mark("2025-01-01T00:00:00.000001Z")))
    seat.catch_up()
    seat.publish()
    assert all(one is other for one, other in zip(before, all_of(seat.views), strict=True))

    for push in server.do(("agent_event", 0, 0)):
        seat.log.push(push)
    seat.catch_up()
    changed = [one is not other for one, other in zip(before, all_of(seat.views), strict=True)]
    assert changed[-2:] == [True, True]
    assert changed[0] is changed[2] is changed[3] is False


def mark(until: str) -> Json:
    return {"chat_id": CHAT, "user_id": CUSTOMER, "seen_up_to": until}


def test_when_the_connection_ends_everything_is_from_the_log() -> None:
    _, seat = seated()
    all_of(seat.views)
    seat.publish()

    seat.log.drop()
    seat.catch_up()
    seat.publish()

    for value in all_of(seat.views)[1:]:
        assert value.from_log
    state = seat.views.connection()
    assert (state.status, state.reason) == ("reconnecting", "connection_lost")


def test_the_last_error_shows_until_a_connection_stands() -> None:
    seat = Seat()
    error = {"code": "LICENSE_EXPIRED", "message": "License expired", "data": {"a": 1}}
    seat.log.fact("disconnected", reason="license_expired", will="pause", error=error)
    seat.catch_up()
    state = seat.views.connection()
    assert (state.status, state.reason) == ("paused", "license_expired")
    assert state.last_error == LastError("LICENSE_EXPIRED", "License expired", {"a": 1})

    seat.log.fact("connecting", number=2, attempt=3)
    seat.catch_up()
    state = seat.views.connection()
    assert (state.status, state.attempt, state.number) == ("connecting", 3, 2)
    assert state.last_error is not None

    seat.log.fact("connected", number=2)
    seat.catch_up()
    assert seat.views.connection().last_error is None


def incoming_chat(chat_id: str, day: int) -> tuple[str, Json]:
    at = f"2025-01-{day:02}T12:00:00.000001Z"
    return (
        "incoming_chat",
        {"chat": {"id": chat_id, "thread": {"id": f"{chat_id}{day}", "created_at": at}}},
    )


def test_chats_stand_with_the_newest_thread_first_then_by_id() -> None:
    seat = Seat()
    for chat_id, day in (("b", 1), ("a", 1), ("c", 2)):
        seat.log.push(incoming_chat(chat_id, day))
    seat.log.push(("chat_properties_updated", {"chat_id": "z", "properties": {"n": {"a": 1}}}))
    seat.log.push(("chat_properties_updated", {"chat_id": "y", "properties": {"n": {"a": 1}}}))
    seat.catch_up()
    assert [item.id for item in seat.views.chats()] == ["c", "a", "b", "y", "z"]

    seat.log.push(incoming_chat("b", 3))
    seat.catch_up()
    assert [item.id for item in seat.views.chats()] == ["b", "c", "a", "y", "z"]
    assert isinstance(seat.views.chats(), ChatList)
    assert [item.id for item in reversed(seat.views.chats())] == ["z", "y", "a", "c", "b"]


def test_a_chat_that_is_gone_leaves_the_list_and_comes_back() -> None:
    seat = Seat()
    seat.log.push(incoming_chat("a", 1))
    seat.catch_up()
    assert seat.views.chat("a") is not None
    request = seat.log.request("get_chat", chat_id="a")
    seat.log.answer(request, {"error": {"type": "not_found"}}, success=False)
    seat.catch_up()
    assert seat.views.chat("a") is None
    assert list(seat.views.chats()) == []

    seat.log.push(incoming_chat("a", 2))
    seat.catch_up()
    assert [item.id for item in seat.views.chats()] == ["a"]


def typing(seat: Seat, author: str = AGENT) -> Record:
    body = {"author_id": author, "is_typing": True}
    ids = {"chat_id": CHAT, "thread_id": "T"}
    return seat.log.push(("incoming_typing_indicator", ids | {"typing_indicator": body}))


def test_time_ends_typing() -> None:
    _, seat = seated()
    expires_at = typing(seat).recorded_at + 10_000_000
    seat.catch_up()
    seat.publish()
    assert seat.views.next_expiry == expires_at
    assert seat.views.tick(expires_at - 1) == set()
    item = seat.views.chat(CHAT)
    assert item is not None
    assert [each.author_id for each in item.typing] == [AGENT]

    assert seat.views.tick(expires_at) == {CHAT}

    item = seat.views.chat(CHAT)
    assert item is not None
    assert item.typing == ()
    assert seat.views.next_expiry is None
    assert seat.views.tick(expires_at + 1) == set()


@given(stories(drops=True))
def test_values_made_on_the_way_equal_those_made_at_the_end(steps: list[Step]) -> None:
    seat = Seat()
    for number, record in enumerate(told(steps).log.records):
        seat.root.apply(record, payload(record))
        if number % 3 == 0:
            all_of(seat.views)
        if number % 4 == 0:
            seat.publish()

    fresh = RootViews(seat.root)
    for state in seat.root.chats.values():
        assert seat.views.chat(state.facts.id) == chat_item(seat.root, state, 0, {})
    assert all_of(seat.views)[:4] == all_of(fresh)[:4]
    assert list(seat.views.chats()) == list(fresh.chats())
