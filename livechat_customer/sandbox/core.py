"""Everything one sandbox consists of, without the network: state, connections, faults, timers."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from livechat_customer.sandbox.broken_answers import BrokenAnswers
from livechat_customer.sandbox.callbacks import Callbacks
from livechat_customer.sandbox.clock import ServerClock
from livechat_customer.sandbox.connection import Connection
from livechat_customer.sandbox.faults import Fault, Faults
from livechat_customer.sandbox.housekeeping import archive_idle_threads, end_connections
from livechat_customer.sandbox.hub import Hub
from livechat_customer.sandbox.ids import Ids
from livechat_customer.sandbox.limits import Limits
from livechat_customer.sandbox.paging import Pager
from livechat_customer.sandbox.pushes import Push
from livechat_customer.sandbox.tenant import Tenant
from livechat_customer.sandbox.timers import Timers
from livechat_customer.sandbox.tokens import Tokens
from livechat_customer.sandbox.uploads import Uploads
from livechat_customer.sandbox.watch import Watch
from livechat_customer.sandbox.wire_json import JsonObject
from livechat_customer.sandbox.world import World


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it arrived. The frame, with its tokens and texts, is kept out of the repr."""

    connection: int
    """The connection's number; 0: over HTTP."""
    customer_id: str | None
    action: str
    """The action; `token` for a token call; empty when the frame could not be read."""
    request_id: str | None
    frame: JsonObject = field(repr=False)
    """The whole frame; of an HTTP request its body."""

    @property
    def payload(self) -> JsonObject:
        """The arguments of the request."""
        return self.frame if self.connection == 0 else self.frame.get("payload") or {}


class Core:
    """The parts, and what needs several of them at once."""

    def __init__(
        self,
        *,
        seed: int | None,
        clock: Callable[[], int] | None,
        limits: Limits,
        strict: bool,
        region: str | None = None,
        redirect_uris: Iterable[str] = (),
    ) -> None:
        self.limits = limits
        self.strict = strict
        self.origin = ""
        """Where the server listens, such as `http://127.0.0.1:8000`."""
        self.watch = Watch()
        self.timers = Timers()
        self.faults = Faults(self.watch.notify)
        self.broken = BrokenAnswers(self.faults)
        self.hub = Hub(self.faults)
        self.callbacks = Callbacks(self.watch.notify)
        self._keeps_house = False
        self.received: deque[Received] = deque(maxlen=limits.received)
        self.on_customer_pushes: Callable[[str, Iterable[Push]], None] | None = None
        """Told what a customer's request caused, after it was delivered: the bot listens here."""
        self._seed = seed
        self._region = region
        self._redirect_uris = tuple(redirect_uris)
        self._source = clock
        identity = Ids(seed)
        self.organization_id = identity.uuid("organization")
        self.client_id = identity.hexadecimal("client", 32)
        self._fill()

    def _fill(self) -> None:
        ids = Ids(self._seed)
        self._clock = ServerClock(self._source)
        self.world = World(ids, self._clock)
        self.world.tenant = Tenant(self._region, self._redirect_uris)
        self.tokens = Tokens(self.world, self.limits.live_tokens)
        self.uploads = Uploads(ids, self._clock.now, self.limits)
        self.uploads.origin = self.origin
        self.pager = Pager(self._clock.now, self.limits.page_lifetime)

    def reset(self) -> None:
        """An empty server, as it was at its start; every connection is cut."""
        for connection in self.hub.connections:
            connection.cut()
            self.hub.leave(connection)
        self.timers.clear()
        self._keeps_house = False
        self.faults.clear()
        self.broken.clear()
        self.received.clear()
        self.callbacks.clear()
        self._fill()
        self.watch.notify()

    def knows(self, organization_id: str | None) -> bool:
        """Whether there is such an organization: any, unless the sandbox is strict."""
        return bool(organization_id) and (
            not self.strict or organization_id == self.organization_id
        )

    def wind_down(self) -> None:
        """Nothing happens by itself any more, nobody is kept waiting."""
        self.timers.clear()
        self._keeps_house = False
        self.faults.clear()

    def listen_at(self, origin: str) -> None:
        self.origin = self.uploads.origin = origin

    def deliver(
        self,
        customer_id: str | None,
        pushes: Iterable[Push],
        requester: Connection | None = None,
        request_id: str | None = None,
    ) -> None:
        """Pushes to the customer's connections (None: to everybody's)."""
        self.hub.deliver(customer_id, pushes, requester, request_id)
        aside, self.world.aside = self.world.aside, []
        for other_id, push in aside:
            self.hub.deliver(other_id, [push])
        self.keep_house()
        self.watch.notify()

    def advance(self, seconds: float) -> None:
        """Lets time pass on the server's clock and does what is due then."""
        self._clock.advance(seconds)
        self._look_around()

    def _look_around(self) -> None:
        for customer_id, pushes in archive_idle_threads(self.world, self.limits):
            self.deliver(customer_id, pushes)
        end_connections(self.world, self.hub, self.tokens, self.limits)
        self.watch.notify()

    def keep_house(self) -> None:
        """As long as somebody is connected, or a thread open, it looks around now and then."""

        def look() -> None:
            self._keeps_house = False
            self._look_around()
            self.keep_house()

        if self._keeps_house or not self.origin:
            return
        if self.hub.connections or any(chat.open_thread for chat in self.world.chats.values()):
            self._keeps_house = True
            self.timers.after(self.limits.housekeeping, look)

    def call_back(self) -> None:
        """Makes the callbacks that are due."""
        due, self.world.tenant.callbacks = self.world.tenant.callbacks, []
        for uri, body in due:
            self.callbacks.send(uri, body)

    def add_fault(self, fault: Fault) -> Fault:
        """Sets the fault in motion where it does not wait for a request."""
        if fault.kind == "expire_token":
            customer_id = fault.customer_id
            if fault.seconds is None:
                self.expire_tokens(customer_id)
            else:
                self.timers.after(fault.seconds, lambda: self.expire_tokens(customer_id))
            fault.fired += 1
        return fault

    def expire_tokens(self, customer_id: str | None) -> None:
        """The lifetime of the customer's tokens (of all) is over: connections end with it."""
        self.tokens.expire(customer_id)
        for connection in self.hub.of(customer_id):
            connection.disconnect("access_token_expired")
        self.watch.notify()
