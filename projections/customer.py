"""The customer's own data, and what is known of the users of its chats.

Profiles are of the whole organization: what one chat's answer says of an agent holds in all.
`customer_updated` brings only the fields that changed; they lie over whatever showed the customer
whole before.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from livechat_customer.models.wire.base import ABSENT
from livechat_customer.models.wire.users import User
from livechat_customer.projections.register import Mark, Rank, Register

FIELDS: Final = (
    "name",
    "email",
    "avatar",
    "email_verified",
    "session_fields",
    "phone_number",
    "address",
    "omnichannel",
)
"""What `customer_updated` can change."""


class UserFacts(msgspec.Struct):
    """The customer of the stream, and all users."""

    own: str | None = None
    """The customer's id; a stream has one."""
    own_seq: int = 0
    """Seq of the first record that told it."""
    customer: Register[User | None] = msgspec.field(default_factory=lambda: Register(None))
    """As `login` and `get_customer` showed it."""
    confirmed: int = 0
    """Number of the newest connection that showed it."""
    fields: dict[str, Mark] = {}
    """Fields set by `customer_updated`."""
    profiles: dict[str, Register[User]] = {}
    """Users as chats show them, without presence and seen marks."""

    def learn(self, own: str, seq: int) -> bool:
        """Who the customer is: what the first record says. Whether that is news."""
        if self.own is not None and seq >= self.own_seq:
            return False
        news = own != self.own
        self.own, self.own_seq = own, seq
        return news

    def show_profile(self, user: User, rank: Rank) -> bool:
        known = self.profiles.get(user.id)
        if known is not None and rank <= known.rank:
            return False
        profile = msgspec.structs.replace(
            user, present=None, events_seen_up_to=None, statistics=None
        )
        if known is None:
            self.profiles[user.id] = Register(profile, rank)
        else:
            known.set(profile, rank)
        return True

    def update(self, changed: User, stamp: int) -> bool:
        """`customer_updated`: fields it does not bring stay."""
        news = False
        for name in FIELDS:
            value = getattr(changed, name)
            if value is None or value is ABSENT:
                continue
            known = self.fields.get(name)
            if known is None or stamp > known.stamp:
                self.fields[name] = Mark(stamp, True, value)
                news = True
        return news

    def customer_now(self) -> User | None:
        """The customer, with `statistics` as of when they were last answered."""
        customer = self.customer.value
        return None if customer is None else self._updated(customer, self.customer.rank)

    def profile(self, user_id: str) -> User:
        """A user as known now; only the id if nothing showed it."""
        known = self.profiles.get(user_id)
        if known is None:
            return User(user_id)
        return self._updated(known.value, known.rank) if user_id == self.own else known.value

    def _updated(self, user: User, rank: Rank) -> User:
        newer: dict[str, Any] = {
            name: mark.value for name, mark in self.fields.items() if mark.stamp > rank[0]
        }
        return msgspec.structs.replace(user, **newer) if newer else user
