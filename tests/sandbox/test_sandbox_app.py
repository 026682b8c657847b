"""Paths that are there, and those that are not."""

from __future__ import annotations

import pytest
from sandbox_kit import http

from livechat_customer.sandbox import Sandbox


@pytest.mark.parametrize(
    ("verb", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/v3.5/customer/rtm/ws", 404),
        ("POST", "/v3.5/agent/action/list_chats", 404),
        ("POST", "/v2/customer/nonsense", 404),
        ("POST", "/v2/customer/org/group/token", 404),
        ("GET", "/v2/customer/token", 405),
        ("PUT", "/v2/customer/token", 405),
        ("POST", "/v2/customer/info", 405),
        ("POST", "/_files/a/b", 405),
        ("POST", "/v2/customer/token", 401),
        ("POST", "/v2/customer/org/0/token", 401),
        ("POST", "/customer/token", 401),
        ("GET", "/customer/info", 401),
        ("DELETE", "/v2/customer/token", 401),
        ("GET", "/v3.5/customer/action/list_chats", 404),
        ("POST", "/customer/action/list_chats", 400),
    ],
)
async def test_paths(sandbox: Sandbox, verb: str, path: str, status: int) -> None:
    async with http(sandbox) as client:
        answer = await client.request(verb, path)
    assert answer.status_code == status
    assert answer.json()
