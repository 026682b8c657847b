"""The public configuration calls: five GETs that need no token (protocol: configuration family)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from livechat_customer.sandbox.api_errors import ApiError, invalid
from livechat_customer.sandbox.check import Fields
from livechat_customer.sandbox.tenant import LANGUAGE
from livechat_customer.sandbox.wire_json import JsonObject
from livechat_customer.sandbox.world import OFFLINE, Properties, World

CONFIGURATION_VERSION: Final = "1"

_AGENTS_ONLY: Final = frozenset(
    {
        "chats",
        "core",
        "ecommerce",
        "lc2",
        "limits",
        "monitoring",
        "routing",
        "smart_actions",
        "statistics",
    }
)
_READABLE: Final = {("group", "smart_actions", "greeting.hide_when_offline")}
"""What customers may read of the namespaces that are otherwise for agents only."""

_BUTTONS: Final = (("0", "Chat now", "Leave a message"),)
_INTEGERS: Final = frozenset({"group_id", "id"})


@dataclass(frozen=True, slots=True)
class Query:
    """One of the calls."""

    world: World
    organization_id: str
    version: str
    fields: Fields

    def group(self, name: str, default: int | None = None) -> int:
        """The group that the parameter names."""
        found = self.fields.integer(name)
        found = self.fields.need(name, default if found is None else found)
        if found not in self.world.groups:
            raise ApiError("group_not_found")
        return found

    def text(self, name: str) -> str:
        return self.fields.need(name, self.fields.string(name))


def get_dynamic_configuration(query: Query) -> JsonObject:
    """What changes often. 3.6 has what is LiveChat's own under `livechat`."""
    if query.fields.string("test") not in (None, "true", "false", "1", "0"):
        raise invalid("test", "must be a boolean")
    found: JsonObject = {
        "group_id": query.group("group_id", 0),
        "client_limit_exceeded": False,
        "domain_allowed": True,
        "config_version": CONFIGURATION_VERSION,
        "localization_version": CONFIGURATION_VERSION,
        "language": LANGUAGE,
    }
    online = [group for group, status in query.world.groups.items() if status != OFFLINE]
    if online:
        found["online_group_ids"] = online
    if query.version == "3.5":
        return {"organization_id": query.organization_id} | found
    return {
        "organization_id": query.organization_id,
        "default_widget": "livechat",
        "livechat_active": True,
        "livechat": found,
    }


def get_configuration(query: Query) -> JsonObject:
    """What rarely changes: buttons, forms, properties."""
    group = query.group("group_id")
    query.text("version")
    found: JsonObject = {
        "buttons": [
            {"id": id, "type": "text", "online_value": online, "offline_value": offline}
            for id, online, offline in _BUTTONS
        ],
        "integrations": {},
        "properties": {
            "group": _readable("group", query.world.tenant.group_properties.get(group, {})),
            "license": _readable("license", query.world.tenant.license_properties),
        },
    }
    for kind in ("ticket", "prechat"):
        form = query.world.forms.get((group, kind))
        if form is not None:
            found[f"{kind}_form"] = form
    return found


def get_localization(query: Query) -> JsonObject:
    """The phrases of a language."""
    query.group("group_id")
    query.text("version")
    phrases = query.world.tenant.phrases.get(query.text("language"))
    if phrases is None:
        raise invalid("language", "is none the organization has")
    return dict(phrases)


def list_license_properties(query: Query) -> JsonObject:
    return _chosen(query, _readable("license", query.world.tenant.license_properties))


def list_group_properties(query: Query) -> JsonObject:
    properties = query.world.tenant.group_properties.get(query.group("id"), {})
    return _chosen(query, _readable("group", properties))


def read_query(given: Mapping[str, str]) -> JsonObject:
    """The parameters of a query string; those that are numbers as such."""
    return {
        name: int(value)
        if name in _INTEGERS and value.isascii() and value.isdigit() and len(value) < 20
        else value
        for name, value in given.items()
    }


def _readable(location: str, properties: Properties) -> JsonObject:
    """The part that customers may read."""
    found: JsonObject = {}
    for namespace, values in properties.items():
        shown = {
            name: value
            for name, value in values.items()
            if namespace not in _AGENTS_ONLY or (location, namespace, name) in _READABLE
        }
        if shown:
            found[namespace] = shown
    return found


def _chosen(query: Query, properties: JsonObject) -> JsonObject:
    """The namespace and the name that were asked for, of all."""
    namespace, name = query.fields.string("namespace"), query.fields.string("name")
    found: JsonObject = {}
    for key, values in properties.items():
        kept = {one: values[one] for one in values if name in (None, one)}
        if namespace in (None, key) and kept:
            found[key] = kept
    return found


CALLS: Final[dict[str, Callable[[Query], JsonObject]]] = {
    "get_dynamic_configuration": get_dynamic_configuration,
    "get_configuration": get_configuration,
    "get_localization": get_localization,
    "list_license_properties": list_license_properties,
    "list_group_properties": list_group_properties,
}
