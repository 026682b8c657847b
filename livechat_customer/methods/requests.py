"""Any action at all, as it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from livechat_customer.methods.base import Base
from livechat_customer.models import to_wire
from livechat_customer.models.versions import check_version
from livechat_customer.models.wire.decode import frame_payload


class RequestMethods(Base):
    """For what has no method of its own."""

    async def request(
        self,
        action: str,
        payload: Mapping[str, Any] | None = None,
        *,
        timeout: float | None = None,  # noqa: ASYNC109 - counts from the socket's write
        version: str | None = None,
    ) -> dict[str, Any]:
        """Send any action as it is and return the payload of its response as plain JSON.

        `version` runs this one request in a newer API version than the connection's, such as
        `"3.6"`; `timeout` is in seconds, instead of the option `timeouts`' `request`.
        """
        given = to_wire.json_object(payload or {}, "payload")
        if timeout is not None:
            timeout = to_wire.seconds(timeout, "timeout")
        if version is not None:
            check_version(version, self.api_version)
        answer = await self.call(
            to_wire.text(action, "action"), given, timeout=timeout, version=version
        )
        return {} if answer.record is None else frame_payload(answer.record)
