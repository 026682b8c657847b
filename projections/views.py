"""The values of the views that rest on the root fold alone.

A value is made again only after something it rests on changed, and if it comes out equal the old
object is given again: an unchanged view is the same object.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

import msgspec

from livechat_customer.models import from_wire
from livechat_customer.models.own import own
from livechat_customer.models.times import parse_ns
from livechat_customer.models.wire.users import User
from livechat_customer.projections.chat_items import Made, chat_item
from livechat_customer.projections.chats import ChatState
from livechat_customer.projections.history import Items
from livechat_customer.projections.order import ThreadKey
from livechat_customer.projections.root import Changes, RootFold
from livechat_customer.projections.sequence import Rope
from livechat_customer.projections.values import (
    Availability,
    ChatItem,
    ConnectionState,
    CustomerState,
    GreetingState,
    LastError,
    SyncState,
)

V = TypeVar("V")

ListKey = tuple[int, str]
"""What the list of chats is sorted by: newest thread first, then id."""


class ChatList(Items[ChatItem]):
    """`sdk.chats`: the chats, that with the newest thread first."""

    __slots__ = ("from_log", "rows")

    def __init__(self, rows: Rope[ChatItem], from_log: bool) -> None:
        self.rows = rows
        """For this library only."""
        self.from_log = from_log
        """No login of the connection that stands now has named the chats."""

    def __len__(self) -> int:
        return len(self.rows)

    def _at(self, index: int) -> ChatItem:
        return self.rows[index]

    def __iter__(self) -> Iterator[ChatItem]:
        return iter(self.rows)

    def __reversed__(self) -> Iterator[ChatItem]:
        return reversed(self.rows)


class RootViews:
    """The values, made on demand. Tell it with `changed` what the fold changed."""

    def __init__(self, root: RootFold) -> None:
        self.now = 0
        """Until when typing has expired, µs since the epoch."""
        self._list = ChatList(Rope(), True)
        self.begin(root)
        self._connection = ConnectionState()
        self._customer: CustomerState | None = None
        self._availability = Availability()
        self._greeting: GreetingState | None = None
        self._sync = SyncState()

    def begin(self, root: RootFold) -> None:
        """Begins anew with this fold."""
        self.root = root
        self._made: Made = {}
        self._items: dict[str, tuple[int, ChatItem]] = {}
        self._rows: Rope[ChatItem] = Rope()
        self._keys: dict[str, tuple[ThreadKey | None, ListKey]] = {}
        """The newest thread of each chat in the list, and where that puts it."""
        self._stale: set[str] = set(root.chats)
        self._unknown: dict[str, ChatItem] = {}
        """Chats that the server has not shown, for which the outbox holds something."""

    def changed(self, changes: Changes) -> None:
        """The fold's changes since the last call."""
        self._stale |= changes.chats
        if changes.confirmed:
            self._stale |= self.root.chats.keys()

    def tick(self, now: int) -> set[str]:
        """Time has passed; the chats in which somebody has stopped typing by that."""
        expired: set[str] = set()
        for chat_id in list(self.root.typing):
            state = self.root.chats[chat_id]
            times = [typing.expires_at for typing in state.typing.values()]
            if any(self.now < at <= now for at in times):
                state.fresh = False
                expired.add(chat_id)
            if all(at <= now for at in times):
                self.root.typing.discard(chat_id)
        self.now = now
        self._stale |= expired
        return expired

    @property
    def next_expiry(self) -> int | None:
        """When `tick` has something to do next."""
        return min(
            (
                typing.expires_at
                for chat_id in self.root.typing
                for typing in self.root.chats[chat_id].typing.values()
                if typing.expires_at > self.now
            ),
            default=None,
        )

    def connection(self) -> ConnectionState:
        facts = self.root.state.connection
        latest = facts.latest
        if latest is None:
            self._connection = same(self._connection, ConnectionState())
            return self._connection
        action, told = latest
        ended = facts.told.get("disconnected")
        failed = ended is not None and action != "connected"
        error = ended.error if ended is not None and failed else None
        status = facts.status
        made = ConnectionState(
            status=status,
            unstable=facts.unstable,
            number=told.connection,
            attempt=told.attempt,
            reason=ended.reason if ended is not None and failed else None,
            last_error=_last_error(error) if error else None,
            since=told.at,
        )
        self._connection = same(self._connection, made)
        return self._connection

    def customer(self) -> CustomerState | None:
        users = self.root.state.users
        wire = users.customer_now()
        if wire is None:
            return None
        made = _customer_state(wire, self._from_log(users.confirmed))
        self._customer = same(self._customer, made)
        return self._customer

    def availability(self) -> Availability:
        facts = self.root.state.availability
        made = Availability(
            status=facts.now(),
            group_id=facts.own_group.value,
            groups=facts.statuses(),
            from_log=self._from_log(facts.confirmed),
        )
        self._availability = same(self._availability, made)
        return self._availability

    def greeting(self) -> GreetingState | None:
        facts = self.root.state.greeting
        wire = facts.now()
        if wire is None:
            self._greeting = None
            return None
        event = from_wire.event(wire.event, None) if wire.event is not None else None
        plain = from_wire.greeting(msgspec.structs.replace(wire, event=None))
        fields: dict[str, Any] = msgspec.structs.asdict(plain) | {"event": event}
        made = GreetingState(**fields, from_log=self._from_log(facts.confirmed))
        self._greeting = same(self._greeting, made)
        return self._greeting

    def sync(self) -> SyncState:
        self._sync = same(self._sync, self.root.state.sync.now(self.root.current))
        return self._sync

    def chat(self, chat_id: str) -> ChatItem | None:
        """The chat; None if the log knows none of that id, or the server none any more, and the
        outbox holds nothing for it."""
        outbox = self.root.outbox
        real = outbox.resolve(chat_id)
        state = self.root.chats.get(real)
        if state is not None and state.exists:
            return self._item(state)
        if not outbox.holds(real):
            return None
        return self._unknown.setdefault(real, ChatItem(real, has_pending=True))

    def chats(self) -> ChatList:
        stale = self._stale | self.root.changes.chats
        if self.root.changes.confirmed:
            stale |= self.root.chats.keys()
        rows = self._rows
        for chat_id in stale:
            rows = self._placed(rows, self.root.chats[chat_id])
        self._stale = set[str]()
        from_log = self._from_log(self.root.state.listed)
        if rows is not self._list.rows or from_log != self._list.from_log:
            self._rows = rows
            self._list = ChatList(rows, from_log)
        return self._list

    def _placed(self, rows: Rope[ChatItem], state: ChatState) -> Rope[ChatItem]:
        """The list with this chat at its place, or without it if it is gone."""
        chat_id = state.facts.id
        known = self._keys.get(chat_id)
        newest = state.order[-1] if state.order else None
        exists = state.exists
        if known is not None and exists and known[0] == newest:
            item = self._item(state)
            place = rows.bisect(known[1], self._key_of)
            return rows if rows[place] is item else rows.set(place, item)
        if known is not None:
            rows = rows.delete(rows.bisect(known[1], self._key_of))
            del self._keys[chat_id]
        if exists:
            key = _list_key(chat_id, newest)
            rows = rows.insert(rows.bisect(key, self._key_of), [self._item(state)])
            self._keys[chat_id] = (newest, key)
        return rows

    def _key_of(self, item: ChatItem) -> ListKey:
        return self._keys[item.id][1]

    def _item(self, state: ChatState) -> ChatItem:
        chat_id = state.facts.id
        current, known = self._items.get(chat_id, (-1, None))
        if current != self.root.current:
            state.fresh = state.events_only = False
        if known is not None and state.fresh:
            return known
        whole = known is not None and not (known.thread is not None and known.thread.partial)
        base = known if state.events_only and whole else None
        item = chat_item(self.root, state, self.now, self._made, base)
        if known is not None:
            item = same(known, item)
        self._items[chat_id] = (self.root.current, item)
        state.fresh = state.events_only = True
        return item

    def _from_log(self, confirmed: int) -> bool:
        return not (self.root.current and confirmed == self.root.current)


def same(known: V, made: V) -> V:
    """The known object if it is equal: readers compare by identity."""
    return known if known == made else made


def _list_key(chat_id: str, newest: ThreadKey | None) -> ListKey:
    if newest is None:
        return (1, chat_id)
    try:
        return (-parse_ns(newest[0][:27]), chat_id)
    except ValueError:
        return (0, chat_id)


def _customer_state(wire: User, from_log: bool) -> CustomerState:
    plain = from_wire.customer(wire)
    return CustomerState(**msgspec.structs.asdict(plain), from_log=from_log)


def _last_error(error: dict[str, object]) -> LastError:
    code, message, data = error.get("code"), error.get("message"), error.get("data")
    return LastError(
        code=code if isinstance(code, str) else "CUSTOMER_SDK",
        message=message if isinstance(message, str) else None,
        data=own(data) if isinstance(data, dict) else None,
    )
