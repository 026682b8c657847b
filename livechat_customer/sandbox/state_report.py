"""The whole state as one JSON object, for `GET /_sandbox/state`. No tokens, no cookies."""

from __future__ import annotations

from livechat_customer.sandbox.stage import Stage
from livechat_customer.sandbox.structures import customer_object, user_object
from livechat_customer.sandbox.wire_json import JsonObject
from livechat_customer.sandbox.world import Chat, World


def state_report(stage: Stage, world: World) -> JsonObject:
    """Unlike in the API's answers, every event and property is there."""
    return {
        "customers": [
            customer_object(customer)
            | {
                "organization_id": customer.organization_id,
                "page": customer.page,
                "banned": customer.banned,
            }
            for customer in world.customers.values()
        ],
        "chats": [_chat_object(world, chat) for chat in world.chats.values()],
        "agents": [
            {
                "id": agent.id,
                "name": agent.name,
                "type": "agent",
                "job_title": agent.job_title,
                "groups": list(agent.groups),
                "is_bot": agent.is_bot,
            }
            for agent in world.agents.values()
        ],
        "groups": [{"id": group, "status": status} for group, status in world.groups.items()],
        "connections": [
            {
                "number": connection.number,
                "customer_id": connection.customer_id,
                "organization_id": connection.organization_id,
                "version": connection.version,
            }
            for connection in stage.connections
        ],
    }


def _chat_object(world: World, chat: Chat) -> JsonObject:
    return {
        "id": chat.id,
        "customer_id": chat.customer_id,
        "active": chat.open_thread is not None,
        "anonymized": chat.anonymized,
        "sneak_peek": chat.sneak_peek,
        "access": {"group_ids": chat.group_ids},
        "properties": chat.properties,
        "users": [user_object(world, chat, user_id) for user_id in chat.members],
        "threads": [
            {
                "id": thread.id,
                "active": thread.active,
                "created_at": thread.created_at,
                "user_ids": thread.user_ids,
                "access": {"group_ids": thread.group_ids},
                "properties": thread.properties,
                "queue": thread.queue,
                "events": thread.events,
            }
            for thread in chat.threads
        ],
    }
