"""Decisions about frames: pure, by tables and properties."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livechat_customer.testing.plan import CALM, POSSIBLE, FixedPlan, RandomPlan, draw
from livechat_customer.testing.wire_faults import (
    AT_OPENING,
    DOWN,
    KINDS,
    UP,
    Cut,
    Deliver,
    FallSilent,
    Fault,
    Frame,
    Judge,
    Part,
    Refuse,
    Step,
    Wait,
    read_frame,
)

ANSWER = read_frame(b'{"type":"response","action":"get_chat"}')
PUSH = read_frame(b'{"type":"push","action":"incoming_event"}')


def passed(steps: list[Step]) -> list[bytes]:
    return [step.frame.content for step in steps if isinstance(step, Deliver)]


@pytest.mark.parametrize(
    ("content", "kind", "action"),
    [
        (ANSWER.content, "answer", "get_chat"),
        (PUSH.content, "push", "incoming_event"),
        (b'{"action":"login","payload":{}}', "request", "login"),
        (b"not json", "", ""),
        (b"\xff\xfe", "", ""),
        (b"[" * 100_000, "", ""),
        (b'{"action":7}', "", ""),
    ],
)
def test_what_a_frame_is(content: bytes, kind: str, action: str) -> None:
    frame = read_frame(content)
    assert (frame.kind, frame.action, frame.size) == (kind, action, len(content))
    assert read_frame(content, b"header" + content).size == len(content) + 6


OPENINGS: list[tuple[Fault, Step]] = [
    (Fault(kind="refuse"), Refuse()),
    (Fault(kind="delay", at=0, seconds=2), Wait(2)),
    (Fault(kind="half_open", at=0), FallSilent()),
    (Fault(kind="cut_before", at=0), Cut(True)),
    (Fault(kind="cut_before", at=0, reset=False), Cut(False)),
]


@pytest.mark.parametrize(("fault", "step"), OPENINGS)
def test_an_opening(fault: Fault, step: Step) -> None:
    judge = Judge([fault])
    assert judge.opening() == [step]
    assert judge.opening() == []
    assert judge.fired == [fault]


def test_a_frame_is_counted_among_its_own_kind() -> None:
    fault = Fault(kind="lose", of="get_chat", at=2)
    judge = Judge([fault])
    frames = [ANSWER, PUSH, ANSWER, PUSH, ANSWER]
    assert [bool(passed(judge.frame(DOWN, frame))) for frame in frames] == [
        *(True, True, False, True, True)
    ]
    assert [passed(Judge([fault]).frame(UP, frame)) for frame in frames].count([]) == 0


def test_who_waits_is_let_go() -> None:
    judge = Judge([Fault(kind="reorder", of="answer", seconds=3)])
    assert judge.frame(DOWN, ANSWER) == []
    assert (judge.held(DOWN), judge.held(UP)) == (3, None)
    assert passed(judge.idle(DOWN)) == [ANSWER.content]
    assert judge.held(DOWN) is None
    judge = Judge([Fault(kind="reorder", of="answer")])
    judge.frame(DOWN, ANSWER)
    assert passed(judge.frame(DOWN, PUSH)) == [PUSH.content, ANSWER.content]


def test_a_slow_one_stays_slow() -> None:
    judge = Judge([Fault(kind="slow", at=2, seconds=5)])
    assert [Wait(5) in judge.frame(DOWN, PUSH) for _ in range(4)] == [False, True, True, True]
    assert judge.frame(UP, PUSH) == [Deliver(PUSH)]


@given(st.lists(st.integers(1, 50), min_size=1), st.integers(0, 500), st.booleans())
def test_a_cut_at_a_byte_lets_so_many_bytes_pass(sizes: list[int], byte: int, text: bool) -> None:
    judge = Judge([Fault(kind="cut_at_byte", byte=byte)])
    count = 0
    for size in sizes:
        if not text:
            room = judge.room(DOWN, size)
            count += room
            if room < size:
                break
            continue
        steps = judge.frame(DOWN, Frame(b"x" * size, "push", "", size))
        count += sum(one.frame.size for one in steps if isinstance(one, Deliver))
        count += sum(one.size for one in steps if isinstance(one, Part))
        if any(isinstance(one, Cut) for one in steps):
            break
    assert count == min(byte, sum(sizes))


faults = st.integers(0, 2**32).map(lambda seed: draw(random.Random(seed), tuple(POSSIBLE)))


@given(st.lists(faults, max_size=6), st.lists(st.sampled_from((ANSWER, PUSH)), max_size=40))
def test_what_passes_is_what_came(planned: list[Fault], frames: list[Frame]) -> None:
    """Nothing is made up; a push is neither lost nor behind a younger one while it lives."""
    judge = Judge(planned)
    judge.opening()
    numbered = [
        read_frame(json.dumps({"type": _TYPES[one.kind], "action": str(at)}).encode())
        for at, one in enumerate(frames)
    ]
    came: list[int] = []
    for number, frame in enumerate(numbered):
        steps = judge.frame(DOWN, frame)
        came += [int(json.loads(content)["action"]) for content in passed(steps)]
        if any(isinstance(step, Cut | FallSilent | Part) for step in steps):
            numbered = numbered[: number + 1]
            break
    else:
        came += [int(json.loads(content)["action"]) for content in passed(judge.idle(DOWN))]
        assert {at for at, one in enumerate(frames) if one is PUSH} <= set(came)
    assert set(came) <= set(range(len(numbered)))
    pushes = [at for at in came if frames[at] is PUSH]
    assert list(dict.fromkeys(pushes)) == sorted(set(pushes))
    assert all(fault in planned for fault in judge.fired)


_TYPES = {"answer": "response", "push": "push"}


@given(st.integers(0, 2**32))
def test_a_seed_is_a_plan(seed: int) -> None:
    one, other = RandomPlan(seed, rate=3), RandomPlan(seed, rate=3)
    numbers = list(range(1, 6))
    assert [one.faults_of(n) for n in numbers] == [other.faults_of(n) for n in reversed(numbers)][
        ::-1
    ]
    assert one.faults_of(3) is one.faults_of(3)
    assert len(str(one).splitlines()) == 5
    one.calm()
    assert one.faults_of(6) == ()
    assert one.faults_of(2) == other.faults_of(2)


def test_every_kind_is_drawn_and_only_those_asked_for() -> None:
    rng = random.Random(1)
    drawn = {draw(rng, tuple(POSSIBLE)).kind for _ in range(500)}
    assert drawn == set(KINDS) == set(POSSIBLE)
    plan = RandomPlan(1, rate=5, kinds=["delay"])
    assert {fault.kind for n in range(20) for fault in plan.faults_of(n)} == {"delay"}


def test_plans_can_be_read() -> None:
    plan = FixedPlan(
        Fault(kind="cut_after", way=UP, of="send_event", at=2),
        Fault(kind="delay", seconds=0.5),
        others={
            3: [Fault(kind="refuse"), Fault(kind="cut_at_byte", byte=7, reset=False)],
            4: [Fault(kind="half_open", at=0)],
        },
    )
    assert str(plan).splitlines() == [
        "connection 1: cut_after up send_event 2, delay down frame 1 0.5s",
        "connection 3: refuse, cut_at_byte down byte 7 closed",
        "connection 4: half_open opening",
    ]
    assert plan.faults_of(2) == CALM.faults_of(1) == ()
    assert str(CALM) == "no connection"


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "gremlins"},
        {"kind": "delay", "way": "sideways"},
        {"kind": "delay", "at": -1},
        {"kind": "delay", "seconds": -1},
        {"kind": "cut_at_byte", "byte": -1},
        {"kind": "slow"},
        *({"kind": kind, "at": 0, "seconds": 1} for kind in KINDS if kind not in AT_OPENING),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"must|needs"):
        Fault(**wrong)  # type: ignore[arg-type]
