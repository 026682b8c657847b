"""Who may control a sandbox."""

from __future__ import annotations

import re

import pytest
from sandbox_kit import http
from starlette.requests import Request
from starlette.routing import Mount, Route

from livechat_customer.sandbox import Limits, Sandbox
from livechat_customer.sandbox.app import make_app
from livechat_customer.sandbox.backoffice import Backoffice
from livechat_customer.sandbox.core import Core
from livechat_customer.sandbox.guard import allowed


def request(client: str | None, host: str, origin: str | None = None) -> Request:
    headers = {"host": host} | ({} if origin is None else {"origin": origin})
    return Request(
        {
            "type": "http",
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "client": None if client is None else (client, 5),
        }
    )


@pytest.mark.parametrize(
    ("client", "host", "origin"),
    [
        ("127.0.0.1", "127.0.0.1:8000", None),
        ("127.0.0.1", "localhost", None),
        ("127.8.8.8", "localhost:1", "http://localhost:1"),
        ("::1", "[::1]:8000", "https://[::1]:8000"),
    ],
)
def test_programs_on_this_machine(client: str, host: str, origin: str | None) -> None:
    assert allowed(request(client, host, origin))


@pytest.mark.parametrize(
    ("client", "host", "origin"),
    [
        (None, "localhost", None),
        ("192.168.1.7", "localhost", None),
        ("testclient", "localhost", None),
        ("127.0.0.1", "", None),
        ("127.0.0.1", "evil.example", None),
        ("127.0.0.1", "localhost.evil.example", None),
        ("127.0.0.1", "localhost", "https://evil.example"),
        ("127.0.0.1", "localhost", "null"),
        ("127.0.0.1", "localhost", "http://localhost.evil.example"),
        ("127.0.0.1", "[", None),
        ("127.0.0.1", "localhost", "http://["),
    ],
)
def test_nobody_else(client: str | None, host: str, origin: str | None) -> None:
    assert not allowed(request(client, host, origin))


def endpoints() -> set[tuple[str, str]]:
    """(verb, path) of every control endpoint there is."""
    core = Core(seed=0, clock=None, limits=Limits(), strict=False)
    app = make_app(core, Backoffice(core, bot=False))
    (control,) = (route for route in app.routes if isinstance(route, Mount))
    found: set[tuple[str, str]] = set()
    for route in control.routes:
        assert isinstance(route, Route)
        path = re.sub(r"{[^}]*}", "1", route.path)
        found |= {(verb, control.path + path) for verb in route.methods or ()}
    return found


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"Origin": "https://evil.example"}])
async def test_every_endpoint_is_guarded(sandbox: Sandbox, headers: dict[str, str]) -> None:
    known = endpoints()
    assert {("GET", "/_sandbox/state"), ("POST", "/_sandbox/agents/1/1")} < known
    async with http(sandbox) as client:
        for verb, path in known:
            answer = await client.request(verb, path, headers=headers)
            assert answer.status_code == 403, path
            if verb != "HEAD":
                assert answer.json()["error"]["type"] == "authorization"
