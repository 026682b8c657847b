"""What the service itself does, as control endpoints."""

from __future__ import annotations

from livechat_customer.sandbox.check import Fields
from livechat_customer.sandbox.control_agents import content
from livechat_customer.sandbox.endpoints import Handler
from livechat_customer.sandbox.router import DURATION
from livechat_customer.sandbox.service import Service
from livechat_customer.sandbox.wire_json import JsonObject


def _required(fields: Fields, name: str) -> str:
    return fields.need(name, fields.string(name))


class ServiceControl:
    """The endpoints of one sandbox's service."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def handlers(self) -> dict[str, Handler]:
        """By path, relative to `/_sandbox`; all of them are POST."""
        return {
            "/advance": self._advance,
            "/anonymize": self._anonymize,
            "/form_event": self._form_event,
            "/multicast": self._multicast,
            "/route": self._route,
            "/side_storage": self._side_storage,
            "/system_event": self._system_event,
            "/system_message": self._system_message,
            "/unban": self._unban,
            "/welcome": self._welcome,
            "/welcome_text": self._welcome_text,
        }

    def _advance(self, fields: Fields) -> JsonObject:
        self._service.advance(fields.number("seconds") or 0.0)
        return {}

    def _anonymize(self, fields: Fields) -> JsonObject:
        self._service.anonymize_chat(_required(fields, "chat_id"))
        return {}

    def _form_event(self, fields: Fields) -> JsonObject:
        form = fields.need("form", fields.mapping("form"))
        return {"event_id": self._service.send_form(_required(fields, "chat_id"), form)}

    def _multicast(self, fields: Fields) -> JsonObject:
        self._service.multicast(content(fields), fields.string("customer_id"))
        return {}

    def _route(self, fields: Fields) -> JsonObject:
        self._service.route(
            _required(fields, "chat_id"),
            _required(fields, "move"),
            fields.string("cause") or "other",
            agent_id=fields.string("agent_id"),
            minutes=fields.integer("minutes") or DURATION,
        )
        return {}

    def _side_storage(self, fields: Fields) -> JsonObject:
        name = "customer_side_storage"
        storage = fields.need(name, fields.string_map(name))
        self._service.set_side_storage(storage, fields.string("customer_id"))
        return {}

    def _system_event(self, fields: Fields) -> JsonObject:
        event_id = self._service.send_system_event(
            _required(fields, "chat_id"),
            _required(fields, "source"),
            _required(fields, "subtype"),
            fields.string("details") or "{}",
            version=fields.integer("version") or 1,
            custom_id=fields.string("custom_id"),
        )
        return {"event_id": event_id}

    def _system_message(self, fields: Fields) -> JsonObject:
        event_id = self._service.send_system_message(
            _required(fields, "chat_id"),
            _required(fields, "system_message_type"),
            fields.string_map("text_vars"),
        )
        return {"event_id": event_id}

    def _unban(self, fields: Fields) -> JsonObject:
        self._service.unban(_required(fields, "customer_id"))
        return {}

    def _welcome(self, fields: Fields) -> JsonObject:
        shown = self._service.show_welcome(fields.string("customer_id"), fields.string("agent_id"))
        return {"id": shown}

    def _welcome_text(self, fields: Fields) -> JsonObject:
        self._service.set_welcome_text(_required(fields, "text"))
        return {}
