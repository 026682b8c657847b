"""What readers see of the outbox: its list, pending rows in histories, flags, local chats."""

from __future__ import annotations

from typing import Any

import pytest
from projections_outbox_kit import AGENT, CHAT, ME, THREAD, Desk, Json, at, event, lines

from livechat_customer.models import Message
from livechat_customer.models.commands import SEND_EVENT, START_CHAT, Queued
from livechat_customer.projections.changes import Append, Move, Remove, Set, applied
from livechat_customer.projections.differences import history_changes
from livechat_customer.projections.digests import shared_document
from livechat_customer.projections.hub import Hub, Loading, ViewKinds
from livechat_customer.projections.live import ListView
from livechat_customer.projections.outbox_items import OutboxList
from livechat_customer.projections.root import RootFold
from livechat_customer.projections.values import OutboxEntry, PendingEvent
from livechat_customer.projections.view_kinds import Parts

LOCAL = "local:lcq-1"
ONE = "lcq-1"
TWO = "lcq-2"
THREE = "lcq-3"


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.login()
    desk.ask_chat(event(1, author=AGENT))
    return desk


class Patched:
    """A subscriber of `changes` that keeps its list by them."""

    def __init__(self, view: ListView[Any, Any]) -> None:
        self.view = view
        self.items: list[Any] = []
        self.told: list[tuple[Any, ...]] = []
        view.changes.subscribe(self._on_next)
        self.told.clear()

    def _on_next(self, changes: tuple[Any, ...]) -> None:
        self.told.append(changes)
        self.items = applied(self.items, changes)
        assert self.items == list(self.view.value or ())

    def names(self) -> list[list[str]]:
        """The names of the changes told since the last call."""
        told, self.told = self.told, []
        return [[type(change).__name__ for change in changes] for changes in told]


def test_the_list_is_what_waits_oldest_first(desk: Desk) -> None:
    view = desk.hub.outbox
    patched = Patched(view)
    assert list(view.value) == []
    desk.queue(ONE, text="first")
    desk.mark(TWO, at(9), "SOTHER")
    request = desk.attempt(ONE)
    assert patched.names() == [["Append"], ["Append"], ["Set"]]

    first, second = view.value
    assert view.value[:2] == (first, second)
    assert list(reversed(view.value)) == [second, first]
    assert isinstance(first.event, Message)
    assert (first.event.text, first.event.author_id, first.event.id) == ("first", ME, "")
    assert first.event.custom_id == first.custom_id == ONE
    assert (first.state, first.attempts, first.chat_id, first.error) == ("sending", 1, CHAT, None)
    assert (second.action, second.seen_up_to, second.event) == ("mark_events_as_seen", at(9), None)
    assert desk.hub.outbox.value is view.value

    desk.refuse(request, "validation")
    error = view.value[0].error
    assert error is not None
    assert (view.value[0].state, error.code) == ("failed", "VALIDATION")
    desk.cancel(ONE)
    assert patched.names() == [["Set"], ["Remove"]]
    assert [entry.custom_id for entry in view.value] == [TWO]


def test_pending_events_stand_behind_all_events_and_become_them(desk: Desk) -> None:
    history = desk.hub.history(CHAT)
    patched = Patched(history)
    desk.queue(ONE)
    desk.queue(TWO)
    assert lines(history.value) == [f"{THREAD}_1", f"{ONE} queued", f"{TWO} queued"]
    request = desk.attempt(ONE)
    desk.show(event(2, author=AGENT))
    assert lines(history.value)[1:] == [f"{THREAD}_2", f"{ONE} sending", f"{TWO} queued"]
    assert patched.names() == [["Append"], ["Append"], ["Set"], ["Insert"]]

    desk.show(event(3, ONE), request)
    assert lines(history.value)[1:] == [f"{THREAD}_2", f"{THREAD}_3", f"{TWO} queued"]
    (changes,) = patched.told
    assert [type(change) for change in changes] == [Set]
    assert changes[0].index == 2
    patched.told.clear()
    request = desk.attempt(TWO)
    desk.reply(request, {"event_id": f"{THREAD}_4"})
    assert lines(history.value)[3:] == [f"{TWO} sent"]
    pending = history.value[-1] if history.value else None
    assert isinstance(pending, PendingEvent)
    assert pending.entry.event is not None
    assert pending.entry.event.id == f"{THREAD}_4"
    desk.show(event(4, TWO), request)
    assert lines(history.value)[3:] == [f"{THREAD}_4"]
    assert patched.names() == [["Set"], ["Set"], ["Set"]]


