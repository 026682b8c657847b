"""The fields of a filled form (protocol: filled-form fields)."""

from __future__ import annotations

from typing import Final

from livechat_customer.sandbox.api_errors import invalid
from livechat_customer.sandbox.check import Fields
from livechat_customer.sandbox.wire_json import JsonObject

_TEXT: Final = ("name", "email", "question", "subject", "textarea")
_CHOICE: Final = ("radio", "select")


def read_answers(form: Fields) -> list[JsonObject]:
    """The checked `fields` of the filled form; an optional field may lack its answer."""
    return [_read(field) for field in form.need("fields", form.objects("fields"))]


def _read(field: Fields) -> JsonObject:
    kind = field.need("type", field.string("type"))
    found: JsonObject = {
        "type": kind,
        "id": field.need("id", field.string("id")),
        "label": field.need("label", field.string("label")),
    }
    answer: object = None
    name = "answer"
    if kind in _TEXT:
        answer = field.string(name)
    elif kind in _CHOICE:
        answer = _option(field.fields(name))
    elif kind == "group_chooser":
        chosen = field.fields(name)
        answer = _option(chosen)
        if chosen is not None and answer is not None:
            answer["group_id"] = chosen.need("group_id", chosen.integer("group_id"))
    elif kind == "checkbox":
        # The one type whose answer is plural on the wire.
        name = "answers"
        chosen_options = field.objects(name)
        answer = None if chosen_options is None else [_option(option) for option in chosen_options]
    elif kind == "checkbox_for_email":
        answer = field.boolean(name)
    else:
        raise invalid(field.at("type"), "is no type of field that takes an answer")
    return found if answer is None else found | {name: answer}


def _option(option: Fields | None) -> JsonObject | None:
    if option is None:
        return None
    return {name: option.need(name, option.string(name)) for name in ("id", "label")}
