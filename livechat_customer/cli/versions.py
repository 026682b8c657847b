"""Which versions are at work: ours, Python's, SQLite's, and those of what we depend on."""

from __future__ import annotations

import platform
import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version

# For its version alone: who speaks SQL is the store.
from sqlite3 import sqlite_version
from typing import Final

import msgspec

PACKAGE: Final = "livechat-customer"

_NAME: Final = re.compile(r"[A-Za-z0-9._-]+")
_EXTRA: Final = re.compile(r"extra\s*==\s*['\"]([^'\"]+)['\"]")


class Dependency(msgspec.Struct, frozen=True):
    """A package we depend on."""

    name: str
    version: str | None
    """None: it is not installed."""
    extra: str | None
    """The extra of ours that needs it; None: everybody does."""


class Versions(msgspec.Struct, frozen=True):
    livechat_customer: str
    python: str
    sqlite: str
    dependencies: tuple[Dependency, ...]


def versions() -> Versions:
    """What is installed here."""
    return Versions(
        livechat_customer=installed(PACKAGE) or "unknown",
        python=platform.python_version(),
        sqlite=sqlite_version,
        dependencies=tuple(_dependencies()),
    )


def installed(package: str) -> str | None:
    """The version of an installed distribution."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _dependencies() -> Iterator[Dependency]:
    try:
        needed = requires(PACKAGE) or []
    except PackageNotFoundError:
        return
    seen = {PACKAGE}
    for requirement in needed:
        name = _NAME.match(requirement)
        extra = _EXTRA.search(requirement)
        if name is None or name[0] in seen:
            continue
        seen.add(name[0])
        yield Dependency(name[0], installed(name[0]), None if extra is None else extra[1])
