"""A world of plain data around a session: virtual time, timers, and what became of each request."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import msgspec

from livechat_customer.records import PUSH, RESPONSE, Record
from livechat_customer.transport import inputs, outputs
from livechat_customer.transport.codec import ANSWERED_BY, decode_frame
from livechat_customer.transport.config import SessionConfig
from livechat_customer.transport.inputs import Input
from livechat_customer.transport.outputs import Fact, Outcome, Output
from livechat_customer.transport.session import Session
from livechat_customer.transport.token import Token

CUSTOMER = "5f0c1d2e-7a40-4b1f-9c55-0d7e4f3a9b21"
SECRET = "dal:a-secret-token"


def token(entity_id: str = CUSTOMER, **given: Any) -> Token:
    fields: dict[str, Any] = {"access_token": SECRET, "creation_date": 0}
    return Token(entity_id=entity_id, **(fields | given))


def no_jitter() -> float:
    """With 0 the back-off is its plain curve."""
    return 0.0


def response(
    request_id: str | None, action: str, payload: object = None, *, success: bool = True
) -> bytes:
    """A response frame as the server sends it."""
    return json.dumps(
        {
            "request_id": request_id,
            "action": action,
            "type": "response",
            "success": success,
            "payload": payload if payload is not None else {},
        }
    ).encode()


def refusal(request_id: str, action: str, error: str, data: object = None) -> bytes:
    """A failed response."""
    found: dict[str, object] = {"type": error, "message": f"It is {error}."}
    if data is not None:
        found["data"] = data
    return response(request_id, action, {"error": found}, success=False)


def push(action: str, payload: object = None, request_id: str | None = None) -> bytes:
    """A push frame."""
    frame: dict[str, object] = {
        "version": "3.5",
        "action": action,
        "type": "push",
        "payload": payload if payload is not None else {},
    }
    if request_id is not None:
        frame["request_id"] = request_id
    return json.dumps(frame).encode()


class World:
    """A session, its clock and its timers; checks the machine's promises as it goes.

    `step` feeds one input; `advance` lets time pass and timers fire in their order.
    """

    def __init__(self, **config: Any) -> None:
        self.config = SessionConfig(**config)
        self.session = Session(self.config, no_jitter)
        self.now = 1_000.0
        self.timers: dict[str, float] = {}
        self.outcomes: dict[str, Outcome] = {}
        self.history: list[Output] = []
        self.seq = 0

    # Feeding

    def step(self, happened: Input) -> list[Output]:
        return self.apply(self.session.handle(happened, self.now))

    def advance(self, seconds: float) -> list[Output]:
        """Let `seconds` pass."""
        end = self.now + seconds
        got: list[Output] = []
        while self.timers:
            name, at = min(self.timers.items(), key=lambda item: item[1])
            if at > end:
                break
            self.now = max(self.now, at)
            del self.timers[name]
            got += self.step(inputs.TimerFired(name))
        self.now = end
        return got

    def receive(self, frame: bytes, number: int | None = None) -> list[Output]:
        """A frame arrives on the current connection, or on connection `number`."""
        envelope = decode_frame(frame)
        number = self.session.number if number is None else number
        return self.step(inputs.Frame(number, envelope, self.record(frame)))

    def record(self, frame: bytes) -> Record:
        self.seq += 1
        envelope = decode_frame(frame)
        return Record(
            seq=self.seq,
            kind=RESPONSE if envelope.kind == RESPONSE else PUSH,
            connection=self.session.number,
            action=envelope.action,
            request_id=envelope.request_id,
            ref=None,
            chat_id=None,
            thread_id=None,
            recorded_at=0,
            api_version="3.5",
            late=False,
            args=None,
            payload=frame,
        )

    def apply(self, got: Sequence[Output]) -> list[Output]:
        for output in got:
            if isinstance(output, outputs.SetTimer):
                assert output.name in outputs.TIMERS
                self.timers[output.name] = output.at
            elif isinstance(output, outputs.CancelTimer):
                del self.timers[output.name]
            elif isinstance(output, outputs.Settle):
                assert output.request_id not in self.outcomes, "settled twice"
                self.outcomes[output.request_id] = output.outcome
        assert self.session.timers == len(self.timers)
        self.history += got
        return list(got)

    # Stories

    def token_asked(self) -> outputs.FetchToken:
        """The last token asked for."""
        return [out for out in self.history if isinstance(out, outputs.FetchToken)][-1]

    def token_arrives(self, entity_id: str = CUSTOMER) -> list[Output]:
        return self.step(inputs.TokenArrived(self.token_asked().ticket, token(entity_id)))

    def opens(self) -> list[Output]:
        return self.step(inputs.Opened(self.session.number))

    def sends_login(self) -> list[Output]:
        asked = [out for out in self.history if isinstance(out, outputs.BuildLogin)][-1]
        return self.step(inputs.LoginData(asked.ticket, b'{"token":"x"}'))

    def login_id(self) -> str:
        return f"~login-{self.session.number}"

    def logs_in(self) -> list[Output]:
        return self.receive(response(self.login_id(), "login"))

    def attempts(self, until: str = "connected") -> World:
        """From a fetched token on, as far as `until`."""
        for state, step in (
            ("token", self.token_arrives),
            ("opening", self.opens),
            ("login", self.sends_login),
            ("connected", self.logs_in),
        ):
            if self.session.state == until:
                if until == "login":
                    self.sends_login()
                break
            assert self.session.state in (state, "login")
            step()
        assert self.session.state == until
        return self

    def connects(self, until: str = "connected") -> World:
        self.step(inputs.Connect())
        return self.attempts(until)

    def request(
        self, request_id: str, action: str = "get_customer", *, write: bool = True, **given: Any
    ) -> list[Output]:
        """A request; with `write` it reaches the socket at once, if it is sent at once."""
        given.setdefault("answered_by_push", ANSWERED_BY.get(action))
        got = self.step(inputs.Request(request_id, action, b"{}", **given))
        if write:
            self.write(got)
        return got

    def write(self, got: Sequence[Output]) -> None:
        """Do what the pump does with the sends among `got`."""
        for out in got:
            if isinstance(out, outputs.Send) and out.loggable:
                assert self.session.may_write(out.request_id)
                self.step(inputs.Written(out.request_id))

    # What came of it

    def error(self, request_id: str) -> Exception:
        outcome = self.outcomes[request_id]
        assert isinstance(outcome, outputs.Failed)
        return outcome.error

    def facts(self, action: str | None = None) -> list[Fact]:
        found = [out for out in self.history if isinstance(out, Fact)]
        return [fact for fact in found if action is None or fact.action == action]

    def pings(self) -> int:
        return sum(isinstance(out, outputs.Send) and out.action == "ping" for out in self.history)


def kinds(got: Sequence[Output]) -> list[str]:
    """The outputs in short: `Fact(connected)`, `Settle(1)`, `SetTimer(ping)` …"""
    return [_short(out) for out in got]


def _short(out: Output) -> str:
    match out:
        case outputs.Fact():
            word = out.action
        case outputs.Settle():
            word = f"{out.request_id} {type(out.outcome).__name__}"
        case outputs.SetTimer() | outputs.CancelTimer():
            word = out.name
        case outputs.Send():
            word = out.action
        case outputs.CloseSocket():
            word = f"{out.number}{' reset' if out.reset else ''}"
        case outputs.OpenSocket():
            word = f"{out.number} {out.region}"
        case outputs.FetchToken():
            word = "fresh" if out.fresh else ""
        case outputs.BuildLogin():
            word = ""
    return f"{type(out).__name__}({word})"


def plain(value: object) -> Any:
    """As JSON would give it."""
    return json.loads(msgspec.json.encode(value))
