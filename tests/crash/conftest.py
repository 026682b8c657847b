"""Processes to be killed, for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import power_kit
import pytest
from crash_kit import Nursery


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker("crash")


@pytest.fixture(scope="session")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    made = Nursery(power_kit.built(tmp_path_factory.mktemp("power")))
    try:
        yield made
    finally:
        made.close()
