"""A share of `make soak`: the same runs, few enough for CI."""

from __future__ import annotations

from pathlib import Path

import pytest
from soak import acts_server
from soak.__main__ import OVER_SOCKETS, Plan, failure_of, shortened
from soak.run import run_over_sockets
from soak.steps import QUIET, Step, random_steps
from soak.telling import Broken
from soak.world import Scenario

SEED = 4


@pytest.mark.slow
@pytest.mark.parametrize("number", range(12))
def test_a_run_in_process(number: int) -> None:
    assert failure_of(Plan.of(SEED, number)) is None


@pytest.mark.slow
@pytest.mark.parametrize("number", range(2))
async def test_a_run_over_sockets(number: int, tmp_path: Path) -> None:
    steps = random_steps(f"{SEED}/sockets/{number}", 25)
    await run_over_sockets(f"{SEED}/{number}", Scenario(2, number > 0), steps, tmp_path)


def test_a_seed_says_what_happens() -> None:
    assert Plan.of(SEED, 3) == Plan.of(SEED, 3)
    assert Plan.of(SEED, 3) != Plan.of(SEED, 4) != Plan.of(SEED + 1, 4)
    over = [Plan.of(SEED, number).sockets for number in range(2 * OVER_SOCKETS)]
    assert sum(over) == 2


def test_a_broken_world_is_noticed_and_its_steps_cut_down(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A check that can't fail would be none: here the server forgets what it was sent."""

    def forget(world: object, agent: object, chat: object, step: Step) -> None:
        chat.threads[-1].events.clear()  # type: ignore[attr-defined]

    monkeypatch.setitem(acts_server.AGENT_IN_A_CHAT, "agent_note", forget)
    steps = [
        Step("pause", 0, 3),
        Step("agent_send", 0, 1),
        Step("pause", 0, 3),
        Step("agent_note"),
        Step("rename", 0, 7),
        Step(QUIET),
    ]
    plan = Plan("x", False, Scenario(begun=True), steps)
    failure = failure_of(plan)
    assert failure is not None
    assert "the digest is not the server's" in failure
    kept = [step.kind for step in shortened(plan, 60.0).steps]
    assert kept[-2:] == ["agent_note", QUIET]
    assert "rename" not in kept
    with pytest.raises(Broken):
        plan.run()
