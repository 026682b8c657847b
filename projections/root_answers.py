"""What each answer means to the root fold.

Answers count as of their request. Late ones count for what can't be taken back only: that
something exists, is closed, was seen.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from livechat_customer.models.wire import responses
from livechat_customer.models.wire.base import Empty
from livechat_customer.models.wire.chats import ChatSummary, Thread
from livechat_customer.models.wire.decode import ErrorAnswer
from livechat_customer.projections import root_outbox
from livechat_customer.projections.chat import NOT_FOUND, threads_of
from livechat_customer.projections.own_requests import Deleted, Marked, own_request
from livechat_customer.projections.register import creation_of
from livechat_customer.projections.showing import dated, mark, show_head, show_thread, show_users
from livechat_customer.records import Record

if TYPE_CHECKING:
    from livechat_customer.projections.chats import ChatState
    from livechat_customer.projections.root import RootFold


def login(fold: RootFold, record: Record, answer: responses.LoginResponse) -> None:
    state = fold.state
    rank = dated(record)
    customer = answer.customer
    own = customer.id if customer is not None else answer.customer_id
    if own:
        fold.learn(own, record.seq)
    if rank is not None:
        if customer is not None:
            state.users.customer.set(customer, rank)
            state.users.confirmed = max(state.users.confirmed, record.connection)
        config = answer.dynamic_config
        if config is not None:
            groups = config.customer_groups
            monitoring = groups.monitoring if groups is not None else None
            group = monitoring.id if monitoring is not None else None
            state.availability.login(group, config.online_groups_ids, rank)
            state.availability.confirmed = max(state.availability.confirmed, record.connection)
        state.greeting.show(answer.greeting, rank)
        state.greeting.confirmed = max(state.greeting.confirmed, record.connection)
        state.listed = max(state.listed, record.connection)
        fold.changes.customer = fold.changes.availability = fold.changes.greeting = True
    alone = len(answer.chats) == 1
    for named in answer.chats:
        chat = fold.chat(named.chat_id)
        chat.facts.shown = max(chat.facts.shown, record.stamp)
        if rank is None:
            continue
        if named.has_unread_events is not None:
            chat.facts.has_unread.set(named.has_unread_events, rank)
        active = named.has_active_thread
        if active is None and (alone or not answer.has_active_thread):
            active = answer.has_active_thread
        if active is not None:
            _active(chat, active, rank)


def list_chats(fold: RootFold, record: Record, answer: responses.ListChatsResponse) -> None:
    for summary in answer.chats_summary:
        _summary(fold, record, summary)


def _summary(fold: RootFold, record: Record, summary: ChatSummary) -> None:
    rank = dated(record)
    state = fold.chat(summary.id)
    facts = state.facts
    facts.shown = max(facts.shown, record.stamp)
    show_users(fold, state, summary.users, rank)
    newest = None
    if summary.last_thread_id is not None:
        newest = state.thread(summary.last_thread_id, record.seq, record.stamp)
        if newest.began(summary.last_thread_created_at or ""):
            state.reorder()
        if summary.active:
            newest.opened = True
    base = rank if rank is not None else creation_of(record)
    last = summary.last_event_per_type or {}
    for shown in last.values():
        if shown.event is None or not shown.event.id:
            continue
        thread = state.thread(shown.thread_id, record.seq, record.stamp)
        if thread.began(shown.thread_created_at) or thread.holds(shown.event):
            state.reorder()
        state.show_event(shown.event, shown.thread_id, base, record.stamp, fold.own)
        if shown.event.custom_id is not None:
            root_outbox.shown(fold, record, summary.id, shown.thread_id, shown.event)
    if rank is None:
        return
    facts.access.set(summary.access, rank)
    facts.properties.show(summary.properties, rank)
    facts.summary.set(last, rank)
    facts.confirmed = max(facts.confirmed, record.connection)
    if summary.active is not None:
        _active(state, summary.active, rank)


def get_chat(fold: RootFold, record: Record, answer: responses.GetChatResponse) -> None:
    state = show_head(fold, record, answer)
    threads = threads_of(answer)
    for thread in threads:
        show_thread(fold, state, record, thread)
    if record.thread_id is None:
        _newest(state, record, threads)


def list_threads(fold: RootFold, record: Record, answer: responses.ListThreadsResponse) -> None:
    """The only answer that can prove where a chat begins."""
    if record.chat_id is None:
        return
    state = fold.chat(record.chat_id)
    state.facts.shown = max(state.facts.shown, record.stamp)
    for thread in answer.threads:
        show_thread(fold, state, record, thread)
    if answer.next_page_id is None:
        oldest = min(answer.threads, key=_created, default=None)
        if oldest is None:
            if answer.previous_page_id is None:
                _first(state, "", record)
        elif oldest.previous_thread_id is None:
            _first(state, oldest.id, record)
    if answer.previous_page_id is None and answer.threads:
        newest = max(answer.threads, key=_created)
        if newest.next_thread_id is None:
            _newest(state, record, (newest,))


def _created(thread: Thread) -> tuple[str, str]:
    return (thread.created_at, thread.id)


def _first(state: ChatState, thread_id: str, record: Record) -> None:
    """Nothing is older than this thread."""
    known = state.facts.firsts.get(thread_id, record.seq)
    state.facts.firsts[thread_id] = min(known, record.seq)


def _newest(state: ChatState, record: Record, newest: tuple[Thread, ...]) -> None:
    """The newest thread of the chat, or none: what it says of the chat as a whole."""
    rank = dated(record)
    if rank is not None and not any(thread.active for thread in newest):
        _active(state, False, rank)


def _active(state: ChatState, active: bool, rank: tuple[int, int]) -> None:
    """An answer says whether the chat has an active thread."""
    state.facts.active.set(active, rank)
    if not active:
        state.facts.inactive = max(state.facts.inactive, rank[0])


def start_chat(fold: RootFold, record: Record, answer: responses.StartChatResponse) -> None:
    """The customer's own chat begins with this thread."""
    state = fold.chat(answer.chat_id)
    state.facts.shown = max(state.facts.shown, record.stamp)
    state.thread(answer.thread_id, record.seq, record.stamp)
    _first(state, answer.thread_id, record)


