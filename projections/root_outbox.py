"""What each record means to the outbox: commands, answers to attempts, own events, ends.

Answers count whenever they come: that the server has an event, or refused it, can't be taken back.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from livechat_customer.models import commands
from livechat_customer.models.wire import pushes, responses
from livechat_customer.models.wire.base import Empty
from livechat_customer.models.wire.chats import Thread
from livechat_customer.models.wire.decode import ErrorAnswer
from livechat_customer.models.wire.events import Event
from livechat_customer.projections.outbox import OutboxState
from livechat_customer.projections.outbox_asked import custom_ids
from livechat_customer.projections.outbox_facts import (
    FAILED,
    QUEUED,
    SENDING,
    UNKNOWN,
    Attempt,
    EntryFacts,
    Failure,
)
from livechat_customer.projections.outbox_rules import after_refusal, after_silence
from livechat_customer.records import REQUEST, Record

if TYPE_CHECKING:
    from livechat_customer.projections.root import RootFold

LOST: Final = Failure("CONNECTION_LOST", "The connection ended before the answer came.")
PARKED: Final = {
    "restored": "The log is a copy, so it may have been sent elsewhere. Retry or cancel it.",
    "identity_changed": "It was queued by another customer and will not be sent.",
}


def command(fold: RootFold, record: Record) -> None:
    """The client decided something."""
    found = commands.command_of(record)
    if found is None:
        return
    outbox = fold.outbox
    match found:
        case commands.Queued():
            if record.chat_id is not None:
                outbox.add(_entry(record, record.chat_id, found))
        case commands.Mapped():
            if record.chat_id is not None:
                outbox.map(record.chat_id, found.chat_id, record.seq)
        case commands.Parked():
            for entry in list(outbox):
                entry.parked = found.code
                _doubt_if_sending(entry)
                error = Failure(found.code.upper(), PARKED.get(found.code))
                outbox.become(entry, FAILED, record.recorded_at, record.seq, error)
        case _:
            known = outbox.entry(found.custom_id)
            if known is not None:
                _DECIDED[type(found)](fold, record, known, found)
    settle(fold)


def _entry(record: Record, chat_id: str, queued: commands.Queued) -> EntryFacts:
    return EntryFacts(
        custom_id=queued.custom_id,
        chat_id=chat_id,
        seq=record.seq,
        queued_at=record.recorded_at,
        action=queued.action,
        event=queued.event,
        seen_up_to=queued.seen_up_to,
        own_id=queued.own_id,
        continuous=queued.continuous,
        since=record.recorded_at,
    )


def _attempted(fold: RootFold, record: Record, entry: EntryFacts, told: commands.Attempted) -> None:
    fold.outbox.attempt(
        entry,
        Attempt(
            request_id=told.request_id,
            action=told.action,
            thread_id=told.thread_id,
            connection=record.connection or fold.current,
            seq=record.seq,
            at=record.recorded_at,
        ),
    )


def _doubted(fold: RootFold, record: Record, entry: EntryFacts, told: commands.Doubted) -> None:
    if entry.state == SENDING and entry.attempts[-1].request_id == told.request_id:
        _silent(fold.outbox, entry, record, Failure(told.code))


def _cleared(fold: RootFold, record: Record, entry: EntryFacts, told: commands.Cleared) -> None:
    if entry.in_doubt and entry.attempts[-1].request_id == told.request_id:
        entry.in_doubt = entry.asked = False
        if entry.state == UNKNOWN:
            fold.outbox.become(entry, QUEUED, record.recorded_at, record.seq)


def _refused(fold: RootFold, record: Record, entry: EntryFacts, told: commands.Refused) -> None:
    _doubt_if_sending(entry)
    error = Failure(told.code, told.message)
    fold.outbox.become(entry, FAILED, record.recorded_at, record.seq, error)


def _retried(fold: RootFold, record: Record, entry: EntryFacts, told: commands.Retried) -> None:
    if entry.state == SENDING or entry.parked == "identity_changed":
        return
    entry.parked = None
    entry.refusals = 0
    entry.renewed_at = record.recorded_at
    entry.asked = entry.in_doubt
    state, error = (UNKNOWN, entry.error) if entry.in_doubt else (QUEUED, None)
    fold.outbox.become(entry, state, record.recorded_at, record.seq, error)


def _cancelled(fold: RootFold, record: Record, entry: EntryFacts, told: commands.Cancelled) -> None:
    fold.outbox.cancel(entry, record.seq)


_DECIDED: Final[dict[type, Callable[[RootFold, Record, EntryFacts, Any], None]]] = {
    commands.Attempted: _attempted,
    commands.Doubted: _doubted,
    commands.Cleared: _cleared,
    commands.Refused: _refused,
    commands.Retried: _retried,
    commands.Cancelled: _cancelled,
}


def _doubt_if_sending(entry: EntryFacts) -> None:
    if entry.state == SENDING:
        entry.in_doubt = not entry.is_mark


def _silent(outbox: OutboxState, entry: EntryFacts, record: Record, error: Failure) -> None:
    """No answer will come to its last attempt."""
    verdict = after_silence(entry.action)
    entry.in_doubt = verdict.in_doubt
    outbox.become(entry, verdict.state, record.recorded_at, record.seq, error)


def ended(fold: RootFold, record: Record) -> None:
    """A connection ended, or a run began: nothing sent before that will be answered."""
    for entry in fold.outbox.sending(record.seq):
        _silent(fold.outbox, entry, record, LOST)
    settle(fold)


def asked(fold: RootFold, record: Record) -> None:
    """A request that is no attempt of an entry gives events custom ids: whatever comes of it, no
    entry may have them, or it could be taken for sent."""
    for custom_id in custom_ids(record.payload):
        if not custom_id.startswith(commands.GENERATED):
            fold.outbox.memory.use(custom_id, record.seq)


def answered(fold: RootFold, record: Record, payload: object) -> None:
    """A record bears the id of an attempt's request."""
    if record.kind == REQUEST:
        return
    outbox = fold.outbox
    entry = outbox.entry(outbox.requests.get(record.request_id or "", ""))
    if entry is None:
        return
    chat_id = record.chat_id or outbox.resolve(entry.chat_id)
    match payload:
        case ErrorAnswer():
            _refusal(outbox, entry, record, payload)
        case responses.SendEventResponse():
            thread_id = record.thread_id or payload.event_id.rpartition("_")[0] or None
            _sent(outbox, entry, chat_id, record, payload.event_id, thread_id)
        case responses.StartChatResponse():
            event_id = _only(payload.event_ids)
            _sent(outbox, entry, payload.chat_id, record, event_id, payload.thread_id)
        case responses.ResumeChatResponse():
            _sent(outbox, entry, chat_id, record, _only(payload.event_ids), payload.thread_id)
        case Empty():
            if entry.is_mark:
                _sent(outbox, entry, chat_id, record, None, None)
        case pushes.IncomingEvent():
            # The server did not give the custom id back.
            if payload.event.custom_id is None and payload.event.author_id in (None, fold.own):
                outbox.sent(
                    entry,
                    chat_id,
                    record.seq,
                    record.recorded_at,
                    payload.event.id or None,
                    payload.thread_id,
                    payload.event,
                )
        case _:
            pass
    settle(fold)


