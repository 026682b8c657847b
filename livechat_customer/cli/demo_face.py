"""How the demo is shown, and where its log goes."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final, assert_never

import msgspec
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn
from rich.rule import Rule
from rich.table import Column, Table
from rich.text import Text

from livechat_customer.cli import exits
from livechat_customer.cli.demo import run_demo
from livechat_customer.cli.demo_steps import Act, Check, Happened, Progressed, Said, Step, Summary
from livechat_customer.cli.exits import CommandError
from livechat_customer.cli.text import plain
from livechat_customer.records import LIFECYCLE, REQUEST, RESPONSE, Record

PACE: Final = 0.06
"""Seconds a message stands alone on a terminal."""

_KINDS: Final = {REQUEST: "req", RESPONSE: "res", LIFECYCLE: "fact"}
"""How the log's column shortens a record's kind."""

_PRINTED: Final = (
    "messages_sent",
    "messages_received",
    "reconnects",
    "records",
    "uploaded",
    "postback",
    "rated",
    "transcript",
    "queued_offline",
    "kills",
    "delivered_once",
    "offline_equal",
    "replay_equal",
    "log",
)


def run(log: Path | None, seed: int, *, as_json: bool) -> int:
    """Run the demo; the exit code."""
    path = _new_log(log)
    if as_json:
        summary = asyncio.run(run_demo(path, seed, _nothing))
        printed = {name: getattr(summary, name) for name in _PRINTED}
        sys.stdout.write(msgspec.json.encode(printed).decode() + "\n")
    else:
        console = Console(highlight=False, markup=False, emoji=False)
        pace = PACE if console.is_terminal else 0.0
        face = Face(console)
        try:
            summary = asyncio.run(run_demo(path, seed, face.show, pace))
        finally:
            face.close()
        face.summary(summary)
    return exits.OK if summary.ok else exits.FAILED


def _new_log(given: Path | None) -> str:
    if given is None:
        return str(Path(tempfile.mkdtemp(prefix="livechat-customer-demo-")) / "demo.db")
    path = given.expanduser().absolute()
    if path.exists():
        raise CommandError(f"--log {given}: it exists. Name a new file.", exits.USAGE)
    return str(path)


def _nothing(_: Step) -> None: ...


class Face:
    """Prints the steps as they come, line by line: the same on a terminal and in a pipe."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bar: tuple[Progress, TaskID] | None = None

    def close(self) -> None:
        """Leave the terminal as it was, also in the middle of a file."""
        if self._bar is not None:
            self._bar[0].stop()
            self._bar = None

    def show(self, step: Step) -> None:
        if not isinstance(step, Progressed):
            self.close()
        match step:
            case Act(title, detail):
                self._console.print()
                self._console.print(Rule(_act(title, detail), align="left", style="dim"))
            case Said(name, text, own, records):
                self._line(Text(plain(name), _style(own)), plain(text), records)
            case Happened(text, records):
                self._line(Text("·", "dim"), Text(plain(text), "dim"), records)
            case Progressed(name, sent, total):
                self._progressed(plain(name), sent, total)
            case Check(name, ok, detail):
                verdict = Text("ok", "bold green") if ok else Text("FAILED", "bold red")
                self._line(verdict, f"{plain(name)} ({plain(detail)})", ())
            case _:
                assert_never(step)
        self._console.file.flush()

    def summary(self, summary: Summary) -> None:
        """The table at the end."""
        table = Table.grid(padding=(0, 2))
        table.add_column(style="bold", no_wrap=True)
        table.add_column(overflow="fold")
        for name in _PRINTED[:-1]:
            value = getattr(summary, name)
            shown = ("yes" if value else "NO") if isinstance(value, bool) else str(value)
            table.add_row(name.replace("_", " "), shown)
        for name, fact in summary.facts:
            table.add_row(name, plain(fact))
        table.add_row("log", plain(summary.log))
        self._console.print()
        self._console.print(Rule(_act("Summary", ""), align="left", style="dim"))
        self._console.print(table)
        failed = sum(not check.ok for check in summary.checks)
        if failed:
            self._console.print(
                Text(f"{failed} of {len(summary.checks)} checks failed", "bold red")
            )
        else:
            self._console.print(Text(f"all {len(summary.checks)} checks hold", "bold green"))

    def _progressed(self, name: str, sent: int, total: int) -> None:
        if self._bar is None:
            # What is drawn is drawn here: no thread, and nobody's stdout taken over.
            bar = Progress(
                TextColumn("·", style="dim", markup=False, table_column=Column(width=9)),
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                DownloadColumn(),
                console=self._console,
                auto_refresh=False,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._bar = bar, bar.add_task(name, total=total)
            bar.start()
        bar, task = self._bar
        bar.update(task, completed=sent, refresh=True)

    def _line(self, name: Text, text: str | Text, records: tuple[Record, ...]) -> None:
        row = Table.grid(expand=True, padding=(0, 1))
        row.add_column(width=9, no_wrap=True)
        row.add_column(ratio=1)
        if records:
            row.add_column(width=23, style="dim", justify="right")
            row.add_row(name, text, _logged(records))
        else:
            row.add_row(name, text)
        self._console.print(row)


def _act(title: str, detail: str) -> Text:
    shown = Text(plain(title), "bold")
    if detail:
        shown.append(f"  {plain(detail)}", "not bold dim")
    return shown


def _style(own: bool) -> str:
    return "bold cyan" if own else "bold magenta"


def _logged(records: Sequence[Record]) -> str:
    """What the log wrote: `#14-16 req res push`."""
    first, last = records[0].seq, records[-1].seq
    places = f"#{first}" if first == last else f"#{first}-{last}"
    # Each kind once, in the order of their coming.
    kinds = dict.fromkeys(_KINDS.get(record.kind, record.kind) for record in records)
    return f"{places} {' '.join(kinds)}"
