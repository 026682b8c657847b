"""The pages a sandbox serves itself, so that `get_url_info` has something to tell about.

Nothing is ever fetched: of any other URL nothing is known.
"""

from __future__ import annotations

import html
import struct
import zlib
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from livechat_customer.sandbox.image_size import image_size
from livechat_customer.sandbox.wire_json import JsonObject

PATH: Final = "/_pages"
_IMAGE: Final = ".png"


@dataclass(frozen=True, slots=True)
class Page:
    """A page with a title, perhaps a description and a picture (PNG)."""

    title: str
    description: str | None = None
    image: bytes | None = field(default=None, repr=False)


def welcome_page() -> Page:
    """The page that every sandbox has, `/_pages/welcome`."""
    return Page("Welcome", "A page of the sandbox's own, with a picture.", _picture(320, 180))


def page_url(origin: str, name: str) -> str:
    """Where the page is."""
    return f"{origin}{PATH}/{quote(name, safe='')}"


def page_html(origin: str, name: str, page: Page) -> str:
    """The page as browsers and crawlers get it."""
    tags = {"og:title": page.title, "og:url": page_url(origin, name)}
    if page.description is not None:
        tags["og:description"] = page.description
    if page.image is not None:
        tags["og:image"] = page_url(origin, name) + _IMAGE
    metas = "".join(
        f'<meta property="{key}" content="{html.escape(value)}">' for key, value in tags.items()
    )
    title, text = html.escape(page.title), html.escape(page.description or page.title)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f"{metas}</head><body><p>{text}</p></body></html>"
    )


def served(pages: dict[str, Page], name: str) -> Page | bytes | None:
    """The page of that name, or the picture of the page it is named after."""
    if name in pages:
        return pages[name]
    owner = pages.get(name.removesuffix(_IMAGE)) if name.endswith(_IMAGE) else None
    return None if owner is None else owner.image


def url_info(pages: dict[str, Page], origin: str, url: str) -> JsonObject:
    """The details of one of the pages (protocol: get_url_info); of another URL nothing but it."""
    found: JsonObject = {"url": url}
    parts = urlsplit(url)
    prefix = f"{PATH}/"
    ours = f"{parts.scheme}://{parts.netloc}".lower() == origin and parts.path.startswith(prefix)
    page = pages.get(unquote(parts.path.removeprefix(prefix))) if origin and ours else None
    if page is None:
        return found
    found["title"] = page.title
    if page.description is not None:
        found["description"] = page.description
    if page.image is not None:
        picture = page_url(origin, unquote(parts.path.removeprefix(prefix))) + _IMAGE
        # The sandbox has no smaller copies: the picture is its own thumbnail.
        found |= {"image_url": picture, "image_original_url": picture}
        size = image_size(page.image)
        if size is not None:
            found |= {"image_width": size[0], "image_height": size[1]}
    return found


def _picture(width: int, height: int) -> bytes:
    """A PNG of one colour."""
    rows = (b"\0" + b"\x2f\x6f\xed" * width) * height

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = (b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)
