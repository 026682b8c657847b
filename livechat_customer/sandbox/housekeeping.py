"""What ends by itself as the server's clock goes on: logins not made, tokens, idle customers and
idle threads (protocol: timers; state rules, thread closing).

The connections' own timers see to the first two as well; this finds all of it at one look, so
that a test can let half an hour pass at once.
"""

from __future__ import annotations

from typing import Final

from livechat_customer.models.times import parse_us
from livechat_customer.sandbox.clock import SECOND
from livechat_customer.sandbox.connection import Connection
from livechat_customer.sandbox.hub import Hub
from livechat_customer.sandbox.limits import Limits
from livechat_customer.sandbox.pushes import Push
from livechat_customer.sandbox.router import ARCHIVE, route
from livechat_customer.sandbox.tokens import Tokens
from livechat_customer.sandbox.world import Chat, World

_MINUTE: Final = 60


def archive_idle_threads(world: World, limits: Limits) -> list[tuple[str, list[Push]]]:
    """Archives open threads in which nobody wrote for too long; (customer, pushes) of each."""
    now = world.clock.now()
    minutes = round(limits.archive_after / _MINUTE)
    return [
        (chat.customer_id, route(world, chat, ARCHIVE, "inactive", minutes=minutes))
        for chat in world.chats.values()
        if chat.open_thread is not None and _quiet(chat, now) >= limits.archive_after * SECOND
    ]


def end_connections(world: World, hub: Hub, tokens: Tokens, limits: Limits) -> None:
    """Disconnects whoever has no right to stay."""
    now = world.clock.now()
    for connection in hub.connections:
        reason = _reason(world, connection, tokens, limits, now)
        if reason is not None and not connection.ending:
            connection.disconnect(reason)


def _reason(
    world: World, connection: Connection, tokens: Tokens, limits: Limits, now: int
) -> str | None:
    customer = connection.customer
    if customer is None or connection.token is None:
        waited = now - connection.opened_at
        return "connection_timeout" if waited >= limits.login_window * SECOND else None
    if tokens.seconds_left(connection.token) <= 0:
        return "access_token_expired"
    chatting = any(chat.open_thread is not None for chat in world.chats_of(customer.id))
    if not chatting and now - customer.active_at >= limits.inactivity * SECOND:
        return "inactivity_timeout"
    return None


def _quiet(chat: Chat, now: int) -> int:
    """Microseconds since the last event of the open thread, or since its beginning."""
    thread = chat.threads[-1]
    last = max([thread.created_at, *(event["created_at"] for event in thread.events[-1:])])
    return now - parse_us(last)
