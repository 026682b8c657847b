"""What it costs to converge after an absence in which an agent wrote 0, 1, 10 or 100 events.

Counted, not timed: requests after the login, and frames that came after its answer until the SDK
said that nothing is missing. The agent closes the thread after every tenth event, so the longest
absence leaves nine threads that the client has never heard of. The least possible is one request
for a chat, and one for each 25 threads that it misses besides (Customer Chat API 3.5, get_chat and
list_threads), each with one frame as its answer.
"""

from __future__ import annotations

import asyncio

import livechat_customer as lc
from benchmarks.harness import Figure, Result, Scale
from livechat_customer.records import PUSH, RESPONSE, Record
from livechat_customer.sandbox import Sandbox

ABSENCES = (0, 1, 10, 100)
THREAD = 10
"""Events after which the agent closes a thread."""
PAGE = 25
"""Most threads of a page of `list_threads`."""
SILENT = ("login", "ping")


def write(sandbox: Sandbox, me: str, chat_id: str, events: int) -> int:
    """An agent writes; the number of threads that begin meanwhile."""
    jane, threads = sandbox.agent("Jane"), 0
    for number in range(events):
        if number and number % THREAD == 0:
            jane.deactivate_chat(chat_id)
            jane.start_chat(me, f"{number}")
            threads += 1
        else:
            jane.send_event(chat_id, f"{number}")
    return threads


async def absence(events: int) -> tuple[int, int, int]:
    """Requests, frames, and the least possible of both."""
    async with Sandbox() as sandbox:
        async with lc.init(**sandbox.options(), log=":memory:") as sdk:
            me = (await sdk.connect()).customer.id
            chat = await sdk.start_chat(continuous=True)
            await sdk.send_event(chat_id=chat.id, event=lc.Message("Hello"))
            await sdk.resync()
            await sdk.disconnect()
            threads = write(sandbox, me, chat.id, events)
            sandbox.received.clear()
            heard: list[Record] = []
            sdk.records.subscribe(heard.append)
            done = asyncio.ensure_future(sdk.wait_for("resynced", timeout=60))
            await asyncio.sleep(0)  # it listens from now on
            await sdk.connect()
            report = await done
            history = sdk.history(chat.id)
            await history.ready()
            shown = history.value
            assert report.verdict == "complete", report
            assert shown is not None
            held = [event for thread in sandbox.chats[chat.id].threads for event in thread.events]
            assert len(shown) == len(held), "it has converged"
            assert not shown.gaps
            asked = [one.action for one in sandbox.received if one.action not in SILENT]
        frames = [it for it in heard if it.kind in (RESPONSE, PUSH) and it.action not in SILENT]
        return len(asked), len(frames), 1 + -(-threads // PAGE)


def run(_: Scale) -> Result:
    figures: list[Figure] = []
    for events in ABSENCES:
        requests, frames, least = asyncio.run(absence(events))
        # Nothing changed: nothing may be wasted. How many threads are missing nobody says: the
        # first three are fetched one by one, the others page by page.
        floor = 2.5 if events else 1.0
        for label, count in (("requests", requests), ("frames", frames)):
            title = f"{label} after {events} events"
            figures.append(Figure(title, count / least, floor, True, count, least, label))
    return Result(
        "resync",
        "requests and frames to converge after an absence",
        "the least that the API allows",
        figures,
    )
