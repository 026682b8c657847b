"""`sdk.outbox`: what waits to be sent, and the way in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from livechat_customer.errors import NoConnectionError
from livechat_customer.models import Event, SendableEvent, Success
from livechat_customer.outbox.driver import Outbox
from livechat_customer.outbox.handles import Handle
from livechat_customer.projections.live import ListView
from livechat_customer.projections.outbox_items import OutboxList
from livechat_customer.projections.values import OutboxEntry


class OutboxView(ListView[OutboxList, OutboxEntry]):
    """Entries that are neither sent nor cancelled, in queue order.

    Per chat first in, first out, one at a time. An entry that fails stays, and holds up those
    behind it until it is retried or cancelled. What may have reached the server before a connection
    ended is `unknown` until the event is found, or a search `in_doubt_wait` later has found that
    it is not there; then it is sent again (option `in_doubt`).
    """

    def __init__(self, outbox: Callable[[], Outbox] | None, *given: Any) -> None:
        super().__init__(*given)
        self._outbox = outbox

    def send_event(
        self,
        chat_id: str | None,
        event: SendableEvent | Mapping[str, Any],
        *,
        continuous: bool = True,
    ) -> Handle[Event]:
        """Queue an event and return at once, online or not: `await handle` has it delivered.

        It is sent as soon as its turn comes, in this run or a later one; an inactive chat is
        resumed with it. `chat_id` None: the customer's chat, which is started with it if there is
        none; until then it stands under a local id. `continuous=False`: don't start or resume a
        chat while nobody is online, wait. The outbox makes the `custom_id`.

        Raises InvalidArgumentError (what `sdk.send_event` refuses, events for agents only, a
        `custom_id` of your own that was used before), OutboxFullError, NoConnectionError before
        `open()`, SDKDestroyedError. Customer Chat API 3.5, send_event, start_chat, resume_chat.
        """
        return self._who().send_event(chat_id, event, continuous)

    def mark_events_as_seen(self, chat_id: str, seen_up_to: str) -> Handle[Success]:
        """Queue a seen mark (an event's `created_at`); it goes before the messages of its chat, and
        is dropped if the customer has seen more by then. Raises as `send_event`.

        Customer Chat API 3.5, mark_events_as_seen.
        """
        return self._who().mark_events_as_seen(chat_id, seen_up_to)

    def handle(self, custom_id: str) -> Handle[Event | Success]:
        """The handle of an entry, also of one that an earlier run queued. Raises
        InvalidArgumentError if the outbox holds none of this custom id."""
        return self._who().handle(custom_id)

    def _who(self) -> Outbox:
        if self._outbox is None:
            raise NoConnectionError("A replay sends nothing.")
        return self._outbox()
