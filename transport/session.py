"""The session machine: what happened goes in, what is to be done comes out.

Pure: no socket, no clock, no event loop. `handle(input, now)` gives the outputs that one input
causes, in the order in which they are to be carried out; what each of them asks of its caller
stands in `outputs`. The life of a session:

    offline ─Connect─▶ token ─▶ opening ─▶ login ─▶ connected
       ▲                 │          │         │         │
    paused ◀── pause ────┴──────────┴─────────┴─────────┤        destroyed ◀── destroy
       ▲                                                ▼
       └─ Disconnect ──────────────────────────────── waiting ──▶ token …

The token comes before the socket: a slow or refusing token endpoint then holds no connection open
that the server would count as unauthorized. Every way out of an attempt or a connection goes
through `_end`, so that none forgets a request or a timer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, assert_never

from livechat_customer.errors import (
    ConnectionLostError,
    LogError,
    NoConnectionError,
    SDKDestroyedError,
)
from livechat_customer.records import (
    CONNECTED,
    CONNECTING,
    DESTROYED,
    DISCONNECTED,
    RECOVERED,
    UNSTABLE,
)
from livechat_customer.transport import ending, inputs, outputs
from livechat_customer.transport.attempt import Attempt
from livechat_customer.transport.codec import encode_request
from livechat_customer.transport.config import SessionConfig
from livechat_customer.transport.deadlines import Deadlines
from livechat_customer.transport.ending import Ending
from livechat_customer.transport.envelope import Envelope
from livechat_customer.transport.inputs import Frame, Input
from livechat_customer.transport.liveness import Liveness, Verdict
from livechat_customer.transport.outputs import Fact, Output
from livechat_customer.transport.reasons import (
    CONNECT_FAILED,
    CUSTOMER_DATA_PROVIDER,
    LOG_STALLED,
    LOGIN_TIMEOUT,
    MANUAL,
    TOKEN_FAILED,
    Effect,
    lost_code,
)
from livechat_customer.transport.requests import Requests
from livechat_customer.transport.retry import Retry
from livechat_customer.transport.token import Token

OFFLINE: Final = "offline"
TOKEN: Final = "token"
OPENING: Final = "opening"
LOGIN: Final = "login"
ONLINE: Final = "connected"
WAITING: Final = "waiting"
PAUSED: Final = "paused"
GONE: Final = "destroyed"

_ACTIVE: Final = frozenset({TOKEN, OPENING, LOGIN, ONLINE})
_WITH_SOCKET: Final = frozenset({OPENING, LOGIN, ONLINE})

_STATE_AFTER: Final = {Effect.PAUSE: PAUSED, Effect.DESTROY: GONE}
"""After any other effect: waiting to reconnect."""

CUSTOMER_ID: Final = "customer_id"
CUSTOMER_DISCONNECTED: Final = "customer_disconnected"


class Session:
    """One customer's session, over as many connections as it takes.

    `random` gives numbers in [0, 1) for the jitter of the back-off.
    """

    def __init__(self, config: SessionConfig, random: Callable[[], float]) -> None:
        self._config = config
        self._state = OFFLINE
        self._stopped = False
        self._held = False
        self._last_words: list[Fact] = []
        self._untold: list[Fact] = []
        self._out: list[Output] = []
        self._attempt = Attempt(config)
        self._deadlines = Deadlines()
        self._retry = Retry(config, random)
        self._requests = Requests(config, self._deadlines)
        self._liveness = Liveness(config, self._deadlines, self._requests)

    @property
    def state(self) -> str:
        """offline, token, opening, login, connected, waiting, paused or destroyed."""
        return self._state

    @property
    def number(self) -> int:
        """Number of the connection that is open or being opened; 0: none. A frame of any other
        is late."""
        return self._attempt.number if self._state in _WITH_SOCKET else 0

    @property
    def newest(self) -> int:
        """Number of the newest attempt, over or not."""
        return self._attempt.number

    @property
    def settled(self) -> bool:
        """A login succeeded in this session, so that it is one customer's for good."""
        return self._attempt.settled

    @property
    def region(self) -> str | None:
        """`dal` or `fra`, as the options or a server named it last; None: the default host."""
        return self._attempt.region

    @property
    def timers(self) -> int:
        """How many timers are set."""
        return len(self._deadlines)

    @property
    def unanswered(self) -> int:
        """Requests and pings that the server may still count against its limit."""
        return self._requests.unanswered

    def push_is_plain(self, envelope: Envelope) -> bool:
        """This frame means nothing to the session but that the peer is alive: no need to feed it,
        `alive` is enough."""
        return (
            envelope.type != "response"
            and (envelope.request_id is None or envelope.request_id not in self._requests)
            and envelope.action != CUSTOMER_DISCONNECTED
        )

    def alive(self, now: float) -> Sequence[Output]:
        """A frame of the current connection came for which `push_is_plain` holds. Carry out the
        outputs; mostly there are none."""
        if not self._liveness.heard():
            return ()
        self._out = []
        self._recovered()
        return self._out

    def may_write(self, request_id: str) -> bool:
        """The frame of this `Send` is still to be written: its connection is the current one, and
        nobody cancelled it."""
        if request_id == self._attempt.login_id:
            return self._state == LOGIN
        return self._requests.may_write(request_id)

    def handle(self, happened: Input, now: float) -> Sequence[Output]:
        """What `happened` at `now` (monotonic seconds) causes. Carry out the outputs in order,
        before the next call. Raises `ValueError` for a request id that is in use."""
        out: list[Output] = []
        self._out = out
        match happened:
            case Frame():
                self._on_frame(happened, now)
            case inputs.Request():
                self._requests.submit(out, happened, now)
            case inputs.Written(request_id):
                self._requests.written(out, request_id, now)
            case inputs.Cancel(request_id):
                self._requests.cancel(out, request_id, now)
            case inputs.TimerFired(name):
                due = self._deadlines.fired(name, now)
                if due is not None:
                    self._on_timer(name, max(now, due))
            case inputs.Connect():
                self._on_connect(now)
            case inputs.Disconnect():
                if self._state in _ACTIVE or self._state == WAITING:
                    self._end(Ending(reason=MANUAL, effect=Effect.PAUSE), now)
            case inputs.Drop(number, message):
                if self._state == ONLINE and number == self.number:
                    self._end(ending.lost(message), now)
            case inputs.Destroy():
                self._on_destroy()
            case inputs.TokenArrived(ticket, token):
                if self._waits_for(TOKEN, ticket):
                    self._on_token(token, now)
            case inputs.TokenFailed(ticket):
                if self._waits_for(TOKEN, ticket):
                    self._end(ending.by_token(happened), now)
            case inputs.Opened(number):
                if self._state == OPENING and number == self.number:
                    self._on_opened(now)
            case inputs.OpenFailed(number):
                if self._state == OPENING and number == self.number:
                    self._end(ending.by_open_failure(happened), now)
            case inputs.Closed(number):
                if number == self.number:
                    self._end(ending.by_close(happened), now)
            case inputs.LoginData(ticket, payload):
                if self._waits_for(LOGIN, ticket):
                    self._send_login(payload)
            case inputs.LoginDataFailed(ticket, message):
                if self._waits_for(LOGIN, ticket):
                    self._end(ending.by_login_step(CUSTOMER_DATA_PROVIDER, message), now)
            case inputs.ReadingStopped():
                self._on_reading_stopped(now)
            case inputs.ReadingResumed():
                self._on_reading_resumed(now)
            case inputs.Awake(seconds):
                self._on_awake(seconds, now)
            case inputs.LogFailed(error):
                self._on_log_failed(error)
            case _:
                assert_never(happened)
        return out

    # Connecting

    def _on_connect(self, now: float) -> None:
        if self._state in (OFFLINE, PAUSED):
            self._attempt.count = 0
            self._begin(now)
        elif self._state == WAITING:
            self._begin(now)
        elif self._state == GONE:
            # The log failed before it had them: whoever connects must hear of the end.
            self._out += self._untold
            self._untold = []

    def _begin(self, now: float) -> None:
        """Start an attempt; while the log is full, wait for room in it instead."""
        self._cancel(outputs.RETRY_TIMER)
        self._held = self._stopped
        if self._held:
            self._state = WAITING
            return
        self._state = TOKEN
        attempt = self._attempt
        attempt.begin()
        self._fact(CONNECTING, number=attempt.number, attempt=attempt.count, region=self._region)
        self._set(outputs.TOKEN_TIMER, now + self._config.token_timeout)
        self._out.append(outputs.FetchToken(attempt.ticket, attempt.fresh))

    def _waits_for(self, state: str, ticket: int) -> bool:
        return self._state == state and ticket == self._attempt.ticket

    def _on_token(self, token: Token, now: float) -> None:
        self._cancel(outputs.TOKEN_TIMER)
        known = self._attempt.customer_id
        if not self._attempt.identify(token):
            self._end(ending.by_identity(), now)
            return
        if known != token.entity_id:
            self._fact(CUSTOMER_ID, customer_id=token.entity_id)
        self._state = OPENING
        self._set(outputs.CONNECT_TIMER, now + self._config.connect_timeout)
        self._out.append(outputs.OpenSocket(self._attempt.number, self._attempt.region))

    def _on_opened(self, now: float) -> None:
        token = self._attempt.token
        assert token is not None
        self._cancel(outputs.CONNECT_TIMER)
        self._retry.opened()
        self._state = LOGIN
        if not self._stopped:
            self._set(outputs.LOGIN_TIMER, now + self._config.login_timeout)
        self._out.append(outputs.BuildLogin(self._attempt.ticket, token))

    def _send_login(self, payload: bytes) -> None:
        login_id = self._attempt.login_id
        frame = encode_request(login_id, "login", payload, self._config.api_version)
        self._out.append(outputs.Send(self._attempt.number, login_id, "login", frame))

    def _on_login_answer(self, envelope: Envelope, now: float) -> None:
        if not envelope.success:
            self._end(ending.by_login_error(envelope), now)
            return
        self._cancel(outputs.LOGIN_TIMER)
        self._state = ONLINE
        self._attempt.count = 0
        self._attempt.settled = True
        self._retry.logged_in(now)
        self._requests.start(self._attempt.number)
        self._liveness.start(self._out, now)
        self._fact(CONNECTED, number=self._attempt.number, region=self._region)

    # Frames and timers

    def _on_frame(self, frame: Frame, now: float) -> None:
        if frame.number != self.number or self._state == OPENING:
            return
        envelope = frame.envelope
        if self._liveness.heard():
            self._recovered()
        if envelope.type != "response":
            if envelope.action == CUSTOMER_DISCONNECTED:
                self._end(ending.by_push(envelope), now)
            else:
                self._requests.pushed(self._out, envelope, frame.record)
        elif envelope.request_id != self._attempt.login_id:
            self._requests.responded(self._out, envelope, frame.record, now)
        elif self._state == LOGIN:
            self._on_login_answer(envelope, now)

    def _recovered(self) -> None:
        self._liveness.recovered(self._out)
        self._fact(RECOVERED, number=self._attempt.number)

    def _on_timer(self, name: str, now: float) -> None:
        match name:
            case outputs.RETRY_TIMER:
                self._begin(now)
            case outputs.TOKEN_TIMER:
                self._end(ending.by_login_step(TOKEN_FAILED, "No token came in time."), now)
            case outputs.CONNECT_TIMER:
                self._end(ending.lost("The socket did not open.", reason=CONNECT_FAILED), now)
            case outputs.LOGIN_TIMER:
                self._end(ending.by_login_step(LOGIN_TIMEOUT, "No answer to the login came."), now)
            case outputs.STALL_TIMER:
                trouble = "The log could not keep up: nothing was read for too long."
                self._end(ending.lost(trouble, reason=LOG_STALLED), now)
            case outputs.PING_TIMER:
                self._end_if(self._requests.zombie(now), now)
                if self._state == ONLINE:
                    self._liveness.ping(self._out, now, reading=not self._stopped)
            case outputs.LIVENESS_TIMER:
                self._on_silence(now)
            case _:
                self._end_if(self._requests.overdue(self._out, now), now)

    def _on_silence(self, now: float) -> None:
        verdict = self._liveness.silence(self._out, now)
        if verdict is Verdict.UNSTABLE:
            self._fact(UNSTABLE, number=self._attempt.number)
        elif verdict is Verdict.DEAD:
            self._end(ending.lost("The server has fallen silent."), now)

    # Our own absence

    def _on_reading_stopped(self, now: float) -> None:
        if self._stopped:
            return
        self._stopped = True
        if self._state in _ACTIVE:
            self._set(outputs.STALL_TIMER, now + self._config.stall_timeout)
            self._cancel(outputs.LOGIN_TIMER)
            self._liveness.deaf(self._out)
            self._requests.suspend(now)

    def _on_reading_resumed(self, now: float) -> None:
        if not self._stopped:
            return
        self._stopped = False
        self._cancel(outputs.STALL_TIMER)
        if self._held:
            self._begin(now)
            return
        self._requests.resume(self._out, now)
        self._listen_anew(now)

    def _on_awake(self, seconds: float, now: float) -> None:
        if self._state == WAITING:
            self._begin(now)
        elif self._state in _ACTIVE and not self._stopped:
            self._requests.postpone(self._out, now - seconds, now)
            self._listen_anew(now)
            if self._state == ONLINE:
                self._liveness.ping(self._out, now, reading=True)

    def _listen_anew(self, now: float) -> None:
        """What we did not hear until now may only not have been read: wait for it anew."""
        if self._state == LOGIN:
            self._set(outputs.LOGIN_TIMER, now + self._config.login_timeout)
        elif self._state == ONLINE:
            self._liveness.listen_anew(self._out, now)

    # Endings

    def _end(self, end: Ending, now: float) -> None:
        """The attempt or the connection is over: settle, tell, and go where `end` leads."""
        was_connected = self._state == ONLINE
        if not end.gone:
            self._close(end.reset)
        self._leave(_STATE_AFTER.get(end.effect, WAITING))
        self._retry.ended(now)
        if end.effect is Effect.FRESH_TOKEN:
            self._attempt.fresh = True
        elif end.effect is Effect.SWITCH_REGION:
            self._attempt.switch(end.named_region)
        delay = None
        if self._state == WAITING:
            delay = self._retry.delay(end.pace, now, was_connected)
        self._fact(DISCONNECTED, **end.fact(self._attempt.number, was_connected, delay))
        if self._state == GONE:
            self._fact(DESTROYED, reason=end.reason)
            self._last_words = [one for one in self._out if isinstance(one, Fact)]
        code = lost_code(end.reason)
        self._requests.end(
            self._out,
            lambda: ConnectionLostError(code=code),
            SDKDestroyedError if self._state == GONE else NoConnectionError,
        )
        if delay is not None:
            self._set(outputs.RETRY_TIMER, now + delay)

    def _end_if(self, unusable: str | None, now: float) -> None:
        if unusable is not None:
            self._end(ending.lost(unusable), now)

    def _on_destroy(self) -> None:
        if self._state == GONE:
            return
        self._close(reset=False)
        self._leave(GONE)
        self._fact(DESTROYED, reason=MANUAL)
        self._requests.end(self._out, ConnectionLostError.by_destroy, SDKDestroyedError)

    def _on_log_failed(self, error: LogError) -> None:
        """Nothing can be recorded, so nothing may be shown or sent."""
        if self._state in (OFFLINE, GONE):
            self._untold = self._last_words
            return
        self._close(reset=True)
        self._leave(PAUSED)
        self._requests.fail(self._out, error)

    def _close(self, reset: bool) -> None:
        """Give up the socket, if there is one. With requests under way it is cut, so that none of
        them reaches the server after we have called its outcome unknown."""
        if self._state in _WITH_SOCKET:
            cut = reset or self._requests.any_written
            self._out.append(outputs.CloseSocket(self._attempt.number, 1000, cut))

    def _leave(self, state: str) -> None:
        self._deadlines.clear(self._out)
        self._liveness.stop()
        self._held = False
        self._state = state

    # Outputs

    @property
    def _region(self) -> str:
        return self._attempt.region or "dal"

    def _set(self, name: str, at: float) -> None:
        self._deadlines.set(self._out, name, at)

    def _cancel(self, name: str) -> None:
        self._deadlines.cancel(self._out, name)

    def _fact(self, action: str, **data: object) -> None:
        self._out.append(Fact(action, data, self._attempt.number))
