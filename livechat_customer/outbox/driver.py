"""The outbox as the app meets it: what it queues, retries and cancels, and what its handles hear."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from livechat_customer.calls import Answer
from livechat_customer.errors import (
    InvalidArgumentError,
    LogError,
    OutboxFullError,
    SDKDestroyedError,
)
from livechat_customer.models import Event, SendableEvent, Success, to_wire
from livechat_customer.models.commands import (
    IDENTITY_CHANGED,
    LOCAL,
    Queued,
    Retried,
)
from livechat_customer.options import Options
from livechat_customer.outbox import intake
from livechat_customer.outbox.handles import Handle, Handles, error_of
from livechat_customer.outbox.looking import Looking
from livechat_customer.outbox.places import newest_chat
from livechat_customer.outbox.requests import unshown_event
from livechat_customer.outbox.sender import Sender
from livechat_customer.projections.hub import Hub
from livechat_customer.projections.outbox import OutboxState
from livechat_customer.projections.outbox_facts import (
    CANCELLED,
    DOUBLED,
    FAILED,
    GONE,
    QUEUED,
    SENT,
    SHOWN,
    EntryFacts,
    Settlement,
)

if TYPE_CHECKING:
    from livechat_customer.pump import Pump


class Outbox:
    """One SDK's outbox. `running()` gives the pump, or raises why there is none; `forget(chat_id)`
    is told of each message, after which a sneak peek would be out of date; `doubled` of each
    event that the server made a second time."""

    def __init__(
        self,
        options: Options,
        hub: Hub,
        running: Callable[[], Pump],
        forget: Callable[[str], None],
        doubled: Callable[[Settlement], None],
    ) -> None:
        self._options = options
        self._doubled = doubled
        self._hub = hub
        self._running = running
        self._forget = forget
        self._handles = Handles()
        self._posted: dict[str, tuple[int, Handle[Any]]] = {}
        """What was queued and is not folded yet, by custom id, with its seq."""
        self._sender: Sender | None = None
        self._ended: SDKDestroyedError | None = None
        self._local: str | None = None
        """Where messages for no chat in particular go, until it is a chat of the server."""

    # For the app.

    def send_event(
        self, chat_id: str | None, event: SendableEvent | Mapping[str, Any], continuous: bool
    ) -> Handle[Event]:
        """See `OutboxView.send_event`."""
        self._running()
        queued = intake.queued_event(event, continuous, self._used, self._options.ids)
        place = self._place_for(chat_id, queued.custom_id)
        handle: Handle[Event] = self._queue(queued, place)
        self._forget(place)
        return handle

    def mark_events_as_seen(self, chat_id: str, seen_up_to: str) -> Handle[Success]:
        """See `OutboxView.mark_events_as_seen`."""
        self._running()
        return self._queue(
            intake.queued_mark(seen_up_to, self._options.ids), self._checked(chat_id)
        )

    def handle(self, custom_id: str) -> Handle[Event | Success]:
        """See `OutboxView.handle`."""
        to_wire.text(custom_id, "custom_id")
        handle = self._handles.get(custom_id)
        if handle is not None:
            return handle
        entry = self._state.entry(custom_id)
        if entry is None:
            raise InvalidArgumentError("custom_id", "names no entry of the outbox; see its value")
        handle = self._handles.of(self, entry)
        if self._ended is not None:
            handle.end(self._ended)
        return handle

    # For handles.

    def entry(self, custom_id: str) -> EntryFacts | None:
        return self._state.entry(custom_id)

    def resolve(self, chat_id: str) -> str:
        return self._state.resolve(chat_id)

    def retry(self, custom_id: str) -> bool:
        pump, entry = self._running(), self.entry(custom_id)
        if entry is None or self._sender is None or self._sender.attempts(entry):
            return False
        chat_id = self.resolve(entry.chat_id)
        self._sender.hurry(chat_id)
        if entry.state == QUEUED or entry.parked == IDENTITY_CHANGED:
            self._sender.go()
            return False
        if not entry.asked and pump.command(Retried(custom_id), chat_id).seq is None:
            return False
        handle = self._handles.get(custom_id)
        if handle is not None:
            handle.retried()
        return True

    def cancel(self, custom_id: str) -> bool:
        self._running()
        entry, sender = self.entry(custom_id), self._sender
        if sender is None or (entry is not None and sender.attempts(entry)):
            return False
        if entry is None and custom_id not in self._posted:
            return False
        return sender.give_up(custom_id)

    # For the engine.

    def begin(
        self,
        pump: Pump,
        ask: Callable[[str, Mapping[str, Any]], Awaitable[Answer]],
        chain: Callable[[str, str | None], Awaitable[bool]],
    ) -> None:
        """The log is open and folded."""
        looking = Looking(self._hub, ask, chain)
        self._sender = Sender(
            self._options, self._hub, pump, looking, self._answered, self._forgotten
        )
        self.follow()

    def follow(self) -> None:
        """Another state was folded from its beginning."""
        state = self._state
        state.follow()
        places = (state.resolve(entry.chat_id) for entry in state)
        self._local = next((place for place in places if place.startswith(LOCAL)), None)
        if self._sender is not None:
            self._sender.begin_anew()

    def folded(self) -> None:
        """Records were committed and folded."""
        for settlement in self._state.settled():
            self._settle(settlement)
        if self._posted:
            for custom_id, (seq, handle) in list(self._posted.items()):
                if seq <= self._hub.seq:
                    del self._posted[custom_id]
                    handle.written()
        if self._sender is not None:
            self._sender.go()

    def log_failed(self, error: LogError) -> None:
        """What was posted and not committed is gone."""
        for _, handle in self._posted.values():
            handle.lost(error)
        self._posted.clear()
        for entry in self._state:
            held = self._handles.get(entry.custom_id)
            if entry.state == FAILED and held is not None:
                # A retry may have been lost.
                held.fail(error_of(entry.error))
        if self._sender is not None:
            self._sender.begin_anew()

    def end(self, error: SDKDestroyedError) -> None:
        """Nothing more is sent in this run."""
        self._ended = error
        if self._sender is not None:
            self._sender.end()
        self._handles.each(lambda handle: handle.end(error))

    @property
    def _state(self) -> OutboxState:
        return self._hub.root.outbox

    def _used(self, custom_id: str) -> bool:
        return custom_id in self._posted or self._state.used(custom_id)

    def _queue(self, queued: Queued, place: str) -> Handle[Any]:
        if len(self._state) + len(self._posted) >= self._options.outbox.max_entries:
            raise OutboxFullError
        receipt = self._running().command(queued, place)
        handle = self._handles.make(self, queued.custom_id, place, queued.event is None)
        if receipt.seq is not None:
            self._posted[queued.custom_id] = (receipt.seq, handle)
        elif receipt.error is not None:
            handle.lost(receipt.error)
        return handle

    def _place_for(self, chat_id: str | None, custom_id: str) -> str:
        if chat_id is not None:
            return self._checked(chat_id)
        local = self._local
        if local is not None and self._is_open(local) and (self._state or self._posted):
            return local
        known = newest_chat(self._hub.root)
        if known is None:
            known = self._local = LOCAL + custom_id
        return known

    def _checked(self, chat_id: str) -> str:
        place = self.resolve(to_wire.text(chat_id, "chat_id"))
        known = place == self._local or not place.startswith(LOCAL) or self._state.queue(place)
        if not known:
            raise InvalidArgumentError("chat_id", "names no local chat with entries; give None")
        return place

    def _is_open(self, local: str) -> bool:
        """It is no chat of the server yet."""
        return self.resolve(local) == local

    def _settle(self, settlement: Settlement) -> None:
        if settlement.kind == DOUBLED:
            self._doubled(settlement)
            return
        handle = self._handles.get(settlement.custom_id)
        if handle is None:
            return
        match settlement.kind:
            case kind if kind in (SENT, SHOWN, GONE):
                handle.sent(settlement.event)
            case kind if kind == FAILED:
                handle.fail(error_of(settlement.error))
            case kind:
                assert kind == CANCELLED
                handle.cancelled()

    def _answered(self, entry: EntryFacts, answer: Answer) -> None:
        event = unshown_event(entry, answer)
        handle = self._handles.get(entry.custom_id)
        if event is not None and handle is not None:
            handle.sent(event)

    def _forgotten(self, entry: EntryFacts) -> None:
        """The mark stands where it is already."""
        handle = self._handles.get(entry.custom_id)
        if handle is not None:
            handle.sent(None)
