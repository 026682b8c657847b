"""The public configuration calls (protocol: configuration family)."""

from __future__ import annotations

import pytest
from sandbox_kit import Json, http

from livechat_customer.sandbox import Sandbox

Answer = tuple[int, Json]


async def get(sandbox: Sandbox, action: str, api: str = "3.5", /, **query: object) -> Answer:
    """One call, without any token."""
    given: Json = {"organization_id": sandbox.organization_id} | query
    params = {name: str(value) for name, value in given.items() if value is not None}
    async with http(sandbox) as client:
        answer = await client.get(f"/v{api}/customer/action/{action}", params=params)
    return answer.status_code, answer.json()


async def refused(sandbox: Sandbox, action: str, /, **query: object) -> tuple[int, str]:
    status, body = await get(sandbox, action, **query)
    return status, body["error"]["type"]


async def test_dynamic_configuration(sandbox: Sandbox) -> None:
    sandbox.set_availability(3, "online_for_queue")
    sandbox.set_availability(4, "offline")
    livechat = {
        "group_id": 3,
        "client_limit_exceeded": False,
        "domain_allowed": True,
        "online_group_ids": [0, 3],
        "config_version": "1",
        "localization_version": "1",
        "language": "en",
    }
    named = {"organization_id": sandbox.organization_id}
    query: Json = {"group_id": 3, "url": "https://shop.example", "channel_type": "code"}
    found = await get(sandbox, "get_dynamic_configuration", **query, test="true")
    assert found == (200, named | livechat)
    newer = {"default_widget": "livechat", "livechat_active": True, "livechat": livechat}
    found = await get(sandbox, "get_dynamic_configuration", "3.6", **query)
    assert found == (200, named | newer)

    for group in (0, 3):
        sandbox.set_availability(group, "offline")
    status, body = await get(sandbox, "get_dynamic_configuration")
    assert (status, body["group_id"]) == (200, 0)
    assert "online_group_ids" not in body

    older = {"organization_id": None, "license_id": 7}
    status, body = await get(sandbox, "get_dynamic_configuration", **older)
    assert (status, body["organization_id"]) == (200, "7")


async def test_the_versions_that_it_names_lead_on(sandbox: Sandbox) -> None:
    form = {"id": "1", "fields": [{"id": "2", "type": "name", "label": "Name:"}]}
    sandbox.set_form(0, "prechat", form)
    _, dynamic = await get(sandbox, "get_dynamic_configuration")
    version, group = dynamic["config_version"], dynamic["group_id"]
    status, static = await get(sandbox, "get_configuration", group_id=group, version=version)
    assert status == 200
    (button,) = static["buttons"]
    assert set(button) == {"id", "type", "online_value", "offline_value"}
    assert static["prechat_form"] == form
    assert "ticket_form" not in static
    assert (static["integrations"], static["properties"]) == ({}, {"group": {}, "license": {}})
    sandbox.set_form(0, "ticket", form)
    _, static = await get(sandbox, "get_configuration", group_id=group, version=version)
    assert static["ticket_form"] == form

    language = {"language": dynamic["language"], "version": dynamic["localization_version"]}
    status, phrases = await get(sandbox, "get_localization", group_id=group, **language)
    assert status == 200
    assert all(isinstance(text, str) for text in phrases.values())
    assert any("%" in text for text in phrases.values())
    sandbox.set_localization("pl", {"Welcome": "Witamy"})
    polish = await get(sandbox, "get_localization", group_id=0, version="1", language="pl")
    assert polish == (200, {"Welcome": "Witamy"})


async def test_properties(sandbox: Sandbox) -> None:
    own = {"a": 1, "b": "two"}
    private = {"queue.enabled": True}
    sandbox.set_license_properties({"app": own, "test": {"bool_property": True}, "chats": private})
    greetings = {"greeting.hide_when_offline": True, "greeting.enabled": True}
    sandbox.set_group_properties(0, {"smart_actions": greetings, "chats": private})
    readable = {"app": own, "test": {"bool_property": True}}

    async def license(**query: str) -> Json:
        status, body = await get(sandbox, "list_license_properties", **query)
        assert status == 200
        return body

    assert await license() == readable
    assert await license(namespace="app") == {"app": own}
    assert await license(namespace="app", name="b") == {"app": {"b": "two"}}
    assert await license(name="bool_property") == {"test": {"bool_property": True}}
    assert await license(namespace="chats") == await license(namespace="none") == {}

    shown = {"smart_actions": {"greeting.hide_when_offline": True}}
    assert await get(sandbox, "list_group_properties", id=0) == (200, shown)
    sandbox.set_availability(5, "online")
    assert await get(sandbox, "list_group_properties", id=5) == (200, {})
    _, static = await get(sandbox, "get_configuration", group_id=0, version="1")
    assert static["properties"] == {"group": shown, "license": readable}


NO_GROUP = (404, "group_not_found")
WRONG = (400, "validation")
REFUSALS: list[tuple[str, Json, tuple[int, str]]] = [
    ("get_dynamic_configuration", {"group_id": 9}, NO_GROUP),
    ("get_dynamic_configuration", {"group_id": "x"}, WRONG),
    ("get_dynamic_configuration", {"test": "maybe"}, WRONG),
    ("get_dynamic_configuration", {"organization_id": None}, (404, "license_not_found")),
    ("get_configuration", {"version": "1"}, WRONG),
    ("get_configuration", {"group_id": 0}, WRONG),
    ("get_configuration", {"group_id": 9, "version": "1"}, NO_GROUP),
    ("get_configuration", {"organization_id": None, "license_id": 7}, (404, "license_not_found")),
    ("get_localization", {"version": "1", "language": "en"}, WRONG),
    ("get_localization", {"group_id": 0, "language": "en"}, WRONG),
    ("get_localization", {"group_id": 0, "version": "1"}, WRONG),
    ("get_localization", {"group_id": 0, "version": "1", "language": "xx"}, WRONG),
    ("get_localization", {"group_id": 9, "version": "1", "language": "en"}, NO_GROUP),
    ("list_license_properties", {"organization_id": None}, (404, "license_not_found")),
    ("list_group_properties", {}, WRONG),
    ("list_group_properties", {"id": "0x0"}, WRONG),
    ("list_group_properties", {"id": "9" * 30}, WRONG),
    ("list_group_properties", {"id": 9}, NO_GROUP),
]


@pytest.mark.parametrize(("action", "query", "expected"), REFUSALS)
async def test_is_refused(
    sandbox: Sandbox, action: str, query: Json, expected: tuple[int, str]
) -> None:
    assert await refused(sandbox, action, **query) == expected


async def test_verbs_versions_records_and_faults(sandbox: Sandbox) -> None:
    path = "/v3.5/customer/action/list_license_properties"
    params = {"organization_id": sandbox.organization_id, "namespace": "app"}
    async with http(sandbox) as client:
        posted = await client.post(path, params=params, json={})
        assert (posted.status_code, posted.json()["error"]["type"]) == WRONG
        by_header = await client.get(
            path.removeprefix("/v3.5"), params=params, headers={"X-API-Version": "3.6"}
        )
        assert (by_header.status_code, by_header.json()) == (200, {})
        received = sandbox.received[-1]
        assert (received.action, received.customer_id) == ("list_license_properties", None)
        assert received.payload == params
        older = await client.get(path.replace("3.5", "3.4"), params=params)
        assert older.json()["error"]["type"] == "unsupported_version"
        sandbox.fault("error", action="list_license_properties", error="too_many_requests")
        failed = await client.get(path, params=params)
        assert (failed.status_code, failed.json()["error"]["type"]) == (429, "too_many_requests")
