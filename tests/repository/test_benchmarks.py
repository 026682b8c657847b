"""Every benchmark that was asked for is there, judged by its floor, and stands in the README."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.harness import Figure, Rounds, Scale, alternate

ROOT = Path(__file__).resolve().parents[2]

FLOORS: dict[str, list[tuple[float, bool]]] = {
    "append": [(0.6, False), (0.75, False)],
    "append_burst": [(0.55, False)],
    "append_latency": [(0.5, True)],
    "shared_writer": [(8.0, False)],
    "replay": [(0.22, False), (3.5, False)],
    "push_growth": [(2.0, True)],
    "routing": [(1.3, True)],
    "receive": [(0.35, False), (0.55, False)],
    "deliver_latency": [(2.5, True)],
    "import": [(0.5, True)],
    "open": [(0.02, True), (2.0, True), (10.0, True)],
    "resync": [(1.0, True), (2.5, True)],
    "outbox": [(0.8, False)],
    "history_diff": [(2.0, True)],
    "soak_memory": [(1.2, True)],
}
"""Floor, and whether it is an upper bound."""


@pytest.fixture(scope="module")
def smoke() -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--smoke", "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_all_of_them_run_and_have_their_floors(smoke: dict[str, Any]) -> None:
    assert smoke["crashed"] == []
    found = {
        result["name"]: {
            (figure["floor"], figure["at_most"])
            for figure in result["figures"]
            if figure["floor"] is not None
        }
        for result in smoke["results"]
    }
    assert found == {name: set(floors) for name, floors in FLOORS.items()}


def test_each_says_what_it_measures_and_against_what(smoke: dict[str, Any]) -> None:
    for result in smoke["results"]:
        assert result["what"]
        assert result["against"]
        for figure in result["figures"]:
            assert figure["ours"] > 0
            assert figure["baseline"] > 0


def test_a_ratio_is_the_median_of_rounds_that_take_turns() -> None:
    order: list[str] = []

    def measure(name: str, value: float) -> float:
        order.append(name)
        return value

    rounds = alternate(Scale(), lambda: measure("a", 3.0), lambda: measure("b", 2.0))
    assert Scale().rounds >= 5
    assert rounds.ratio == 1.5
    assert "".join(order) == "ab" + "baab" * 2 + "ba", "a round unmeasured, then in turns"
    assert Rounds([1.0, 9.0, 2.0], [1.0, 1.0, 1.0]).ratio == 2.0


@pytest.mark.parametrize(
    ("ratio", "at_most", "ok"), [(0.5, False, True), (0.4, False, False), (0.6, True, False)]
)
def test_a_floor_that_is_missed_is_told(ratio: float, at_most: bool, ok: bool) -> None:
    assert Figure("x", ratio, 0.5, at_most, 1.0, 1.0, "s").ok is ok


def test_the_readme_has_each_floor_and_the_command() -> None:
    readme = (ROOT / "README.md").read_text()
    speed = readme[readme.index("## Speed") :].partition("\n## ")[0]
    table = speed[speed.index("| benchmark") :]
    assert "make bench" in speed
    told = {
        float(number)
        for number in re.findall(
            r"\d+(?:\.\d+)?",
            " ".join(
                line.rpartition(" | ")[2] for line in table.splitlines()[2:] if line.startswith("|")
            ),
        )
    }
    assert told == {floor for floors in FLOORS.values() for floor, _ in floors}
