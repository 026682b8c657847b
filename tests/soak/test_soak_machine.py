"""Two devices, two agents and a failing network, as Hypothesis would have them: it makes up what
happens, and when something breaks it finds the least that breaks it.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from soak import acts_customer, acts_device, acts_server
from soak.grounds import in_process
from soak.run import Run
from soak.steps import CHOICES, PAUSE, QUIET, WEIGHTS, Step
from soak.world import Scenario

from livechat_customer.testing.virtual_time import VirtualLoop

STEPS = 40
"""At most, in one example."""


def kinds(of: frozenset[str]) -> st.SearchStrategy[str]:
    """Each as often as it is among the random steps."""
    return st.sampled_from([kind for kind in sorted(of) for _ in range(WEIGHTS[kind])])


choices = st.integers(0, CHOICES - 1)
sides = st.integers(0, 1)


class Soak(RuleBasedStateMachine):
    """Every example is a run in process and in virtual time; it ends with a quiet point."""

    def __init__(self) -> None:
        super().__init__()
        self._runner = asyncio.Runner(loop_factory=VirtualLoop)
        self._stack = AsyncExitStack()
        self._run: Run | None = None

    @initialize(
        planted=st.sampled_from((0, 2, 6)),
        begun=st.booleans(),
        parks=st.booleans(),
        seed=choices,
    )
    def begin(self, planted: int, begun: bool, parks: bool, seed: int) -> None:
        async def begin() -> None:
            ground = await self._stack.enter_async_context(in_process(str(seed)))
            self._run = run = Run(ground)
            self._stack.push_async_callback(run.end)
            await run.begin(Scenario(planted, begun, parks))

        self._runner.run(begin())

    @rule(kind=kinds(acts_customer.KINDS), who=sides, a=choices, b=choices)
    def customer(self, **step: Any) -> None:
        self._step(Step(**step))

    @rule(kind=kinds(acts_device.KINDS), who=sides, a=choices, b=choices)
    def device(self, **step: Any) -> None:
        self._step(Step(**step))

    @rule(kind=kinds(acts_server.KINDS), who=sides, a=choices, b=choices)
    def server(self, **step: Any) -> None:
        self._step(Step(**step))

    @rule(a=choices, b=choices)
    def fault(self, **step: Any) -> None:
        self._step(Step("fault", **step))

    @rule(a=choices)
    def pause(self, a: int) -> None:
        self._step(Step(PAUSE, 0, a))

    @rule()
    def quiet(self) -> None:
        self._step(Step(QUIET))

    def teardown(self) -> None:
        try:
            if self._run is not None:
                self._step(Step(QUIET))
        finally:
            self._runner.run(self._stack.aclose())
            self._runner.close()

    def _step(self, step: Step) -> None:
        assert self._run is not None
        self._runner.run(self._run.step(step))


TestSoak = pytest.mark.timeout(600)(pytest.mark.slow(Soak.TestCase))
TestSoak.settings = settings(stateful_step_count=STEPS)
