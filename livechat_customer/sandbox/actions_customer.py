"""The customer's own data and greetings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from livechat_customer.sandbox import goals
from livechat_customer.sandbox.api_errors import ApiError, invalid
from livechat_customer.sandbox.calls import Action, Call
from livechat_customer.sandbox.check import Fields
from livechat_customer.sandbox.contacts import read_contacts
from livechat_customer.sandbox.limits import Limits
from livechat_customer.sandbox.pushes import Push
from livechat_customer.sandbox.structures import session_fields
from livechat_customer.sandbox.versions import OLDEST
from livechat_customer.sandbox.wire_json import JsonObject
from livechat_customer.sandbox.world import Customer, Greeting


def update_customer(call: Call) -> JsonObject:
    """Merges session fields; at least one argument is needed."""
    call.pushes += apply_update(call.customer, call.fields, call.limits, call.version, needed=True)
    return {}


def set_customer_session_fields(call: Call) -> JsonObject:
    """Replaces the session fields."""
    given = call.fields.need("session_fields", read_session_fields(call.fields))
    _check_number(given, call.limits)
    if given != call.customer.session_fields:
        call.customer.session_fields = given
        changed = {"session_fields": session_fields(given)}
        call.pushes.append(Push("customer_updated", {"id": call.customer.id} | changed))
    return {}


def update_customer_page(call: Call) -> JsonObject:
    """May reach goals, whose greetings are shown."""
    customer = call.customer
    read_page(customer, call.fields)
    fields, group = customer.session_fields, customer.context_group
    url = (customer.page or {})["url"]
    call.pushes += goals.reach(call.world, call.limits, customer, url, fields, group)
    return {}


def accept_greeting(call: Call) -> JsonObject:
    number = call.fields.need("greeting_id", call.fields.integer("greeting_id"))
    greeting = _greeting(call)
    if greeting.body["id"] != number:
        raise ApiError("greeting_not_found")
    greeting.accepted = True
    call.pushes.append(Push("greeting_accepted", {"unique_id": greeting.unique_id}))
    return {}


def cancel_greeting(call: Call) -> JsonObject:
    greeting = _greeting(call)
    greeting.canceled = True
    call.pushes.append(Push("greeting_canceled", {"unique_id": greeting.unique_id}))
    return {}


def apply_update(
    customer: Customer, fields: Fields, limits: Limits, version: str, *, needed: bool = False
) -> list[Push]:
    """Sets name, e-mail, avatar, session fields as given, since 3.6 also address, phone number
    and accounts elsewhere; one push holds what changed."""
    given: dict[str, object] = {
        "name": fields.string("name"),
        "email": fields.email("email"),
        "avatar": fields.string("avatar"),
    }
    if version != OLDEST:
        given |= read_contacts(fields, customer.omnichannel)
    merged = read_session_fields(fields)
    if needed and merged is None and not any(value is not None for value in given.values()):
        raise invalid("name", "or another field is required")
    changed: JsonObject = {}
    if merged is not None:
        merged = customer.session_fields | merged
        _check_number(merged, limits)
        if merged != customer.session_fields:
            changed["session_fields"] = session_fields(merged)
            customer.session_fields = merged
    for name, value in given.items():
        if value is not None and value != getattr(customer, name):
            setattr(customer, name, value)
            changed[name] = value
    if "email" in changed and customer.email_verified:
        customer.email_verified = changed["email_verified"] = False
    return [Push("customer_updated", {"id": customer.id} | changed)] if changed else []


def read_session_fields(fields: Fields) -> dict[str, str] | None:
    """An ordered array of single-pair objects with string values; later duplicates win."""
    pairs = fields.objects("session_fields")
    if pairs is None:
        return None
    found: dict[str, str] = {}
    for pair in pairs:
        if len(pair.data) != 1 or not all(isinstance(value, str) for value in pair.data.values()):
            raise invalid(pair.path, "must have one key with a string")
        found |= pair.data
    return found


def check_page(fields: Fields) -> JsonObject:
    """The page that is being viewed: `url` and perhaps `title`."""
    page: JsonObject = {"url": fields.need("url", fields.string("url"))}
    title = fields.string("title")
    return page if title is None else page | {"title": title}


def read_page(customer: Customer, fields: Fields) -> None:
    """The customer is on another page now."""
    customer.page = check_page(fields)
    customer.page_views += 1


def _check_number(given: Mapping[str, str], limits: Limits) -> None:
    if len(given) > limits.session_fields:
        raise ApiError("limit_reached", f"At most {limits.session_fields} session fields")


def _greeting(call: Call) -> Greeting:
    unique_id = call.fields.need("unique_id", call.fields.string("unique_id"))
    for greeting in call.customer.greetings:
        if greeting.unique_id == unique_id and not greeting.canceled:
            return greeting
    raise ApiError("greeting_not_found")


_RUN: Final[dict[str, Callable[[Call], JsonObject]]] = {
    "update_customer": update_customer,
    "set_customer_session_fields": set_customer_session_fields,
    "accept_greeting": accept_greeting,
    "cancel_greeting": cancel_greeting,
}
ACTIONS: Final = {name: Action(run) for name, run in _RUN.items()} | {
    "update_customer_page": Action(update_customer_page, web=False, counts=True)
}
