"""Whatever happens, in whatever order: no request hangs, none is settled twice, nothing is left.

Hypothesis plays the network, the server, the app, the clock and the log against one session.
"""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from transport_kit import World, push, refusal, response, token

from livechat_customer.errors import (
    ConnectionLostError,
    LogFullError,
    NotSentError,
    OutcomeUnknownError,
)
from livechat_customer.transport import inputs, outputs
from livechat_customer.transport.outputs import Failed, Output
from livechat_customer.transport.reasons import EFFECTS

REASONS = st.sampled_from([*EFFECTS, "internal_error", "connection_evicted", "new one"])
ACTIONS = st.sampled_from(["send_event", "start_chat", "get_chat", "deactivate_chat"])
ERRORS = st.sampled_from(["not_found", "internal", "request_timeout", "new one"])


class Anything(RuleBasedStateMachine):
    """A session, and a server that answers what it was sent, or does not."""

    @initialize(limit=st.integers(2, 10), queue=st.integers(0, 5))
    def start(self, limit: int, queue: int) -> None:
        self.world = World(in_flight_limit=limit, queue_limit=queue)
        self.limit = limit
        self.asked: set[str] = set()
        self.to_write: list[str] = []
        self.written: set[str] = set()
        self.at_server: dict[str, str] = {}
        self.reading = True
        self.open: int | None = None
        self.ever_opened: set[int] = set()

    def step(self, happened: inputs.Input) -> None:
        self.see(self.world.step(happened))

    def see(self, got: list[Output]) -> None:
        for out in got:
            match out:
                case outputs.OpenSocket(number):
                    assert self.open is None, "two sockets at once"
                    assert number not in self.ever_opened, "a number used twice"
                    self.ever_opened.add(number)
                    self.open = number
                case outputs.CloseSocket(number):
                    assert number == self.open
                    self.gone()
                case outputs.Send(number, request_id, action, _, loggable):
                    assert number == self.open
                    if not loggable:
                        # What the server answers while we do not read, it has answered.
                        if self.reading:
                            self.at_server[request_id] = action
                    elif action != "login":
                        self.to_write.append(request_id)
                        self.at_server[request_id] = action
                case _:
                    pass

    def gone(self) -> None:
        self.open = None
        self.at_server.clear()

    # The app

    @rule()
    def connect(self) -> None:
        self.step(inputs.Connect())

    @rule()
    def disconnect(self) -> None:
        self.step(inputs.Disconnect())

    @rule(action=ACTIONS, seconds=st.sampled_from([None, 1.0, 100.0]))
    def request(self, action: str, seconds: float | None) -> None:
        request_id = str(len(self.asked))
        self.asked.add(request_id)
        self.see(self.world.request(request_id, action, write=False, timeout=seconds))

    @precondition(lambda self: self.asked)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        self.step(inputs.Cancel(data.draw(st.sampled_from(sorted(self.asked)))))

    # The network and the providers

    @rule(refused=st.booleans())
    def token(self, refused: bool) -> None:
        if self.world.session.state == "token":
            ticket = self.world.token_asked().ticket
            self.step(
                inputs.TokenFailed(ticket, "no")
                if refused
                else inputs.TokenArrived(ticket, token())
            )

    @rule(fails=st.booleans())
    def opened(self, fails: bool) -> None:
        if self.world.session.state == "opening":
            assert self.open is not None
            number = self.open
            if fails:
                self.gone()
                self.step(inputs.OpenFailed(number, "refused"))
            else:
                self.step(inputs.Opened(number))

    @rule()
    def stale(self) -> None:
        """Tasks of a past attempt report late."""
        past = len(self.ever_opened) - 1
        if past > 0 and past != self.world.session.number:
            for late in (
                inputs.Opened(past),
                inputs.Closed(past, 1006),
                inputs.OpenFailed(past, ""),
            ):
                self.step(late)

    @precondition(lambda self: self.open is not None)
    @rule()
    def cut(self) -> None:
        if self.world.session.state in ("login", "connected"):
            assert self.open is not None
            number = self.open
            self.gone()
            self.step(inputs.Closed(number, 1006))

    @precondition(lambda self: self.to_write)
    @rule(all_of_them=st.booleans())
    def write(self, all_of_them: bool) -> None:
        count = len(self.to_write) if all_of_them else 1
        ready, self.to_write = self.to_write[:count], self.to_write[count:]
        for request_id in ready:
            if self.world.session.may_write(request_id):
                assert request_id not in self.world.outcomes, "settled, but still to be written"
                self.written.add(request_id)
                self.step(inputs.Written(request_id))

    # The server

    @rule(refused=st.booleans(), reason=REASONS)
    def login(self, refused: bool, reason: str) -> None:
        world = self.world
        if world.session.state == "login" and self.reading:
            self.see(world.sends_login())
            login_id = world.login_id()
            self.see(
                world.receive(
                    refusal(login_id, "login", reason) if refused else response(login_id, "login")
                )
            )

    def can_answer(self) -> bool:
        return bool(self.at_server) and self.reading and self.world.session.state == "connected"

    @precondition(can_answer)
    @rule(data=st.data(), error=st.none() | ERRORS)
    def answer(self, data: st.DataObject, error: str | None) -> None:
        request_id = data.draw(st.sampled_from(sorted(self.at_server)))
        if request_id not in self.written and not request_id.startswith("~"):
            return
        action = self.at_server.pop(request_id)
        frame = refusal(request_id, action, error) if error else response(request_id, action)
        self.see(self.world.receive(frame))

    @rule(data=st.data(), action=st.sampled_from(["incoming_event", "incoming_chat", "new one"]))
    def pushes(self, data: st.DataObject, action: str) -> None:
        if self.reading and self.world.session.state in ("login", "connected"):
            request_id = data.draw(st.none() | st.sampled_from(["unknown", *sorted(self.written)]))
            self.see(self.world.receive(push(action, {}, request_id)))

    @rule(reason=REASONS, region=st.sampled_from([None, "dal", "fra", "x"]))
    def disconnected(self, reason: str, region: str | None) -> None:
        if self.reading and self.world.session.state in ("login", "connected"):
            payload = {"reason": reason, "data": {"region": region}}
            self.see(self.world.receive(push("customer_disconnected", payload)))

    # Time and the log

    @rule(seconds=st.sampled_from([0.1, 1.0, 5.0, 16.0, 61.0]))
    def wait(self, seconds: float) -> None:
        self.see(self.world.advance(seconds))

    @rule(seconds=st.sampled_from([6.0, 600.0]))
    def away(self, seconds: float) -> None:
        self.world.now += seconds
        self.step(inputs.Awake(seconds))
        self.see(self.world.advance(0))

    @rule()
    def log_full_or_not(self) -> None:
        self.reading = not self.reading
        if not self.reading:
            # Pings' answers count as given from here on: they lie unread in the buffer.
            for request_id in [r for r in self.at_server if r.startswith("~")]:
                del self.at_server[request_id]
        self.step(inputs.ReadingResumed() if self.reading else inputs.ReadingStopped())

    @rule()
    def log_fails(self) -> None:
        self.step(inputs.LogFailed(LogFullError("full")))

    # The promises

    @invariant()
    def the_limit_is_kept(self) -> None:
        assert self.world.session.unanswered <= self.limit
        held = [r for r in self.at_server if r in self.written or r.startswith("~")]
        assert len(held) <= self.limit

    @invariant()
    def timers_only_while_something_goes_on(self) -> None:
        if self.world.session.state in ("offline", "paused", "destroyed"):
            assert not self.world.timers
            assert self.open is None
            assert self.asked == set(self.world.outcomes)

    @invariant()
    def not_sent_means_not_written(self) -> None:
        for request_id, outcome in self.world.outcomes.items():
            if isinstance(outcome, Failed) and isinstance(outcome.error, NotSentError):
                assert request_id not in self.written
            if isinstance(outcome, Failed) and isinstance(outcome.error, ConnectionLostError):
                assert isinstance(outcome.error, OutcomeUnknownError)
                assert request_id in self.written

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        self.step(inputs.Destroy())
        assert self.asked == set(self.world.outcomes), "a request hangs"
        assert not self.world.timers
        assert self.open is None
        assert self.world.advance(10_000) == []


TestAnything = Anything.TestCase


class Patient(Anything):
    """The same, but nobody ends it: time alone settles every request."""

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        for _ in range(200):
            self.see(self.world.advance(1))
        assert self.asked == set(self.world.outcomes), "a request hangs"


TestPatient = Patient.TestCase