def test_an_event_that_lands_before_others_is_moved_and_set(desk: Desk) -> None:
    patched = Patched(desk.hub.history(CHAT))
    desk.queue(ONE)
    desk.queue(TWO)
    desk.attempt(ONE)
    desk.show(event(4, author=AGENT))
    patched.told.clear()
    desk.show(event(3, ONE))

    (changes,) = patched.told
    assert changes[0] == Move(2, 1)
    assert isinstance(changes[1], Set)
    assert lines(desk.hub.history(CHAT).value)[1:] == [
        f"{THREAD}_3",
        f"{THREAD}_4",
        f"{TWO} queued",
    ]


def test_an_answer_that_brings_several_leaves_each_its_identity(desk: Desk) -> None:
    patched = Patched(desk.hub.history(CHAT))
    for custom_id in (ONE, TWO, THREE):
        desk.queue(custom_id)
    desk.attempt(ONE)
    desk.drop()
    patched.told.clear()
    desk.login()
    first = event(1, author=AGENT)
    desk.ask_chat(first, event(2, ONE), event(3, author=AGENT), event(4, TWO), event(5, THREE))

    names = [name for changes in patched.names() for name in changes]
    assert sorted(set(names)) == ["Insert", "Set"]
    assert names.count("Set") == 3


def test_without_the_custom_id_the_event_still_takes_the_rows_place(desk: Desk) -> None:
    patched = Patched(desk.hub.history(CHAT))
    desk.queue(ONE)
    request = desk.attempt(ONE)
    desk.reply(request, {"event_id": f"{THREAD}_2"})
    patched.told.clear()
    desk.show(event(2), request)

    assert patched.names() == [["Set"]]


def test_a_system_message_takes_the_rows_place(desk: Desk) -> None:
    patched = Patched(desk.hub.history(CHAT))
    body = {"type": "system_message", "text": "t", "system_message_type": "x", "custom_id": ONE}
    desk.command(Queued(ONE, SEND_EVENT, body), CHAT)
    pending = patched.items[-1]
    assert isinstance(pending, PendingEvent)
    assert pending.entry.event is not None
    assert pending.entry.event.author_id == "system"
    patched.told.clear()
    for author in (None, ME):
        was = desk.hub.history(CHAT).value
        shown = event(2, ONE, author=author) | body
        asked = Desk()
        asked.login()
        asked.ask_chat(event(1, author=AGENT), shown)
        changes = history_changes(was, asked.hub.history(CHAT).value)
        assert [type(change) for change in changes][-1] is Set


def test_an_agents_event_with_the_custom_id_does_not_take_the_rows_place(desk: Desk) -> None:
    patched = Patched(desk.hub.history(CHAT))
    desk.queue(ONE)
    patched.told.clear()
    desk.show(event(3, ONE, author=AGENT))
    assert lines(desk.hub.history(CHAT).value)[1:] == [f"{THREAD}_3", f"{ONE} queued"]
    assert patched.names() == [["Insert"]]

    was = desk.hub.history(CHAT).value
    desk.cancel(ONE)
    desk.show(event(4, ONE, author=AGENT))
    changes = history_changes(was, desk.hub.history(CHAT).value)
    assert [type(change) for change in changes] == [Remove, Append]


@pytest.mark.parametrize("how", ["deleted", "missing", "removed"])
def test_what_was_deleted_before_it_was_shown_is_gone(desk: Desk, how: str) -> None:
    history = desk.hub.history(CHAT)
    desk.queue(ONE)
    asked = desk.request("get_chat", chat_id=CHAT)
    desk.reply(desk.attempt(ONE), {"event_id": f"{THREAD}_2"})
    body: Json = {"id": CHAT, "thread": {"id": THREAD, "created_at": at(0), "events": []}}
    desk.answer(asked, body)
    assert lines(history.value)[-1] == f"{ONE} sent", "asked for before"

    if how == "deleted":
        gone = {"chat_id": CHAT, "thread_id": THREAD, "event_id": f"{THREAD}_2"}
        desk.push(("event_deleted", gone))
    elif how == "missing":
        desk.ask("get_chat", body, chat_id=CHAT)
    else:
        asked = desk.request("get_chat", chat_id=CHAT, thread_id=THREAD)
        error = {"error": {"type": "not_found", "message": "Not found"}}
        desk.answer(asked, error, success=False)
    assert ONE not in "".join(lines(history.value))
    *_, last = desk.outbox.settled()
    assert (last.kind, last.event_id) == ("gone", f"{THREAD}_2")
    assert last.event is not None
    assert (last.event.id, last.event.custom_id) == (f"{THREAD}_2", ONE)
    assert not last.event.confirmed


