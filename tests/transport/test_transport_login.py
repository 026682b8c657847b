"""The login payload."""

from __future__ import annotations

import importlib.metadata
import json

import pytest
from transport_kit import SECRET, token

from livechat_customer.transport.login import login_payload

LEAST = {
    "token": f"Bearer {SECRET}",
    "customer": {},
    "customer_side_storage": {},
    "is_mobile": False,
    "application": {"name": "livechat-customer", "version": "1.2"},
}


@pytest.mark.parametrize(
    ("given", "more"),
    [
        ({}, {}),
        ({"customer": {"name": "Jane"}}, {"customer": {"name": "Jane"}}),
        ({"side_storage": {"k": "v"}}, {"customer_side_storage": {"k": "v"}}),
        ({"mobile": True}, {"is_mobile": True}),
        ({"group_id": 0}, {"group_id": 0}),
        ({"referrer": "https://r.example"}, {"referrer": "https://r.example"}),
        (
            {"page": {"url": "https://x.example", "title": "X"}},
            {"customer_page": {"url": "https://x.example", "title": "X"}},
        ),
        ({"pushes": {"3.6": "all"}}, {"pushes": {"3.6": ["all"]}}),
        ({"pushes": {"3.5": ("incoming_chat",)}}, {"pushes": {"3.5": ["incoming_chat"]}}),
    ],
)
def test_payload(given: dict[str, object], more: dict[str, object]) -> None:
    payload = login_payload(token(), application_version="1.2", **given)  # type: ignore[arg-type]

    assert json.loads(payload) == LEAST | more


def test_the_version_is_the_installed_one() -> None:
    payload = json.loads(login_payload(token()))

    assert payload["application"]["version"] == importlib.metadata.version("livechat-customer")
