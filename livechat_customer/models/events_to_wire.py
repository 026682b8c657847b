"""Events to send: what must hold of each type, and the wire's form of it.

Customer Chat API 3.5, events and limits. Only what a customer may set is encoded.
"""

from typing import Any, Final, assert_never

import msgspec

from livechat_customer.errors import InvalidArgumentError
from livechat_customer.models import events
from livechat_customer.models.check import checked_properties
from livechat_customer.models.events import SendableEvent
from livechat_customer.models.wire.base import is_tuple

MAX_TEXT: Final = 16 * 1024
"""Bytes of UTF-8 in a message."""
MAX_ELEMENTS: Final = 10
MAX_BUTTONS: Final = 13

_RECIPIENTS: Final = (None, "all", "agents")


def check_event(event: SendableEvent, path: str) -> None:
    """InvalidArgumentError where the server would refuse for certain."""
    if event.recipients not in _RECIPIENTS:
        raise InvalidArgumentError(f"{path}.recipients", 'must be "all" or "agents"')
    checked_properties(event.properties, f"{path}.properties")
    match event:
        case events.Message():
            _check_message(event, path)
        case events.File():
            _required(event.url, f"{path}.url")
        case events.Form() | events.FilledForm():
            _required(event.form_id, f"{path}.form_id")
        case events.RichMessage():
            _check_rich_message(event, path)
        case events.SystemMessage():
            _required(event.system_message_type, f"{path}.system_message_type")
        case events.Custom():
            pass
        case _:
            assert_never(event)


def _required(text: str, path: str) -> None:
    if not text:
        raise InvalidArgumentError(path, "is empty; give it")


def _check_message(event: events.Message, path: str) -> None:
    if len(event.text.encode()) > MAX_TEXT:
        raise InvalidArgumentError(
            f"{path}.text", f"is longer than {MAX_TEXT} bytes of UTF-8; split it"
        )
    postback = event.postback
    if postback is not None and (postback.type is None) != (postback.value is None):
        raise InvalidArgumentError(
            f"{path}.postback", "has type or value without the other; give both or neither"
        )


def _check_rich_message(event: events.RichMessage, path: str) -> None:
    _required(event.template, f"{path}.template")
    if len(event.elements) > MAX_ELEMENTS:
        raise InvalidArgumentError(
            f"{path}.elements", f"are more than {MAX_ELEMENTS}; send several messages"
        )
    for number, element in enumerate(event.elements):
        if len(element.buttons) > MAX_BUTTONS:
            raise InvalidArgumentError(
                f"{path}.elements[{number}].buttons", f"are more than {MAX_BUTTONS}; leave some out"
            )


def event_payload(event: SendableEvent) -> dict[str, Any]:
    """The wire's form of a checked event."""
    payload: dict[str, Any] = {"type": event.type}
    if event.custom_id is not None:
        payload["custom_id"] = event.custom_id
    if event.properties:
        payload["properties"] = event.properties
    if event.recipients is not None:
        payload["recipients"] = event.recipients
    payload.update(_body(event))
    return payload


def _body(event: SendableEvent) -> dict[str, Any]:
    match event:
        case events.Message():
            body: dict[str, Any] = {"text": event.text}
            if event.postback is not None:
                body["postback"] = sparse(event.postback)
        case events.File():
            body = {"url": event.url}
            if event.alternative_text is not None:
                body["alternative_text"] = event.alternative_text
        case events.Form() | events.FilledForm():
            body = {"form_id": event.form_id, "fields": [sparse(field) for field in event.fields]}
        case events.RichMessage():
            body = {"template_id": event.template}
            if event.elements:
                body["elements"] = [_element(element) for element in event.elements]
        case events.SystemMessage():
            body = {"system_message_type": event.system_message_type}
            if event.text:
                body["text"] = event.text
            if event.text_vars is not None:
                body["text_vars"] = event.text_vars
        case events.Custom():
            body = {} if event.content is None else {"content": event.content}
        case _:
            assert_never(event)
    return body


def _element(element: events.Element) -> dict[str, Any]:
    found = sparse(element)
    if element.buttons:
        found["buttons"] = [_button(button) for button in element.buttons]
    return found


def _button(button: events.Button) -> dict[str, Any]:
    # The API wants `user_ids` even when nobody has pressed the button yet.
    found = sparse(button) | {"user_ids": list(button.user_ids)}
    if button.role == "default":
        del found["role"]
    return found


def sparse(struct: msgspec.Struct) -> dict[str, Any]:
    """A struct's fields by name, without those that are None or an empty list."""
    found: dict[str, Any] = {}
    for name in struct.__struct_fields__:
        value = getattr(struct, name)
        if value is not None and value != ():
            found[name] = _sparse_value(value)
    return found


def _sparse_value(value: Any) -> Any:
    if isinstance(value, msgspec.Struct):
        return sparse(value)
    if is_tuple(value):
        return [_sparse_value(item) for item in value]
    return value
