"""URLs and headers by region and host."""

from __future__ import annotations

import pytest

from livechat_customer.transport.urls import Urls, is_loopback

ORG = "0e7f7d4c-2c11-4b5e-9f3a-6a1d0c9b8e77"


@pytest.mark.parametrize(
    ("given", "region", "url", "headers"),
    [
        ({}, None, "wss://api.livechatinc.com/v3.5/customer/rtm/ws", {}),
        ({}, "dal", "wss://api.livechatinc.com/v3.5/customer/rtm/ws", {}),
        ({}, "fra", "wss://api-fra.livechatinc.com/v3.5/customer/rtm/ws", {}),
        ({"api_version": "3.6"}, None, "wss://api.livechatinc.com/v3.6/customer/rtm/ws", {}),
        (
            {"api_url": "http://127.0.0.1:8080/"},
            "fra",
            "ws://127.0.0.1:8080/v3.5/customer/rtm/ws",
            {"X-Region": "fra"},
        ),
        (
            {"api_url": "https://proxy.example/lc"},
            None,
            "wss://proxy.example/lc/v3.5/customer/rtm/ws",
            {},
        ),
    ],
)
def test_rtm(given: dict[str, str], region: str | None, url: str, headers: dict[str, str]) -> None:
    urls = Urls(organization_id=ORG, **given)

    assert urls.rtm(region) == f"{url}?organization_id={ORG}"
    assert urls.headers(region) == headers


def test_the_organization_id_is_encoded() -> None:
    assert Urls(organization_id="a&b/c").rtm().endswith("?organization_id=a%26b%2Fc")
    assert "/a%26b%2Fc/" in Urls(organization_id="a&b/c").token(3)


@pytest.mark.parametrize(
    ("given", "group_id", "url"),
    [
        ({}, None, "https://accounts.livechat.com/v2/customer/token"),
        ({}, 0, f"https://accounts.livechat.com/v2/customer/{ORG}/0/token"),
        ({"accounts_url": "http://127.0.0.1:1/"}, None, "http://127.0.0.1:1/v2/customer/token"),
    ],
)
def test_token(given: dict[str, str], group_id: int | None, url: str) -> None:
    assert Urls(organization_id=ORG, **given).token(group_id) == url


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("ws://127.0.0.1:1/", True),
        ("http://localhost", True),
        ("http://[::1]:8", True),
        ("https://127.0.0.1.evil.example", False),
        ("wss://api.livechatinc.com", False),
    ],
)
def test_loopback(url: str, expected: bool) -> None:
    assert is_loopback(url) is expected
