"""`livechat-customer demo` as a process, and how its steps are printed."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO, cast

import pytest
from cli_kit import COMMAND, PATIENCE, environment, one_line, one_object, run
from rich.console import Console

from livechat_customer.cli import exits
from livechat_customer.cli.demo_face import Face
from livechat_customer.cli.demo_steps import Act, Check, Happened, Progressed, Said, Step, Summary

TYPES = {
    "messages_sent": int,
    "messages_received": int,
    "reconnects": int,
    "records": int,
    "uploaded": bool,
    "postback": bool,
    "rated": bool,
    "transcript": bool,
    "queued_offline": int,
    "kills": int,
    "delivered_once": bool,
    "offline_equal": bool,
    "replay_equal": bool,
    "log": str,
}


def test_json_is_one_object_and_nothing_else(tmp_path: Path) -> None:
    said = run("demo", "--json", home=tmp_path)
    found = one_object(one_line(said.stdout))
    assert said.stderr == ""
    assert {name: type(value) for name, value in found.items()} == TYPES
    assert found["messages_sent"] >= 20
    assert found["messages_received"] >= 20
    assert found["reconnects"] >= 1
    assert found["queued_offline"] >= 2
    assert found["kills"] == 2
    held = [name for name, kind in TYPES.items() if kind is bool]
    assert [found[name] for name in held] == [True] * len(held), held
    log = Path(found["log"])
    assert log.stat().st_mode & 0o777 == 0o600
    assert log.parent.stat().st_mode & 0o777 == 0o700
    examined = one_object(run("doctor", "--json", "--log", str(log), home=tmp_path).stdout)
    assert examined["logs"][0]["records"] >= found["records"]


def test_in_a_pipe_it_is_plain_text_with_a_summary(tmp_path: Path) -> None:
    said = run("demo", "--log", "new.db", "--seed", "1", home=tmp_path)
    assert said.stderr == ""
    assert "\x1b" not in said.stdout
    for shown in (
        "you       Hello, it's me again!",
        "Helpdesk  Hello! What can I do for you?",
        "page 1: 3 threads with 27 events",
        "disconnected: connection_lost",
        "·         lamp.png ━",
        "2.1/2.1 MB",
        "file event: lamp.png, image/png, 960 x 720 pixels",
        "“All of it” is pressed",
        "rating.score = 1",
        "“Customer rated the chat as good”",
        "transcript to be sent to customer@example.org",
        "from the log alone",
        "Summary",
        "·         queued: “The lamp has arrived.”",
        "·         delivered: “Thanks again, all of you!”",
        "messages sent      30",
        "uploaded           yes",
        "postback           yes",
        "rated              yes",
        "transcript         yes",
        "queued offline     5",
        "kills              2",
        "delivered once     yes",
        "offline equal      yes",
        "replay equal       yes",
        str(tmp_path / "new.db"),
        "all 15 checks hold",
    ):
        assert shown in said.stdout, shown
    assert (tmp_path / "new.db").exists()


def test_a_log_that_exists_is_left_alone(tmp_path: Path) -> None:
    there = tmp_path / "mine.db"
    there.write_bytes(b"mine")
    said = run("demo", "--log", "mine.db", home=tmp_path, status=exits.USAGE)
    assert "--log mine.db" in one_line(said.stderr)
    assert said.stdout == ""
    assert there.read_bytes() == b"mine"


def test_a_log_that_can_not_be_made_is_a_log_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = run("demo", "--json", "--log", "file/demo.db", home=tmp_path, status=exits.LOG)
    assert said.stdout == ""
    assert "file/demo.db" in one_line(said.stderr)


TAMPERED = """
import sqlite3, sys
from livechat_customer.cli import demo, main

untouched = demo.live

async def live(log, *rest):
    lived = await untouched(log, *rest)
    connection = sqlite3.connect(log)
    said = "'events_marked_as_seen', 'mark_events_as_seen'"
    connection.execute(f"DELETE FROM records WHERE action IN ({said})")
    connection.execute("DELETE FROM snapshots")
    connection.commit()
    connection.close()
    return lived

