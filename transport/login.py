"""The payload of `login` (Customer Chat API 3.5, 3.1)."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from livechat_customer.transport.token import Token

APPLICATION: Final = "livechat-customer"
VERSION: Final = importlib.metadata.version(APPLICATION)
"""This library's, as it is installed. Looked up at import: it reads files."""


def login_payload(
    token: Token,
    *,
    customer: Mapping[str, Any] | None = None,
    page: Mapping[str, Any] | None = None,
    side_storage: Mapping[str, str] | None = None,
    mobile: bool = False,
    group_id: int | None = None,
    referrer: str | None = None,
    pushes: Mapping[str, Sequence[str] | str] | None = None,
    application_version: str = VERSION,
) -> bytes:
    """The payload as JSON.

    `customer` is what the customer data provider gave, in wire form (`name`, `email`, `avatar`,
    `session_fields` as a list of one-key maps). `side_storage` is what the last
    `customer_side_storage_updated` delivered. Without `pushes` the server sends all of them.
    """
    payload: dict[str, Any] = {
        "token": token.authorization,
        "customer": dict(customer or {}),
        "customer_side_storage": dict(side_storage or {}),
        "is_mobile": mobile,
        "application": {"name": APPLICATION, "version": application_version},
    }
    if group_id is not None:
        payload["group_id"] = group_id
    if page is not None:
        payload["customer_page"] = dict(page)
    if referrer is not None:
        payload["referrer"] = referrer
    if pushes is not None:
        payload["pushes"] = {
            name: ["all"] if actions == "all" else list(actions) for name, actions in pushes.items()
        }
    return msgspec.json.encode(payload)
