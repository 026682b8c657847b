from __future__ import annotations

import pytest

from livechat_customer.sandbox.api_errors import ApiError
from livechat_customer.sandbox.ids import Ids
from livechat_customer.sandbox.limits import Limits
from livechat_customer.sandbox.uploads import Uploads


def fresh(origin: str = "http://127.0.0.1:1") -> Uploads:
    uploads = Uploads(Ids(1), lambda: 0, Limits())
    uploads.origin = origin
    return uploads


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("a.txt", "a.txt"),
        ("../../etc/passwd", "passwd"),
        ("C:\\files\\a b.txt", "a b.txt"),
        ("", "file"),
    ],
)
def test_names_are_plain(name: str, plain: str) -> None:
    uploads = fresh()
    details = uploads.details(uploads.add(name, None, b"x"))
    assert details is not None
    assert details["name"] == plain


def test_types_are_taken_or_guessed() -> None:
    uploads = fresh()

    def kind(name: str, given: str | None) -> object:
        details = uploads.details(uploads.add(name, given, b"x"))
        return None if details is None else details["content_type"]

    assert kind("a.pdf", None) == "application/pdf"
    assert kind("a.PNG", None) == "image/png"
    assert kind("a.unheard", None) == "application/octet-stream"
    assert kind("a.pdf", "text/plain") == "text/plain"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "http://127.0.0.1:1/_files/",
        "http://127.0.0.1:1/_files/unknown/a.png",
        "http://127.0.0.1:2/_files/unknown/a.png",
        "http://cdn.livechatinc.com/a.png",
        "https://cdn.livechatinc.com/",
        "https://cdn.livechatinc.com.evil.example/a.png",
        "https://evil.example/cdn.livechatinc.com/a.png",
        "https://[",
    ],
)
def test_other_urls_are_of_no_upload(url: str) -> None:
    uploads = fresh()
    uploads.add("a.png", None, b"x")
    assert uploads.details(url) is None
    uploads.keep(url)


def test_files_of_the_vendors_are_taken_as_their_url_says() -> None:
    details = fresh().details("https://cdn.livechat-files.com/x/a%20b.png?sig=1")
    assert details == {"name": "a b.png", "content_type": "image/png"}


def test_without_a_server_no_url_is_ours() -> None:
    uploads = fresh("")
    assert uploads.details(uploads.add("a.png", None, b"x")) is None


def test_a_refused_file_is_not_kept() -> None:
    with pytest.raises(ApiError) as refused:
        Uploads(Ids(1), lambda: 0, Limits(upload=3)).add("a", None, b"1234")
    assert refused.value.type == "entity_too_large"
    uploads = fresh()
    url = uploads.add("a", None, b"1234")
    uploads.clear()
    assert uploads.details(url) is None
