"""`make soak`: many random runs, one after the other.

    make soak RUNS=1000 SECONDS=600 SEED=7

It ends after that many runs or seconds, whichever comes first. Run n of a seed is always the same
run; one in twenty goes over real sockets with logs in files, the others stay in process. The first
failure ends it: it is said how to repeat that run alone, and its steps are cut down to those that
are needed.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import random
import secrets
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
from soak.run import run_in_process, run_over_sockets
from soak.steps import QUIET, Step, random_steps
from soak.telling import Broken
from soak.world import Scenario

OVER_SOCKETS = 20
"""Every so manieth run."""


class Plan(msgspec.Struct, frozen=True):
    """One run, whole: what a file given as `--steps` holds."""

    seed: str
    sockets: bool
    scenario: Scenario
    steps: list[Step]

    @classmethod
    def of(cls, seed: int, number: int) -> Plan:
        """The plan of run `number`, always the same."""
        name = f"{seed}/{number}"
        chance = random.Random(name)
        sockets = number % OVER_SOCKETS == OVER_SOCKETS - 1
        scenario = Scenario(
            planted=chance.choice((0, 0, 2, 6)),
            begun=chance.random() < 0.6,
            parks=chance.random() < 0.2,
        )
        steps = random_steps(name, chance.choice((20, 60, 120)))
        return cls(name, sockets, scenario, steps)

    def run(self) -> None:
        """Raises Broken."""
        if self.sockets:
            with tempfile.TemporaryDirectory(prefix="soak-") as folder:
                asyncio.run(run_over_sockets(self.seed, self.scenario, self.steps, Path(folder)))
        else:
            run_in_process(self.seed, self.scenario, self.steps)


def failure_of(plan: Plan) -> str | None:
    """What is wrong with a run; None: nothing."""
    try:
        plan.run()
    except Broken as broken:
        return str(broken)
    except Exception as error:  # noqa: BLE001 - whatever ends a run breaks it
        return f"{type(error).__name__}: {error}"
    return None


def shortened(plan: Plan, seconds: float) -> Plan:
    """The plan without the steps that the failure does not need, as far as time allows."""
    end = time.monotonic() + seconds
    steps = plan.steps
    kind = kind_of(failure_of(plan))
    size = len(steps) // 2
    while size and time.monotonic() < end:
        at = 0
        while at < len(steps) and time.monotonic() < end:
            fewer = [*steps[:at], *steps[at + size :]]
            if not fewer or fewer[-1].kind != QUIET:
                fewer.append(Step(QUIET))
            if len(fewer) < len(steps) and kind_of(failure_of(_with(plan, fewer))) == kind:
                steps = fewer
            else:
                at += size
        size //= 2
    return _with(plan, steps)


def kind_of(failure: str | None) -> str | None:
    """What is the same when it fails in the same way: the words of its first line."""
    if failure is None:
        return None
    line = failure.splitlines()[0].partition(": ")[2]
    return " ".join(word for word in line.split() if word.isalpha())


def _with(plan: Plan, steps: Sequence[Step]) -> Plan:
    return Plan(plan.seed, plan.sockets, plan.scenario, list(steps))


def soak(seed: int, runs: int, seconds: float, start: int, say: Callable[[str], None]) -> int:
    """Run after run; the exit code."""
    began = time.monotonic()
    say(f"seed {seed}, from run {start}: at most {runs} runs, {seconds:g} seconds")
    number, sockets = start, 0
    try:
        while number < start + runs and time.monotonic() - began < seconds:
            plan = Plan.of(seed, number)
            failure = failure_of(plan)
            if failure is not None:
                _tell(plan, number, failure, say)
                return 1
            sockets += plan.sockets
            number += 1
            if (number - start) % 50 == 0:
                say(f"{number - start} runs, {time.monotonic() - began:.0f} s")
    except KeyboardInterrupt:
        say("interrupted")
    took = time.monotonic() - began
    done = number - start
    say(f"seed {seed}: {done} runs ({sockets} over sockets), {took:.0f} seconds, none failed")
    say(f"go on with: make soak SEED={seed} START={number}")
    return 0


def _tell(plan: Plan, number: int, failure: str, say: Callable[[str], None]) -> None:
    seed = plan.seed.split("/")[0]
    say(f"run {number} of seed {seed} failed:\n{failure}")
    say(f"repeat it with: make soak SEED={seed} START={number} RUNS=1")
    if plan.sockets:
        return
    short = shortened(plan, 60.0)
    path = Path(tempfile.gettempdir()) / f"soak-{seed}-{number}.json"
    path.write_bytes(msgspec.json.encode(short))
    say(f"\n{len(short.steps)} of its {len(plan.steps)} steps are enough:")
    for step in short.steps:
        say(f"  {step.kind} {step.who} {step.a} {step.b}")
    say(f"{failure_of(short)}\nrepeat these with: make soak STEPS={path}")


def main() -> int:
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--runs", type=int, default=1_000)
    parser.add_argument("--seconds", type=float, default=3_600.0)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    parser.add_argument("--start", type=int, default=0, help="number of the first run")
    parser.add_argument("--steps", type=Path, help="a file that a failure left: that run alone")
    given = parser.parse_args()

    # It warns of writing to sockets that were cut: here they are, on purpose.
    logging.getLogger("asyncio").setLevel(logging.ERROR)

    def say(text: str) -> None:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()

    if given.steps is None:
        return soak(given.seed, given.runs, given.seconds, given.start, say)
    failure = failure_of(msgspec.json.decode(given.steps.read_bytes(), type=Plan))
    say(failure or "it does not fail")
    return 1 if failure else 0


if __name__ == "__main__":
    raise SystemExit(main())
