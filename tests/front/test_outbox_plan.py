"""What the outbox does next, as tables: an entry, its chat, the moment, what this run remembers."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from livechat_customer.models.commands import MARK_EVENTS_AS_SEEN
from livechat_customer.outbox.plan import (
    Assign,
    Drop,
    Expire,
    Forget,
    Memory,
    Moment,
    Place,
    Policy,
    Read,
    Search,
    Send,
    Step,
    Wait,
    next_step,
)
from livechat_customer.projections.outbox_facts import (
    FAILED,
    QUEUED,
    SENDING,
    UNKNOWN,
    WAITING,
    Attempt,
    EntryFacts,
)

ONLINE = Moment(connection=3, settled=True, now=100.0, at=1_000_000_000)
OFFLINE = Moment(now=100.0, at=1_000_000_000)
BEFORE_RESYNC = replace(ONLINE, settled=False)
CHAT = Place(chat_id="C1", confirmed=True, active=True, mark="2025-01-01T00:00:05.000000Z")
LOCAL = Place(chat_id="local:lcq-1", local=True, confirmed=True)
POLICY = Policy(max_age=60.0, in_doubt_wait=20.0)


def entry(state: str = QUEUED, **given: Any) -> EntryFacts:
    fields: dict[str, Any] = {"custom_id": "lcq-1", "chat_id": "C1", "queued_at": 999_000_000}
    fields |= given
    return EntryFacts(seq=1, state=state, **fields)


def mark(seen_up_to: str, state: str = QUEUED) -> EntryFacts:
    return entry(state, action=MARK_EVENTS_AS_SEEN, seen_up_to=seen_up_to)


def attempt(connection: int, action: str = "send_event") -> Attempt:
    return Attempt("r1", action, "T1", connection, seq=5, at=999_500_000)


def doubted(connection: int = 2, **given: Any) -> EntryFacts:
    """In doubt since 90.0, by `SINCE`."""
    return entry(UNKNOWN, attempts=[attempt(connection)], tries=1, in_doubt=True, **given)


def since(at: float, **given: Any) -> Memory:
    return Memory(in_doubt=("lcq-1", 1), since=at, **given)


@pytest.mark.parametrize("moment", [OFFLINE, BEFORE_RESYNC, ONLINE])
@pytest.mark.parametrize("state", [SENDING, FAILED])
@pytest.mark.parametrize("place", [CHAT, LOCAL])
def test_an_attempt_under_way_and_a_failed_head_block_their_chat(
    state: str, moment: Moment, place: Place
) -> None:
    assert next_step(entry(state), place, moment, Memory(), POLICY) is None


@pytest.mark.parametrize("state", [QUEUED, WAITING, UNKNOWN])
def test_offline_nothing_is_done(state: str) -> None:
    assert next_step(entry(state), CHAT, OFFLINE, Memory(), POLICY) is None


def test_while_a_chat_is_read_or_searched_nothing_else_is_done() -> None:
    for one in (entry(), doubted(), mark("2025-01-01T00:00:09.000000Z")):
        assert next_step(one, CHAT, ONLINE, Memory(busy=True), POLICY) is None


SENDING_TABLE: list[tuple[str, EntryFacts, Place, Moment, Memory, Step | None]] = [
    ("an active chat", entry(), CHAT, ONLINE, Memory(), Send("send_event")),
    (
        "an inactive chat",
        entry(),
        replace(CHAT, active=False),
        ONLINE,
        Memory(),
        Send("resume_chat"),
    ),
    (
        "not shown in this connection, resync running",
        entry(),
        replace(CHAT, confirmed=False),
        BEFORE_RESYNC,
        Memory(),
        None,
    ),
    (
        "left out by the resync",
        entry(),
        replace(CHAT, confirmed=False),
        ONLINE,
        Memory(),
        Read(),
    ),
    (
        "shown before the resync has ended",
        entry(),
        CHAT,
        BEFORE_RESYNC,
        Memory(),
        Send("send_event"),
    ),
    ("no chat at all", entry(), LOCAL, ONLINE, Memory(), Send("start_chat")),
    (
        "perhaps no chat",
        entry(),
        replace(LOCAL, confirmed=False),
        BEFORE_RESYNC,
        Memory(),
        None,
    ),
    ("by now a chat", entry(), replace(LOCAL, target="C9"), ONLINE, Memory(), Assign("C9")),
    ("put off", entry(), CHAT, ONLINE, Memory(not_before=101.0), Wait(101.0)),
    ("put off, and over", entry(), CHAT, ONLINE, Memory(not_before=100.0), Send("send_event")),
    ("waits for somebody", entry(WAITING), CHAT, ONLINE, Memory(not_before=101.0), Wait(101.0)),
    ("waited", entry(WAITING), CHAT, ONLINE, Memory(), Send("send_event")),
    (
        "the chat is not as thought",
        entry(recheck=True, tries=2),
        CHAT,
        ONLINE,
        Memory(),
        Read(),
    ),
    (
        "that was read for another try",
        entry(recheck=True, tries=2),
        CHAT,
        ONLINE,
        Memory(checked=("lcq-1", 1)),
        Read(),
    ),
    (
        "that was read",
        entry(recheck=True, tries=2),
        CHAT,
        ONLINE,
        Memory(checked=("lcq-1", 2)),
        Send("send_event"),
    ),
    (
        "there is a chat already, but which",
        entry(recheck=True, tries=1),
        LOCAL,
        ONLINE,
        Memory(),
        Read(),
    ),
    ("too old", entry(queued_at=939_999_999), CHAT, ONLINE, Memory(), Expire()),
    ("too old, offline", entry(queued_at=939_999_999), CHAT, OFFLINE, Memory(), Expire()),
    ("just young enough", entry(queued_at=940_000_000), CHAT, ONLINE, Memory(), Send("send_event")),
    (
        "too old, but perhaps sent",
        doubted(queued_at=0),
        CHAT,
        ONLINE,
        since(70.0),
        Search(),
    ),
]


@pytest.mark.parametrize(
    ("one", "place", "moment", "memory", "step"),
    [row[1:] for row in SENDING_TABLE],
    ids=[row[0] for row in SENDING_TABLE],
)
def test_messages(
    one: EntryFacts, place: Place, moment: Moment, memory: Memory, step: Step | None
) -> None:
    assert next_step(one, place, moment, memory, POLICY) == step


MARKS: list[tuple[str, str, Place, Moment, Step | None]] = [
    ("new", "2025-01-01T00:00:06.000000Z", CHAT, ONLINE, Send(MARK_EVENTS_AS_SEEN)),
    ("new, in another form", "2025-01-01T02:00:06+02:00", CHAT, ONLINE, Send(MARK_EVENTS_AS_SEEN)),
    ("known", "2025-01-01T00:00:05.000000Z", CHAT, ONLINE, Forget()),
    ("known, in another form", "2025-01-01T02:00:05+02:00", CHAT, ONLINE, Forget()),
    (
        "inactive",
        "2025-01-02T00:00:00Z",
        replace(CHAT, active=False),
        ONLINE,
        Send(MARK_EVENTS_AS_SEEN),
    ),
    ("not confirmed", "2025-01-02T00:00:00Z", replace(CHAT, confirmed=False), BEFORE_RESYNC, None),
    ("local", "2025-01-02T00:00:00Z", LOCAL, ONLINE, Forget()),
    (
        "local, but perhaps there is a chat",
        "2025-01-02T00:00:00Z",
        replace(LOCAL, confirmed=False),
        BEFORE_RESYNC,
        None,
    ),
]


@pytest.mark.parametrize(
    ("seen_up_to", "place", "moment", "step"), [row[1:] for row in MARKS], ids=[r[0] for r in MARKS]
)
def test_seen_marks(seen_up_to: str, place: Place, moment: Moment, step: Step | None) -> None:
    assert next_step(mark(seen_up_to), place, moment, Memory(), POLICY) == step


DOUBT: list[tuple[str, EntryFacts, Moment, Memory, Step | None]] = [
    ("its connection stands", doubted(3), ONLINE, since(0.0), Drop(3)),
    ("it was answered", doubted(3), ONLINE, since(0.0, answered=True), Search()),
    ("the wait is on", doubted(), ONLINE, since(81.0), Wait(101.0)),
    ("the wait is on, answered", doubted(3), ONLINE, since(81.0, answered=True), Wait(101.0)),
    ("the wait is over", doubted(), ONLINE, since(80.0), Search()),
    ("searched in vain", doubted(), ONLINE, since(0.0, next_search=120.0), Wait(120.0)),
    ("searched long ago", doubted(), ONLINE, since(0.0, next_search=100.0), Search()),
    ("offline", doubted(), OFFLINE, since(0.0), None),
    ("before the resync has ended", doubted(), BEFORE_RESYNC, since(0.0), Search()),
]


@pytest.mark.parametrize(
    ("one", "moment", "memory", "step"), [row[1:] for row in DOUBT], ids=[row[0] for row in DOUBT]
)
@pytest.mark.parametrize("place", [CHAT, LOCAL, replace(CHAT, confirmed=False)])
def test_in_doubt(
    one: EntryFacts, place: Place, moment: Moment, memory: Memory, step: Step | None
) -> None:
    assert next_step(one, place, moment, memory, POLICY) == step


@pytest.mark.parametrize(
    ("one", "moment", "memory"), [row[1:4] for row in DOUBT], ids=[row[0] for row in DOUBT]
)
def test_parked_it_waits_for_the_user(one: EntryFacts, moment: Moment, memory: Memory) -> None:
    assert next_step(one, CHAT, moment, memory, replace(POLICY, park=True)) is None


@pytest.mark.parametrize(
    ("one", "moment", "memory", "step"), [row[1:] for row in DOUBT], ids=[row[0] for row in DOUBT]
)
def test_who_is_asked_for_is_treated_as_if_nothing_were_parked(
    one: EntryFacts, moment: Moment, memory: Memory, step: Step | None
) -> None:
    asked = replace(one, asked=True)

    assert next_step(asked, CHAT, moment, memory, replace(POLICY, park=True)) == step
