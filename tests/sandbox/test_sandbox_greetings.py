from __future__ import annotations

import pytest

from livechat_customer.sandbox.api_errors import ApiError
from livechat_customer.sandbox.clock import ServerClock
from livechat_customer.sandbox.greetings import DEFAULT_TEXT, show
from livechat_customer.sandbox.ids import Ids
from livechat_customer.sandbox.limits import Limits
from livechat_customer.sandbox.world import AgentProfile, Customer, World

ANN = "ann"


@pytest.fixture
def world() -> World:
    world = World(Ids(1), ServerClock())
    world.customers[ANN] = Customer(ANN, "org")
    world.agents["joe"] = AgentProfile("joe", "Joe", is_bot=True)
    return world


def test_defaults(world: World) -> None:
    greeting, pushes = show(world, Limits(), world.customers[ANN], world.agents["joe"])
    assert [push.action for push in pushes] == ["incoming_greeting"]
    body = pushes[0].payload
    created_at = body["event"].pop("created_at")
    assert created_at.endswith("Z")
    assert body == {
        "id": 1,
        "unique_id": greeting.unique_id,
        "displayed_first_time": True,
        "is_exit_intent": False,
        "event": {
            "id": f"{greeting.unique_id}_1",
            "author_id": "joe",
            "type": "message",
            "recipients": "all",
            "text": DEFAULT_TEXT,
        },
        "agent": {
            "id": "joe",
            "type": "agent",
            "name": "Joe",
            "avatar": "",
            "job_title": "Support Agent",
            "is_bot": True,
        },
    }


def test_one_at_a_time(world: World) -> None:
    customer, agent = world.customers[ANN], world.agents["joe"]
    first, _ = show(world, Limits(), customer, agent, id=7)
    second, pushes = show(world, Limits(), customer, agent, id=7)
    assert [push.action for push in pushes] == ["greeting_canceled", "incoming_greeting"]
    assert pushes[0].payload == {"unique_id": first.unique_id}
    assert pushes[1].payload["displayed_first_time"] is False
    assert customer.greeting is second
    second.canceled = True
    assert customer.greeting is None
    _, pushes = show(world, Limits(), customer, agent)
    assert len(pushes) == 1


def test_what_greets(world: World) -> None:
    customer, agent = world.customers[ANN], world.agents["joe"]
    card = {"type": "rich_message", "template_id": "cards"}
    greeting, _ = show(world, Limits(), customer, agent, event=card)
    assert greeting.body["event"]["template_id"] == "cards"
    for wrong in ({"type": "custom"}, {"type": "message"}, {}):
        with pytest.raises(ApiError):
            show(world, Limits(), customer, agent, event=wrong)
    assert customer.greeting is greeting