def test_a_double_is_left_out_of_the_views_and_kept_in_the_digests(desk: Desk) -> None:
    history, thread = desk.hub.history(CHAT), desk.hub.thread(CHAT, THREAD)
    desk.queue(ONE)
    desk.attempt(ONE)
    desk.drop()
    desk.clear(ONE)
    desk.login()
    request = desk.attempt(ONE)
    desk.show(event(4, ONE), request)
    patched = Patched(history)
    first, second = event(1, author=AGENT), event(2, ONE)
    desk.ask_chat(first, second, event(3, author=AGENT), event(4, ONE))

    shown = [f"{THREAD}_1", f"{THREAD}_3", f"{THREAD}_4"]
    assert lines(history.value) == shown
    assert [item.id for item in thread.value or ()] == shown
    assert patched.items == list(history.value or ())
    document = shared_document(desk.hub.root, desk.state.chats)
    events = document["chats"][0]["thread"]["events"]
    assert [each["id"] for each in events] == [f"{THREAD}_{number}" for number in (1, 2, 3, 4)]

    desk.show(event(5, author=AGENT))
    assert lines(history.value) == [*shown, f"{THREAD}_5"]
    assert patched.names()[-1] == ["Append"]


def test_a_local_chat_shows_what_waits_and_then_the_real_one(desk: Desk) -> None:
    hub = desk.hub
    history, chat = hub.history(LOCAL), hub.chat(LOCAL)
    assert (history.value, chat.value) == (None, None)
    chats: list[str | None] = []
    chat.subscribe(lambda value: chats.append(None if value is None else value.id))
    patched = Patched(history)

    desk.queue(ONE, LOCAL)
    desk.queue(TWO, LOCAL)
    assert lines(history.value) == [f"{ONE} queued", f"{TWO} queued"]
    assert chat.value is not None
    assert (chat.value.id, chat.value.has_pending) == (LOCAL, True)
    assert history.value is not None
    assert (history.value.chat_id, history.value.has_pending) == (LOCAL, True)
    assert [item.id for item in hub.chats.value] == [CHAT]

    request = desk.attempt(ONE, START_CHAT)
    answer = {"chat_id": CHAT, "thread_id": THREAD, "event_ids": [f"{THREAD}_2"]}
    desk.reply(request, answer)
    assert lines(history.value) == [f"{THREAD}_1", f"{ONE} sent", f"{TWO} queued"]
    assert history.value.chat_id == CHAT
    assert hub.chat(LOCAL).value is hub.chat(CHAT).value
    assert hub.history(CHAT).value is history.value
    assert {entry.chat_id for entry in hub.outbox.value} == {CHAT}
    thread = hub.thread(LOCAL, THREAD)
    desk.show(event(2, ONE))
    desk.show(event(3, author=AGENT))
    assert lines(history.value)[1:] == [f"{THREAD}_2", f"{THREAD}_3", f"{TWO} queued"]
    assert [item.id for item in thread.value or ()] == [f"{THREAD}_{n}" for n in (1, 2, 3)]
    assert patched.items == list(history.value)
    assert list(dict.fromkeys(chats)) == [None, LOCAL, CHAT]


async def test_a_local_chat_is_ready_when_the_real_one_is() -> None:
    asked: list[Loading] = []
    desk = Desk()
    desk.hub = Hub(RootFold(), seq=0, load=asked.append, report=lambda what, _: None)
    desk.login()
    desk.ask_chat(event(1, author=AGENT))
    desk.queue(ONE, LOCAL)
    history = desk.hub.history(LOCAL)
    await history.ready()
    desk.map(LOCAL, CHAT)
    assert lines(history.value) == [f"{ONE} queued"]
    assert history.value is not None
    assert history.value.loading
    (loading,) = asked
    loading.done(OSError("disk"))

    with pytest.raises(OSError, match="disk"):
        await history.ready()


