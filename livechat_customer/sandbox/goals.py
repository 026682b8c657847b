"""Goals: who reaches one is shown its greeting (protocol: check_goals, incoming_greeting)."""

from __future__ import annotations

from collections.abc import Mapping

from livechat_customer.sandbox import greetings
from livechat_customer.sandbox.limits import Limits
from livechat_customer.sandbox.pushes import Push
from livechat_customer.sandbox.tenant import Goal
from livechat_customer.sandbox.world import Customer, World


def reach(
    world: World,
    limits: Limits,
    customer: Customer,
    url: str,
    session_fields: Mapping[str, str],
    group_id: int,
) -> list[Push]:
    """Shows the greetings of the goals that the customer reaches now, once each."""
    pushes: list[Push] = []
    for goal in world.tenant.goals.values():
        if customer.id in goal.reached or not _is_met(goal, url, session_fields, group_id):
            continue
        goal.reached.add(customer.id)
        given = dict(goal.greeting)
        agent = world.agents[given.pop("agent_id")]
        pushes += greetings.show(world, limits, customer, agent, **given)[1]
    return pushes


def _is_met(goal: Goal, url: str, session_fields: Mapping[str, str], group_id: int) -> bool:
    """Whether every condition that the goal has is met."""
    return (
        (goal.url is None or goal.url in url)
        and goal.session_fields.items() <= session_fields.items()
        and goal.group_id in (None, group_id)
    )
