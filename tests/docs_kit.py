"""The code blocks of a Markdown file, and how one of them is run."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SECONDS = 60.0

_FENCE = re.compile(r"^(?P<indent> *)```(?P<language>[^\n`]*)$")

# Runs the block on stdin as if it were typed: `await` and `async with` may stand outside of a
# function. Its lines keep the numbers that they have in the file.
_RUNNER = """
import ast, asyncio, inspect, sys
name, line = sys.argv[1], int(sys.argv[2])
tree = ast.increment_lineno(ast.parse(sys.stdin.read(), name), line - 1)
code = compile(tree, name, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
scope = {"__name__": "__main__"}
running = eval(code, scope)
if inspect.iscoroutine(running):
    asyncio.run(running)
"""


@dataclass(frozen=True)
class Block:
    """One fenced block. `line` is that of its first line of code."""

    path: Path
    line: int
    language: str
    code: str

    def __str__(self) -> str:
        return f"{self.path.name}:{self.line}"


def blocks(path: Path) -> Iterator[Block]:
    """The blocks of a file, in their order. AssertionError for one that does not end."""
    opened: tuple[int, str, str] | None = None
    held: list[str] = []
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        fence = _FENCE.match(line)
        if opened is None:
            if fence is not None:
                opened = (number + 1, fence["language"].strip(), fence["indent"])
                held = []
        elif fence is not None and fence["indent"] == opened[2] and not fence["language"].strip():
            yield Block(path, opened[0], opened[1], textwrap.dedent("\n".join(held)) + "\n")
            opened = None
        else:
            held.append(line)
    assert opened is None, f"{path.name}: the block at line {opened and opened[0]} does not end"


def run_python(block: Block, cwd: Path, env: Mapping[str, str]) -> None:
    """Runs it in a process of its own, where every warning is an error."""
    arguments = [sys.executable, "-W", "error", "-c", _RUNNER, str(block), str(block.line)]
    _run(arguments, block.code, block, cwd, env)


def run_bash(block: Block, code: str, cwd: Path, env: Mapping[str, str]) -> None:
    """Runs the given lines of it, until the first that fails."""
    _run(["bash", "-e", "-o", "pipefail", "-u"], code, block, cwd, env)


def _run(arguments: list[str], code: str, block: Block, cwd: Path, env: Mapping[str, str]) -> None:
    done = subprocess.run(
        arguments,
        input=code,
        cwd=cwd,
        env=env,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"{block} ended with {done.returncode}:\n{done.stderr}"
    for bad in ("Traceback", "Exception ignored", "Warning:", "never awaited"):
        assert bad not in done.stderr, f"{block}:\n{done.stderr}"
