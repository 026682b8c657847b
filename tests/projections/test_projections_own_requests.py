"""Own successful requests that no push tells of: postbacks to closed threads, deletions on API 3.5."""

from __future__ import annotations

import json
from itertools import permutations
from typing import Any

import msgspec
import pytest
from projections_kit import Frame, Log, folded, payload
from projections_server_kit import AGENT, CHAT, CUSTOMER, DELETE, POSTBACK, Json, Server

from livechat_customer.models import RichMessage
from livechat_customer.models.wire.events import RichMessage as WireRichMessage
from livechat_customer.projections.digests import StateFold
from livechat_customer.projections.hub import Hub
from livechat_customer.projections.own_requests import own_request
from livechat_customer.projections.root import RootFold
from livechat_customer.records import Record

T = "T"
PLACE: Json = {"chat_id": CHAT, "thread_id": T}


def rich(number: int = 1) -> Json:
    buttons: list[Json] = [{"text": "Yes", "postback_id": "yes", "user_ids": []}]
    return {
        "id": f"T_{number}",
        "type": "rich_message",
        "author_id": AGENT,
        "created_at": f"2025-01-01T12:00:{number:02}.000001Z",
        "template_id": "cards",
        "elements": [{"buttons": buttons}],
    }


class Story:
    """A chat whose thread has a rich message; the customer is known."""

    def __init__(self) -> None:
        self.log = Log()
        self.log.connect(Server().login())
        self.log.push(("incoming_event", PLACE | {"event": rich()}))

    def press(self, toggled: bool = True) -> Record:
        """The request; `self.log.answer(request, {})` is its success."""
        postback = {"id": "yes", "toggled": toggled}
        return self.log.request(POSTBACK, **PLACE, event_id="T_1", postback=postback)

    def pressed(self, user: str, toggled: bool) -> Record:
        body = PLACE | {"event_id": "T_1", "user_id": user}
        body |= {"postback": {"id": "yes", "toggled": toggled}}
        return self.log.push(("incoming_rich_message_postback", body))

    def answer(self, *users: str, request: Record | None = None) -> Record:
        """The whole thread, read by the server when these users had pressed the button."""
        event = rich()
        event["elements"][0]["buttons"][0]["user_ids"] = list(users)
        thread = {"id": T, "created_at": event["created_at"], "events": [event]}
        body = {"id": CHAT, "thread": thread}
        return self.log.answer(request or self.log.request("get_chat", chat_id=CHAT), body)

    @property
    def fold(self) -> StateFold:
        return folded(self.log.records)

    @property
    def users(self) -> tuple[str, ...]:
        return users_of(self.fold)


def users_of(fold: StateFold) -> tuple[str, ...]:
    (entry,) = fold.chats[CHAT].threads[T].items()
    assert isinstance(entry.event, WireRichMessage)
    return entry.event.elements[0].buttons[0].user_ids


def test_a_postback_that_succeeded_is_seen_without_a_push() -> None:
    story = Story()
    request = story.press()
    assert len(story.users) == 0
    story.log.answer(request, {})
    assert CUSTOMER in story.users

    story.log.answer(story.press(toggled=False), {})
    assert len(story.users) == 0


def test_a_postback_that_failed_changes_nothing() -> None:
    story = Story()
    error: Json = {"error": {"type": "not_found", "message": "Event not found"}}
    story.log.answer(story.press(), Frame.of_answer(POSTBACK, error, success=False))

    assert story.users == ()


def test_it_counts_as_of_its_request() -> None:
    """Another device pressed again meanwhile; its push is newer, whenever the answer comes."""
    story = Story()
    request = story.press()
    story.pressed(CUSTOMER, True)
    story.pressed(CUSTOMER, False)
    story.log.answer(request, {})

    assert story.users == ()


