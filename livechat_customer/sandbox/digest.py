"""What a client's `shared_digest()` should be, worked out from the server's own state."""

from __future__ import annotations

from livechat_customer.models import canonical
from livechat_customer.sandbox.structures import chat_object, customer_object
from livechat_customer.sandbox.versions import chat_in, customer_in
from livechat_customer.sandbox.wire_json import JsonObject
from livechat_customer.sandbox.world import Customer, World


def shared_document(world: World, customer: Customer, version: str) -> JsonObject:
    """The customer without statistics, and each chat as `get_chat` shows it now, by id."""
    chats = sorted(world.chats_of(customer.id), key=lambda chat: chat.id)
    return {
        "customer": customer_in(version, customer_object(customer)),
        "chats": [chat_in(version, chat_object(world, chat, chat.newest)) for chat in chats],
    }


def shared_digest(world: World, customer: Customer, version: str) -> str:
    """SHA-256 of the document's canonical JSON, in hexadecimal."""
    return canonical.digest(shared_document(world, customer, version))