def resume_chat(fold: RootFold, record: Record, answer: responses.ResumeChatResponse) -> None:
    if record.chat_id is not None:
        fold.chat(record.chat_id).thread(answer.thread_id, record.seq, record.stamp)


def get_customer(fold: RootFold, record: Record, answer: responses.GetCustomerResponse) -> None:
    rank = dated(record)
    fold.learn(answer.id, record.seq)
    if rank is not None:
        users = fold.state.users
        users.customer.set(answer, rank)
        users.confirmed = max(users.confirmed, record.connection)
        fold.changes.customer = True


def list_group_statuses(
    fold: RootFold, record: Record, answer: responses.ListGroupStatusesResponse
) -> None:
    if record.late:
        return
    for group, status in (answer.groups_status or {}).items():
        if group.isdecimal():
            fold.state.availability.update(int(group), status, record.stamp)
    fold.changes.availability = True


def update_customer_page(
    fold: RootFold, record: Record, answer: responses.UpdateCustomerPageResponse
) -> None:
    """API 3.6: it names the customer's groups when their assignment changed."""
    if not record.late:
        for group in answer.groups:
            fold.state.availability.update(group.id, group.status, record.stamp)
        fold.changes.availability = True


def done(fold: RootFold, record: Record, _: Empty) -> None:
    """A request of the customer's own has had its effect."""
    asked = own_request(record)
    if asked is None or record.chat_id is None:
        return
    state = fold.chat(record.chat_id)
    if record.thread_id is not None:
        state.thread(record.thread_id, record.seq, record.stamp)
    if isinstance(asked, Marked):
        if fold.own is None:
            state.wrote("", asked.seen_up_to, record.stamp)
        else:
            mark(fold, state, fold.own, asked.seen_up_to, record.stamp)
    elif isinstance(asked, Deleted):
        state.delete(asked.event_id, record.seq)
        if fold.outbox.facts.unshown:
            root_outbox.deleted(fold, record, record.chat_id, asked.event_id)


def refused(fold: RootFold, record: Record, answer: ErrorAnswer) -> None:
    """A chat or thread that can't be found is gone, unless it is shown again later."""
    if (
        answer.type != NOT_FOUND
        or record.action not in ("get_chat", "list_threads")
        or record.chat_id is None
        or record.late
    ):
        return
    state = fold.chat(record.chat_id)
    if record.thread_id is not None:
        fold.spoke_of(record.chat_id, record.thread_id, record.stamp)
        state.remove(record.thread_id, record.stamp)
    else:
        state.facts.gone = max(state.facts.gone, record.stamp)
    if fold.outbox.facts.unshown:
        root_outbox.removed(fold, record, record.chat_id, record.thread_id)


HANDLERS: Final[dict[type, Callable[[RootFold, Record, Any], None]]] = {
    responses.LoginResponse: login,
    responses.ListChatsResponse: list_chats,
    responses.GetChatResponse: get_chat,
    responses.ListThreadsResponse: list_threads,
    responses.StartChatResponse: start_chat,
    responses.ResumeChatResponse: resume_chat,
    responses.GetCustomerResponse: get_customer,
    responses.ListGroupStatusesResponse: list_group_statuses,
    responses.UpdateCustomerPageResponse: update_customer_page,
    Empty: done,
    ErrorAnswer: refused,
}
