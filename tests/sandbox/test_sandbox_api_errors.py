from __future__ import annotations

import pytest

from livechat_customer.sandbox.api_errors import MESSAGES, ApiError, invalid


def test_the_documented_types_are_all_there() -> None:
    # 26 of the catalogue, and the one that only the vendor's SDK knows.
    assert len(MESSAGES) == 27


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("validation", 400),
        ("unsupported_version", 400),
        ("authentication", 401),
        ("authorization", 403),
        ("customer_banned", 403),
        ("not_found", 404),
        ("group_not_found", 404),
        ("license_not_found", 404),
        ("request_timeout", 408),
        ("entity_too_large", 413),
        ("misdirected_request", 421),
        ("chat_inactive", 422),
        ("limit_reached", 422),
        ("too_many_requests", 429),
        ("users_limit_reached", 429),
        ("internal", 500),
        ("service_unavailable", 503),
        ("something_new", 500),
    ],
)
def test_statuses(kind: str, status: int) -> None:
    assert ApiError(kind).status == status


def test_json() -> None:
    assert ApiError("chat_inactive").as_json() == {
        "type": "chat_inactive",
        "message": "Chat is inactive",
    }
    assert ApiError("misdirected_request", "Go", {"region": "fra"}).as_json() == {
        "type": "misdirected_request",
        "message": "Go",
        "data": {"region": "fra"},
    }
    assert invalid("event.text", "is required").as_json() == {
        "type": "validation",
        "message": "`event.text` is required",
    }
