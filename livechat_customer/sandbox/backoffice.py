"""The back office: what the administrator of an organization may set on a sandbox, beside the stage
of chats and agents. No network here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from livechat_customer.sandbox import greetings, pages, verification
from livechat_customer.sandbox.api_errors import ApiError, invalid
from livechat_customer.sandbox.callbacks import Callback
from livechat_customer.sandbox.stage import Stage
from livechat_customer.sandbox.tenant import Goal
from livechat_customer.sandbox.tokens import OWN_CUSTOMERS


class Backoffice(Stage):
    """A stage with its organization's settings. Every method takes effect at once."""

    def agent_token(self, *, scopes: Iterable[str] = (OWN_CUSTOMERS,)) -> str:
        """An agent's access token, as the `agent_token` grant wants one in `Authorization`.

        A strict sandbox takes these only; any other takes every bearer but a customer's.
        """
        return self._core.tokens.issue_agent(scopes)

    def set_redirect_uris(self, uris: Iterable[str]) -> None:
        """The app's allow-list of redirect URIs; none: any will do."""
        self._core.world.tenant.redirect_uris = tuple(uris)

    def set_region(self, region: str | None) -> None:
        """Moves the organization to another region, such as `fra`; None: it is everywhere.

        Requests to another region (their `X-Region`, `dal` without one) are told where it is,
        and so is who was connected.
        """
        tenant = self._core.world.tenant
        if region == tenant.region:
            return
        tenant.region = region
        if region is not None:
            self.disconnect(reason="misdirected_connection", data={"region": region})

    def set_goal(
        self,
        *,
        url: str | None = None,
        session_fields: Mapping[str, str] | None = None,
        group_id: int | None = None,
        greeting: Mapping[str, Any] | None = None,
    ) -> int:
        """A goal that `check_goals` and `update_customer_page` look for; its id.

        Who is on a page whose URL contains `url`, with these session fields and in that group (as
        far as given), is shown the greeting, once: the arguments of `show_greeting()`.
        """
        if url is None and not session_fields and group_id is None:
            raise invalid("url", "or session_fields or group_id is required")
        if group_id is not None and group_id not in self.groups:
            raise ApiError("group_not_found")
        shown = dict(greeting or {})
        unknown = shown.keys() - {"id", "event", "agent_id", "addon", "subtype"}
        if unknown:
            raise invalid(f"greeting.{min(unknown)}", "is not known")
        greetings.read_shown(shown.get("event"), self._core.limits)
        agent_id = shown.get("agent_id")
        agent = self.agent("Support") if agent_id is None else self._agent(agent_id)
        goals = self._core.world.tenant.goals
        number = max(goals, default=0) + 1
        shown["agent_id"] = agent.id
        goals[number] = Goal(number, url, dict(session_fields or {}), group_id, shown)
        return number

    def remove_goal(self, goal_id: int) -> bool:
        """Nobody reaches the goal any more. False: there is none."""
        return self._core.world.tenant.goals.pop(goal_id, None) is not None

    def set_license_properties(self, properties: Mapping[str, Mapping[str, object]]) -> None:
        """All properties of the organization, by namespace and name."""
        self._core.world.tenant.license_properties = _copied(properties)

    def set_group_properties(
        self, group_id: int, properties: Mapping[str, Mapping[str, object]]
    ) -> None:
        """All properties of a group, by namespace and name."""
        if group_id not in self.groups:
            raise ApiError("group_not_found")
        self._core.world.tenant.group_properties[group_id] = _copied(properties)

    def set_localization(self, language: str, phrases: Mapping[str, str]) -> None:
        """What `get_localization` gives for the language."""
        self._core.world.tenant.phrases[language] = dict(phrases)

    def add_page(
        self, name: str, title: str, description: str | None = None, image: bytes | None = None
    ) -> str:
        """A page that the sandbox serves and `get_url_info` tells of, perhaps with a picture (PNG);
        its URL."""
        self._core.world.tenant.pages[name] = pages.Page(title, description, image)
        return pages.page_url(self._core.origin, name)

    @property
    def callbacks(self) -> list[Callback]:
        """The requests the sandbox made, oldest first. Only programs on this machine get any."""
        return list(self._core.callbacks.made)

    def verify_email(self, customer_id: str | None = None) -> int:
        """The customer (by default who came last) clicks the link in the mails of
        `request_email_verification`; how many callbacks are made."""
        customer = self._customer(customer_id)
        count, pushes = verification.verify(self._core.world, customer)
        self._core.deliver(customer.id, pushes)
        self._core.call_back()
        return count


def _copied(properties: Mapping[str, Mapping[str, object]]) -> dict[str, dict[str, object]]:
    return {namespace: dict(values) for namespace, values in properties.items()}
