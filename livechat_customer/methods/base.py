"""What the methods share: sending a request, and reading its answer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, Final, TypeVar

import msgspec

from livechat_customer.calls import Answer
from livechat_customer.errors import LimitReachedError, ServerError
from livechat_customer.models import Success
from livechat_customer.models.versions import frame_version
from livechat_customer.models.wire.decode import UnknownPayload

T = TypeVar("T", bound=msgspec.Struct)

SUCCESS: Final = Success()


class Base(ABC):
    """`call` sends a request as it is; all methods go through `_ask`."""

    @property
    @abstractmethod
    def api_version(self) -> str:
        """The connection's API version: `3.5` or `3.6`."""

    @abstractmethod
    async def call(
        self,
        action: str,
        payload: Mapping[str, Any],
        *,
        timeout: float | None = None,  # noqa: ASYNC109 - counts from the socket's write
        version: str | None = None,
    ) -> Answer:
        """Send a request and return its answer."""

    async def _ask(
        self,
        action: str,
        payload: Mapping[str, Any],
        *,
        limit: type[LimitReachedError] = LimitReachedError,
    ) -> Answer:
        """The answer; the request goes out in the API version it needs.

        `limit` is what a `limit_reached` means here; its `code` stays what the server sent.
        """
        version = frame_version(action, payload, self.api_version)
        try:
            return await self.call(action, payload, version=version)
        except LimitReachedError as error:
            if isinstance(error, limit):
                raise
            raise limit(error.message, code=error.code, data=error.data) from None

    async def _do(
        self,
        action: str,
        payload: Mapping[str, Any],
        *,
        limit: type[LimitReachedError] = LimitReachedError,
    ) -> Success:
        """For requests whose answer says no more than that it is done."""
        await self._ask(action, payload, limit=limit)
        return SUCCESS


def read(payload: object, kind: type[T]) -> T:
    """The typed payload of an answer. Raises ServerError if it is not what it must be."""
    if isinstance(payload, kind):
        return payload
    what = "could not be read" if isinstance(payload, UnknownPayload) else "is of another kind"
    raise ServerError(
        f"The server's answer {what}; its bytes are in the log. Report it, or ask again.",
        code="UNREADABLE_ANSWER",
    )
