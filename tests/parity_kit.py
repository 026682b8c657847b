"""What a sandbox was asked, for tests of the client's methods."""

from __future__ import annotations

from typing import Any

from livechat_customer.sandbox import Sandbox


def asked(sandbox: Sandbox, action: str) -> list[dict[str, Any]]:
    """The arguments of each request of that action, as the server received them."""
    return [it.payload for it in sandbox.received if it.action == action]


def versions(sandbox: Sandbox, action: str) -> list[str | None]:
    """What the frames of these requests said of the API version."""
    return [it.frame.get("version") for it in sandbox.received if it.action == action]
