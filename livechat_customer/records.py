"""The log's one shape: a `Record` is one frame or fact of a stream, in the stream's one order.

Every room speaks through it: the store keeps it, the transport's frames become it, the
projections fold it.
"""

from __future__ import annotations

from typing import Final

import msgspec

REQUEST: Final = "request"
RESPONSE: Final = "response"
PUSH: Final = "push"
HTTP: Final = "http"
LIFECYCLE: Final = "lifecycle"
COMMAND: Final = "command"

KINDS: Final = frozenset({REQUEST, RESPONSE, PUSH, HTTP, LIFECYCLE, COMMAND})

OPENED: Final = "opened"
CONNECTING: Final = "connecting"
CONNECTED: Final = "connected"
DISCONNECTED: Final = "disconnected"
UNSTABLE: Final = "unstable"
RECOVERED: Final = "recovered"
DESTROYED: Final = "destroyed"
RESYNC_STARTED: Final = "resync_started"
"""`why` and `number`: the chats are asked for anew, on this connection."""
RESYNC_FINISHED: Final = "resync_finished"
"""`report`: a `ResyncReport`, also of one that was interrupted."""

RESYNC_ID: Final = "resync-"
"""How the ids of requests begin that a resync makes."""

UNPARSED: Final = "unparsed"
"""Action of a `push` record whose bytes no decoder takes; they are kept all the same."""


class Record(msgspec.Struct, frozen=True, gc=False):
    """One entry of a stream's log. The order of the fields is the order of the table's columns.

    `payload` holds bytes: of a `request`, `response` or `push` the whole frame as it travelled
    (secrets replaced), of an `http`, `lifecycle` or `command` record a JSON object of ours.
    """

    seq: int
    """1, 2, 3 … without gaps, per stream."""
    kind: str
    """One of `KINDS`."""
    connection: int
    """Number of the connection it belongs to, counted over the stream's whole life; 0: none."""
    action: str
    """The wire's action; of a `lifecycle` or `command` record the name of the fact."""
    request_id: str | None
    ref: int | None
    """Seq of the request that this answers (responses, and pushes that carry its id)."""
    chat_id: str | None
    """The chat it is about; of an answer that names none, the request's."""
    thread_id: str | None
    recorded_at: int
    """Microseconds since the epoch, UTC; never less than the record before."""
    api_version: str
    late: bool
    """It came after its connection had been recorded as ended: counts for join facts only."""
    args: bytes | None
    """Of an answer: those arguments of the request that it can't be understood without (the page,
    the event deleted, the button pressed, the mark set), a JSON object; else None."""
    payload: bytes

    @property
    def stamp(self) -> int:
        """What a register fact of this record is dated with.

        A push counts as of its own place in the log. An answer counts as of its request: the
        server read it at some moment after that, so whatever was pushed since may be newer.
        An answer whose request is unknown (stamp 0) never replaces anything.
        """
        if self.kind == RESPONSE:
            return self.ref or 0
        return self.seq


class StreamKey(msgspec.Struct, frozen=True):
    """What a stream is found by. `group_id` only where each group has identities of its own."""

    organization_id: str
    client_id: str
    group_id: int | None = None
    profile: str = "default"
