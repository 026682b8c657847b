"""Who may control a sandbox: programs on this machine, and no web page.

The peer must be on the loopback interface, the Host header must name it (a page whose name was
made to point here does not), and an Origin header, which browsers send, must name it, too.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from starlette.requests import Request


def allowed(request: Request) -> bool:
    """Whether the request may control the sandbox."""
    origin = request.headers.get("origin")
    return (
        request.client is not None
        and is_loopback(request.client.host)
        and is_loopback(_host(f"//{request.headers.get('host', '')}"))
        and (origin is None or is_loopback(_host(origin)))
    )


def is_loopback(host: str | None) -> bool:
    """Whether the host is this machine, by its name or address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
