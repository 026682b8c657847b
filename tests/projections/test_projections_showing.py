"""What records that show chats, users and threads whole have in common."""

from __future__ import annotations

from itertools import permutations

from projections_kit import Log, folded
from projections_server_kit import AGENT, CHAT, CUSTOMER, Json

from livechat_customer.projections.chat_items import members
from livechat_customer.projections.showing import dated

EVENT: Json = {
    "id": "T_1",
    "type": "message",
    "created_at": "2025-01-01T12:00:01.000001Z",
    "author_id": CUSTOMER,
}


def chat(*user_ids: str, **fields: object) -> Json:
    users = [{"id": user_id, "type": "agent", "present": True} for user_id in user_ids]
    return {"id": CHAT, "users": users} | fields


def test_late_records_have_no_rank() -> None:
    log = Log()
    assert dated(log.push(("chat_deactivated", {"chat_id": CHAT}))) == (1, 1)
    assert dated(log.push(("chat_deactivated", {"chat_id": CHAT}), late=True)) is None


def test_a_user_that_an_answer_lacks_is_gone_unless_pushed_since() -> None:
    log = Log()
    first = log.ask("get_chat", chat(AGENT, CUSTOMER), chat_id=CHAT)
    request = log.request("get_chat", chat_id=CHAT)
    joined = log.push(("user_added_to_chat", {"chat_id": CHAT, "user": {"id": "new"}}))
    second = log.answer(request, chat(CUSTOMER))

    for order in permutations([first, joined, second]):
        root = folded(order).root
        assert [user.id for user in members(root, root.chats[CHAT])] == [CUSTOMER, "new"]


def test_a_chat_is_confirmed_by_the_connection_that_showed_it() -> None:
    log = Log()
    log.connection = 4
    pushed = log.push(("incoming_chat", {"chat": chat(AGENT)}))
    log.connection = 5
    late = log.answer(log.request("get_chat", chat_id=CHAT), chat(AGENT), late=True)

    assert folded([pushed, late]).root.chats[CHAT].facts.confirmed == 4


def test_own_events_in_answers_move_no_mark() -> None:
    """They may be older than the marks; the answer's users tell the mark."""
    log = Log()
    log.fact("customer_id", customer_id=CUSTOMER)
    answer = chat(AGENT, thread={"id": "T", "events": [EVENT]})
    log.ask("get_chat", answer, chat_id=CHAT)

    assert CUSTOMER not in folded(log.records).root.chats[CHAT].facts.seen


def test_own_events_in_a_new_chat_move_it() -> None:
    for known_first in (True, False):
        log = Log()
        if known_first:
            log.fact("customer_id", customer_id=CUSTOMER)
        log.push(("incoming_chat", {"chat": chat(AGENT, thread={"id": "T", "events": [EVENT]})}))
        if not known_first:
            log.fact("customer_id", customer_id=CUSTOMER)

        seen = folded(log.records).root.chats[CHAT].facts.seen

        assert seen[CUSTOMER].until == EVENT["created_at"]
