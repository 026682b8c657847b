"""Places to keep a log in: what holds for one holds for the other."""

from __future__ import annotations

from pathlib import Path

import pytest
from store_kit import Place


@pytest.fixture(params=["sqlite", "memory"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    return Place(request.param, tmp_path)
