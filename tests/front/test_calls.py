"""Calls in flight, and what waits for a commit."""

from __future__ import annotations

import asyncio

import pytest

from livechat_customer.calls import AfterCommit, Calls
from livechat_customer.errors import LogError, NoConnectionError
from livechat_customer.records import PUSH, RESPONSE, Record
from livechat_customer.transport.outputs import (
    Cancelled,
    Failed,
    Outcome,
    Push,
    Response,
    Unconfirmed,
)


def record(kind: str, action: str, request_id: str) -> Record:
    return Record(
        seq=1,
        kind=kind,
        connection=1,
        action=action,
        request_id=request_id,
        ref=1,
        chat_id=None,
        thread_id=None,
        recorded_at=0,
        api_version="3.5",
        late=False,
        args=None,
        payload=b"{}",
    )


async def test_an_id_that_is_in_use_is_refused() -> None:
    calls = Calls()
    calls.open("r", "get_chat")
    with pytest.raises(ValueError, match="'r' is in use"):
        calls.open("r", "get_chat")
    assert len(calls) == 1


RESPONDED = record(RESPONSE, "send_event", "r")


@pytest.mark.parametrize("outcome", [Response(RESPONDED), Push(RESPONDED), Unconfirmed(RESPONDED)])
async def test_a_settled_call_has_what_was_decoded_for_it(outcome: Outcome) -> None:
    calls = Calls()
    future = calls.open("r", "send_event")
    calls.decoded(RESPONDED, "the response")
    calls.decoded(record(PUSH, "incoming_event", "r"), "the push")
    calls.decoded(record(PUSH, "thread_properties_updated", "r"), "something else it caused")
    calls.decoded(record(RESPONSE, "send_event", "another"), "not ours")
    calls.settle("r", outcome)
    answer = await future
    assert (answer.response, answer.push, answer.record) == (
        "the response",
        "the push",
        RESPONDED,
    )
    assert len(calls) == 0


async def test_a_failed_call_raises_and_a_cancelled_one_is_cancelled() -> None:
    calls = Calls()
    failed, cancelled = calls.open("a", "get_chat"), calls.open("b", "get_chat")
    calls.settle("a", Failed(NoConnectionError()))
    calls.settle("b", Cancelled())
    with pytest.raises(NoConnectionError):
        await failed
    assert cancelled.cancelled()


async def test_settling_an_unknown_or_left_call_does_nothing() -> None:
    calls = Calls()
    left = calls.open("a", "get_chat")
    left.cancel()
    calls.settle("a", Response(None))
    calls.settle("never there", Response(None))
    assert len(calls) == 0


async def test_a_failed_log_ends_all_of_them() -> None:
    calls = Calls()
    first, second = calls.open("a", "get_chat"), calls.open("b", "get_chat")
    second.cancel()
    calls.fail_all(LogError("full"))
    with pytest.raises(LogError):
        await first
    assert len(calls) == 0
    await asyncio.sleep(0)


def test_actions_wait_for_their_record_and_keep_their_order() -> None:
    after, done = AfterCommit(), list[str]()
    after.add(3, lambda: done.append("first of 3"))
    after.add(3, lambda: done.append("second of 3"))
    after.add(5, lambda: done.append("of 5"))
    after.release(2)
    assert done == []
    after.release(4)
    assert done == ["first of 3", "second of 3"]
    after.drop()
    after.release(9)
    assert done == ["first of 3", "second of 3"]
    assert len(after) == 0
