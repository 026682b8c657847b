"""Where things are: URLs and headers for a region, or for a host of the caller's.

A host never comes from the wire: a region is one of two known names, and with `api_url` the host
stays and the region travels as a header.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

import msgspec

API_HOSTS: Final[dict[str, str]] = {
    "dal": "https://api.livechatinc.com",
    "fra": "https://api-fra.livechatinc.com",
}
DEFAULT_REGION: Final = "dal"
ACCOUNTS_URL: Final = "https://accounts.livechat.com"
LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


class Urls(msgspec.Struct, frozen=True, kw_only=True):
    """The URLs of one organization. `api_url` and `accounts_url` point at other hosts, such as a
    sandbox's."""

    organization_id: str
    api_version: str = "3.5"
    api_url: str | None = None
    accounts_url: str | None = None

    def rtm(self, region: str | None = None) -> str:
        """The WebSocket's URL (Customer Chat API 3.5, 1.1): `wss`, or `ws` where `api_url` is
        `http`."""
        base = urlsplit(self.api_url or API_HOSTS[region or DEFAULT_REGION])
        return urlunsplit(
            (
                "ws" if base.scheme == "http" else "wss",
                base.netloc,
                f"{base.path.rstrip('/')}/v{self.api_version}/customer/rtm/ws",
                urlencode({"organization_id": self.organization_id}),
                "",
            )
        )

    def web(self, action: str, parameters: Mapping[str, str], region: str | None = None) -> str:
        """The URL of a Web API call (1.2)."""
        base = (self.api_url or API_HOSTS[region or DEFAULT_REGION]).rstrip("/")
        query = urlencode({"organization_id": self.organization_id, **parameters})
        return f"{base}/v{self.api_version}/customer/action/{action}?{query}"

    def headers(self, region: str | None = None) -> dict[str, str]:
        """`X-Region`, where the host does not say it already (1.3)."""
        if self.api_url is None or region is None:
            return {}
        return {"X-Region": region}

    def token(self, group_id: int | None = None) -> str:
        """The token endpoint (1.5); with `group_id` the one of an identity of that group's own."""
        own = "" if group_id is None else f"/{quote(self.organization_id, safe='')}/{group_id}"
        return f"{self._accounts}{own}/token"

    def identity_transfer(self) -> str:
        """Where a token is minted that hands an identity on (1.5)."""
        return f"{self._accounts}/identity_transfer"

    @property
    def _accounts(self) -> str:
        return f"{(self.accounts_url or ACCOUNTS_URL).rstrip('/')}/v2/customer"


def is_loopback(url: str) -> bool:
    """This machine itself: no proxy is asked."""
    return urlsplit(url).hostname in LOOPBACK
