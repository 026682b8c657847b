"""The numbers a sandbox keeps to; the defaults are the API's (protocol: timers, limits)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes, times in seconds. A test shortens the times instead of waiting."""

    login_window: float = 30.0
    """From the opening of a connection to its login."""
    idle: float = 30.0
    """Without a frame from the client, a pong included, the connection is cut."""
    server_ping: float = 10.0
    """Period of the server's WebSocket control pings."""
    request_timeout: float = 15.0
    """A request that takes longer ends with `request_timeout`."""
    connections_per_customer: int | None = None
    """Beyond it a login ends with `too_many_connections`; the API's number is unpublished."""
    unauthorized_connections: int | None = None
    """Beyond it an opening ends with `too_many_unauthorized_connections`; unpublished, too."""
    online_customers: int | None = None
    """Beyond it a login fails with `users_limit_reached`; a plan's number."""
    pending_requests: int = 10
    """Unanswered requests of one connection."""
    text: int = 16_384
    """UTF-8 bytes of a message."""
    frame: int = 1_048_576
    """Bytes of one WebSocket message."""
    upload: int = 10 * 1024 * 1024
    """Bytes of an uploaded file."""
    unused_upload: float = 24 * 3_600.0
    """An uploaded file that no event uses is kept this long."""
    property_value: int = 16_384
    """UTF-8 bytes of a property's string."""
    inactivity: float = 1_800.0
    """Seconds on the server's clock without a chat and another page; then customers are cut."""
    archive_after: float = 1_800.0
    """An open thread in which nobody writes is archived after that, on the server's clock."""
    housekeeping: float = 30.0
    """How often the server looks for what is over."""
    session_fields: int = 100
    """Session fields of one customer."""
    chats_per_customer: int = 1
    token_lifetime: int = 28_800
    transfer_lifetime: int = 3_600
    """An identity transfer token is good this long."""
    live_tokens: int = 25
    """Of one customer and one app; the oldest makes room silently."""
    page_lifetime: float = 30 * 86_400.0
    """How long a `page_id` is good for."""
    unsent: int = 64 * 1_048_576
    """Characters queued for a connection that does not read; beyond it the connection is cut."""
    received: int = 10_000
    """Frames that `Sandbox.received` remembers."""
