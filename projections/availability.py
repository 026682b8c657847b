"""Which groups are reachable, and with that whether the customer's own group is.

The login answer shows the whole picture (private fields, but the vendor's SDK rests on them too);
`groups_status_updated` and `list_group_statuses` change it group by group.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from livechat_customer.projections.register import Marks, Rank, Register

ONLINE: Final = "online"
OFFLINE: Final = "offline"
UNKNOWN: Final = "unknown"


class AvailabilityFacts(msgspec.Struct):
    """Group statuses, and the group that decides."""

    own_group: Register[int | None] = msgspec.field(default_factory=lambda: Register(None))
    """The group that monitors the customer."""
    groups: Marks = msgspec.field(default_factory=Marks)
    """Group id, as a string, to status."""
    confirmed: int = 0
    """Number of the newest connection whose login told it."""

    def login(self, group: int | None, online: Iterable[int], rank: Rank) -> None:
        """All groups that are not named are offline."""
        self.own_group.set(group, rank)
        self.groups.show({str(each): ONLINE for each in online}, rank)

    def update(self, group: int, status: str, stamp: int) -> bool:
        """A push, or an answer about some groups. One of unknown age says nothing."""
        return stamp > 0 and bool(status) and self.groups.set(str(group), status, stamp)

    def statuses(self) -> dict[int, str]:
        """What is known of the groups: `online`, `offline` or `online_for_queue`."""
        return {int(group): status for group, status in self.groups.effective().items()}

    def now(self) -> str:
        """ "online", "offline" or, before any login, "unknown" for the customer's own group."""
        group = self.own_group.value
        if group is None:
            return UNKNOWN if self.groups.rank[0] < 0 else OFFLINE
        status = self.statuses().get(group, OFFLINE)
        return OFFLINE if status == OFFLINE else ONLINE
