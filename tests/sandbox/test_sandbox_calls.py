from __future__ import annotations

import pytest

from livechat_customer.sandbox.api_errors import ApiError
from livechat_customer.sandbox.calls import Call
from livechat_customer.sandbox.clock import ServerClock
from livechat_customer.sandbox.ids import Ids
from livechat_customer.sandbox.limits import Limits
from livechat_customer.sandbox.paging import Pager
from livechat_customer.sandbox.uploads import Uploads
from livechat_customer.sandbox.wire_json import JsonObject
from livechat_customer.sandbox.world import Chat, Customer, Thread, World


def call(payload: JsonObject) -> Call:
    ids, clock = Ids(1), ServerClock()
    world = World(ids, clock)
    world.customers = {name: Customer(name, "org") for name in ("ann", "bob")}
    world.chats = {
        "A": Chat("A", "ann", threads=[Thread("T", "2025")]),
        "B": Chat("B", "bob"),
    }
    uploads = Uploads(ids, clock.now, Limits())
    pager = Pager(clock.now, 1)
    return Call(world, Limits(), pager, uploads, world.customers["ann"], "app", "3.5", payload)


def test_own_chats_and_threads() -> None:
    one = call({"chat_id": "A", "thread_id": "T"})
    chat = one.chat(one.fields, "chat_id")
    assert chat.id == "A"
    assert one.thread(chat) is chat.threads[0]


@pytest.mark.parametrize(
    ("payload", "error"),
    [
        ({"chat_id": "B"}, "not_found"),
        ({"chat_id": "C"}, "not_found"),
        ({"chat_id": 1}, "validation"),
        ({}, "validation"),
        ({"chat_id": "A", "thread_id": "U"}, "not_found"),
        ({"chat_id": "A"}, "validation"),
    ],
)
def test_others_do_not_exist(payload: JsonObject, error: str) -> None:
    one = call(payload)
    with pytest.raises(ApiError) as refused:
        one.thread(one.chat(one.fields, "chat_id"))
    assert refused.value.type == error


def test_what_system_messages_call_the_customer() -> None:
    one = call({"text": "secret"})
    assert one.name == "Customer"
    one.customer.name = "Ann"
    assert one.name == "Ann"
    assert "secret" not in repr(one)