def test_a_cancelled_local_chat_is_gone(desk: Desk) -> None:
    history, chat = desk.hub.history(LOCAL), desk.hub.chat(LOCAL)
    desk.queue(ONE, LOCAL)
    desk.cancel(ONE)

    assert (history.value, chat.value) == (None, None)


def test_flags_tell_that_the_outbox_holds_something(desk: Desk) -> None:
    hub = desk.hub
    history = hub.history(CHAT)

    def flags() -> list[bool]:
        chat = hub.chat(CHAT).value
        assert chat is not None
        assert history.value is not None
        return [chat.has_pending, hub.chats.value[0].has_pending, history.value.has_pending]

    assert flags() == [False] * 3
    seen: list[bool] = []
    hub.chats.subscribe(lambda value: seen.append(value[0].has_pending))
    desk.mark(ONE, at(1))
    assert flags() == [True] * 3
    assert lines(history.value) == [f"{THREAD}_1"], "a mark is no event"
    desk.reply(desk.attempt(ONE, "mark_events_as_seen"), {})
    assert flags() == [False] * 3
    assert seen == [False, True, False]


def test_a_snapshot_shows_the_same(desk: Desk) -> None:
    desk.queue(ONE)
    desk.queue(TWO, LOCAL)
    desk.queue(THREE, "SOTHER")
    desk.reply(desk.attempt(ONE), {"event_id": f"{THREAD}_2"})
    desk.map(LOCAL, CHAT)
    root = RootFold.decode(desk.hub.root.encode())
    again = Hub(root, seq=desk.hub.seq, load=Loading.done, report=lambda what, _: None)

    assert list(again.outbox.value) == list(desk.hub.outbox.value)
    assert again.chats.value[0] == desk.hub.chats.value[0]
    assert lines(again.history(LOCAL).value) == [f"{ONE} sent", f"{TWO} queued"]
    assert again.root.digest() == desk.hub.root.digest()
    restored = desk.hub
    histories = [restored.history(CHAT), restored.history(LOCAL)]
    restored.restore(RootFold(), 0)
    restored.publish()
    assert list(restored.outbox.value) == []
    assert [history.value for history in histories] == [None, None]
    restored.restore(root, restored.seq)
    restored.publish()
    assert len(restored.outbox.value) == 2


def test_who_makes_the_views_may_give_them_more_to_do() -> None:
    class Mine(ListView[OutboxList, OutboxEntry]):
        def __init__(self, *given: Any) -> None:
            super().__init__(*given)

    asked: list[str] = []

    def history(chat_id: str, parts: Parts[Any, Any]) -> ListView[Any, Any]:
        asked.append(chat_id)
        return ListView(*parts)

    def outbox(parts: Parts[OutboxList, OutboxEntry]) -> Mine:
        return Mine(*parts)

    kinds = ViewKinds(history=history, outbox=outbox)
    hub = Hub(RootFold(), seq=0, load=Loading.done, report=lambda what, _: None, kinds=kinds)

    assert isinstance(hub.outbox, Mine)
    assert hub.history(LOCAL).value is None
    assert asked == [LOCAL]


def test_many_pending_events_cost_a_change_each(desk: Desk) -> None:
    patched, listed = Patched(desk.hub.history(CHAT)), Patched(desk.hub.outbox)
    for number in range(3_000):
        desk.queue(f"lcq-{number}")
    patched.told.clear()
    listed.told.clear()
    desk.show(event(2, "lcq-0"), desk.attempt("lcq-0"))
    desk.show(event(3, author=AGENT))

    assert patched.names() == [["Set"], ["Set"], ["Insert"]]
    assert listed.names() == [["Set"], ["Remove"]]


def test_an_edit_in_a_long_thread_is_one_change_though_something_waits(desk: Desk) -> None:
    for number in range(2, 2_000):
        desk.show(event(number, author=AGENT))
    desk.queue(ONE)
    patched = Patched(desk.hub.history(CHAT))
    patched.told.clear()
    body = event(5, author=AGENT, text="edited")
    desk.push(("event_updated", {"chat_id": CHAT, "thread_id": THREAD, "event": body}))

    assert patched.names() == [["Set"]]
