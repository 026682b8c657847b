"""The attempts to connect: their numbers and tickets, where they go, and as whom."""

from __future__ import annotations

from typing import Final

from livechat_customer.transport.config import SessionConfig
from livechat_customer.transport.reasons import other_region
from livechat_customer.transport.token import Token

OWN_PREFIX: Final = "~"
"""Begin of the ids of the session's own requests, login and ping."""


class Attempt:
    """The current attempt of a session, and what one hands on to the next."""

    def __init__(self, config: SessionConfig) -> None:
        self.number = config.connection
        """Of the connection, over the stream's life."""
        self.count = 0
        """Attempts since the last login or `connect()`."""
        self.ticket = 0
        """Answers with another ticket belong to an attempt that was given up."""
        self.region = config.region
        self.fresh = False
        """The token at hand was refused; until another one came, a fresh one is asked for."""
        self.token: Token | None = None
        self.customer_id: str | None = None
        self.settled = False
        """A login succeeded: from now on this session is this customer's."""

    def begin(self) -> None:
        self.number += 1
        self.count += 1
        self.ticket += 1

    def identify(self, token: Token) -> bool:
        """Take the token. Until the first login it says who the customer of this session is: one
        kept from an earlier run may be refused, and its identity be gone. False: it is another
        customer's."""
        self.fresh = False
        self.token = token
        if not self.settled:
            self.customer_id = token.entity_id
        return self.customer_id == token.entity_id

    def switch(self, named: object) -> None:
        """Go to the region the server named, if it is a known other one."""
        self.region = other_region(self.region, named) or self.region

    @property
    def login_id(self) -> str:
        """Request id of this attempt's login."""
        return f"{OWN_PREFIX}login-{self.number}"
