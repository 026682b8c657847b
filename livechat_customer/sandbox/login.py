"""Logging a connection in (protocol: login; versions and subscriptions on one connection)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from livechat_customer.sandbox import goals
from livechat_customer.sandbox.action_table import is_served
from livechat_customer.sandbox.actions_customer import apply_update, check_page, read_page
from livechat_customer.sandbox.api_errors import ApiError, invalid
from livechat_customer.sandbox.check import Fields
from livechat_customer.sandbox.configuration import CONFIGURATION_VERSION
from livechat_customer.sandbox.connection import Connection, Subscription
from livechat_customer.sandbox.core import Core
from livechat_customer.sandbox.pushes import OTHERS, Push
from livechat_customer.sandbox.structures import customer_object, has_unread_events, statistics
from livechat_customer.sandbox.tenant import LANGUAGE
from livechat_customer.sandbox.tokens import Token, bearer
from livechat_customer.sandbox.wire_json import JsonObject
from livechat_customer.sandbox.world import OFFLINE, Customer


class Dismissed(Exception):
    """The connection gets no answer but `customer_disconnected` with this reason."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def token_of(core: Core, payload: JsonObject) -> Token | None:
    """The good token that a login brings, if it does."""
    given = payload.get("token")
    value = bearer(given) if isinstance(given, str) else None
    return None if value is None else core.tokens.find(value)


def log_in(
    core: Core, connection: Connection, payload: JsonObject, version: str
) -> tuple[JsonObject, list[Push]]:
    """The answer's payload, and what the customer's connections are told.

    A second login on a logged-in connection runs again, also for another customer. `version` is
    that of the request: 3.6 knows more about customers.
    """
    fields = Fields(payload)
    fields.need("token", fields.string("token"))
    subscription = _read_subscription(fields)
    group = fields.integer("group_id")
    update = fields.fields("customer") or Fields({}, "customer")
    page = fields.fields("customer_page")
    if page is not None:
        check_page(page)
    storage = fields.string_map("customer_side_storage")
    _check_rest(fields)
    token = token_of(core, payload)
    if token is None:
        raise ApiError("authentication", "Invalid access token")
    if token.organization_id != connection.organization_id:
        raise Dismissed("license_not_found")
    if group is not None and group not in core.world.groups:
        raise ApiError("group_not_found")
    customer = core.world.customers[token.customer_id]
    if customer.banned:
        raise ApiError("customer_banned")
    _check_numbers(core, connection, customer)
    pushes = apply_update(customer, update, core.limits, version)
    if page is not None:
        read_page(customer, page)
    if storage is not None:
        customer.side_storage = storage
    customer.context_group = group or 0
    customer.active_at = core.world.clock.now()
    if not core.hub.of(customer.id):
        customer.visits += 1
    connection.customer = customer
    connection.token = token
    connection.subscription = subscription
    connection.timers.after(
        core.tokens.seconds_left(token), partial(_end_of_token, core, connection, token)
    )
    told = [replace(push, to=OTHERS) for push in pushes]
    answer = _answer(core, customer)
    if page is not None and customer.page is not None:
        url, given = customer.page["url"], customer.session_fields
        told += goals.reach(core.world, core.limits, customer, url, given, customer.context_group)
    return answer, told


def _check_numbers(core: Core, connection: Connection, customer: Customer) -> None:
    """How many connections one customer may have, and how many customers may be there."""
    others = [one for one in core.hub.of(None) if one is not connection]
    own = sum(one.customer is customer for one in others)
    most = core.limits.connections_per_customer
    if most is not None and own >= most:
        raise Dismissed("too_many_connections")
    most = core.limits.online_customers
    online = {one.customer_id for one in others} - {customer.id}
    if most is not None and len(online) >= most:
        raise ApiError("users_limit_reached")


def _answer(core: Core, customer: Customer) -> JsonObject:
    chats = core.world.chats_of(customer.id)
    found: JsonObject = {
        "customer": customer_object(customer) | {"statistics": statistics(core.world, customer)},
        "has_active_thread": any(chat.open_thread is not None for chat in chats),
        "chats": [
            {
                "chat_id": chat.id,
                "has_unread_events": has_unread_events(chat),
                "has_active_thread": chat.open_thread is not None,
            }
            for chat in chats
        ],
        "customer_id": customer.id,
        "__priv_dynamic_config": _dynamic_config(core, customer),
    }
    greeting = customer.greeting
    if greeting is not None:
        found["greeting"] = greeting.body | {"accepted": greeting.accepted}
    return found


def _dynamic_config(core: Core, customer: Customer) -> JsonObject:
    """Private, yet what clients derive availability from; no list at all when all are offline."""
    group = customer.context_group
    query = f"organization_id={customer.organization_id}&group_id={group}"
    query += f"&version={CONFIGURATION_VERSION}"
    base = "/v3.5/customer/action"
    urls = {
        "static_config_url": f"{base}/get_configuration?{query}",
        "language_config_url": f"{base}/get_localization?{query}&language={LANGUAGE}",
    }
    found: JsonObject = {
        "organization_id": customer.organization_id,
        "static_config_version": CONFIGURATION_VERSION,
        "customer_data": {},
        "customer_groups": {"monitoring": {"id": group} | urls},
    }
    online = [number for number, status in core.world.groups.items() if status != OFFLINE]
    return found | {"online_groups_ids": online} if online else found


def _read_subscription(fields: Fields) -> Subscription:
    given = fields.fields("pushes")
    if given is None:
        return Subscription()
    chosen: dict[str, frozenset[str]] = {}
    for version in given.data:
        if not is_served(version):
            raise ApiError("unsupported_version")
        if given.data[version] == "all":
            chosen[version] = frozenset({"all"})
        else:
            chosen[version] = frozenset(given.need(version, given.strings(version)))
    return Subscription(chosen)


def _check_rest(fields: Fields) -> None:
    """What is taken without having an effect here."""
    fields.boolean("is_mobile")
    fields.string("referrer")
    application: Mapping[str, object] = fields.mapping("application") or {}
    if not all(isinstance(value, str | None) for value in application.values()):
        raise invalid("application", "must hold strings only")


def _end_of_token(core: Core, connection: Connection, token: Token) -> None:
    if connection.token is token:
        connection.disconnect("access_token_expired")
        core.watch.notify()
