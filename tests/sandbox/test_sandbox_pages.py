"""Pages of the sandbox's own, and what `get_url_info` tells of them."""

from __future__ import annotations

import socket
import zlib

import pytest
from sandbox_kit import Raw, Token, http

from livechat_customer.sandbox import Sandbox


async def test_the_welcome_page(sandbox: Sandbox, raw: Raw) -> None:
    url = f"{sandbox.api_url}/_pages/welcome"
    async with http(sandbox) as client:
        page = await client.get(url)
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        picture = await client.get(url + ".png")
        assert picture.headers["content-type"] == "image/png"
    found = await raw.ok("get_url_info", {"url": url})
    assert found == {
        "url": url,
        "title": "Welcome",
        "description": "A page of the sandbox's own, with a picture.",
        "image_url": url + ".png",
        "image_original_url": url + ".png",
        "image_width": 320,
        "image_height": 180,
    }
    assert '<meta property="og:title" content="Welcome">' in page.text
    assert f'<meta property="og:image" content="{url}.png">' in page.text
    # A picture that viewers can decode: whole rows, a filter byte before each.
    data = picture.content
    start = data.index(b"IDAT") + 4
    length = int.from_bytes(data[start - 8 : start - 4], "big")
    assert len(zlib.decompress(data[start : start + length])) == 180 * (1 + 3 * 320)
    assert (
        zlib.crc32(data[start - 4 : start + length]).to_bytes(4, "big")
        == (data[start + length : start + length + 4])
    )


async def test_other_pages(sandbox: Sandbox, raw: Raw, token: Token) -> None:
    url = sandbox.add_page("a shop/é", 'Shoes & "more"', "<b>Cheap</b>")
    plain = sandbox.add_page("plain", "Plain")
    async with http(sandbox) as client:
        page = await client.get(url)
        assert page.status_code == 200
        assert "<b>" not in page.text
        assert "Shoes &amp; &quot;more&quot;" in page.text
        assert (await client.get(plain + ".png")).status_code == 404
        assert (await client.get("/_pages/unknown")).status_code == 404
        by_web = await client.post(
            "/v3.5/customer/action/get_url_info",
            params={"organization_id": sandbox.organization_id},
            headers={"Authorization": f"Bearer {token.value}"},
            json={"url": url},
        )
    assert by_web.json() == {"url": url, "title": 'Shoes & "more"', "description": "<b>Cheap</b>"}
    assert await raw.ok("get_url_info", {"url": plain + "?a=1#b"}) == {
        "url": plain + "?a=1#b",
        "title": "Plain",
    }


async def test_nothing_else_is_fetched(sandbox: Sandbox, raw: Raw) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        other.setblocking(False)
        elsewhere = f"http://127.0.0.1:{other.getsockname()[1]}"
        for url in (
            f"{elsewhere}/_pages/welcome",
            f"{sandbox.api_url}/_pages/unknown",
            f"{sandbox.api_url}/_sandbox/state",
            f"{sandbox.api_url}@127.0.0.1/_pages/welcome",
            sandbox.api_url,
        ):
            assert await raw.ok("get_url_info", {"url": url}) == {"url": url}
        with pytest.raises(BlockingIOError):
            other.accept()


@pytest.mark.parametrize("url", [None, "", 5, "shop.example", "//shop.example", "http://[", "x:y"])
async def test_is_refused(raw: Raw, url: object) -> None:
    assert await raw.refused("get_url_info", {"url": url}) == "validation"