def _only(event_ids: tuple[str, ...]) -> str | None:
    return event_ids[0] if len(event_ids) == 1 else None


def _sent(
    outbox: OutboxState,
    entry: EntryFacts,
    chat_id: str,
    record: Record,
    event_id: str | None,
    thread_id: str | None,
) -> None:
    outbox.sent(entry, chat_id, record.seq, record.recorded_at, event_id, thread_id)


def _refusal(outbox: OutboxState, entry: EntryFacts, record: Record, answer: ErrorAnswer) -> None:
    attempt = next(each for each in entry.attempts if each.request_id == record.request_id)
    last = attempt is entry.attempts[-1]
    verdict = after_refusal(attempt.action, answer.type)
    if not verdict.in_doubt:
        # It had no effect; that of a mark would do no harm.
        entry.attempts.remove(attempt)
        del outbox.requests[attempt.request_id]
    if not last:
        return
    entry.in_doubt = verdict.in_doubt
    if entry.state not in (SENDING, UNKNOWN):
        return
    entry.refusals += 1
    entry.recheck = verdict.recheck
    error = Failure(answer.type.upper(), answer.message or None, answer.data)
    outbox.become(entry, verdict.state, record.recorded_at, record.seq, error)


def shown(
    fold: RootFold, record: Record, chat_id: str, thread_id: str, event: Event, ours: bool = False
) -> None:
    """A record shows an event; `ours`: it surely is the customer's. System messages have no author,
    so the custom id alone tells whose they are."""
    outbox = fold.outbox
    if event.custom_id is None:
        # Perhaps one whose custom id the server did not give back.
        for entry in outbox.unshown_in(chat_id):
            if entry.event_id == event.id:
                outbox.come(entry, thread_id, event, record.seq)
    elif ours or event.author_id is None or event.author_id == fold.own:
        outbox.shows(chat_id, thread_id, event, record.seq, record.recorded_at)
    elif fold.own is None:
        outbox.memory.claim(event.author_id, event.custom_id, record.seq)
    settle(fold)


def whole(fold: RootFold, record: Record, chat_id: str, thread: Thread) -> None:
    """An answer shows a thread whole: what it lacks of what was sent there before it was asked for
    was deleted before anything showed it."""
    outbox = fold.outbox
    held = {event.id for event in thread.events}
    for entry in outbox.unshown_in(chat_id):
        if (
            entry.thread_id == thread.id
            and entry.event_id not in held
            and record.stamp > entry.sent_seq
        ):
            outbox.gone(entry, record.seq)
    settle(fold)


def deleted(fold: RootFold, record: Record, chat_id: str, event_id: str) -> None:
    """The event is gone."""
    for entry in fold.outbox.unshown_in(chat_id):
        if entry.event_id == event_id:
            fold.outbox.gone(entry, record.seq)
    settle(fold)


def removed(fold: RootFold, record: Record, chat_id: str, thread_id: str | None) -> None:
    """The server does not know the thread, or the chat, any more: nor what was sent there."""
    for entry in fold.outbox.unshown_in(chat_id):
        if thread_id in (None, entry.thread_id) and record.stamp > entry.sent_seq:
            fold.outbox.gone(entry, record.seq)
    settle(fold)


def settle(fold: RootFold) -> None:
    """The chats of the entries that changed have changed."""
    touched = fold.outbox.touched
    if touched:
        fold.changes.queues |= touched
        for chat_id in touched:
            state = fold.chats.get(chat_id)
            if state is not None:
                fold.mark(state)
        touched.clear()
