"""The token endpoint's driver against a real HTTP server on 127.0.0.1."""

from __future__ import annotations

import json
import logging

import pytest
from transport_net_kit import Answer, http_server, server_context, trusting_context

from livechat_customer.errors import AuthError
from livechat_customer.transport.accounts import CID, CST, post_token
from livechat_customer.transport.http import TOO_LARGE

TOKEN = {"access_token": "dal:secret", "entity_id": "e", "expires_in": 28_800}
COOKIES = (
    ("Set-Cookie", "__lc_cid=the-id; Path=/v2/customer; Max-Age=63072000; HttpOnly; Secure"),
    ("Set-Cookie", "__lc_cst=cookie=secret; Path=/v2/customer; Secure; SameSite=None"),
    ("Set-Cookie", "tracking=no-thanks"),
)


async def refused(answer: Answer) -> AuthError:
    async with http_server(answer) as server:
        with pytest.raises(AuthError) as failed:
            await post_token(server.url, {}, cookies={})
    return failed.value


async def test_the_request_and_the_answer_with_its_cookies() -> None:
    async with http_server(Answer(TOKEN, headers=COOKIES)) as server:
        answer = await post_token(
            server.url, {"grant_type": "cookie"}, cookies={CID: "old", CST: "s"}
        )

    asked = server.asked[0]
    assert asked.line == "POST /v2/customer/token HTTP/1.1"
    assert asked.headers["cookie"] == "__lc_cid=old; __lc_cst=s"
    assert asked.headers["content-type"] == "application/json"
    assert json.loads(asked.body) == {"grant_type": "cookie"}
    assert answer.body == TOKEN
    assert answer.cookies == {CID: "the-id", CST: "cookie=secret"}
    assert "secret" not in repr(answer)


async def test_without_cookies_no_header_is_sent() -> None:
    async with http_server(Answer(TOKEN)) as server:
        answer = await post_token(server.url, {}, cookies={})

    assert "cookie" not in server.asked[0].headers
    assert answer.cookies == {}


@pytest.mark.parametrize("status", [200, 400, 401, 500])
@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("identity_exception", "SSO_IDENTITY_EXCEPTION"),
        ("oauth_exception", "SSO_OAUTH_EXCEPTION"),
    ],
)
@pytest.mark.parametrize(
    ("word", "retryable"),
    [
        ("server_error", True),
        ("temporarily_unavailable", True),
        ("unauthorized_client", False),
        ("a_new_word", False),
    ],
)
async def test_refusals_are_told_by_their_key_not_by_the_status(
    status: int, key: str, code: str, word: str, retryable: bool
) -> None:
    error = await refused(Answer({key: word, "exception_description": "…"}, status))

    assert (error.code, error.reason, error.retryable) == (code, word, retryable)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(raw=b"<html>Bad Gateway</html>", status=502),
        Answer(raw=b"", status=200),
        Answer([], 200),
        Answer({"error": "?"}, 500),
        Answer(TOKEN, 404),
        Answer(TOKEN, 302, headers=(("Location", "http://127.0.0.1:9/"),)),
        Answer(raw=b"x" * (TOO_LARGE + 1)),
    ],
)
async def test_answers_that_are_no_answer_are_tried_again(answer: Answer) -> None:
    error = await refused(answer)

    assert (error.code, error.retryable) == ("TOKEN_FAILED", True)


async def test_a_server_that_says_nothing_is_left_after_the_time_out() -> None:
    async with http_server(Answer(silent=True)) as server:
        with pytest.raises(AuthError, match="in time") as failed:
            await post_token(server.url, {}, cookies={}, timeout=0.05)
    assert failed.value.retryable


async def test_nobody_listens() -> None:
    async with http_server(Answer()) as server:
        url = server.url

    with pytest.raises(AuthError, match="ConnectError") as failed:
        await post_token(url, {}, cookies={})
    assert failed.value.retryable


async def test_a_certificate_that_is_not_trusted_is_not_tried_again() -> None:
    async with http_server(Answer(TOKEN), context=server_context()) as server:
        url = server.url.replace("http:", "https:")
        with pytest.raises(AuthError, match="certificate") as failed:
            await post_token(url, {}, cookies={})
        assert (failed.value.code, failed.value.retryable) == ("CERTIFICATE", False)

        answer = await post_token(url, {}, cookies={}, context=trusting_context())
    assert answer.body == TOKEN


async def test_no_logger_shows_the_token_or_the_cookies(caplog: pytest.LogCaptureFixture) -> None:
    """At DEBUG `httpcore` logs the headers of an answer, `Set-Cookie` among them."""
    caplog.set_level(logging.DEBUG)
    for name in ("httpcore", "httpcore.http11", "httpcore.connection", "httpx"):
        caplog.set_level(logging.DEBUG, name)

    async with http_server(Answer(TOKEN, headers=COOKIES)) as server:
        await post_token(server.url, {}, cookies={CID: "old", CST: "cookie-secret"})

    assert "receive_response_headers.complete [headers hidden]" in caplog.text
    assert "secret" not in caplog.text
