"""Properties of chats, threads and events: `{namespace: {name: value}}`.

Which there are, of what type, and who may write them where: Customer Chat API 3.5, default
properties. Values are strings, bools and 32-bit integers. Works on inactive threads, too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from livechat_customer.methods.base import Base
from livechat_customer.models import Success, to_wire

Values = Mapping[str, Mapping[str, Any]]
"""`{namespace: {name: value}}`."""

Names = Mapping[str, Sequence[str]]
"""`{namespace: [name, …]}`."""


class PropertyMethods(Base):
    """All raise `NotFoundError` for an unknown chat, thread or event, `ValidationError` for an
    unknown property or a value outside of its range, `AuthorizationError` or `NotAllowedError`
    where customers may not write, `ChatAnonymizedError`.
    """

    async def update_chat_properties(self, *, id: str, properties: Values) -> Success:
        """Set the named properties of the chat `id`; the others stay."""
        payload = {"id": to_wire.text(id, "id"), "properties": to_wire.properties(properties)}
        return await self._do("update_chat_properties", payload)

    async def delete_chat_properties(self, *, id: str, properties: Names) -> Success:
        """Delete the named properties of the chat `id`."""
        payload = {"id": to_wire.text(id, "id"), "properties": to_wire.property_names(properties)}
        return await self._do("delete_chat_properties", payload)

    async def update_thread_properties(
        self, *, chat_id: str, thread_id: str, properties: Values
    ) -> Success:
        """Set the named properties of a thread; the others stay.

        `{"routing": {"transcript_email": …}}` asks for the chat's transcript.
        """
        payload = to_wire.thread_place(chat_id, thread_id)
        payload["properties"] = to_wire.properties(properties)
        return await self._do("update_thread_properties", payload)

    async def delete_thread_properties(
        self, *, chat_id: str, thread_id: str, properties: Names
    ) -> Success:
        """Delete the named properties of a thread."""
        payload = to_wire.thread_place(chat_id, thread_id)
        payload["properties"] = to_wire.property_names(properties)
        return await self._do("delete_thread_properties", payload)

    async def update_event_properties(
        self, *, chat_id: str, thread_id: str, event_id: str, properties: Values
    ) -> Success:
        """Set the named properties of an event; the others stay."""
        payload = to_wire.event_place(chat_id, thread_id, event_id)
        payload["properties"] = to_wire.properties(properties)
        return await self._do("update_event_properties", payload)

    async def delete_event_properties(
        self, *, chat_id: str, thread_id: str, event_id: str, properties: Names
    ) -> Success:
        """Delete the named properties of an event."""
        payload = to_wire.event_place(chat_id, thread_id, event_id)
        payload["properties"] = to_wire.property_names(properties)
        return await self._do("delete_event_properties", payload)
