"""What a group can tell before there is a chat: who is there, its forms; and about links."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from livechat_customer.methods.base import Base, read
from livechat_customer.models import FormInfo, PredictedAgent, UrlInfo, from_wire, to_wire
from livechat_customer.models.wire import responses


class GroupMethods(Base):
    """These change nothing."""

    async def list_group_statuses(
        self, *, group_ids: Sequence[int] | None = None
    ) -> dict[int, str]:
        """`online`, `offline` or `online_for_queue` by group; of all groups if none are named.

        Unknown groups are left out (Customer Chat API 3.5, list_group_statuses).
        """
        answer = await self._ask("list_group_statuses", to_wire.group_statuses(group_ids))
        return from_wire.group_statuses(read(answer.response, responses.ListGroupStatusesResponse))

    async def get_form(self, *, group_id: int, type: str) -> FormInfo:
        """The form of a group, if it is enabled; `type` is `prechat`, `postchat` or `ticket`.

        Raises `GroupNotFoundError` (Customer Chat API 3.5, get_form).
        """
        answer = await self._ask("get_form", to_wire.form(group_id, type))
        return from_wire.form_info(read(answer.response, responses.GetFormResponse))

    async def get_predicted_agent(self, *, group_id: int | None = None) -> PredictedAgent:
        """Who would take a chat of the group, or of the customer's.

        Raises `GroupOfflineError`, `GroupUnavailableError` if it is online and nobody can take
        one (then a chat waits in the queue), `GroupNotFoundError` (Customer Chat API 3.5,
        get_predicted_agent).
        """
        payload: dict[str, Any] = {}
        if group_id is not None:
            payload["group_id"] = to_wire.number(group_id, "group_id")
        answer = await self._ask("get_predicted_agent", payload)
        return from_wire.predicted_agent(read(answer.response, responses.GetPredictedAgentResponse))

    async def get_url_info(self, *, url: str) -> UrlInfo:
        """Title, description and picture of a page, as far as it has them.

        Raises `ValidationError` (Customer Chat API 3.5, get_url_info).
        """
        answer = await self._ask("get_url_info", {"url": to_wire.text(url, "url")})
        return from_wire.url_info(read(answer.response, responses.GetUrlInfoResponse))
