"""Whatever is queued, attempted, answered, pushed and lost in whatever order: an entry is sent if
and only if the server shows it, the order holds, and readers see each entry once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st
from projections_kit import folded, payload
from projections_outbox_kit import AGENT, CHAT, Desk, Json, event, lines

from livechat_customer.projections.changes import Remove, applied
from livechat_customer.projections.digests import StateFold
from livechat_customer.projections.hub import Hub, Loading
from livechat_customer.projections.outbox_facts import EntryFacts, OutboxFacts
from livechat_customer.projections.root import RootFold
from livechat_customer.projections.values import PendingEvent
from livechat_customer.records import PUSH, RESPONSE, Record

ERRORS = ("internal", "validation", "too_many_requests", "groups_offline", "chat_inactive")


class World:
    """A server, a client's log, and a driver that does what the outbox's rules allow."""

    def __init__(self) -> None:
        self.desk = Desk()
        self.events: list[Json] = []
        """What the server has."""
        self.waiting: list[tuple[Record, str]] = []
        """Requests that the server has not read."""
        self.lingering: list[str] = []
        """Requests of dead connections that it may still read."""
        self.answers: list[tuple[Record, str | None, str]] = []
        """Under way: the request, and the event's id or the error."""
        self.pushes: list[tuple[Json, Record | None]] = []
        self.queued: list[str] = []
        self.cancelled: set[str] = set()
        self.connected = False
        self.connect()

    def run(self, steps: list[tuple[str, int]]) -> None:
        for name, which in steps:
            getattr(self, name)(which)

    def head(self, *states: str) -> EntryFacts | None:
        heads = self.desk.outbox.heads()
        return heads[0] if heads and heads[0].state in states else None

    # The client.

    def queue(self, which: int = 0) -> None:
        custom_id = f"lcq-{len(self.queued)}"
        self.queued.append(custom_id)
        self.desk.queue(custom_id)

    def attempt(self, which: int = 0) -> None:
        entry = self.head("queued", "waiting")
        if self.connected and entry is not None:
            action = "resume_chat" if which == 1 else "send_event"
            self.waiting.append((self.desk.attempt(entry.custom_id, action), entry.custom_id))

    def time_out(self, which: int) -> None:
        entry = self.head("sending")
        if entry is not None:
            attempt = entry.attempts[-1]
            request = next(r for r in self.desk.records if r.request_id == attempt.request_id)
            self.desk.doubt(request, entry.custom_id)

    def search(self, which: int) -> None:
        entry = self.head("unknown")
        if self.connected and entry is not None:
            number = entry.attempts[-1].request_id
            if not any(request.request_id == number for request, _ in self.waiting):
                self.resync()
                if self.desk.outbox.entry(entry.custom_id) is entry and entry.state == "unknown":
                    self.desk.clear(entry.custom_id)

    def retry(self, which: int) -> None:
        entry = self.head("failed", "unknown", "waiting")
        if entry is not None:
            self.desk.retry(entry.custom_id)

    def cancel(self, which: int) -> None:
        entry = self.head("failed", "unknown", "queued")
        if entry is not None and which == 0:
            self.cancelled.add(entry.custom_id)
            self.desk.cancel(entry.custom_id)

    def connect(self, which: int = 0) -> None:
        if not self.connected:
            self.connected = True
            self.desk.login()

    def resync(self, which: int = 0) -> None:
        if self.connected:
            self.desk.ask_chat(*self.events)

    # The server, and what travels.

    def agent(self, which: int) -> None:
        self._add(None, AGENT)

    def accept(self, which: int) -> None:
        if self.waiting:
            request, custom_id = self.waiting.pop(0)
            event_id = self._add(custom_id, request=request)
            self.answers.append((request, event_id, ""))

    def refuse(self, which: int) -> None:
        if self.waiting:
            request, custom_id = self.waiting.pop(0)
            error = ERRORS[which % len(ERRORS)]
            if error == "internal" and which % 2:
                self._add(custom_id)
            self.answers.append((request, None, error))

    def answer(self, which: int) -> None:
        if self.answers:
            self._answer(*self.answers.pop(which % len(self.answers)))

    def push(self, which: int) -> None:
        if self.pushes:
            self.desk.show(*self.pushes.pop(0))

    def drop(self, which: int) -> None:
        """What travels is lost; but for a few frames that are read all the same. The server may
        have read the requests, or does so later, or never."""
        if not self.connected:
            return
        if which == 3:
            self.desk.fact("opened", epoch=2)
        else:
            self.desk.drop()
        self.connected = False
        if which % 2:
            for answer in self.answers[:1]:
                self._answer(*answer, late=True)
            for body, request in self.pushes[:1]:
                self.desk.show(body, request, late=True)
        self.answers.clear()
        self.pushes.clear()
        for number, (_, custom_id) in enumerate(self.waiting):
            if (number + which) % 3 == 0:
                self._add(custom_id)
            elif (number + which) % 3 == 1:
                self.lingering.append(custom_id)
        self.waiting.clear()

    def land(self, which: int) -> None:
        """After all: too late for the client's patience."""
        if self.lingering:
            self._add(self.lingering.pop(0))

    def finish(self) -> None:
        """A quiet point: all that travels is lost, and the chat is read."""
        self.drop(0)
        self.lingering.clear()
        self.connect()
        self.resync()

    def _add(
        self, custom_id: str | None, author: str | None = None, request: Record | None = None
    ) -> str:
        given = {"author": author} if author is not None else {}
        body = event(len(self.events) + 1, custom_id, **given)
        self.events.append(body)
        if self.connected:
            self.pushes.append((body, request))
        found: str = body["id"]
        return found

    def _answer(
        self, request: Record, event_id: str | None, error: str, *, late: bool = False
    ) -> None:
        if event_id is None:
            self.desk.refuse(request, error, late=late)
        elif request.action == "send_event":
            self.desk.reply(request, {"event_id": event_id}, late=late)
        else:
            thread_id, _, _ = event_id.rpartition("_")
            body = {"thread_id": thread_id, "event_ids": [event_id]}
            self.desk.reply(request, body, late=late)


