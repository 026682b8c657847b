"""How the doctor's report is shown."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from livechat_customer.cli import exits
from livechat_customer.cli.doctor import Report, examine
from livechat_customer.cli.live_report import Live
from livechat_customer.cli.log_check import LogCheck
from livechat_customer.cli.text import plain


def run(
    environment: Mapping[str, str], log: Path | None, *, as_json: bool, live: Live | None = None
) -> int:
    """Examine, show, and give the exit code."""
    report = examine(environment, log, live)
    if as_json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(report)).decode() + "\n")
    else:
        show(report, Console(highlight=False, markup=False, emoji=False))
    return exits.OK if report.ok else exits.FAILED


def show(report: Report, console: Console) -> None:
    """Print it for people."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    versions = report.versions
    table.add_row("livechat-customer", versions.livechat_customer)
    table.add_row("python", versions.python)
    table.add_row("sqlite", versions.sqlite)
    for one in versions.dependencies:
        extra = "" if one.extra is None else f" (extra {one.extra})"
        table.add_row(one.name, f"{one.version or 'not installed'}{extra}")
    paths = report.paths
    absent = "" if paths.data_folder_exists else " (none yet)"
    table.add_row("data folder", _safe(paths.data_folder) + absent)
    if paths.log is not None:
        table.add_row("log", f"{_safe(paths.log)} (from {paths.log_from})")
    absent = "" if paths.credentials_exist else " (none yet)"
    table.add_row("credentials", _safe(paths.credentials) + absent)
    for mode in report.permissions:
        verdict = "ok" if mode.ok else f"should be {mode.wanted}"
        table.add_row("mode", f"{mode.mode} {_safe(mode.path)}: {verdict}")
    table.add_row("options set", _safe(", ".join(report.options)) or "none")
    for log in report.logs:
        table.add_row("log health", _health(log))
    if not report.logs:
        table.add_row("log health", "no log yet")
    for found in () if report.live is None else report.live.probes:
        detail = f": {found.detail}" if found.detail else ""
        table.add_row(found.assumption, f"{found.verdict}{_safe(detail)}")
    console.print(table)
    for problem in report.problems:
        console.print(Text.assemble(("problem: ", "bold red"), plain(problem)), soft_wrap=True)
    if report.ok:
        console.print(Text("all is well", style="bold green"))


def _health(log: LogCheck) -> str:
    if log.schema is None:
        return f"{_safe(log.path)}: can't be read"
    streams = "1 stream" if len(log.streams) == 1 else f"{len(log.streams)} streams"
    whole = "whole" if log.problem is None else "damaged"
    return (
        f"{_safe(log.path)}: {whole}, {log.records} records in {streams}, "
        f"schema {log.schema}, {log.bytes} bytes"
    )


def _safe(text: str) -> str:
    return plain(text)
