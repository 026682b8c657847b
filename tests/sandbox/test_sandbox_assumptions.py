"""Each switch of the register breaks what it says, once, and nothing else."""

from __future__ import annotations

import inspect

import pytest
from sandbox_kit import Json, Raw, Token, logged_in, message, started

from livechat_customer.sandbox import ASSUMPTIONS, FaultError, Sandbox


def broken(sandbox: Sandbox, name: str, **more: object) -> None:
    sandbox.fault("assumption", assumption=name, **more)  # type: ignore[arg-type]


async def send(raw: Raw, chat_id: str, text: str, **more: object) -> Json:
    return await raw.ok("send_event", {"chat_id": chat_id, "event": message(text, **more)})


async def pushed(raw: Raw) -> list[str]:
    """The texts that were pushed since the last call."""
    return [
        payload["event"]["text"]
        for action, payload in await raw.pushes()
        if action == "incoming_event"
    ]


async def threads(raw: Raw, sandbox: Sandbox, count: int) -> str:
    """A chat of so many threads, all closed; its id."""
    chat_id, _ = await started(raw, message("0"), message("0 again"))
    for number in range(1, count):
        await raw.ok("deactivate_chat", {"id": chat_id})
        chat = {"id": chat_id, "thread": {"events": [message(str(number))]}}
        await raw.ok("resume_chat", {"chat": chat, "continuous": True})
    await raw.ok("deactivate_chat", {"id": chat_id})
    await raw.settled()
    return chat_id


async def test_pushes_in_order(sandbox: Sandbox, raw: Raw) -> None:
    chat_id, _ = await started(raw)
    jane = sandbox.agent("Jane")
    jane.join(chat_id)
    broken(sandbox, "pushes_in_order", action="incoming_event")
    for text in ("1", "2", "3"):
        jane.send_event(chat_id, text)
    assert await pushed(raw) == ["2", "1", "3"]


async def test_pushes_complete(sandbox: Sandbox, raw: Raw) -> None:
    chat_id, _ = await started(raw)
    jane = sandbox.agent("Jane")
    broken(sandbox, "pushes_complete", action="incoming_event")
    for text in ("1", "2"):
        jane.send_event(chat_id, text)
    assert await pushed(raw) == ["2"]


async def test_pushes_once(sandbox: Sandbox, raw: Raw) -> None:
    chat_id, _ = await started(raw)
    jane = sandbox.agent("Jane")
    jane.join(chat_id)
    broken(sandbox, "pushes_once", action="incoming_event")
    for text in ("1", "2", "3"):
        jane.send_event(chat_id, text)
    assert await pushed(raw) == ["1", "2", "1", "3"]


async def test_answers_fresh(sandbox: Sandbox, raw: Raw) -> None:
    chat_id, _ = await started(raw, message("1"))
    broken(sandbox, "answers_fresh")
    first = await raw.ok("get_chat", {"chat_id": chat_id})
    assert await raw.ok("get_chat", {"chat_id": chat_id}) == first
    await send(raw, chat_id, "2")
    assert await raw.ok("get_chat", {"chat_id": chat_id}) == first
    newest = await raw.ok("get_chat", {"chat_id": chat_id})
    assert [event["text"] for event in newest["thread"]["events"]] == ["1", "2"]


async def test_threads_whole(sandbox: Sandbox, raw: Raw) -> None:
    chat_id, _ = await started(raw, message("1"), message("2"), message("3"))
    broken(sandbox, "threads_whole")
    for expected in (["1", "3"], ["1", "2", "3"]):
        chat = await raw.ok("get_chat", {"chat_id": chat_id})
        assert [event["text"] for event in chat["thread"]["events"]] == expected


async def test_summaries_right(sandbox: Sandbox, raw: Raw) -> None:
    chat_id, thread_id = await started(raw, message("1"))
    broken(sandbox, "summaries_right")
    named: list[str] = []
    for _ in range(2):
        (summary,) = (await raw.ok("list_chats"))["chats_summary"]
        assert summary["id"] == chat_id
        named.append(summary["last_event_per_type"]["message"]["event"]["id"])
    assert named == [f"{thread_id}_999", f"{thread_id}_1"]


async def test_chain_right(sandbox: Sandbox, raw: Raw) -> None:
    chat_id = await threads(raw, sandbox, 3)
    truth = [thread.id for thread in sandbox.chats[chat_id].threads]
    broken(sandbox, "chain_right")
    (page, right) = [
        (await raw.ok("list_threads", {"chat_id": chat_id}))["threads"] for _ in range(2)
    ]
    assert [thread.get("previous_thread_id") for thread in page] == [truth[0], truth[0], None]
    assert [thread.get("previous_thread_id") for thread in right] == [truth[1], truth[0], None]


async def test_last_page_known(sandbox: Sandbox, raw: Raw) -> None:
    chat_id = await threads(raw, sandbox, 2)
    broken(sandbox, "last_page_known")
    ask = {"chat_id": chat_id, "limit": 1}
    assert "next_page_id" not in await raw.ok("list_threads", ask)
    assert "next_page_id" in await raw.ok("list_threads", ask)


