"""What a resync found: the payload of `resynced`, and of `sdk.sync`."""

from __future__ import annotations

from livechat_customer.models.base import Model


class OpenEnd(Model, frozen=True):
    """Something that a resync could not settle."""

    chat_id: str
    """Empty: the list of the chats, which was refused, or has no end within bounds (`gap`)."""
    thread_id: str | None = None
    why: str = ""
    """`gap`: older threads are missing before this one; `partial`: an answer lacks what was known
    before; `too_large`; `refused`: the server's error."""


class ResyncReport(Model, frozen=True):
    """What was asked after a login, and what came of it."""

    why: str = ""
    """`login`, `resync` (asked for by the app) or `deep`."""
    connection: int = 0
    calls: int = 0
    """Requests made."""
    chats: int = 0
    threads: int = 0
    """Threads shown whole by the answers."""
    found: int = 0
    """Events that were not known before."""
    duplicate: int = 0
    """Events that were known as they are."""
    updated: int = 0
    """Events known otherwise: edited, with other properties, or deleted meanwhile."""
    unresolved: tuple[OpenEnd, ...] = ()
    verdict: str = "complete"
    """`complete`; `gaps`: see `unresolved`; `interrupted`: the connection ended, the next login
    begins anew."""
    started_at: int = 0
    finished_at: int = 0
    """µs since the epoch."""
