"""The outbox as the log tells it: which entries wait, what was attempted, what came of it.

A pure fold: commands say what the client decided, answers and pushes what the server has. For who
sends, `heads()` says what is next, `entry()` and `resolve()` how things stand, and `settled()`
what has come of entries since the last look.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from livechat_customer.models.commands import GENERATED, LOCAL
from livechat_customer.models.wire.events import Event
from livechat_customer.projections.outbox_facts import (
    CANCELLED,
    DOUBLED,
    FAILED,
    SENDING,
    SENT,
    SHOWN,
    Alias,
    Attempt,
    EntryFacts,
    Failure,
    OutboxFacts,
    Sent,
    Settlement,
)
from livechat_customer.projections.outbox_memory import Memory
from livechat_customer.projections.outbox_queue import Queue
from livechat_customer.projections.outbox_settled import Settlements


class OutboxState:
    """The stored facts, what follows from them, and what has happened since somebody looked."""

    __slots__ = (
        "_queues",
        "_sending",
        "_settlements",
        "changed",
        "facts",
        "memory",
        "requests",
        "touched",
    )

    def __init__(self, facts: OutboxFacts) -> None:
        self.facts = facts
        self.requests: dict[str, str] = {}
        """Custom ids of the entries by the ids of their attempts' requests."""
        self.memory = Memory(facts)
        self.changed: set[str] = set()
        """Custom ids of the entries that may have changed, for the views; they clear it."""
        self.touched: set[str] = set()
        """The chats, local ones too, that these are of; the root fold clears it."""
        self._queues: dict[str, Queue] = {}
        self._sending: dict[str, EntryFacts] = {}
        self._settlements = Settlements()
        self._arrange()
        for entry in facts.entries.values():
            self.requests.update((each.request_id, entry.custom_id) for each in entry.attempts)
            if entry.state == SENDING:
                self._sending[entry.custom_id] = entry
        self.changed.update(facts.entries, facts.unshown)

    # For who sends.

    def __len__(self) -> int:
        """How many entries are neither sent nor cancelled."""
        return len(self.facts.entries)

    def __iter__(self) -> Iterator[EntryFacts]:
        """These entries, in queue order, of all chats."""
        return iter(self.facts.entries.values())

    def heads(self) -> list[EntryFacts]:
        """Of each chat that has entries the one that is next, whatever its state.

        That is the one being sent or in doubt, if there is one; else the oldest seen mark that has
        not failed (a failed mark blocks nothing); else the oldest message. A chat of which there
        are failed marks only has none. They come in the order of their places in the queue; a local
        chat that is not mapped yet is a chat of its own.
        """
        found = [head for queue in self._queues.values() if (head := queue.head()) is not None]
        return sorted(found, key=lambda entry: entry.seq)

    def queue(self, chat_id: str) -> list[EntryFacts]:
        """The chat's entries in the order in which they are sent: seen marks, then messages."""
        queue = self._queues.get(self.resolve(chat_id))
        return [] if queue is None else list(queue)

    def marks(self, chat_id: str) -> list[EntryFacts]:
        """Of these only the seen marks."""
        queue = self._queues.get(self.resolve(chat_id))
        return [] if queue is None else list(queue.marks.values())

    def holds(self, chat_id: str) -> bool:
        """Whether there are entries of the chat."""
        return self.resolve(chat_id) in self._queues

    def entry(self, custom_id: str) -> EntryFacts | None:
        """The entry; None if it is unknown, sent or cancelled."""
        return self.facts.entries.get(custom_id)

    def resolve(self, chat_id: str) -> str:
        """The chat that a local one became, by a `Mapped`, by the answer of its start or because
        the server showed its event; any other id as it is."""
        alias = self.facts.aliases.get(chat_id)
        return chat_id if alias is None else alias.chat_id

    def used(self, custom_id: str) -> bool:
        """Whether the stream knows this custom id, of an own event or of an entry: an app must not
        give it again. Events sent elsewhere count as far as the log has seen them."""
        memory = self.memory
        there = custom_id in self.facts.entries or memory.sent(custom_id) is not None
        return there or memory.used(custom_id)

    def doubles(self, chat_id: str) -> Mapping[str, str]:
        """The events that the chat's views leave out, each with its custom id: the server has more
        than one of the same entry."""
        return self.memory.doubles.get(chat_id, {})

    def follow(self) -> None:
        """Collect from now on what comes of entries, for `settled()`. Without it nothing is
        collected: a replay has nobody to tell. `Hub.restore` makes another state: follow anew."""
        self._settlements.follow()

    def settled(self) -> list[Settlement]:
        """What has come of entries since the last call, or since `follow()`, in the log's order."""
        return self._settlements.take()

    # What the client decided.

    def add(self, entry: EntryFacts) -> None:
        """It was queued."""
        facts = self.facts
        if entry.custom_id in facts.entries or self.memory.sent(entry.custom_id) is not None:
            return
        facts.entries[entry.custom_id] = entry
        if entry.own_id:
            self.memory.use(entry.custom_id, entry.seq)
        self._queue(entry).add(entry)
        self._change(entry)

    def attempt(self, entry: EntryFacts, attempt: Attempt) -> None:
        """A request for it is about to be written."""
        entry.attempts.append(attempt)
        entry.tries += 1
        entry.error = None
        entry.recheck = entry.asked = False
        self.requests[attempt.request_id] = entry.custom_id
        self.become(entry, SENDING, attempt.at, attempt.seq)

    def become(
        self, entry: EntryFacts, state: str, at: int, seq: int, error: Failure | None = None
    ) -> None:
        """Its state is this now, said by the record `seq` of time `at`."""
        entry.state, entry.since, entry.error = state, at, error
        if state == SENDING:
            self._sending[entry.custom_id] = entry
        else:
            self._sending.pop(entry.custom_id, None)
        self._queue(entry).note(entry)
        self._change(entry)
        if state == FAILED:
            self._tell(FAILED, entry, seq, error=error)

    def sending(self, before: int) -> list[EntryFacts]:
        """The entries being sent whose attempts are older than the record `before`."""
        return [entry for entry in self._sending.values() if entry.attempts[-1].seq < before]

    def cancel(self, entry: EntryFacts, seq: int) -> None:
        """The user gave it up."""
        if entry.attempts and not entry.is_mark:
            left = Sent(self.resolve(entry.chat_id))
            self.memory.keep(entry.custom_id, left, for_good=True)
        self._leave(entry)
        self._tell(CANCELLED, entry, seq)

    def map(self, local: str, chat_id: str, seq: int) -> None:
        """The local chat is this one; what the log says first holds."""
        known = self.facts.aliases.get(local)
        if not local.startswith(LOCAL) or (known is not None and known.seq <= seq):
            return
        self.touched.update((local, self.resolve(local), chat_id))
        self.facts.aliases[local] = Alias(chat_id, seq)
        for waiting in (self.facts.entries, self.facts.unshown):
            self.changed.update(entry.custom_id for entry in waiting.values())
        self._arrange()

    # What the server has.

    def sent(
        self,
        entry: EntryFacts,
        chat_id: str,
        seq: int,
        at: int,
        event_id: str | None = None,
        thread_id: str | None = None,
        event: Event | None = None,
    ) -> None:
        """The server has the entry, in this chat; `event` if it showed the event, too."""
        if self._is_open(entry.chat_id):
            self.map(entry.chat_id, chat_id, seq)
        self._leave(entry)
        entry.state, entry.since, entry.error, entry.in_doubt = SENT, at, None, False
        entry.event_id, entry.thread_id, entry.sent_seq = event_id, thread_id, seq
        if not entry.is_mark:
            events = {event_id: seq} if event_id is not None else {}
            once = len(entry.attempts) == 1
            self.memory.keep(entry.custom_id, Sent(chat_id, events), for_good=not once)
            if event is None:
                self.facts.unshown[entry.custom_id] = entry
        self._tell(SENT, entry, seq, event)

    def shows(self, chat_id: str, thread_id: str, event: Event, seq: int, at: int) -> None:
        """A record shows an event by the customer that has a custom id."""
        custom_id = event.custom_id
        if custom_id is None or not event.id:
            return
        if not custom_id.startswith(GENERATED):
            self.memory.use(custom_id, seq)
        entry = self.facts.entries.get(custom_id)
        if entry is not None:
            if chat_id == self.resolve(entry.chat_id) or self._is_open(entry.chat_id):
                self.sent(entry, chat_id, seq, at, event.id, thread_id, event)
            return
        sent = self.memory.sent(custom_id)
        if sent is not None and sent.chat_id == chat_id:
            self._shown(custom_id, sent, thread_id, event, seq)

    def _shown(self, custom_id: str, sent: Sent, thread_id: str, event: Event, seq: int) -> None:
        """An event of an entry that has left the outbox."""
        news = self.memory.shown(custom_id, sent, event.id, seq)
        entry = self.facts.unshown.get(custom_id)
        told = (custom_id, sent.chat_id, seq, event.id, thread_id, event)
        if entry is not None and entry.event_id in (None, event.id):
            self.come(entry, thread_id, event, seq)
        elif news and len(sent.events) == 1:
            # It was cancelled.
            self._settlements.add(SHOWN, *told)
        if news and len(sent.events) > 1:
            self.touched.add(sent.chat_id)
            self._settlements.add(DOUBLED, *told)

    def gone(self, entry: EntryFacts, seq: int) -> None:
        """The event of a sent entry was deleted before anything showed it."""
        self._forget(entry)
        self._settlements.gone(entry, self.resolve(entry.chat_id), seq)

    def come(self, entry: EntryFacts, thread_id: str, event: Event, seq: int) -> None:
        """The event of a sent entry was shown."""
        self._forget(entry)
        entry.event_id, entry.thread_id = event.id, thread_id
        self._tell(SHOWN, entry, seq, event)

    def unshown_in(self, chat_id: str) -> list[EntryFacts]:
        """The sent entries of the chat whose events nothing has shown yet."""
        return [
            entry for entry in self.facts.unshown.values() if self.resolve(entry.chat_id) == chat_id
        ]

    def learn(self, own: str) -> None:
        """Who the customer is, is known."""
        self.memory.learn(own)
        # What the views show of them names the author.
        for waiting in (self.facts.entries, self.facts.unshown):
            for entry in waiting.values():
                self._change(entry)

    # What follows from it.

    def _is_open(self, chat_id: str) -> bool:
        """A local chat that is not mapped yet."""
        return chat_id.startswith(LOCAL) and chat_id not in self.facts.aliases

    def _arrange(self) -> None:
        self._queues = {}
        for entry in self.facts.entries.values():
            self._queue(entry).add(entry)

    def _queue(self, entry: EntryFacts) -> Queue:
        chat_id = self.resolve(entry.chat_id)
        queue = self._queues.get(chat_id)
        if queue is None:
            queue = self._queues[chat_id] = Queue()
        return queue

    def _leave(self, entry: EntryFacts) -> None:
        del self.facts.entries[entry.custom_id]
        self._sending.pop(entry.custom_id, None)
        for attempt in entry.attempts:
            self.requests.pop(attempt.request_id, None)
        queue = self._queue(entry)
        queue.remove(entry)
        if not queue:
            del self._queues[self.resolve(entry.chat_id)]
        self._change(entry)

    def _forget(self, entry: EntryFacts) -> None:
        """Nothing needs to show what was sent any more."""
        if self.facts.unshown.pop(entry.custom_id, None) is not None:
            self._change(entry)

    def _change(self, entry: EntryFacts) -> None:
        self.changed.add(entry.custom_id)
        self.touched.add(self.resolve(entry.chat_id))

    def _tell(
        self,
        kind: str,
        entry: EntryFacts,
        seq: int,
        event: Event | None = None,
        error: Failure | None = None,
    ) -> None:
        self._settlements.add(
            kind,
            entry.custom_id,
            self.resolve(entry.chat_id),
            seq,
            entry.event_id,
            entry.thread_id,
            event,
            error,
        )