WAYS = st.sampled_from(
    [
        *["queue", "attempt", "attempt", "accept", "accept", "answer", "push", "push"],
        *["refuse", "drop", "connect", "resync", "search", "search", "time_out"],
        *["retry", "cancel", "agent", "land"],
    ]
)
DOUBLED = [
    *[("queue", 0), ("queue", 0), ("attempt", 0), ("drop", 1), ("connect", 0), ("search", 0)],
    *[("attempt", 0), ("accept", 0), ("push", 0), ("answer", 0), ("attempt", 0), ("land", 0)],
    *[("accept", 0), ("push", 0), ("push", 0), ("answer", 0), ("agent", 0), ("push", 0)],
]
"""An attempt that lands after the client gave it up and sent again."""
STEPS = st.lists(st.tuples(WAYS, st.integers(0, 4)), min_size=10, max_size=60)


def on_server(world: World) -> set[str]:
    return {each["custom_id"] for each in world.events if "custom_id" in each}


class Reader:
    """Watches a chat's history by its changes, and that nothing flickers."""

    def __init__(self, hub: Hub, cancelled: set[str]) -> None:
        self.history = hub.history(CHAT)
        self.cancelled = cancelled
        self.items: list[Any] = []
        self.history.changes.subscribe(self._on_next)

    def _on_next(self, changes: tuple[Any, ...]) -> None:
        for change in changes:
            if isinstance(change, Remove):
                gone = self.items[change.index]
                assert isinstance(gone, PendingEvent)
                assert gone.custom_id in self.cancelled
            self.items = applied(self.items, (change,))
        assert self.items == list(self.history.value or ())


def own_rows(items: list[Any]) -> list[str]:
    """The custom ids of the rows, pending or not."""
    return [item.custom_id for item in items if item.custom_id]


@given(STEPS)
@example(DOUBLED)
def test_an_entry_is_sent_if_and_only_if_the_server_shows_it(steps: list[tuple[str, int]]) -> None:
    world = World()
    for step in steps:
        world.run([step])
        there = on_server(world)
        left = {entry.custom_id for entry in world.desk.outbox} | world.cancelled
        assert {each for each in world.queued if each not in left} <= there

    world.finish()
    there = on_server(world)
    for custom_id in set(world.queued) - world.cancelled:
        assert (world.desk.outbox.entry(custom_id) is None) == (custom_id in there)
    assert not world.desk.outbox.facts.unshown


