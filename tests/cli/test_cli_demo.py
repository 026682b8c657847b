"""The demo's core: what it does, and that each of its checks can fail."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from msgspec.structs import replace

import livechat_customer as lc
from livechat_customer.cli import demo_picture
from livechat_customer.cli.demo import (
    EACH_WAY,
    KILLS,
    live_checks,
    offline_check,
    outbox_check,
    piece_checks,
    replay_checks,
    run_demo,
    told_to_the_end,
)
from livechat_customer.cli.demo_again import offline, replayed, server_is_gone
from livechat_customer.cli.demo_live import FAULTS, live
from livechat_customer.cli.demo_lived import Killed, Lived, pieces_of
from livechat_customer.cli.demo_script import OFFLINE, WHILE_AWAY
from livechat_customer.cli.demo_steps import Act, Check, Happened, Progressed, Said, Step
from livechat_customer.errors import LogError
from livechat_customer.replay import replay
from livechat_customer.sandbox import Sandbox


def nothing(_: Step) -> None: ...


@pytest.mark.parametrize(("seed", "again"), [(0, "it is sent again"), (1, "it is not sent again")])
async def test_a_conversation_survives_the_cut_and_the_server(
    seed: int, again: str, tmp_path: Path
) -> None:
    steps: list[Step] = []
    log = str(tmp_path / "demo.db")
    summary = await run_demo(log, seed, steps.append)

    assert summary.ok, [check for check in summary.checks if not check.ok]
    assert summary.offline_equal
    assert summary.replay_equal
    assert summary.messages_sent >= EACH_WAY
    assert summary.messages_received >= EACH_WAY
    assert summary.reconnects == 1
    assert summary.log == log
    assert (summary.uploaded, summary.postback, summary.rated, summary.transcript) == (True,) * 4
    assert (summary.queued_offline, summary.kills) == (len(OFFLINE), KILLS)
    assert summary.delivered_once

    said = [step for step in steps if isinstance(step, Said)]
    assert sum(step.own for step in said) == summary.messages_sent
    assert sum(not step.own for step in said) == summary.messages_received
    assert [step.name for step in said if step.text == WHILE_AWAY] == ["Jane"]
    size = len(demo_picture.picture())
    sent = [step.sent for step in steps if isinstance(step, Progressed)]
    assert sent == sorted(set(sent))
    assert (sent[0], sent[-1]) == (0, size)
    happened = [step.text for step in steps if isinstance(step, Happened)]
    assert len([text for text in happened if text.endswith(again)]) == 1
    assert [step for step in steps if isinstance(step, Check)] == list(summary.checks)
    assert [step.title for step in steps if isinstance(step, Act)] == [
        "Arriving",
        "Scrolling up",
        "Talking",
        "The connection is cut",
        "Going on",
        "One more thing",
        "A picture",
        "A button",
        "A rating",
        "Leaving",
        "No network",
        "Restarted",
        "Restarted again",
        "Back",
        "No server",
        "Replay",
        "Checks",
    ]
    async with replay(log) as session:
        assert (await session.run()).seq == summary.records


class Once(NamedTuple):
    """One run of the part with a server, for all who look at what it left."""

    lived: Lived
    steps: list[Step]
    log: Path


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Once:
    log = tmp_path_factory.mktemp("once") / "demo.db"
    steps: list[Step] = []
    with ThreadPoolExecutor(1) as aside:
        lived = aside.submit(asyncio.run, live(str(log), 1, steps.append)).result()
    return Once(lived, steps, log)


def test_what_the_log_did_is_told_record_by_record(once: Once) -> None:
    steps = once.steps
    told = [
        record.seq for step in steps if isinstance(step, Said | Happened) for record in step.records
    ]
    # The picture went over HTTP: what came of it is a record.
    assert {"http"} == {
        record.kind
        for step in steps
        if isinstance(step, Happened) and step.text.startswith("upload_file")
        for record in step.records
    }
    # Only the records of the closing come after the last step.
    assert sorted(told) == list(range(1, len(told) + 1))
    # Other processes wrote these, too.
    commands = {
        record.action
        for step in steps
        if isinstance(step, Happened)
        for record in step.records
        if record.kind == "command"
    }
    assert {"outbox_queued", "outbox_attempted"} <= commands
    kinds = {record.kind for step in steps if isinstance(step, Said) for record in step.records}
    # The end of a resync may fall into the conversation.
    assert kinds - {"lifecycle"} == {"request", "response", "push"}


def edit(path: Path, statement: str, *values: object) -> None:
    """Changes the log behind the library's back; the snapshots, caches of the state, go."""
    connection = sqlite3.connect(path)
    try:
        changed = connection.execute(statement, values).rowcount
        assert changed > 0, statement
        connection.execute("DELETE FROM snapshots")
        connection.commit()
    finally:
        connection.close()


