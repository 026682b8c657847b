"""The structs of chats, users, forms, greetings, inputs and results as people write them."""

from __future__ import annotations

import msgspec
import pytest

from livechat_customer.models import (
    Access,
    Agent,
    Chat,
    ChatsPage,
    ChatSummary,
    Customer,
    CustomerUpdate,
    FieldAnswer,
    FilledField,
    FormInfo,
    Greeting,
    HistoryPage,
    NewChat,
    NewThread,
    Postback,
    Queue,
    Success,
    Thread,
    ThreadsPage,
    User,
)


def test_chats_need_little() -> None:
    assert Chat("C1").thread is None
    assert Chat("C1").access == Access()
    assert Thread("T1", "C1").events == ()
    assert ChatSummary("C1").last_event is None
    assert HistoryPage().done is False
    assert (ChatsPage().total_chats, ThreadsPage().found_threads) == (0, None)
    assert Queue().position is None


def test_users_are_told_apart_by_class_and_type() -> None:
    users: list[User] = [Customer("c", name="Noor"), Agent("a", name="Ines")]
    assert [user.type for user in users] == ["customer", "agent"]
    stored = msgspec.json.encode(users)
    assert msgspec.json.decode(stored, type=list[User]) == users


def test_results() -> None:
    assert Success().success is True
    assert FormInfo(enabled=False).form is None
    assert Greeting("U").subtype == "greeting"


def test_inputs_refuse_what_they_do_not_know() -> None:
    for kind in (NewChat, NewThread, CustomerUpdate, Access, FilledField, Postback):
        with pytest.raises(msgspec.ValidationError, match="nonsense"):
            msgspec.convert({"nonsense": 1}, kind)


def test_a_postback_is_toggled_on() -> None:
    assert Postback("p").toggled is True


@pytest.mark.parametrize(
    "answer", ["text", True, False, None, {"id": "0", "label": "A", "group_id": 4}]
)
def test_answers(answer: object) -> None:
    field = msgspec.convert({"type": "any", "id": "1", "answer": answer}, FilledField)
    expected = FieldAnswer("0", "A", 4) if isinstance(answer, dict) else answer
    assert field.answer == expected
