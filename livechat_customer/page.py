"""The page the customer is on: what the server is told of it, and when.

The options give it at first, `update_customer_page` changes it. Each login brings it; while logged
in each change is sent, the whole page every time, because the server replaces what it has.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Pages = Mapping[str, Any]


class CurrentPage:
    """The page as merged so far. `send` is given the whole of it, and never fails."""

    def __init__(self, given: Pages | None, send: Callable[[Pages], None]) -> None:
        self._page: Pages = dict(given or {})
        self._send = send
        self._in_login: Pages | None = None
        self._online = False

    @property
    def whole(self) -> Pages | None:
        """What can be sent: None without a `url`, which the server demands."""
        return self._page if "url" in self._page else None

    def for_login(self) -> Pages | None:
        """What the login that is being made says."""
        self._in_login = self.whole
        return self._in_login

    def logged_in(self) -> None:
        """The login succeeded: what changed since it was made is sent."""
        self._online = True
        if self.whole != self._in_login:
            self._tell()

    def offline(self) -> None:
        """Changes wait for the next login."""
        self._online = False

    def update(self, changed: Pages) -> None:
        """Merge this into the page, and send it if there is somebody to send it to."""
        self._page = {**self._page, **changed}
        if self._online:
            self._tell()

    def _tell(self) -> None:
        page = self.whole
        if page is not None:
            self._send(page)
