"""`livechat-customer doctor`: what it looks at, and what it finds wrong. No network, no printing.

What `--live` found comes from outside.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from livechat_customer.cli.live_report import Live
from livechat_customer.cli.log_check import LogCheck, check_log
from livechat_customer.cli.places import (
    Permission,
    chosen_log,
    credentials_file,
    logs_in,
    permissions,
)
from livechat_customer.cli.versions import Versions, versions
from livechat_customer.errors import ConfigError
from livechat_customer.options import ENVIRONMENT_PREFIX, data_folder, from_environment


class Paths(msgspec.Struct, frozen=True):
    data_folder: str
    data_folder_exists: bool
    log: str | None
    """The log asked for; None: those in the data folder."""
    log_from: str
    """`--log`, the variable's name, or empty."""
    credentials: str
    credentials_exist: bool


class Report(msgspec.Struct, frozen=True):
    """All that the doctor found."""

    ok: bool
    problems: tuple[str, ...]
    """One line each, ending with what to do."""
    versions: Versions
    paths: Paths
    permissions: tuple[Permission, ...]
    options: tuple[str, ...]
    """The `LIVECHAT_CUSTOMER_*` variables that are set. Names only: values may be secrets."""
    logs: tuple[LogCheck, ...]
    live: Live | None = None
    """What a conversation with the account showed; None: none was asked for."""


def examine(environment: Mapping[str, str], log: Path | None, live: Live | None = None) -> Report:
    """Look at everything. `log` goes before the environment's; `live` is what `--live` found."""
    folder = data_folder()
    chosen, chosen_by = chosen_log(environment, log)
    credentials = credentials_file(environment)
    problems: list[str] = []
    try:
        found = logs_in(folder)
        if chosen is not None:
            # A log that only the environment names is made when it is first opened.
            found = [chosen] if chosen.exists() or log is not None else []
        modes = permissions(folder, credentials, found)
    except OSError as error:
        problems.append(f"{error.filename}: {error.strerror}. Make it yours, then ask again.")
        found, modes = [], []
    logs = asyncio.run(_checked([(path, _size(path)) for path in found]))
    here = versions()
    problems += [*_version_problems(here), *_option_problems(environment)]
    problems += [*_mode_problems(modes), *_log_problems(logs)]
    problems += [] if live is None else live.problems
    return Report(
        ok=not problems,
        problems=tuple(problems),
        versions=here,
        paths=Paths(
            data_folder=str(folder),
            data_folder_exists=folder.is_dir(),
            log=None if chosen is None else str(chosen),
            log_from=chosen_by,
            credentials=str(credentials),
            credentials_exist=_is_file(credentials),
        ),
        permissions=tuple(modes),
        options=tuple(sorted(name for name in environment if name.startswith(ENVIRONMENT_PREFIX))),
        logs=tuple(logs),
        live=live,
    )


async def _checked(found: Sequence[tuple[Path, int]]) -> list[LogCheck]:
    return [await check_log(path, size) for path, size in found]


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False  # `permissions()` said why


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _version_problems(found: Versions) -> Iterator[str]:
    for one in found.dependencies:
        if one.version is None and one.extra is None:
            yield f"{one.name} is not installed. Run: pip install livechat-customer"


def _option_problems(environment: Mapping[str, str]) -> Iterator[str]:
    try:
        from_environment(environment)
    except ConfigError as error:
        yield error.message


def _mode_problems(modes: Sequence[Permission]) -> Iterator[str]:
    for mode in modes:
        if not mode.ok:
            yield f"{mode.path}: others can reach it ({mode.mode}). Run: chmod {mode.wanted} on it."


def _log_problems(logs: Sequence[LogCheck]) -> Iterator[str]:
    for log in logs:
        if log.problem is not None:
            named = log.problem.startswith("The log ")
            yield log.problem if named else f"The log {log.path}: {log.problem}"
