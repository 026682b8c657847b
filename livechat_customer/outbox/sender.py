"""Carries out the plan: after each fold, for each chat, what is to be done now.

What it decides is a record of the log first; how an entry stands only the fold of the log says.
What is kept here beside that spares the server and the user: what is being read, since when an
attempt is in doubt, how long the server wants to be let alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final, assert_never

from livechat_customer.calls import Answer
from livechat_customer.errors import NotSentError, RequestTimeoutError, ServerError
from livechat_customer.models.commands import (
    LOCAL,
    Attempted,
    Cancelled,
    Cleared,
    Command,
    Doubted,
    Mapped,
    Refused,
)
from livechat_customer.options import Options
from livechat_customer.outbox import plan
from livechat_customer.outbox.looking import Looking
from livechat_customer.outbox.places import newest_chat, place_of
from livechat_customer.outbox.requests import body_of
from livechat_customer.projections.hub import Hub
from livechat_customer.projections.outbox_facts import SENDING, UNKNOWN, WAITING, EntryFacts
from livechat_customer.transport import inputs
from livechat_customer.transport.backoff import Curve

if TYPE_CHECKING:
    from livechat_customer.pump import Pump

EXPIRED: Final = Refused("", "EXPIRED", "It was too old to be sent. Retry it, or cancel it.")
NOT_ANSWERED: Final = "A message was not answered in time, so the connection is made anew."
PATIENCE: Final = Curve(300, 60_000, 0.3)
"""Back-off from what the server puts off."""
ONLINE: Final = "online"
LOST: Final = 0.3
"""Seconds to wait at least after a search that its connection did not outlive."""
MOST_SEARCHES: Final = 32
"""Times the wait, between two searches of which the first could not be completed."""

Ended = Callable[[EntryFacts, Answer], None]


class Sender:
    """Of one stream, from its opening on. `answered(entry, answer)` is told how requests ended
    well, `forgotten(entry)` which seen marks need not be sent."""

    def __init__(
        self,
        options: Options,
        hub: Hub,
        pump: Pump,
        looking: Looking,
        answered: Ended,
        forgotten: Callable[[EntryFacts], None],
    ) -> None:
        self._options = options
        self._hub = hub
        self._pump = pump
        self._looking = looking
        self._answered = answered
        self._forgotten = forgotten
        self._loop = asyncio.get_running_loop()
        self._policy = plan.Policy(
            max_age=options.outbox.max_age,
            in_doubt_wait=options.outbox.in_doubt_wait,
            park=options.in_doubt == "park",
        )
        self._memories: dict[str, plan.Memory] = {}
        self._held: dict[str, tuple[int, str]] = {}
        """Chats about which something was decided that is not folded yet: its seq, and for which
        entry."""
        self._given_up: dict[str, int] = {}
        """Entries that the user cancelled, which is not folded yet, by custom id, with its seq."""
        self._timed_out: set[str] = set()
        """Requests that were not answered in time."""
        self._timer: asyncio.TimerHandle | None = None
        self._reachable = False
        """Somebody was online at the last look."""
        self._over = False

    def go(self) -> None:
        """Do what is to be done now."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        outbox, seq = self._hub.root.outbox, self._hub.seq
        if self._given_up:
            self._given_up = {key: each for key, each in self._given_up.items() if each > seq}
        if self._over or not len(outbox):
            return
        moment = self._moment()
        reachable = self._hub.root.state.availability.now() == ONLINE
        came, self._reachable = reachable and not self._reachable, reachable
        due: list[float] = []
        later: set[str | None] = set()
        for entry in outbox.heads():
            chat_id = outbox.resolve(entry.chat_id)
            if chat_id.startswith(LOCAL):
                # Older ones come first: what was queued for this chat by its name has to wait.
                later.add(newest_chat(self._hub.root))
            elif chat_id in later:
                continue
            if entry.state == SENDING or self._held.get(chat_id, (0, ""))[0] > seq:
                continue
            if entry.custom_id in self._given_up:
                continue
            memory = self._memory(chat_id)
            self._note(memory, entry, moment)
            if came and entry.state == WAITING:
                memory.not_before = 0.0
            place = place_of(self._hub.root, chat_id, moment, memory)
            step = plan.next_step(entry, place, moment, memory, self._policy)
            if isinstance(step, plan.Wait):
                due.append(step.until)
            elif step is not None:
                self._do(step, entry, chat_id, memory)
        if due:
            self._timer = self._loop.call_at(min(due), self.go)

    def end(self) -> None:
        """Do nothing any more."""
        self._over = True
        if self._timer is not None:
            self._timer.cancel()

    def begin_anew(self) -> None:
        """What was decided and not committed never was; or it is another stream now."""
        self._held.clear()
        self._given_up.clear()
        self._timed_out.clear()
        self._memories = {key: each for key, each in self._memories.items() if each.busy}

    def post(self, command: Command, chat_id: str, custom_id: str, connection: int = 0) -> bool:
        """Decide it; nothing else about the chat before it is folded. False if the log failed."""
        receipt = self._pump.command(command, chat_id, connection)
        if receipt.seq is None:
            return False
        self._held[chat_id] = (receipt.seq, custom_id)
        return True

    def attempts(self, entry: EntryFacts) -> bool:
        """The entry is being sent, or will be as soon as that is written down; or it was given up
        and that is being written down."""
        if entry.custom_id in self._given_up:
            return True
        chat_id = self._hub.root.outbox.resolve(entry.chat_id)
        seq, custom_id = self._held.get(chat_id, (0, ""))
        return entry.state == SENDING or (seq > self._hub.seq and custom_id == entry.custom_id)

    def give_up(self, custom_id: str) -> bool:
        """The user does not want it sent: from now on it is not. False if the log failed."""
        receipt = self._pump.command(Cancelled(custom_id))
        if receipt.seq is None:
            return False
        self._given_up[custom_id] = receipt.seq
        return True

    def hurry(self, chat_id: str) -> None:
        """The user does not want to wait."""
        memory = self._memory(chat_id)
        memory.not_before = memory.next_search = 0.0

    def _moment(self) -> plan.Moment:
        root = self._hub.root
        connection = root.current
        return plan.Moment(
            connection=connection,
            settled=connection != 0 and root.state.sync.settled == connection,
            now=self._loop.time(),
            at=self._options.clock(),
        )

    def _memory(self, chat_id: str) -> plan.Memory:
        memory = self._memories.get(chat_id)
        if memory is None:
            memory = self._memories[chat_id] = plan.Memory()
        return memory

    def _note(self, memory: plan.Memory, entry: EntryFacts, moment: plan.Moment) -> None:
        """What has happened to the entry since the last look."""
        key = (entry.custom_id, entry.tries)
        if entry.state == UNKNOWN and memory.in_doubt != key:
            memory.in_doubt = key
            memory.since = moment.now
            memory.next_search = 0.0
            memory.searches = 0
            request_id = entry.attempts[-1].request_id
            memory.answered = request_id not in self._timed_out
            self._timed_out.discard(request_id)
        if entry.refusals and memory.refused != key:
            memory.refused = key
            # What was only in another state than thought is put right at once, the first time.
            refusals = entry.refusals - entry.recheck
            if refusals:
                self._put_off(memory, refusals)

    def _put_off(self, memory: plan.Memory, times: int) -> None:
        delay = PATIENCE.delay_ms(times - 1, self._options.random) / 1000
        memory.not_before = self._loop.time() + delay

    def _do(self, step: plan.Step, entry: EntryFacts, chat_id: str, memory: plan.Memory) -> None:
        custom_id = entry.custom_id
        match step:
            case plan.Send(action):
                self._attempt(entry, action, chat_id)
            case plan.Read():
                memory.busy = True
                self._pump.start(self._read(entry, chat_id, memory))
            case plan.Search():
                memory.busy = True
                self._pump.start(self._search(entry, chat_id, memory))
            case plan.Assign(target):
                self.post(Mapped(target), chat_id, custom_id)
            case plan.Drop(connection):
                memory.since = self._loop.time()
                self._pump.feed(inputs.Drop(connection, NOT_ANSWERED))
            case plan.Expire():
                self.post(Refused(custom_id, EXPIRED.code, EXPIRED.message), chat_id, custom_id)
            case plan.Forget():
                self._forgotten(entry)
                self.post(Cancelled(custom_id), chat_id, custom_id)
            case plan.Wait():
                pass
            case _:
                assert_never(step)

    def _attempt(self, entry: EntryFacts, action: str, chat_id: str) -> None:
        """The command and the request are posted in one step, so that one commit holds both."""
        root = self._hub.root
        state = root.chats.get(chat_id)
        newest = None if state is None else state.newest
        request_id = self._options.ids()
        body, version = body_of(entry, action, chat_id, self._options.api_version)
        told = Attempted(entry.custom_id, request_id, action, None if newest is None else newest.id)
        if self.post(told, chat_id, entry.custom_id, root.current):
            request = self._pump.send(request_id, action, body, version=version)
            request.add_done_callback(partial(self._ended, entry, request_id))

    def _ended(self, entry: EntryFacts, request_id: str, request: asyncio.Future[Answer]) -> None:
        """What the log does not tell of the end of a request: that it was never written, or that
        nobody waits for its answer any more."""
        if request.cancelled():
            return
        error = request.exception()
        if error is None:
            self._memory(self._hub.root.outbox.resolve(entry.chat_id)).failures = 0
            self._answered(entry, request.result())
        elif self._over or isinstance(error, ServerError):
            return
        elif isinstance(error, NotSentError):
            self._doubt(entry, request_id, error.code)
            # Too many requests wait, or the connection's end is not recorded: not at once again.
            memory = self._memory(self._hub.root.outbox.resolve(entry.chat_id))
            memory.failures += 1
            self._put_off(memory, memory.failures)
            if self._is_last(entry, request_id) and not entry.is_mark:
                self._decide(Cleared(entry.custom_id, request_id), entry)
        elif isinstance(error, RequestTimeoutError):
            self._timed_out.add(request_id)
            self._doubt(entry, request_id, error.code)

    def _doubt(self, entry: EntryFacts, request_id: str, code: str) -> None:
        if entry.state == SENDING and self._is_last(entry, request_id):
            self._decide(Doubted(entry.custom_id, request_id, code), entry)

    def _is_last(self, entry: EntryFacts, request_id: str) -> bool:
        known = self._hub.root.outbox.entry(entry.custom_id) is entry
        return known and bool(entry.attempts) and entry.attempts[-1].request_id == request_id

    def _decide(self, command: Command, entry: EntryFacts) -> None:
        self.post(command, self._hub.root.outbox.resolve(entry.chat_id), entry.custom_id)

    async def _read(self, entry: EntryFacts, chat_id: str, memory: plan.Memory) -> None:
        connection, key = self._hub.root.current, (entry.custom_id, entry.tries)
        try:
            if await self._looking.read(chat_id):
                memory.read, memory.checked = connection, key
                memory.failures = 0
            else:
                memory.failures += 1
                self._put_off(memory, memory.failures)
        finally:
            memory.busy = False
        self.go()

    async def _search(self, entry: EntryFacts, chat_id: str, memory: plan.Memory) -> None:
        request_id = entry.attempts[-1].request_id
        try:
            complete = await self._looking.search(chat_id, entry)
        finally:
            memory.busy = False
        if complete and entry.in_doubt and self._is_last(entry, request_id):
            self._decide(Cleared(entry.custom_id, request_id), entry)
        elif complete is False:
            wait = self._policy.in_doubt_wait * min(2**memory.searches, MOST_SEARCHES)
            memory.searches += 1
            memory.next_search = self._loop.time() + wait
        elif complete is None:
            # The connection has ended, perhaps unrecorded: the log may have failed.
            memory.next_search = self._loop.time() + LOST
        self.go()
