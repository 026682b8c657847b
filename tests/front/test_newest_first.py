"""A chat's history is read from the log the newest part first, in slices."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from events_kit import Heard
from front_kit import customer, texts

import livechat_customer as lc
from livechat_customer.hydrate import FIRST_PAGE, PAGE
from livechat_customer.projections.history import History
from livechat_customer.projections.values import HistoryItem, PendingEvent
from livechat_customer.sandbox import Sandbox

EVENTS = FIRST_PAGE + 2 * PAGE


def ids(history: History) -> list[str]:
    """Of the events; gaps and what is not sent yet have none."""
    return [item.id for item in history if not isinstance(item, lc.Gap | PendingEvent)]


async def written(sandbox: Sandbox, again: dict[str, Any]) -> str:
    """A log with a chat of `EVENTS` events, which came one by one."""
    async with customer(sandbox, **again) as sdk:
        heard = Heard(sdk)
        chat = await sdk.start_chat()
        await sdk.resync()  # else its answer, the last record, would show them all
        jane = sandbox.agent("Jane")
        for number in range(EVENTS):
            jane.send_event(chat.id, f"{number}")
        await heard.until("incoming_event", EVENTS)
        return chat.id


async def test_each_look_shows_the_newest_part_and_in_the_end_all(tmp_path: Path) -> None:
    again: dict[str, Any] = {"log": tmp_path / "a.db", "credentials": lc.MemoryCredentials()}
    async with Sandbox() as sandbox:
        chat_id = await written(sandbox, again)
        async with lc.init(**sandbox.options(), **again, auto_connect=False) as sdk:
            history = sdk.history(chat_id)
            looks: list[History] = []
            history.subscribe(lambda now: looks.append(now) if now is not None else None)
            changes: list[tuple[lc.Change[HistoryItem], ...]] = []
            history.changes.subscribe(changes.append)
            await history.ready()
            whole = ids(looks[-1])
            messages = [text for text in texts(looks[-1]) if text.isdigit()]
            assert messages == [f"{number}" for number in range(EVENTS)]
            sizes = [len(look) for look in looks]
            assert sizes == sorted(sizes)
            first = next(look for look in looks if len(look))
            assert first.loading
            assert len(first) <= FIRST_PAGE
            assert len({*sizes}) > 2, "in slices"
            for look in looks:
                shown = ids(look)
                assert shown == whole[len(whole) - len(shown) :]
            items: list[HistoryItem] = []
            for change in changes:
                items = lc.applied(items, change)
            assert items == list(looks[-1])


async def test_who_turns_away_meanwhile_leaves_nothing(tmp_path: Path) -> None:
    again: dict[str, Any] = {"log": tmp_path / "a.db", "credentials": lc.MemoryCredentials()}
    async with Sandbox() as sandbox:
        chat_id = await written(sandbox, again)
        async with lc.init(**sandbox.options(), **again, auto_connect=False) as sdk:
            async for history in sdk.history(chat_id):
                if history:
                    assert history.loading
                    break
            again_looked = sdk.history(chat_id)
            await again_looked.ready()
            assert len(again_looked.value or ()) == EVENTS
