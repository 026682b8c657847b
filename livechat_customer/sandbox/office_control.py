"""The control endpoints of the back office, beside those of the stage."""

from __future__ import annotations

from typing import Final

from starlette.routing import Route

from livechat_customer.sandbox.api_errors import ApiError, invalid
from livechat_customer.sandbox.backoffice import Backoffice
from livechat_customer.sandbox.check import Fields
from livechat_customer.sandbox.endpoints import Handler, endpoint
from livechat_customer.sandbox.tokens import OWN_CUSTOMERS
from livechat_customer.sandbox.wire_json import JsonObject, as_object

REGIONS: Final = ("dal", "fra")


class OfficeControl:
    """The endpoints of one sandbox."""

    def __init__(self, office: Backoffice) -> None:
        self._office = office

    def routes(self) -> list[Route]:
        """The routes, relative to `/_sandbox`."""
        posts: dict[str, Handler] = {
            "/agent_token": self._agent_token,
            "/redirect_uris": self._redirect_uris,
            "/region": self._region,
            "/goals": self._goal,
            "/properties": self._properties,
            "/localization": self._localization,
            "/pages": self._page,
            "/verify_email": self._verify_email,
        }
        found = [Route(path, endpoint(run), methods=["POST"]) for path, run in posts.items()]
        remove = Route("/goals/{goal:int}", endpoint(self._remove_goal), methods=["DELETE"])
        return [*found, remove]

    def _agent_token(self, fields: Fields) -> JsonObject:
        scopes = fields.strings("scopes")
        given = (OWN_CUSTOMERS,) if scopes is None else scopes
        return {"access_token": self._office.agent_token(scopes=given)}

    def _redirect_uris(self, fields: Fields) -> JsonObject:
        self._office.set_redirect_uris(fields.need("uris", fields.strings("uris")))
        return {}

    def _region(self, fields: Fields) -> JsonObject:
        self._office.set_region(fields.one_of("region", REGIONS))
        return {}

    def _goal(self, fields: Fields) -> JsonObject:
        number = self._office.set_goal(
            url=fields.string("url"),
            session_fields=fields.string_map("session_fields"),
            group_id=fields.integer("group_id"),
            greeting=_greeting(fields.fields("greeting")),
        )
        return {"id": number}

    def _remove_goal(self, fields: Fields) -> JsonObject:
        if not self._office.remove_goal(fields.data["goal"]):
            raise ApiError("not_found", "Goal not found")
        return {}

    def _properties(self, fields: Fields) -> JsonObject:
        given = fields.need("properties", fields.mapping("properties"))
        for namespace, values in given.items():
            if as_object(values) is None:
                raise invalid(f"properties.{namespace}", "must be an object")
        group = fields.integer("group_id")
        if group is None:
            self._office.set_license_properties(given)
        else:
            self._office.set_group_properties(group, given)
        return {}

    def _localization(self, fields: Fields) -> JsonObject:
        self._office.set_localization(
            fields.need("language", fields.string("language")),
            fields.need("phrases", fields.string_map("phrases")),
        )
        return {}

    def _page(self, fields: Fields) -> JsonObject:
        url = self._office.add_page(
            fields.need("name", fields.string("name")),
            fields.need("title", fields.string("title")),
            fields.string("description"),
        )
        return {"url": url}

    def _verify_email(self, fields: Fields) -> JsonObject:
        return {"callbacks": self._office.verify_email(fields.string("customer_id"))}


def _greeting(fields: Fields | None) -> JsonObject | None:
    """The arguments of a greeting, each of its type."""
    if fields is None:
        return None
    given: JsonObject = {
        "id": fields.integer("id"),
        "event": fields.mapping("event"),
        "agent_id": fields.string("agent_id"),
        "addon": fields.string("addon"),
        "subtype": fields.string("subtype"),
    }
    return {name: value for name, value in given.items() if value is not None}
