"""What the root fold knows of the chat that an entry is for, in the words of the plan."""

from __future__ import annotations

from livechat_customer.models.commands import LOCAL
from livechat_customer.outbox.plan import Memory, Moment, Place
from livechat_customer.projections.chats import ChatState
from livechat_customer.projections.root import RootFold


def place_of(root: RootFold, chat_id: str, moment: Moment, memory: Memory) -> Place:
    connection = moment.connection
    read = connection != 0 and memory.read == connection
    if chat_id.startswith(LOCAL):
        target = newest_chat(root)
        return Place(chat_id=chat_id, local=True, target=target, confirmed=moment.settled or read)
    state = root.chats.get(chat_id)
    if state is None:
        return Place(chat_id=chat_id, confirmed=read)
    return Place(
        chat_id=chat_id,
        confirmed=read or state.facts.confirmed == connection,
        active=_is_active(state),
        mark=state.own_mark,
    )


def newest_chat(root: RootFold) -> str | None:
    """The customer's chat; of several that with the newest thread."""
    known = [state for state in root.chats.values() if state.exists]
    newest = max(
        known, key=lambda state: state.order[-1] if state.order else ("", ""), default=None
    )
    return None if newest is None else newest.facts.id


def _is_active(state: ChatState) -> bool:
    active = state.facts.active
    if active.rank[0] >= 0:
        return active.value
    newest = state.newest
    return newest is not None and state.open_now(newest)
