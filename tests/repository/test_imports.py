"""Which room may import which library: every import statement of every module is looked at.

import-linter holds the directions between our own rooms; here is the whole table for libraries, so
that a new module is held to it without being listed anywhere.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("livechat_customer", "store", "transport", "projections", "migrations")

ALLOWED: dict[str, tuple[str, ...]] = {
    "aiosqlite": ("store.",),
    "alembic": ("store.upgrade", "migrations."),
    "filelock": ("store.", "transport.credential_file"),
    "httpx": ("transport.http", "sandbox.callbacks"),
    "msgspec": ("",),
    "platformdirs": ("options", "cli."),
    "reactivex": (
        "projections.live",
        "client",
        "emitter",
        "replay",
        "typed_events",
        "uploads",
        "views",
    ),
    "rich": ("cli.",),
    "sqlalchemy": ("store.", "migrations."),
    "sqlite3": ("store.", "cli.versions"),
    "starlette": ("sandbox.",),
    "typer": ("cli.",),
    "uvicorn": ("sandbox.",),
    "websockets": ("transport.socket",),
}
"""Library: the modules (or the rooms, with a dot) of `livechat_customer` that may import it."""

SHARED_WORDS = ("models.", "records", "errors")
NO_INPUT_OUTPUT = {"asyncio", "socket", "threading", "subprocess", "time", "random", "secrets"}
PURE = ("models.", "records", "errors", "projections.")
LOOP = {"projections.live", "projections.live_chat", "projections.hub", "projections.streams"}
"""The modules of the projections that run on the loop; the reducers are the others."""


@cache
def imports() -> dict[str, set[str]]:
    """Module, without `livechat_customer.`, to the first names of what it imports from outside."""
    found: dict[str, set[str]] = {}
    for path in sorted(path for room in ROOMS for path in (ROOT / room).glob("**/*.py")):
        parts = list(path.relative_to(ROOT).with_suffix("").parts)
        name = ".".join(parts).removeprefix("livechat_customer.").removesuffix(".__init__")
        name += "." if path.name == "__init__.py" else ""
        found[name] = set(_imported(ast.parse(path.read_text())))
    return found


def _imported(tree: ast.Module) -> Iterator[str]:
    """What is imported at run time anywhere in the module: what only checkers see does not count."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            waiting += node.orelse
            continue
        waiting += ast.iter_child_nodes(node)
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0]


def within(module: str, places: tuple[str, ...]) -> bool:
    return any(
        module.startswith(place) if place.endswith(".") or not place else module == place
        for place in places
    )


def outside(names: set[str]) -> set[str]:
    return names - sys.stdlib_module_names - {"livechat_customer"} | names & ALLOWED.keys()


def test_the_rooms_were_found() -> None:
    assert {"client", "store.writer", "transport.session", "projections.root"} <= imports().keys()
    assert "websockets" in imports()["transport.socket"]


@pytest.mark.parametrize("library", ALLOWED)
def test_a_library_is_kept_to_its_room(library: str) -> None:
    users = {module for module, names in imports().items() if library in names}
    assert users
    assert {module for module in users if not within(module, ALLOWED[library])} == set()


def test_there_is_no_other_library() -> None:
    found = {name for names in imports().values() for name in outside(names)}
    assert found == ALLOWED.keys()


def test_shared_words_know_msgspec_only() -> None:
    for module, names in imports().items():
        if within(module, SHARED_WORDS):
            assert outside(names) <= {"msgspec"}, module


def test_what_is_pure_knows_no_loop_no_clock_and_no_chance() -> None:
    looked_at = {m: n for m, n in imports().items() if within(m, PURE) and m not in LOOP}
    assert len(looked_at) > 40
    assert {m: n & NO_INPUT_OUTPUT for m, n in looked_at.items() if n & NO_INPUT_OUTPUT} == {}
