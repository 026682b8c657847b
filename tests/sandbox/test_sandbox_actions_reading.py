"""list_chats, list_threads, get_chat and the other actions that change nothing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sandbox_kit import Json, Raw, Token, fetch_token, logged_in, message, started

from livechat_customer.sandbox import Limits, Sandbox, SteppingClock
from livechat_customer.sandbox.requests import perform
from livechat_customer.sandbox.world import Customer


def archived(number: int, *texts: str, **more: Any) -> Json:
    """A thread of a past day, one message a second."""
    day = f"2024-01-{number:02d}T10:00"
    return {
        "id": f"OLD{number}",
        "created_at": f"{day}:00.000000Z",
        "events": [
            message(text, created_at=f"{day}:{second:02d}.000000Z", author_id="a" * 32)
            for second, text in enumerate(texts)
        ],
    } | more


async def test_a_customer_without_chats(raw: Raw) -> None:
    assert await raw.ok("list_chats") == {"chats_summary": [], "total_chats": 0}


async def test_a_summary_names_the_last_event_of_each_type(
    sandbox: Sandbox, raw: Raw, token: Token
) -> None:
    chat_id, thread_id = await started(raw, message("one"), message("two"))
    jane = sandbox.agent("Jane")
    jane.send_event(chat_id, message("for agents", recipients="agents"))
    jane.send_event(chat_id, {"type": "custom", "content": {"n": 1}})
    answer = await raw.ok("list_chats", {"limit": 25, "sort_order": "asc"})
    assert answer["total_chats"] == 1
    (summary,) = answer["chats_summary"]
    assert summary["id"] == chat_id
    assert summary["active"] is True
    assert summary["access"] == {"group_ids": [0]}
    assert summary["last_thread_id"] == thread_id
    assert [user["type"] for user in summary["users"]] == ["customer", "agent"]
    last = summary["last_event_per_type"]
    assert {kind: one["event"]["id"] for kind, one in last.items()} == {
        "message": f"{thread_id}_2",
        "custom": f"{thread_id}_4",
    }
    thread = sandbox.chats[chat_id].threads[0]
    assert last["message"]["thread_id"] == thread_id
    assert last["message"]["thread_created_at"] == thread.created_at
    assert summary["last_thread_created_at"] == thread.created_at


async def test_several_chats_come_by_their_newest_thread() -> None:
    limits = Limits(chats_per_customer=30)
    async with (
        Sandbox(clock=SteppingClock(), limits=limits) as sandbox,
        logged_in(sandbox) as (raw, _),
    ):
        chats = [(await started(raw))[0] for _ in range(12)]
        await raw.ok("deactivate_chat", {"id": chats[0]})
        await raw.ok("resume_chat", {"chat": {"id": chats[0]}})
        expected = [chats[0], *chats[:0:-1]]
        first = await raw.ok("list_chats")
        assert first["total_chats"] == 12
        assert [chat["id"] for chat in first["chats_summary"]] == expected[:10]
        second = await raw.ok("list_chats", {"page_id": first["next_page_id"]})
        assert [chat["id"] for chat in second["chats_summary"]] == expected[10:]
        assert "next_page_id" not in second
        back = await raw.ok("list_chats", {"page_id": second["previous_page_id"]})
        assert back["chats_summary"] == first["chats_summary"]
        assert await raw.refused("list_chats", {"limit": 26}) == "validation"
        other = {"page_id": first["next_page_id"], "chat_id": chats[0]}
        assert await raw.refused("list_threads", other) == "validation"


async def test_threads_page_by_page(sandbox: Sandbox, raw: Raw, token: Token) -> None:
    chat_id = sandbox.plant_history(
        [archived(day, *["x"] * 10) for day in range(1, 8)], customer_id=token.customer_id
    )
    page = await raw.ok("list_threads", {"chat_id": chat_id, "min_events_count": 25})
    assert [thread["id"] for thread in page["threads"]] == ["OLD7", "OLD6", "OLD5"]
    assert page["found_threads"] == 7
    assert "previous_page_id" not in page
    oldest = page["threads"][-1]
    assert (oldest["previous_thread_id"], oldest["next_thread_id"]) == ("OLD4", "OLD6")
    seen: list[str] = []
    while True:
        seen += [thread["id"] for thread in page["threads"]]
        if "next_page_id" not in page:
            break
        page = await raw.ok("list_threads", {"chat_id": chat_id, "page_id": page["next_page_id"]})
    assert seen == [f"OLD{day}" for day in range(7, 0, -1)]
    assert len(page["threads"]) == 1
    upwards = await raw.ok("list_threads", {"chat_id": chat_id, "sort_order": "asc"})
    assert [thread["id"] for thread in upwards["threads"]] == ["OLD1", "OLD2", "OLD3"]
    assert "previous_thread_id" not in upwards["threads"][0]


@given(
    st.lists(st.tuples(st.integers(0, 12), st.integers(0, 4)), max_size=15),
    st.sampled_from(["asc", "desc"]),
    st.sampled_from([{}, {"limit": 1}, {"limit": 4}, {"min_events_count": 7}]),
    # For agents only, or of a type that 3.5 does not have.
    st.sampled_from([{"recipients": "agents"}, {"type": "system"}]),
)
def test_pages_of_threads_are_the_whole(
    sizes: list[tuple[int, int]], order: str, how: dict[str, int], hiding: Json
) -> None:
    """Threads of so many visible and so many hidden events each, walked through the action."""
    stage = Sandbox(clock=SteppingClock())
    core = stage._core  # pyright: ignore[reportPrivateUsage]
    ann = Customer("ann", "org")
    stage.customers[ann.id] = ann
    threads = [
        archived(day, *["x"] * (seen + hidden)) for day, (seen, hidden) in enumerate(sizes, 1)
    ]
    for (seen, _), thread in zip(sizes, threads, strict=True):
        for event in thread["events"][seen:]:
            event |= hiding
    chat_id = stage.plant_history(threads, customer_id=ann.id)

    def ask(**arguments: Any) -> Json:
        given = {"chat_id": chat_id} | arguments
        return perform(core, ann, "app", "list_threads", "3.5", given).payload

    pages = [ask(sort_order=order, **how)]
    while "next_page_id" in pages[-1]:
        pages.append(ask(page_id=pages[-1]["next_page_id"]))
    shown = [thread for page in pages for thread in page["threads"]]
    expected = [(f"OLD{day}", seen) for day, (seen, _) in enumerate(sizes, 1)]
    found = [(thread["id"], len(thread["events"])) for thread in shown]
    assert found == (expected if order == "asc" else expected[::-1])
    assert {page["found_threads"] for page in pages} == {len(sizes)}
    links = [(one.get("previous_thread_id"), one.get("next_thread_id")) for one in shown]
    chain = links if order == "asc" else links[::-1]
    names = [None, *(name for name, _ in expected), None]
    assert chain == list(zip(names, names[2:], strict=False))
    for page in pages[:-1]:
        weights = [len(thread["events"]) for thread in page["threads"]]
        if "min_events_count" in how:
            assert sum(weights) >= how["min_events_count"] > sum(weights[:-1])
        else:
            assert len(weights) == how.get("limit", 3)


async def test_only_visible_events_count_towards_a_page(
    sandbox: Sandbox, raw: Raw, token: Token
) -> None:
    hidden = [event | {"recipients": "agents"} for event in archived(2, *["x"] * 5)["events"]]
    threads = [archived(1, "a", "b"), archived(2, events=hidden), archived(3, "c")]
    chat_id = sandbox.plant_history(threads, customer_id=token.customer_id)
    page = await raw.ok("list_threads", {"chat_id": chat_id, "min_events_count": 2})
    assert [thread["id"] for thread in page["threads"]] == ["OLD3", "OLD2", "OLD1"]
    assert [len(thread["events"]) for thread in page["threads"]] == [1, 0, 2]


@pytest.mark.parametrize(
    ("payload", "error"),
    [
        ({}, "validation"),
        ({"chat_id": 1}, "validation"),
        ({"chat_id": "NOPE"}, "not_found"),
        ({"chat_id": "CHAT", "limit": 101}, "validation"),
        ({"chat_id": "CHAT", "limit": 3, "min_events_count": 3}, "validation"),
        ({"chat_id": "CHAT", "page_id": "nonsense"}, "validation"),
    ],
)
async def test_list_threads_is_refused(raw: Raw, payload: Json, error: str) -> None:
    chat_id, _ = await started(raw)
    given = {name: chat_id if value == "CHAT" else value for name, value in payload.items()}
    assert await raw.refused("list_threads", given) == error


async def test_get_chat(sandbox: Sandbox, raw: Raw, token: Token) -> None:
    chat_id, thread_id = await started(raw, message())
    sandbox.plant_history([archived(1, "old")], chat_id=chat_id)
    newest = await raw.ok("get_chat", {"chat_id": chat_id})
    assert newest["thread"]["id"] == thread_id
    assert newest["thread"]["previous_thread_id"] == "OLD1"
    assert newest["properties"] == {"routing": {"continuous": True}}
    old = await raw.ok("get_chat", {"chat_id": chat_id, "thread_id": "OLD1"})
    assert [event["text"] for event in old["thread"]["events"]] == ["old"]
    assert old["thread"]["active"] is False
    former = next(user for user in old["users"] if user["id"] == "a" * 32)
    assert former["present"] is False
    assert await raw.refused("get_chat", {"chat_id": chat_id, "thread_id": "X"}) == "not_found"
    assert await raw.refused("get_chat", {"chat_id": "X"}) == "not_found"
    assert await raw.refused("get_chat") == "validation"
    sandbox.chats[chat_id].threads.clear()
    assert "thread" not in await raw.ok("get_chat", {"chat_id": chat_id})


async def test_anothers_chat_does_not_exist(sandbox: Sandbox, raw: Raw) -> None:
    chat_id, _ = await started(raw)
    asked: list[tuple[str, Json]] = [
        ("get_chat", {"chat_id": chat_id}),
        ("list_threads", {"chat_id": chat_id}),
        ("send_event", {"chat_id": chat_id, "event": message()}),
        ("deactivate_chat", {"id": chat_id}),
        ("resume_chat", {"chat": {"id": chat_id}}),
        ("mark_events_as_seen", {"chat_id": chat_id, "seen_up_to": "2025-01-01T00:00:00Z"}),
        ("update_chat_properties", {"id": chat_id, "properties": {}}),
    ]
    async with logged_in(sandbox, await fetch_token(sandbox)) as (stranger, _):
        for action, payload in asked:
            assert await stranger.refused(action, payload) == "not_found"
        assert (await stranger.ok("list_chats"))["chats_summary"] == []


async def test_get_customer(raw: Raw, token: Token) -> None:
    await started(raw)
    assert await raw.ok("get_customer", {"session_fields": "ignored"}) == {
        "id": token.customer_id,
        "type": "customer",
        "statistics": {
            "chats_count": 1,
            "threads_count": 1,
            "visits_count": 1,
            "page_views_count": 0,
            "greetings_shown_count": 0,
            "greetings_accepted_count": 0,
        },
    }


async def test_group_statuses(sandbox: Sandbox, raw: Raw) -> None:
    sandbox.set_availability(3, "online_for_queue")
    sandbox.set_availability(4, "offline")
    everything = {"0": "online", "3": "online_for_queue", "4": "offline"}
    assert await raw.ok("list_group_statuses", {"all": True}) == {"groups_status": everything}
    some = await raw.ok("list_group_statuses", {"group_ids": [4, 99]})
    assert some == {"groups_status": {"4": "offline"}}
    for wrong in ({}, {"all": False}, {"group_ids": ["4"]}, {"all": "yes"}):
        assert await raw.refused("list_group_statuses", wrong) == "validation"


async def test_forms(sandbox: Sandbox, raw: Raw) -> None:
    form = {"id": "1", "fields": [{"id": "2", "type": "name", "label": "Name"}]}
    sandbox.set_form(0, "prechat", form)
    assert await raw.ok("get_form", {"group_id": 0, "type": "prechat"}) == {
        "enabled": True,
        "form": form,
    }
    assert await raw.ok("get_form", {"group_id": 0, "type": "ticket"}) == {"enabled": False}
    assert await raw.refused("get_form", {"group_id": 9, "type": "prechat"}) == "group_not_found"
    assert await raw.refused("get_form", {"group_id": 0, "type": "x"}) == "validation"
    assert await raw.refused("get_form", {"type": "prechat"}) == "validation"


async def test_predicted_agent(sandbox: Sandbox, raw: Raw) -> None:
    assert await raw.refused("get_predicted_agent") == "group_unavailable"
    jane = sandbox.add_agent("Jane", groups=[2], job_title="Chief", avatar="https://a.example/j")
    assert await raw.ok("get_predicted_agent", {"group_id": 2}) == {
        "agent": {
            "id": jane.id,
            "name": "Jane",
            "avatar": "https://a.example/j",
            "job_title": "Chief",
            "type": "agent",
            "is_bot": False,
        },
        "queue": False,
    }
    sandbox.set_availability(2, "online_for_queue")
    assert (await raw.ok("get_predicted_agent", {"group_id": 2}))["queue"] is True
    sandbox.set_availability(2, "offline")
    assert await raw.refused("get_predicted_agent", {"group_id": 2}) == "group_offline"
    assert await raw.refused("get_predicted_agent", {"group_id": 9}) == "group_not_found"
