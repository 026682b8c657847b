"""What `livechat_customer` promises, and what importing it costs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import get_origin

import pytest

import livechat_customer as lc

HEAVY = ["sqlalchemy", "alembic", "httpx", "websockets", "starlette", "uvicorn", "typer", "rich"]


def test_all_names_what_the_front_door_holds() -> None:
    public = {
        name
        for name, value in vars(lc).items()
        if not name.startswith("_") and not isinstance(value, ModuleType)
    }
    assert public == set(lc.__all__)
    assert list(lc.__all__) == sorted(lc.__all__)


@pytest.mark.parametrize("name", lc.__all__)
def test_every_public_name_is_documented_where_it_stands(name: str) -> None:
    value = getattr(lc, name)
    # An alias of types has nowhere to keep a text.
    if isinstance(value, type) or (callable(value) and get_origin(value) is None):
        assert (value.__doc__ or "").strip()


def test_importing_it_and_init_import_nothing_heavy(tmp_path: Path) -> None:
    code = (
        "import sys, livechat_customer as lc\n"
        "lc.init(organization_id='o', client_id='c', log=':memory:')\n"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
