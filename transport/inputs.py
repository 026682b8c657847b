"""What can happen to a session: the inputs of `Session.handle(input, now)`.

Plain frozen structs. `now` beside them is seconds of a monotonic clock. An input about a socket
names the connection by its number, one about a token by its ticket: what is late (of a socket
that was given up, of a fetch that nobody waits for any more) is ignored, so the pump may feed
every event of every task it started, in the order in which they happen.

Reprs show neither tokens nor what customers write.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from livechat_customer.errors import LogError
from livechat_customer.records import Record
from livechat_customer.transport.envelope import Envelope
from livechat_customer.transport.token import Token


class Connect(msgspec.Struct, frozen=True):
    """`connect()` was called. Idempotent: connecting or connected, nothing happens; while waiting
    to reconnect, it is done at once; offline or paused, connecting starts; destroyed, nothing."""


class Disconnect(msgspec.Struct, frozen=True):
    """`disconnect()` or `aclose()` was called: offline until the next `Connect`, whatever was going
    on. Every request is settled and no timer is left when `handle` returns."""


class Drop(msgspec.Struct, frozen=True):
    """Connection `number`, on which we are logged in, is not to be trusted any more: it is cut with
    a reset, so that nothing written reaches the server later, and made anew after the back-off.
    `message` says why, in one line."""

    number: int
    message: str


class Destroy(msgspec.Struct, frozen=True):
    """`destroy()` was called. Final: every request is settled and no timer is left when `handle`
    returns, and every later request ends with `SDKDestroyedError`."""


class Opened(msgspec.Struct, frozen=True):
    """The socket of `OpenSocket(number)` is open."""

    number: int


class OpenFailed(msgspec.Struct, frozen=True):
    """The socket of `OpenSocket(number)` could not be opened.

    `error` is one line without secrets. `final`: trying again can't help (a certificate that is
    not trusted, a wrong URL): the session pauses instead of retrying.
    """

    number: int
    error: str
    final: bool = False


class Frame(msgspec.Struct, frozen=True):
    """A frame was read from connection `number`.

    Feed it right after posting its record to the log, which is then given back in the outcomes
    that rest on it; `record` is None for what is not logged (the answer to a ping).
    Frames for which `Session.push_is_plain` holds need not be fed: call `Session.alive` instead.
    """

    number: int
    envelope: Envelope
    record: Record | None = None


class Closed(msgspec.Struct, frozen=True):
    """Connection `number` ended, by whichever side. After the last of its frames was fed."""

    number: int
    code: int
    """WebSocket close code; 1006 where the connection was cut."""
    reason: str = ""
    clean: bool = False
    """The closing handshake was made."""


class TimerFired(msgspec.Struct, frozen=True):
    """The timer `name` of the last `SetTimer(name)` came due."""

    name: str


class TokenArrived(msgspec.Struct, frozen=True):
    """The token of `FetchToken(ticket)`. Of the first one, bind the stream to its `entity_id`
    before feeding this: the next outputs belong to that customer."""

    ticket: int
    token: Token


class TokenFailed(msgspec.Struct, frozen=True):
    """`FetchToken(ticket)` failed.

    `code` and `reason` as in `AuthError`. With `retryable` it is tried again with back-off;
    else an `SSO_…` code destroys the session and any other pauses it.
    """

    ticket: int
    message: str
    code: str = "SSO_OAUTH_EXCEPTION"
    reason: str = ""
    retryable: bool = True


class LoginData(msgspec.Struct, frozen=True):
    """The payload of `BuildLogin(ticket)`, made with `login.login_payload`: a JSON object."""

    ticket: int
    payload: bytes

    def __repr__(self) -> str:
        return f"LoginData(ticket={self.ticket}, payload=<{len(self.payload)} bytes>)"


class LoginDataFailed(msgspec.Struct, frozen=True):
    """The app's `customer_data_provider` raised for `BuildLogin(ticket)`: tried again with
    back-off, and shown as `CUSTOMER_DATA_PROVIDER`."""

    ticket: int
    message: str


class Request(msgspec.Struct, frozen=True):
    """A request of ours, to be settled by exactly one `Settle`.

    `request_id` is new for this session and does not start with "~" (else `ValueError`).
    `timeout` is in seconds and counts from `Written`; None: the session's default.
    `answered_by_push` is the push that resolves it, see `codec.ANSWERED_BY`.
    """

    request_id: str
    action: str
    payload: bytes
    timeout: float | None = None
    answered_by_push: str | None = None
    version: str | None = None

    def __repr__(self) -> str:
        return f"Request({self.request_id!r}, {self.action}, payload=<{len(self.payload)} bytes>)"


class Written(msgspec.Struct, frozen=True):
    """The frame of `Send(request_id)` is being handed to the socket: feed it right *before*
    calling `socket.send`, in the same step of the loop. From here on the outcome is unknown until
    the answer, and the request's time-out runs."""

    request_id: str


class Cancel(msgspec.Struct, frozen=True):
    """Nobody waits for this request any more. It is settled as `Cancelled`; a request that was not
    `Written` is never sent, one that was keeps its slot until the answer."""

    request_id: str


class ReadingStopped(msgspec.Struct, frozen=True):
    """The log is full, the pump reads no more frames. May come in any state."""


class ReadingResumed(msgspec.Struct, frozen=True):
    """The log has room again, the pump reads on."""


class Awake(msgspec.Struct, frozen=True):
    """This process was away for `seconds` that the monotonic clock did not count or during which
    the loop did not run (the machine slept, the process was stopped). The connection is checked at
    once, a pending reconnect is made at once."""

    seconds: float = 0.0


class LogFailed(msgspec.Struct, frozen=True):
    """The log failed: the session pauses until the next `Connect`, all requests end with `error`.
    Nothing can be appended, so there is no `Fact` for it."""

    error: LogError


Input: TypeAlias = (
    Connect
    | Disconnect
    | Drop
    | Destroy
    | Opened
    | OpenFailed
    | Frame
    | Closed
    | TimerFired
    | TokenArrived
    | TokenFailed
    | LoginData
    | LoginDataFailed
    | Request
    | Written
    | Cancel
    | ReadingStopped
    | ReadingResumed
    | Awake
    | LogFailed
)
