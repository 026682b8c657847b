"""The rules of `tests/conftest.py` bite: a test that leaves something behind, or blocks, fails."""

from __future__ import annotations

import shutil
import subprocess
import sys
import textwrap
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).resolve().parents[2]

HEAD = """
import asyncio, importlib, os, socket, threading
import livechat_customer as lc

kept = []
"""

CLEAN = """
async def test_clean(tmp_path):
    task = asyncio.create_task(asyncio.sleep(0))
    await asyncio.to_thread((tmp_path / "x").write_text, "x")
    async with lc.init(organization_id="o", client_id="c", log=":memory:", auto_connect=False):
        pass
    await task
"""

BREACHES = {
    "a task": (
        """
        async def test_a_task():
            kept.append(asyncio.create_task(asyncio.sleep(3600)))
        """,
        "tasks left behind",
    ),
    "a thread": (
        """
        def test_a_thread():
            threading.Thread(target=threading.Event().wait, daemon=True).start()
        """,
        "threads left behind",
    ),
    "a socket": (
        """
        def test_a_socket():
            kept.append(socket.socket())
        """,
        "sockets left behind",
    ),
    "a client": (
        """
        async def test_a_client():
            sdk = lc.init(organization_id="o", client_id="c", log=":memory:", auto_connect=False)
            await sdk.open()
            kept.append(sdk)
        """,
        "tasks left behind",
    ),
    "a file": (
        """
        def test_a_file(tmp_path):
            open(tmp_path / "x", "w")
        """,
        "ResourceWarning: unclosed file",
    ),
    "a coroutine": (
        """
        async def test_a_coroutine():
            asyncio.sleep(0)
        """,
        "was never awaited",
    ),
    "an error nobody asked for": (
        """
        async def test_an_error_nobody_asked_for():
            async def fail():
                raise ValueError("x")
            asyncio.ensure_future(fail())
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        """,
        "errors that only the event loop saw",
    ),
    "a warning": (
        """
        def test_a_warning():
            import warnings
            warnings.warn("this is old", DeprecationWarning)
        """,
        "DeprecationWarning: this is old",
    ),
}

BLOCKING = """
async def test_{name}():
    room = importlib.import_module("{room}")
    where = os.path.join(os.path.dirname(room.__file__), "made_up.py")
    exec(compile("import time; time.sleep(0.001)", where, "exec"))
"""

ROOMS = [
    "livechat_customer",
    "livechat_customer.store",
    "livechat_customer.transport",
    "livechat_customer.projections",
    "livechat_customer.migrations",
    "livechat_customer.sandbox",
]


def name_of(room: str) -> str:
    return "blocking_in_" + room.replace(".", "_")


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What pytest said of each of these tests, held to our rules; empty: it passed."""
    folder = tmp_path_factory.mktemp("rules")
    shutil.copy(ROOT / "tests" / "conftest.py", folder)
    bodies = [CLEAN, *(body for body, _ in BREACHES.values())]
    bodies += [BLOCKING.format(room=room, name=name_of(room)) for room in ROOMS]
    (folder / "test_rules.py").write_text(HEAD + "\n".join(map(textwrap.dedent, bodies)))
    report = folder / "report.xml"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-c", str(ROOT / "pyproject.toml")),
            *("--rootdir", str(folder), "-p", "no:cacheprovider", f"--junit-xml={report}"),
            str(folder),
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    found: dict[str, str] = {}
    for case in ElementTree.parse(report).iter("testcase"):
        ends = [child for child in case if child.tag in ("failure", "error")]
        text = "\n".join(f"{end.get('message')}\n{end.text}" for end in ends)
        name = case.attrib["name"].removeprefix("test_")
        found[name] = found.get(name, "") + text
    return found


def test_who_keeps_to_them_passes(said: dict[str, str]) -> None:
    assert said["clean"] == ""
    assert len(said) == 1 + len(BREACHES) + len(ROOMS)


@pytest.mark.parametrize("name", BREACHES)
def test_who_leaves_something_behind_fails(name: str, said: dict[str, str]) -> None:
    _, told = BREACHES[name]
    assert told in said[name.replace(" ", "_")]


@pytest.mark.parametrize("room", ROOMS)
def test_code_of_ours_that_blocks_the_loop_fails(room: str, said: dict[str, str]) -> None:
    assert "BlockingError" in said[name_of(room)]
