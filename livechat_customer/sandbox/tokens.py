"""Tokens of customers and agents, identity transfer tokens, and the cookies that keep a
customer's identity (protocol: accounts API, token lifecycle)."""

from __future__ import annotations

import hmac
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from livechat_customer.sandbox.clock import SECOND
from livechat_customer.sandbox.pkce import Challenge
from livechat_customer.sandbox.tenant import DEFAULT_REGION
from livechat_customer.sandbox.world import Customer, World

OWN_CUSTOMERS: Final = "customers:own"
"""The scope with which an agent's token gets tokens of customers."""


@dataclass(slots=True, eq=False)
class Token:
    """One access token of a customer. Its value is kept out of every repr."""

    value: str = field(repr=False)
    customer_id: str
    organization_id: str
    client_id: str
    expires_at: int
    """Microseconds since the epoch."""
    revoked: bool = False


@dataclass(frozen=True, slots=True)
class TransferToken:
    """Good once, for the app that asked for it."""

    value: str = field(repr=False)
    customer_id: str
    client_id: str
    challenge: Challenge | None = field(repr=False)
    expires_at: int
    """Microseconds since the epoch."""


class Tokens:
    """The tokens and cookies that were handed out."""

    def __init__(self, world: World, live: int = 25) -> None:
        self._world = world
        self._live = live
        """Live tokens of one customer and one app; the oldest makes room silently."""
        self._tokens: dict[str, Token] = {}
        self._of: dict[tuple[str, str], deque[Token]] = {}
        self._secrets: dict[str, str] = {}
        self._agents: dict[str, frozenset[str]] = {}
        self._transfers: dict[str, TransferToken] = {}

    def customer_of(
        self, organization_id: str, group_id: int | None, cid: str | None, secret: str | None
    ) -> Customer:
        """The customer whom the two cookies prove, else a new one."""
        known = self._secrets.get(cid or "")
        if cid is not None and secret is not None and known is not None:
            customer = self._world.customers[cid]
            same = (customer.organization_id, customer.group_id) == (organization_id, group_id)
            if same and hmac.compare_digest(known.encode(), secret.encode()):
                return customer
        return self.new_customer(organization_id, group_id)

    def new_customer(self, organization_id: str, group_id: int | None) -> Customer:
        customer = Customer(self._world.ids.uuid("customer"), organization_id, group_id)
        self._world.customers[customer.id] = customer
        return customer

    def secret_of(self, customer: Customer) -> str:
        """The value of the cookie `__lc_cst`."""
        found = self._secrets.get(customer.id)
        if found is None:
            found = self._secrets[customer.id] = self._world.ids.hexadecimal("secret", 76)
        return found

    def issue(self, customer: Customer, client_id: str, seconds: int) -> Token:
        token = Token(
            self._world.ids.token(self._region),
            customer.id,
            customer.organization_id,
            client_id,
            self._world.clock.now() + seconds * SECOND,
        )
        siblings = self._of.setdefault((customer.id, client_id), deque())
        siblings.append(token)
        while len(siblings) > self._live:
            oldest = siblings.popleft()
            oldest.revoked = True
            del self._tokens[oldest.value]
        self._tokens[token.value] = token
        return token

    def find(self, value: str) -> Token | None:
        """The token if it is good now."""
        token = self._tokens.get(value)
        return token if token is not None and self.seconds_left(token) > 0 else None

    def is_customers(self, value: str) -> bool:
        """Whether it is, or was, a customer's token."""
        return value in self._tokens

    def seconds_left(self, token: Token) -> float:
        if token.revoked:
            return 0.0
        return max(0.0, (token.expires_at - self._world.clock.now()) / SECOND)

    def expire(self, customer_id: str | None) -> None:
        """Ends the lifetime of the customer's tokens (of all)."""
        for token in self._tokens.values():
            if customer_id in (None, token.customer_id):
                token.expires_at = 0

    def issue_agent(self, scopes: Iterable[str]) -> str:
        """An agent's access token."""
        value = self._world.ids.token(self._region)
        self._agents[value] = frozenset(scopes)
        return value

    def agent_scopes(self, value: str) -> frozenset[str] | None:
        """The scopes of an agent's token; None: not handed out here."""
        return self._agents.get(value)

    def issue_transfer(
        self, customer_id: str, client_id: str, challenge: Challenge | None, seconds: int
    ) -> TransferToken:
        token = TransferToken(
            self._world.ids.token(self._region),
            customer_id,
            client_id,
            challenge,
            self._world.clock.now() + seconds * SECOND,
        )
        self._transfers[token.value] = token
        return token

    def transfer(self, value: str) -> TransferToken | None:
        """The transfer token if it is good now."""
        token = self._transfers.get(value)
        return None if token is None or token.expires_at <= self._world.clock.now() else token

    def use_up(self, token: TransferToken) -> None:
        """It is worth nothing any more."""
        self._transfers.pop(token.value, None)

    def clear(self) -> None:
        self._tokens.clear()
        self._of.clear()
        self._secrets.clear()
        self._agents.clear()
        self._transfers.clear()

    @property
    def _region(self) -> str:
        return self._world.tenant.region or DEFAULT_REGION


def bearer(header: str | None) -> str | None:
    """The token in `Bearer <token>`; a bare token is none."""
    scheme, _, value = (header or "").partition(" ")
    return value.strip() or None if scheme == "Bearer" else None
