"""What a session wants done: the outputs of `Session.handle(input, now)`, in their order.

The pump's duty, in short:

* Every received frame is posted to the log first, then fed.
* I/O outputs (`OpenSocket`, `CloseSocket`, `SetTimer`, `CancelTimer`, `FetchToken`, `BuildLogin`,
  and a `Send` that is not loggable) are done at once.
* `Fact` is posted to the log at once, in its place among the frames.
* What a user sees of `Fact` and `Settle` (events, views, resolved calls) waits until the last
  record posted before it is committed.

Nothing here is awaited inside `handle`'s caller: whatever takes time becomes a task that ends by
feeding an input.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

import msgspec

from livechat_customer.errors import CustomerSDKError
from livechat_customer.records import Record
from livechat_customer.transport.token import Token

TOKEN_TIMER: Final = "token"
CONNECT_TIMER: Final = "connect"
LOGIN_TIMER: Final = "login"
RETRY_TIMER: Final = "retry"
PING_TIMER: Final = "ping"
LIVENESS_TIMER: Final = "liveness"
REQUESTS_TIMER: Final = "requests"
STALL_TIMER: Final = "stall"

TIMERS: Final = frozenset(
    {
        TOKEN_TIMER,
        CONNECT_TIMER,
        LOGIN_TIMER,
        RETRY_TIMER,
        PING_TIMER,
        LIVENESS_TIMER,
        REQUESTS_TIMER,
        STALL_TIMER,
    }
)


class OpenSocket(msgspec.Struct, frozen=True):
    """Open a WebSocket to `region` (None: the default host).

    After this you must feed `Opened(number)`, then a `Frame` for each frame and one `Closed`; or
    `OpenFailed(number)`; or nothing more, once `CloseSocket(number)` was put out. `number` counts
    the stream's connections and is the `Record.connection` of all that travels on it.
    """

    number: int
    region: str | None


class CloseSocket(msgspec.Struct, frozen=True):
    """Close connection `number`, or stop opening it. The session has given it up already: it needs
    no `Closed`, and frames still read from it are posted as `late` and need not be fed.

    With `reset` the TCP connection is cut (SO_LINGER 0), so that nothing of ours still waiting in a
    buffer can reach the server later; without, `code` is the closing handshake's (close time-out
    2 s). Don't let anything wait for the end of it but `aclose()`.
    """

    number: int
    code: int = 1000
    reset: bool = False


class Send(msgspec.Struct, frozen=True):
    """Write `frame` to connection `number`.

    If `loggable`: post the request's record (`codec.redacted(action, frame)` as its payload, and
    `codec.routing_of_request` for its keys), await its commit, ask `Session.may_write(request_id)`;
    if it says no, drop it; else feed `Written(request_id)` and call `socket.send(frame)` in the
    same step. Keep request id -> (seq, chat, thread, args) for as long as the connection lasts
    (bounded): responses and pushes that carry the id get them, also after the request was settled.
    Records are posted and frames written in the order of these outputs.

    If not (ping): write it at once; no record, no `Written`, and its answer is not logged either.
    A failing write needs no input of its own: `Closed` follows.
    """

    number: int
    request_id: str
    action: str
    frame: bytes
    loggable: bool = True

    def __repr__(self) -> str:
        return (
            f"Send({self.number}, {self.request_id!r}, {self.action}, "
            f"frame=<{len(self.frame)} bytes>, loggable={self.loggable})"
        )


class SetTimer(msgspec.Struct, frozen=True):
    """Feed `TimerFired(name)` at `at` (seconds of the clock that `now` is of). One timer per name
    (see `TIMERS`): setting it again moves it."""

    name: str
    at: float


class CancelTimer(msgspec.Struct, frozen=True):
    """Forget the timer `name`."""

    name: str


class FetchToken(msgspec.Struct, frozen=True):
    """Get a token: `TokenSource.token()`, or with `fresh` `TokenSource.fresh_token()`.

    After this you must feed `TokenArrived(ticket)` or `TokenFailed(ticket)`; post an `http` record
    of the outcome, without the token, before.
    """

    ticket: int
    fresh: bool


class BuildLogin(msgspec.Struct, frozen=True):
    """Ask the app's `customer_data_provider`, build the payload with `login.login_payload`, and
    feed `LoginData(ticket)` or `LoginDataFailed(ticket)`. The login time-out is running."""

    ticket: int
    token: Token


class Fact(msgspec.Struct, frozen=True):
    """Post a `lifecycle` record: `action` (see `records`), `data` as a JSON object, `connection`.

    * `connecting`: `number`, `attempt` (1, 2 …; 1 again after a login), `region`;
    * `customer_id`: `customer_id`. Once per session, before its first `connected`;
    * `connected`: `number`, `region`. Right after the record of the login response;
    * `disconnected`: `number`, `reason`, `will`, `was_connected`; where there is one `error`
      {`code`, `message`, `data`}, `data` (of the push, as it came), `close_code`, and with
      "reconnect" `retry_in_ms`; `announced`, if `customer_disconnected` said so, or the login's
      error named another region;
    * `unstable`, `recovered`: `number`;
    * `destroyed`: `reason`, "manual" or the fatal one.

    `will` is what comes next: "reconnect" (by itself, after `retry_in_ms`), "pause" (a `Connect`
    works), "destroy" (a `destroyed` fact follows) or "none" (`disconnect()` was called). Calls of
    `connect()` resolve on `connected` and raise on a `disconnected` whose `will` is not
    "reconnect", and on `destroyed`. A `disconnected` with "reconnect" that is neither
    `was_connected` nor `announced` is a failed attempt: `last_error` of the connection view, no
    `disconnected` event.
    """

    action: str
    data: Mapping[str, object]
    connection: int = 0


class Response(msgspec.Struct, frozen=True):
    """The server's answer, a success; `record` is the one fed with its frame."""

    record: Record | None


class Push(msgspec.Struct, frozen=True):
    """The push that answers the request; `record` is the push's."""

    record: Record | None


class Unconfirmed(msgspec.Struct, frozen=True):
    """The server answered with success, `record`, and no push followed in time: resolve with what
    was sent plus the ids of the response, `confirmed=False`."""

    record: Record | None


class Failed(msgspec.Struct, frozen=True):
    """Raise `error`: a `ServerError`, or one of `NotSentError` (it was never written) or
    `OutcomeUnknownError` (it was)."""

    error: CustomerSDKError


class Cancelled(msgspec.Struct, frozen=True):
    """`Cancel` was fed. Nobody waits."""


Outcome: TypeAlias = Response | Push | Unconfirmed | Failed | Cancelled


class Settle(msgspec.Struct, frozen=True):
    """The fate of `Request(request_id)`, exactly once for each. Resolve its caller after the last
    record posted so far is committed."""

    request_id: str
    outcome: Outcome


Output: TypeAlias = (
    OpenSocket
    | CloseSocket
    | Send
    | SetTimer
    | CancelTimer
    | FetchToken
    | BuildLogin
    | Fact
    | Settle
)
