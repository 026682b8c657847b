"""The command `livechat-customer` as a real process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

COMMAND = Path(sys.executable).with_name("livechat-customer")
PATIENCE = 60.0


def environment(home: Path, **more: str) -> dict[str, str]:
    """An environment of its own: no options of whoever runs the tests, no folder of theirs."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("LIVECHAT_CUSTOMER_", "XDG_", "PYTHON"))
    }
    return kept | {"HOME": str(home), "COLUMNS": "100"} | more


def run(
    *arguments: str, home: Path, status: int = 0, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs the command to its end, and sees that it ends with `status`."""
    done = subprocess.run(
        [COMMAND, *arguments],
        cwd=home,
        env=environment(home, **(env or {})),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
    return done


def one_line(text: str) -> str:
    """The only line of `text`."""
    assert text.endswith("\n"), text
    assert text.count("\n") == 1, text
    return text[:-1]


def one_object(text: str) -> dict[str, Any]:
    """The only JSON object of `text`."""
    found = json.loads(text)
    assert isinstance(found, dict)
    return cast("dict[str, Any]", found)


@dataclass
class Running:
    """A sandbox in a process of its own, listening."""

    process: subprocess.Popen[str]
    ready: dict[str, str]

    @property
    def api_url(self) -> str:
        return self.ready["api_url"]

    def variables(self) -> dict[str, str]:
        """The options that lead a client here, as the environment gives them."""
        return {f"LIVECHAT_CUSTOMER_{name.upper()}": value for name, value in self.ready.items()}

    def end(self, number: signal.Signals) -> tuple[int, str, str]:
        """Sends the signal; the exit code, and what else was printed."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, out, err


@contextmanager
def sandbox(*arguments: str, home: Path) -> Generator[Running]:
    """`livechat-customer sandbox`, ended with the block if it has not ended before."""
    with subprocess.Popen(
        [COMMAND, "sandbox", *arguments],
        cwd=home,
        env=environment(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            line = cast("IO[str]", process.stdout).readline()
            assert line, cast("IO[str]", process.stderr).read()
            yield Running(process, json.loads(line))
        finally:
            if process.poll() is None:
                process.terminate()
                process.communicate(timeout=PATIENCE)
