"""Access tokens and the cookies that keep a customer's identity (protocol: accounts API)."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field

from livechat_customer.sandbox.clock import SECOND
from livechat_customer.sandbox.world import Customer, World


@dataclass(slots=True, eq=False)
class Token:
    """One access token. Its value is kept out of every repr."""

    value: str = field(repr=False)
    customer_id: str
    organization_id: str
    client_id: str
    expires_at: int
    """Microseconds since the epoch."""
    revoked: bool = False


class Tokens:
    """The tokens and cookies that were handed out."""

    def __init__(self, world: World, region: str = "dal") -> None:
        self._world = world
        self._region = region
        self._tokens: dict[str, Token] = {}
        self._secrets: dict[str, str] = {}

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
        customer = Customer(self._world.ids.uuid("customer"), organization_id, group_id)
        self._world.customers[customer.id] = customer
        self._secrets[customer.id] = self._world.ids.hexadecimal("secret", 76)
        return customer

    def secret_of(self, customer: Customer) -> str:
        """The value of the cookie `__lc_cst`."""
        return self._secrets[customer.id]

    def issue(self, customer: Customer, client_id: str, seconds: int) -> Token:
        token = Token(
            self._world.ids.token(self._region),
            customer.id,
            customer.organization_id,
            client_id,
            self._world.clock.now() + seconds * SECOND,
        )
        self._tokens[token.value] = token
        return token

    def find(self, value: str) -> Token | None:
        """The token if it is good now."""
        token = self._tokens.get(value)
        return token if token is not None and self.seconds_left(token) > 0 else None

    def seconds_left(self, token: Token) -> float:
        if token.revoked:
            return 0.0
        return max(0.0, (token.expires_at - self._world.clock.now()) / SECOND)

    def expire(self, customer_id: str | None) -> None:
        """Ends the lifetime of the customer's tokens (of all)."""
        for token in self._tokens.values():
            if customer_id in (None, token.customer_id):
                token.expires_at = 0

    def clear(self) -> None:
        self._tokens.clear()
        self._secrets.clear()


def bearer(header: str | None) -> str | None:
    """The token in `Bearer <token>`; a bare token is none."""
    scheme, _, value = (header or "").partition(" ")
    return value.strip() or None if scheme == "Bearer" else None