SHOWN_AGAIN = (
    "kind = 'response' AND action IN ('list_threads', 'get_chat')"
    " AND instr(CAST(payload AS TEXT), ?)"
)
"""The answers that hold a text: whole threads, asked for by `rate_chat` and after a login."""


def another_word(path: Path) -> None:
    edit(
        path,
        "UPDATE records SET payload = CAST(replace(CAST(payload AS TEXT), ?, ?) AS BLOB)"
        " WHERE instr(CAST(payload AS TEXT), ?)",
        "desk lamp",
        "desk tidy",
        "desk lamp",
    )


def a_message_less(path: Path) -> None:
    edit(
        path,
        "UPDATE records SET action = 'unheard_of', payload = ? WHERE kind = 'push'"
        " AND action = 'incoming_event' AND instr(CAST(payload AS TEXT), 'have a good day')",
        b'{"action":"unheard_of","type":"push","payload":{}}',
    )
    edit(path, f"DELETE FROM records WHERE {SHOWN_AGAIN}", "have a good day")


def another_mark(path: Path) -> None:
    # The push says it, and that the customer's own request was done.
    said = "'events_marked_as_seen', 'mark_events_as_seen'"
    edit(path, f"DELETE FROM records WHERE action IN ({said})")


@pytest.mark.parametrize("tamper", [another_word, a_message_less, another_mark])
async def test_a_log_that_was_tampered_with_fails(
    tamper: Callable[[Path], None], once: Once, tmp_path: Path
) -> None:
    lived, _, log = once
    good, bad = tmp_path / "good.db", tmp_path / "bad.db"
    shutil.copy(log, good)
    shutil.copy(log, bad)
    assert offline_check(lived, await offline(str(good), lived, nothing)).ok
    assert all(check.ok for check in replay_checks(lived, await replayed(str(log), lived, nothing)))
    tamper(bad)
    again = await replayed(str(bad), lived, nothing)
    assert not all(check.ok for check in replay_checks(lived, again))
    assert not offline_check(lived, await offline(str(bad), lived, nothing)).ok


def without(action: str, has: str = "", answers: str = "") -> Callable[[Path], None]:
    """Takes such pushes from the log, the answers that say the same, and those that show it all
    again."""

    def tamper(path: Path) -> None:
        edit(
            path,
            "DELETE FROM records WHERE kind = 'push' AND action = ?"
            " AND instr(CAST(payload AS TEXT), ?) OR kind = 'response' AND action = ?"
            f" OR {SHOWN_AGAIN}",
            action,
            has,
            answers,
            demo_picture.NAME,
        )

    return tamper


PIECES = {
    "uploaded": [without("incoming_event", demo_picture.NAME)],
    "postback": [
        without("incoming_rich_message_postback", answers="send_rich_message_postback"),
        without("incoming_event", '"rich_message"'),
    ],
    "rated": [
        without("thread_properties_updated", '"score"'),
        without("incoming_event", "rating.chat_rated"),
    ],
    "transcript": [
        without("thread_properties_updated", "transcript_email"),
        without("incoming_event", "transcript_requested"),
    ],
}


async def test_each_piece_is_seen_by_what_the_log_holds_of_it(once: Once, tmp_path: Path) -> None:
    lived, _, log = once

    async def missing(name: str, tamper: Callable[[Path], None]) -> set[str]:
        bad = tmp_path / f"{name}.db"
        shutil.copy(log, bad)
        tamper(bad)
        seen = await offline(str(bad), lived, nothing)
        again = await replayed(str(bad), lived, nothing)
        bad.unlink()
        checks = piece_checks(lived, seen, again)
        assert {check.detail for check in checks.values() if not check.ok} <= {"live"}
        return {piece for piece, check in checks.items() if not check.ok}

    assert await missing("good", lambda _: None) == set()
    for piece, tampers in PIECES.items():
        for tamper in tampers:
            assert await missing(piece, tamper) == {piece}