@given(STEPS)
@example(DOUBLED)
def test_each_entry_is_one_row_at_any_time_and_rows_keep_the_queues_order(
    steps: list[tuple[str, int]],
) -> None:
    world = World()
    reader = Reader(world.desk.hub, world.cancelled)
    for step in [*steps, ("drop", 0), ("connect", 0), ("resync", 0)]:
        world.run([step])
        rows = [each for each in own_rows(reader.items) if each not in world.cancelled]
        assert rows == [each for each in world.queued if each not in world.cancelled]
        waiting = [each.custom_id for each in world.desk.hub.outbox.value]
        assert waiting == [each for each in world.queued if each in waiting]
    pending = [item for item in reader.items if isinstance(item, PendingEvent)]
    assert reader.items[len(reader.items) - len(pending) :] == pending


@given(STEPS, st.integers(1, 9))
@example(DOUBLED, 1)
@example(DOUBLED, 9)
def test_the_same_holds_for_batches(steps: list[tuple[str, int]], size: int) -> None:
    world = World()
    world.run(steps)
    world.finish()
    hub = Hub(RootFold(), seq=0, load=Loading.done, report=lambda what, error: _raise(error))
    reader = Reader(hub, world.cancelled)
    records = world.desk.records
    for start in range(0, len(records), size):
        hub.fold([(record, payload(record)) for record in records[start : start + size]])
        hub.publish()

    assert lines(hub.history(CHAT).value) == lines(world.desk.hub.history(CHAT).value)
    assert reader.items == list(hub.history(CHAT).value or ())


def _raise(error: BaseException) -> None:
    raise error


@given(STEPS)
@example(DOUBLED)
def test_replay_is_equal_at_every_point_and_so_is_a_snapshot(steps: list[tuple[str, int]]) -> None:
    world = World()
    world.run(steps)
    records = world.desk.records
    live = StateFold()
    for number, record in enumerate(records, 1):
        live.apply(record, payload(record))
        if number % 5 == 0 or number == len(records):
            assert folded(records[:number]).digest() == live.digest()
            root = RootFold.decode(live.root.encode())
            for later in records[number:]:
                root.apply(later, payload(later))
            assert root.digest() == world.desk.hub.root.digest()
            assert [each.custom_id for each in root.outbox.heads()] == [
                each.custom_id for each in world.desk.outbox.heads()
            ]


def ended(facts: OutboxFacts) -> Json:
    """What came of the entries, however it was learnt."""
    return {
        "open": sorted(facts.entries),
        "unshown": sorted(facts.unshown),
        "used": facts.used,
        "events": {
            custom_id: sent.first
            for kept in (facts.sent, facts.doubted)
            for custom_id, sent in kept.items()
        },
    }


def moved(records: list[Record], places: Iterator[int]) -> list[Record]:
    """The same records, with answers and pushes at other places; none before what caused it."""
    still = [record for record in records if record.kind not in (PUSH, RESPONSE)]
    slots: list[list[Record]] = [[] for _ in range(len(still) + 1)]
    for record in records:
        if record.kind in (PUSH, RESPONSE):
            first = sum(each.seq < (record.ref or record.seq) for each in still) + 1
            first = min(first, len(still))
            slots[first + next(places) % (len(still) - first + 1)].append(record)
    found = list(slots[0])
    for record, after in zip(still, slots[1:], strict=True):
        found += [record, *after]
    return found


@given(STEPS, st.lists(st.integers(0, 200), min_size=20, max_size=20))
def test_in_whatever_order_answers_and_pushes_are_read_it_ends_alike(
    steps: list[tuple[str, int]], places: list[int]
) -> None:
    world = World()
    world.run(steps)
    world.finish()
    order = moved(world.desk.records, iter(places * len(world.desk.records)))

    assert ended(folded(order).root.state.outbox) == ended(world.desk.outbox.facts)