def test_an_answer_asked_for_later_knows_better_and_one_asked_for_before_does_not() -> None:
    story = Story()
    before = story.log.request("get_chat", chat_id=CHAT)
    story.log.answer(story.press(), {})
    story.answer(request=before)
    assert story.users == (CUSTOMER,)

    story.answer()
    assert len(story.users) == 0


def test_a_late_answer_presses_no_button() -> None:
    story = Story()
    story.log.answer(story.press(), {}, late=True)

    assert story.users == ()


def test_it_waits_for_its_event_with_its_stamp() -> None:
    story = Story()
    story.log.records.pop()
    asked = story.log.request("get_chat", chat_id=CHAT)
    story.log.answer(story.press(), {})
    story.answer(request=asked)

    assert story.users == (CUSTOMER,)


def test_any_order_gives_the_same_also_where_the_customer_is_not_known_yet() -> None:
    story = Story()
    story.log.answer(story.press(), {})
    story.pressed(AGENT, True)
    story.log.answer(story.press(toggled=False), {})
    story.log.answer(story.press(), {})
    expected = story.fold
    assert users_of(expected) == (AGENT, CUSTOMER)

    telling = [record for record in story.log.records if record.kind in ("response", "push")]
    for order in permutations(telling):
        fold = folded(order)
        assert users_of(fold) == users_of(expected)
        assert fold.chats[CHAT].document() == expected.chats[CHAT].document()


def test_the_views_show_it_also_where_the_customer_becomes_known_later() -> None:
    story = Story()
    story.log.answer(story.press(), {})
    login, rest = story.log.records[:4], story.log.records[4:]
    hub = Hub(RootFold(), seq=0, load=lambda _: None, report=lambda _, __: None)
    history, thread = hub.history(CHAT), hub.thread(CHAT, T)
    hub.fold([(record, payload(record)) for record in rest])
    assert pressed_in(history.value) == pressed_in(thread.value) == ()
    hub.fold([(record, payload(record)) for record in login])

    assert pressed_in(history.value) == pressed_in(thread.value) == (CUSTOMER,)


def pressed_in(items: Any) -> tuple[str, ...]:
    (item,) = items
    assert isinstance(item, RichMessage)
    return tuple(item.elements[0].buttons[0].user_ids)


def test_a_deletion_that_succeeded_is_a_tombstone() -> None:
    story = Story()
    assert story.fold.root.chats[CHAT].facts.unread.keys() == {"T_1"}
    request = story.log.request(DELETE, **PLACE, event_id="T_1")
    story.log.answer(request, {}, late=True)
    story.answer()

    fold = story.fold
    assert len(fold.chats[CHAT].threads[T].items()) == 0
    assert fold.root.chats[CHAT].facts.unread == {}
    assert fold.root.chats[CHAT].facts.deleted.keys() == {"T_1"}


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "push"},
        {"action": "update_event_properties"},
        {"args": None},
        {"args": b"[]"},
        {"args": b"{}"},
    ],
)
def test_what_proves_nothing(changes: dict[str, Any]) -> None:
    story = Story()
    record = story.log.answer(story.press(), {})
    assert own_request(record) is not None
    assert own_request(msgspec.structs.replace(record, **changes)) is None


def test_a_seen_mark_that_succeeded_is_set_also_where_its_push_is_lost() -> None:
    story = Story()
    until = rich()["created_at"]
    request = story.log.request("mark_events_as_seen", chat_id=CHAT, seen_up_to=until)
    story.log.drop()
    answer = story.log.answer(request, {}, late=True)

    facts = story.fold.root.chats[CHAT].facts
    assert facts.seen[CUSTOMER].until == until
    assert facts.unread == {}
    unknown = folded([answer, *story.log.records[:-1]]).root
    assert unknown.digest() == story.fold.root.digest(), "read before the login"


def test_the_arguments_are_those_that_the_codec_keeps() -> None:
    story = Story()
    record = story.log.answer(story.press(), {})

    assert record.args is not None
    assert json.loads(record.args) == {
        "event_id": "T_1",
        "postback": {"id": "yes", "toggled": True},
    }
