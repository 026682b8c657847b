"""Without the extra `cli` the command says which one to install."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from cli_kit import environment, one_line

from livechat_customer.cli import exits

WITHOUT = """
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == {missing!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Missing())
from livechat_customer.cli import main
sys.exit(main({arguments!r}))
"""

NEEDED = ("typer", "rich", "starlette", "uvicorn", "python_multipart")


def python(code: str, home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=home,
        env=environment(home),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("missing", NEEDED)
def test_each_missing_package_is_one_line(missing: str, tmp_path: Path) -> None:
    done = python(WITHOUT.format(missing=missing, arguments=["doctor"]), tmp_path)
    assert done.stdout == ""
    line = one_line(done.stderr)
    assert missing in line
    assert "pip install 'livechat-customer[cli]'" in line
    assert done.returncode == exits.USAGE


@pytest.mark.parametrize(
    "arguments", [[], ["--help"], ["--version"], ["demo"], ["sandbox", "--json"], ["nothing"]]
)
def test_so_it_is_for_any_subcommand(arguments: list[str], tmp_path: Path) -> None:
    done = python(WITHOUT.format(missing="typer", arguments=arguments), tmp_path)
    assert "livechat-customer[cli]" in one_line(done.stderr)
    assert (done.stdout, done.returncode) == ("", exits.USAGE)


def test_the_entry_point_imports_nothing_of_the_extra(tmp_path: Path) -> None:
    done = python(
        "import livechat_customer.cli, sys; print([m for m in sys.modules "
        f"if m.partition('.')[0] in {NEEDED!r}])",
        tmp_path,
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")