async def test_closed_stays_closed(sandbox: Sandbox, raw: Raw) -> None:
    chat_id = await threads(raw, sandbox, 1)
    broken(sandbox, "closed_stays_closed")
    shown = [(await raw.ok("get_chat", {"chat_id": chat_id}))["thread"]["active"] for _ in "12"]
    assert shown == [True, False]


async def test_created_at_fixed(sandbox: Sandbox, raw: Raw) -> None:
    chat_id, _ = await started(raw, message("1"))
    broken(sandbox, "created_at_fixed")
    wrong, right = [
        (await raw.ok("get_chat", {"chat_id": chat_id}))["thread"]["events"][0]["created_at"]
        for _ in "12"
    ]
    assert wrong > right
    assert right == sandbox.chats[chat_id].threads[0].events[0]["created_at"]


@pytest.mark.parametrize(("name", "end"), [("ids_unique", "_1"), ("ordinals_count", "_no2")])
async def test_ids(sandbox: Sandbox, raw: Raw, name: str, end: str) -> None:
    chat_id, thread_id = await started(raw, message("1"))
    broken(sandbox, name)
    answer = await send(raw, chat_id, "2")
    assert answer["event_id"] == f"{thread_id}{end}"
    ((_, push),) = await raw.pushes()
    assert push["event"]["id"] == f"{thread_id}{end}"
    assert (await send(raw, chat_id, "3"))["event_id"] == f"{thread_id}_3"


@pytest.mark.parametrize("action", ["send_event", "start_chat"])
async def test_custom_id_echoed(sandbox: Sandbox, raw: Raw, action: str) -> None:
    broken(sandbox, "custom_id_echoed", action=action)
    chat_id, _ = await started(raw, message("1", custom_id="a"))
    await send(raw, chat_id, "2", custom_id="b")
    stored = sandbox.chats[chat_id].threads[0].events
    kept = [event.get("custom_id") for event in stored]
    assert kept == (["a", None] if action == "send_event" else [None, "b"])


async def test_no_late_effect(sandbox: Sandbox, raw: Raw, token: Token) -> None:
    chat_id, _ = await started(raw)
    broken(sandbox, "no_late_effect", seconds=0.01)
    await raw.send("send_event", {"chat_id": chat_id, "event": message("late")})
    assert await raw.closed() == (None, [])
    await sandbox.wait_until(lambda: sandbox.chats[chat_id].threads[0].events)
    assert ASSUMPTIONS["no_late_effect"].seconds > 20


async def test_refusals_have_no_effect(sandbox: Sandbox, raw: Raw) -> None:
    chat_id, _ = await started(raw)
    broken(sandbox, "refusals_have_no_effect")
    ask = {"chat_id": chat_id, "event": message("1")}
    assert await raw.refused("send_event", ask) == "service_unavailable"
    assert await pushed(raw) == ["1"]


async def test_subscribed_at_login(sandbox: Sandbox, raw: Raw, token: Token) -> None:
    chat_id, _ = await started(raw)
    broken(sandbox, "subscribed_at_login", seconds=0.01)
    async with logged_in(sandbox, token) as (other, _):
        (deaf,) = [one for one in sandbox.connections if one.unsubscribed]
        await send(raw, chat_id, "1")
        assert await pushed(other) == []
        await sandbox.wait_until(lambda: not deaf.unsubscribed)
        await send(raw, chat_id, "2")
        assert await pushed(other) == ["2"]
        assert await pushed(raw) == ["1", "2"]


async def test_one_chat(sandbox: Sandbox, raw: Raw) -> None:
    broken(sandbox, "one_chat")
    await started(raw)
    ask: Json = {"chat": {}, "continuous": True}
    assert (await raw.ok("start_chat", ask))["chat_id"] in sandbox.chats
    assert await raw.refused("start_chat", ask) == "limit_reached"


async def test_not_found_is_gone(sandbox: Sandbox, raw: Raw) -> None:
    chat_id, thread_id = await started(raw)
    broken(sandbox, "not_found_is_gone")
    await raw.ok("get_chat", {"chat_id": chat_id})
    ask = {"chat_id": chat_id, "thread_id": thread_id}
    assert await raw.refused("get_chat", ask) == "not_found"
    await raw.ok("get_chat", ask)


def test_each_has_its_test() -> None:
    tests = {
        name.removeprefix("test_")
        for name, found in globals().items()
        if name.startswith("test_") and inspect.isfunction(found)
    }
    assert set(ASSUMPTIONS) - tests == {"ids_unique", "ordinals_count"}


@pytest.mark.parametrize("assumption", [None, "all will be well"])
def test_an_unknown_one_is_refused(assumption: str | None) -> None:
    with pytest.raises(FaultError, match="pushes_in_order, "):
        Sandbox().fault("assumption", assumption=assumption)
    with pytest.raises(FaultError, match="assumption"):
        Sandbox().fault("drop", assumption="pushes_in_order")
