"""What the documentation shows works: every code block is run, every link leads somewhere."""

from __future__ import annotations

import os
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_kit import Running, environment, sandbox
from docs_kit import ROOT, Block, blocks, run_bash, run_python

from livechat_customer.cli import exits, main
from livechat_customer.options import ENVIRONMENT_PREFIX, Options, from_environment

PAGES = sorted(
    path for path in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")) if path.is_file()
)
BLOCKS = [block for page in PAGES for block in blocks(page)]
PYTHON = [block for block in BLOCKS if block.language == "python"]
BASH = [block for block in BLOCKS if block.language == "bash"]

RUN = {"python", "bash"}
NOT_RUN = {"text", "json", "toml", "ini"}

MAKEFILE = (ROOT / "Makefile").read_text()
GATE = (ROOT / ".ci" / "run").read_text()
EXTRAS = set(
    tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
)

MAKE = re.compile(r"make( [a-z-]+)?")
INSTALL = re.compile(r"pip install '?livechat-customer(?:\[(?P<extras>[a-z,]+)\])?'?")
CLONE = re.compile(r"git clone \S+|cd \S+")


def is_run_elsewhere(line: str) -> bool:
    """Whether a line of bash is what `.ci/run` or a fresh clone does on a bare machine."""
    command = line.partition("#")[0].strip()
    return any(form.fullmatch(command) for form in (MAKE, INSTALL, CLONE))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """What the blocks that connect to an account find there."""
    with sandbox("--bot", "--json", home=tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture
def env(server: Running, tmp_path: Path) -> dict[str, str]:
    found = environment(tmp_path, **server.variables())
    here = Path(sys.executable).parent
    return found | {"PATH": f"{here}{os.pathsep}{found['PATH']}"}


def test_there_is_something_to_run() -> None:
    assert ROOT / "README.md" in PAGES
    assert PYTHON
    assert BASH


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_block_says_what_it_is(page: Path) -> None:
    """No block escapes being run because its language is written in another way."""
    assert {block.language for block in blocks(page)} <= RUN | NOT_RUN


@pytest.mark.parametrize("block", PYTHON, ids=str)
def test_python(block: Block, env: dict[str, str], tmp_path: Path) -> None:
    run_python(block, tmp_path, env)


@pytest.mark.parametrize("block", BASH, ids=str)
def test_bash(block: Block, env: dict[str, str], tmp_path: Path) -> None:
    kept = [line for line in block.code.splitlines() if not is_run_elsewhere(line)]
    if any(line.strip() for line in kept):
        run_bash(block, "\n".join(kept) + "\n", tmp_path, env)


ELSEWHERE = sorted(
    {
        line.partition("#")[0].strip()
        for block in BASH
        for line in block.code.splitlines()
        if is_run_elsewhere(line)
    }
)


def run_by_the_gate() -> set[str]:
    """The make targets that `.ci/run` reaches."""
    prerequisites = {
        target: set(needed.split())
        for target, needed in re.findall(r"^([a-z-]+):([^=\n]*)$", MAKEFILE, flags=re.MULTILINE)
    }
    reached: set[str] = set()
    waiting = set(re.findall(r"^make ([a-z-]+)$", GATE, flags=re.MULTILINE))
    while waiting:
        target = waiting.pop()
        reached.add(target)
        waiting |= prerequisites.get(target, set()) & prerequisites.keys() - reached
    return reached


@pytest.mark.parametrize("command", ELSEWHERE)
def test_what_is_not_run_here_is_run_by_the_gate(command: str) -> None:
    if install := INSTALL.fullmatch(command):
        assert set((install["extras"] or "").split(",")) - {""} <= EXTRAS
        assert re.search(r'pip install --quiet "\$wheel', GATE)
    elif MAKE.fullmatch(command):
        target = command.removeprefix("make").strip()
        assert re.search(rf"^{target}:", MAKEFILE, flags=re.MULTILINE)
        # The benchmarks take minutes: a test runs a smoke of them.
        assert target in run_by_the_gate() | {"bench", "clean"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files_that_are_there(page: Path) -> None:
    prose = re.sub(r"^( *)```.*?^\1```$", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)
    for target in re.findall(r"\]\(([^)\s]+)\)", prose):
        if "://" not in target and not target.startswith("#"):
            assert (page.parent / target.partition("#")[0]).exists(), target


COMMAND_PAGE = (ROOT / "docs" / "command.md").read_text()


@pytest.mark.parametrize("subcommand", ["demo", "doctor", "sandbox"])
def test_every_flag_of_the_command_is_documented(
    subcommand: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([subcommand, "--help"]) == exits.OK
    flags = set(re.findall(r"^  (?:-h, )?(--[a-z]+)", capsys.readouterr().out, re.MULTILINE))
    assert len(flags) > 2
    assert {flag for flag in flags if f"`{flag}" not in COMMAND_PAGE} == set()


def test_every_exit_code_is_documented() -> None:
    for code, meaning in exits.MEANINGS.items():
        assert f"| {code} | {meaning} |" in COMMAND_PAGE


def test_every_variable_is_documented_and_there_are_no_others() -> None:
    taken = {
        ENVIRONMENT_PREFIX + name.upper()
        for name in Options.__struct_fields__
        # 1 is a text, a number, and true.
        if from_environment({ENVIRONMENT_PREFIX + name.upper(): "1"})
    }
    assert set(re.findall(rf"`({ENVIRONMENT_PREFIX}[A-Z_]+)`", COMMAND_PAGE)) == taken


def test_a_block_that_fails_is_seen(env: dict[str, str], tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# Page\n\n```python\nimport asyncio\n\nawait asyncio.sleep(0)\nassert 1 == 2\n```\n"
        "\n1. A list\n\n   ```bash\n   false\n   true\n   ```\n"
    )
    python, bash = blocks(page)
    assert (python.line, bash.line, bash.code) == (4, 13, "false\ntrue\n")
    with pytest.raises(AssertionError, match=r'"page\.md:4", line 7'):
        run_python(python, tmp_path, env)
    with pytest.raises(AssertionError, match="ended with 1"):
        run_bash(bash, bash.code, tmp_path, env)