demo.live = live
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("arguments", [["demo", "--json"], ["demo"]])
def test_a_check_that_fails_is_exit_code_1(arguments: list[str], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", TAMPERED, *arguments],
        cwd=tmp_path,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stderr) == (exits.FAILED, "")
    if "--json" in arguments:
        found = json.loads(done.stdout)
        assert (found["offline_equal"], found["replay_equal"]) == (False, False)
    else:
        assert "FAILED    offline, the same chat" in done.stdout
        assert "checks failed" in done.stdout


def heed_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_ctrl_c_ends_it_cleanly(tmp_path: Path) -> None:
    with subprocess.Popen(
        [COMMAND, "demo", "--log", "cut.db"],
        cwd=tmp_path,
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell's background jobs ignore it, and so would this child of one.
        preexec_fn=heed_interrupts,  # noqa: PLW1509 - no thread runs here
    ) as process:
        lines = cast("IO[str]", process.stdout)
        while not lines.readline().startswith("Helpdesk"):
            pass
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=PATIENCE)
    assert one_line(err) == "livechat-customer: interrupted"
    assert process.returncode == exits.INTERRUPTED
    # What was written until then is whole.
    run("doctor", "--log", "cut.db", home=tmp_path)


EVIL = "\x1b]0;owned\x07\x1b[2J[bold]hi[/bold]\r\n:smile:\x9b31m"
SHOWN = "[bold]hi[/bold] :smile:"

STEPS: list[Step] = [
    Act(EVIL, EVIL),
    Said(EVIL, EVIL, own=False),
    Said(EVIL, EVIL, own=True),
    Happened(EVIL),
    Progressed(EVIL, 8, 8),
    Check(EVIL, False, EVIL),
]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: type(step).__name__)
def test_what_people_wrote_can_not_reach_the_terminal(step: Step) -> None:
    out = io.StringIO()
    face = Face(Console(file=out, width=120, highlight=False, markup=False, emoji=False))
    face.show(step)
    face.close()
    said = out.getvalue()
    assert SHOWN in said
    assert not {"\x1b", "\x07", "\x9b", "\r"} & set(said)


SHOW_CURSOR, HIDE_CURSOR = "\x1b[?25h", "\x1b[?25l"


@pytest.mark.parametrize("closing", ["close", "the next step"])
def test_a_progress_bar_gives_the_terminal_back(closing: str) -> None:
    out = io.StringIO()
    face = Face(Console(file=out, width=80, force_terminal=True))
    face.show(Progressed("lamp.png", 1_000_000, 4_000_000))
    assert "1.0/4.0 MB" in out.getvalue()
    assert HIDE_CURSOR in out.getvalue()
    assert SHOW_CURSOR not in out.getvalue()
    if closing == "close":
        face.close()
    else:
        face.show(Happened("and so on"))
    assert SHOW_CURSOR in out.getvalue()


def test_in_a_pipe_a_progress_bar_is_one_line() -> None:
    out = io.StringIO()
    face = Face(Console(file=out, width=80))
    for sent in range(5):
        face.show(Progressed("lamp.png", sent, 4))
    face.close()
    assert out.getvalue().count("\n") == 1
    assert "lamp.png" in out.getvalue()


def test_the_summary_counts_the_checks_that_failed() -> None:
    checks = (Check("one", True), Check("two", False))
    outbox, equal = (5, 2, False), (True, False)
    served = (True, True, False, True)
    summary = Summary(1, 2, 3, 4, *served, *outbox, *equal, "x.db", checks, (("a", "b"),))
    out = io.StringIO()
    Face(Console(file=out, width=80)).summary(summary)
    said = out.getvalue()
    assert not summary.ok
    for shown in (
        "rated              NO",
        "delivered once     NO",
        "offline equal      yes",
        "replay equal       NO",
        "1 of 2 checks failed",
    ):
        assert shown in said
