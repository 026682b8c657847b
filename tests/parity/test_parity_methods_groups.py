"""Methods that ask about groups, forms, agents and links."""

from __future__ import annotations

from typing import Any

import pytest
from front_kit import customer
from parity_kit import asked

import livechat_customer as lc
from livechat_customer.errors import (
    GroupNotFoundError,
    GroupOfflineError,
    GroupUnavailableError,
    ValidationError,
)
from livechat_customer.sandbox import Sandbox

FORM: dict[str, Any] = {
    "id": "142",
    "fields": [
        {"id": "0", "type": "header", "label": "Welcome"},
        {"id": "1", "type": "email", "label": "Mail", "required": True},
        {
            "id": "2",
            "type": "group_chooser",
            "label": "Whom?",
            "required": False,
            "options": [{"id": "0", "label": "Sales", "group_id": 4}],
        },
        {"id": "3", "type": "rating", "label": "How?", "comment_label": "Why?"},
    ],
}


@pytest.mark.shows("method list_group_statuses", by="sandbox")
async def test_list_group_statuses() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        sandbox.set_availability(3, "offline")
        sandbox.set_availability(10, "online_for_queue")
        assert await sdk.list_group_statuses() == {
            0: "online",
            3: "offline",
            10: "online_for_queue",
        }
        found = await sdk.list_group_statuses(group_ids=[3, 10, 99])
        assert found == {3: "offline", 10: "online_for_queue"}
        assert asked(sandbox, "list_group_statuses") == [
            {"all": True},
            {"group_ids": [3, 10, 99]},
        ]
        assert sdk.availability.value.groups[3] == "offline"


@pytest.mark.shows("method get_form", by="sandbox")
@pytest.mark.parametrize("kind", ["prechat", "postchat", "ticket"])
async def test_get_form(kind: str) -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        assert await sdk.get_form(group_id=0, type=kind) == lc.FormInfo(enabled=False)
        sandbox.set_form(0, kind, FORM)
        found = await sdk.get_form(group_id=0, type=kind)
        assert asked(sandbox, "get_form") == [{"group_id": 0, "type": kind}] * 2
        assert found.enabled
        assert found.form is not None
        assert found.form.id == "142"
        header, mail, chooser, rating = found.form.fields
        assert (header.type, header.label, header.required) == ("header", "Welcome", False)
        assert (mail.id, mail.type, mail.required) == ("1", "email", True)
        assert chooser.options == (lc.FieldOption("0", "Sales", 4),)
        assert rating.comment_label == "Why?"
        with pytest.raises(GroupNotFoundError):
            await sdk.get_form(group_id=99, type=kind)


@pytest.mark.shows("method get_form", by="sandbox")
async def test_get_form_whose_fields_have_no_ids() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        bare = [{key: it for key, it in field.items() if key != "id"} for field in FORM["fields"]]
        sandbox.set_form(0, "ticket", {"fields": bare})
        found = await sdk.get_form(group_id=0, type="ticket")
        assert found.form is not None
        assert found.form.id is None
        assert [field.id for field in found.form.fields] == ["0", "1", "2", "3"]


@pytest.mark.shows("method get_predicted_agent", by="sandbox")
async def test_get_predicted_agent() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        jane = sandbox.add_agent("Jane", job_title="Helper", groups=(0,))
        bot = sandbox.add_agent("Bot", groups=(5,), is_bot=True)
        sandbox.set_availability(5, "online_for_queue")
        found = await sdk.get_predicted_agent()
        assert found.agent is not None
        assert found.agent.type == "agent"
        assert (found.agent.id, found.agent.name, found.agent.job_title, found.agent.is_bot) == (
            jane.id,
            "Jane",
            "Helper",
            False,
        )
        assert not found.queue
        queued = await sdk.get_predicted_agent(group_id=5)
        assert queued.agent is not None
        assert (queued.agent.id, queued.agent.is_bot, queued.queue) == (bot.id, True, True)
        assert asked(sandbox, "get_predicted_agent") == [{}, {"group_id": 5}]
        with pytest.raises(GroupNotFoundError):
            await sdk.get_predicted_agent(group_id=99)


@pytest.mark.shows("refusal get_predicted_agent GROUP_OFFLINE", by="sandbox")
async def test_the_group_is_offline() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        sandbox.set_availability(0, "offline")
        with pytest.raises(GroupOfflineError) as caught:
            await sdk.get_predicted_agent()
        assert caught.value.code == "GROUP_OFFLINE"


@pytest.mark.shows("refusal get_predicted_agent GROUP_UNAVAILABLE", by="sandbox")
async def test_the_group_has_nobody_who_could_take_it() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        sandbox.set_availability(7, "online")
        with pytest.raises(GroupUnavailableError) as caught:
            await sdk.get_predicted_agent(group_id=7)
        assert caught.value.code == "GROUP_UNAVAILABLE"


@pytest.mark.shows("method get_url_info", by="sandbox")
async def test_get_url_info() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        welcome = f"{sandbox.api_url}/_pages/welcome"
        plain = sandbox.add_page("plain", "Only a title")

        found = await sdk.get_url_info(url=welcome)
        assert (found.url, found.title) == (welcome, "Welcome")
        assert found.description
        assert found.image_url == welcome.replace("http:", "https:", 1) + ".png", "always https"
        assert (found.image_width, found.image_height) == (320, 180)
        assert found.image_original_url == f"{welcome}.png"
        assert await sdk.get_url_info(url=plain) == lc.UrlInfo(plain, "Only a title")
        other = "https://example.com/"
        assert await sdk.get_url_info(url=other) == lc.UrlInfo(other)
        with pytest.raises(ValidationError):
            await sdk.get_url_info(url="no such thing")
        assert asked(sandbox, "get_url_info") == [
            {"url": url} for url in (welcome, plain, other, "no such thing")
        ]