def test_a_chat_without_a_thread_shows_none_of_the_pieces() -> None:
    pieces = pieces_of(None, (), "me")
    assert [getattr(pieces, name) for name in PIECES] == [False] * 4


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        ((0, 4, 8), True),
        ((), False),
        ((0, 8), False),
        ((0, 8, 4), False),
        ((0, 4, 4, 8), False),
        ((0, 2, 4), False),
    ],
)
def test_progress_is_told_when_it_goes_on_to_the_end(steps: tuple[int, ...], told: bool) -> None:
    assert told_to_the_end(tuple(lc.UploadProgress(sent, 8) for sent in steps)) is told


@pytest.fixture(scope="module")
def a_life() -> Lived:
    """What a good run leaves, as far as the live checks look."""
    history = tuple(
        lc.Message(text="Hi", id=f"T_{number}", custom_id=f"demo-{number}") for number in range(25)
    )
    return Lived(
        options={},
        own_id="me",
        chat_id="C",
        chat=None,  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - not looked at
        history=history,
        on_server=tuple(event.id for event in history),
        marks=(),
        state="",
        sent=25,
        received=25,
        reconnects=1,
        pages=3,
        archived=1,
        progress=(),
        outbox=Killed(("demo-1", "demo-2"), 2, ("demo-1", "demo-2")),
        commit_us=1,
    )


def test_a_good_life_passes(a_life: Lived) -> None:
    assert [check.name for check in live_checks(a_life) if not check.ok] == []


@pytest.mark.parametrize(
    ("change", "failing"),
    [
        ({"sent": 19}, ["at least 20 messages each way", "each message sent is there once"]),
        ({"received": 19}, ["at least 20 messages each way"]),
        ({"archived": 0}, ["the history has archived threads, and several pages"]),
        ({"pages": 1}, ["the history has archived threads, and several pages"]),
        ({"reconnects": 0}, ["connected again after the cut"]),
        ({"reconnects": 2}, ["connected again after the cut"]),
        ({"sent": 26}, ["each message sent is there once"]),
        ({"on_server": ("T_0",)}, ["the history is the server's"]),
    ],
)
def test_each_live_check_can_fail(
    change: dict[str, Any], failing: list[str], a_life: Lived
) -> None:
    life = replace(a_life, **change)
    assert [check.name for check in live_checks(life) if not check.ok] == failing


@pytest.mark.parametrize(
    "outbox",
    [
        Killed((), 2, ()),
        Killed(("demo-1", "demo-2"), 1, ("demo-1", "demo-2")),
        Killed(("demo-1", "demo-2"), 2, ("demo-2", "demo-1")),
        Killed(("demo-2", "demo-1"), 2, ("demo-2", "demo-1")),
        Killed(("demo-1", "demo-2"), 2, ("demo-1", "demo-1", "demo-2")),
        Killed(("demo-1", "demo-2"), 2, ("demo-1",)),
        Killed(("demo-1", "demo-99"), 2, ("demo-1", "demo-99")),
        Killed(("demo-1", "demo-2"), 2, ("demo-1", "demo-2"), left=1),
    ],
)
def test_the_outbox_check_can_fail(outbox: Killed, a_life: Lived) -> None:
    assert outbox_check(a_life).ok
    assert not outbox_check(replace(a_life, outbox=outbox)).ok


def test_a_message_that_is_there_twice_fails(a_life: Lived) -> None:
    life = replace(a_life, history=(*a_life.history[1:], a_life.history[-1]))
    assert "each message sent is there once" in [
        check.name for check in live_checks(life) if not check.ok
    ]


async def test_it_sees_whether_the_server_is_gone(a_life: Lived) -> None:
    async with Sandbox() as sandbox:
        life = replace(a_life, options=sandbox.options())
        assert not await server_is_gone(life)
    assert await server_is_gone(life)


def test_both_faults_are_met() -> None:
    assert {FAULTS[seed % len(FAULTS)] for seed in (0, 1)} == {"cut", "drop"}


async def test_a_log_that_can_not_be_made_is_a_log_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LogError):
        await run_demo(str(tmp_path / "file" / "demo.db"), 0, nothing)
