"""The Web API's driver against a real server on 127.0.0.1."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
from transport_kit import SECRET, token
from transport_net_kit import Answer, HttpServer, http_server, server_context, trusting_context

from livechat_customer import errors
from livechat_customer.transport.auth import TokenSource
from livechat_customer.transport.token import Token
from livechat_customer.transport.upload import UploadBody
from livechat_customer.transport.urls import Urls
from livechat_customer.transport.web import WebApi

OK = Answer({"done": 1})


def refused(kind: str, status: int = 400, **error: object) -> Answer:
    return Answer({"error": {"type": kind, "message": "As it is."} | error}, status)


class Provider:
    """Gives one token after the other."""

    def __init__(self) -> None:
        self.made = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def get_token(self) -> Token:
        return token() if self.made else await self.get_fresh_token()

    async def get_fresh_token(self) -> Token:
        await self.gate.wait()
        self.made += 1
        return token(access_token=SECRET if self.made == 1 else f"{SECRET}-{self.made}")

    async def has_token(self) -> bool:
        return False

    async def invalidate(self) -> None:
        """Nothing is kept."""


def api(
    server: HttpServer,
    provider: Provider | None = None,
    region: Callable[[], str | None] = lambda: None,
    **options: Any,
) -> WebApi:
    urls = Urls(organization_id="org", api_url=server.origin)
    return WebApi(urls, TokenSource(provider or Provider(), lambda: 0), region, **options)


async def ended(answer: Answer) -> tuple[str, str]:
    """Kind and code of the error that an answer means."""
    async with http_server(answer) as server:
        found = await api(server).post("check_goals", {})
    assert found.error is not None
    assert found.status == answer.status
    return type(found.error).__name__, found.error.code


def regions(server: HttpServer) -> list[str | None]:
    return [asked.headers.get("x-region") for asked in server.asked]


async def test_a_post_as_the_server_gets_it() -> None:
    async with http_server(OK) as server:
        answer = await api(server).post("check_goals", {"group_id": 1})

    asked = server.asked[0]
    assert asked.line == "POST /v3.5/customer/action/check_goals?organization_id=org HTTP/1.1"
    assert msgspec.json.decode(asked.body) == {"group_id": 1}
    assert asked.headers["content-type"] == "application/json"
    assert asked.headers["authorization"] == f"Bearer {SECRET}"
    assert "x-region" not in asked.headers
    assert (answer.status, msgspec.json.decode(answer.body), answer.error) == (
        200,
        {"done": 1},
        None,
    )
    assert "done" not in repr(answer)


async def test_a_public_get_as_the_server_gets_it() -> None:
    provider = Provider()
    async with http_server(OK) as server:
        await api(server, provider).get("get_localization", {"language": "a b&c", "version": "1"})

    verb, target, _ = server.asked[0].line.split()
    assert verb == "GET"
    assert urlsplit(target).path == "/v3.5/customer/action/get_localization"
    assert parse_qs(urlsplit(target).query) == {
        "organization_id": ["org"],
        "language": ["a b&c"],
        "version": ["1"],
    }
    assert "authorization" not in server.asked[0].headers
    assert provider.made == 0, "no customer is made for what is public"


@pytest.mark.parametrize("raw", [b"", b" \n"])
async def test_an_empty_answer_is_an_acknowledgement(raw: bytes) -> None:
    async with http_server(Answer(raw=raw)) as server:
        answer = await api(server).post("check_goals", {})
    assert (answer.body, answer.error) == (b"{}", None)


async def test_an_answer_with_a_key_error_is_no_failure() -> None:
    """The phrases and the properties have keys that are data."""
    async with http_server(Answer({"error": "Something went wrong"})) as server:
        answer = await api(server).get("get_localization", {})
    assert answer.error is None


@pytest.mark.parametrize(
    ("kind", "status", "name"),
    [
        ("validation", 400, "ValidationError"),
        ("authorization", 403, "AuthorizationError"),
        ("group_not_found", 404, "GroupNotFoundError"),
        ("request_timeout", 408, "ServerRequestTimeoutError"),
        ("entity_too_large", 413, "EntityTooLargeError"),
        ("too_many_requests", 429, "TooManyRequestsError"),
        ("internal", 500, "InternalError"),
        ("service_unavailable", 503, "ServiceUnavailableError"),
        ("internal", 418, "InternalError"),
        ("something_new", 400, "ServerError"),
    ],
)
async def test_a_refusal_is_told_by_its_type(kind: str, status: int, name: str) -> None:
    assert await ended(refused(kind, status)) == (name, kind.upper())


@pytest.mark.parametrize(
    "answer",
    [
        Answer(raw=b"<html>Bad Gateway</html>", status=502),
        Answer(raw=b"<html>Welcome</html>", status=200),
        Answer(raw=b"[]", status=200),
        Answer(raw=b"", status=500),
        Answer({"error": "no object"}, 400),
        Answer({"error": {"message": "no type"}}, 400),
        Answer({"error": {"type": 7}}, 400),
        Answer(status=301, headers=(("Location", "http://127.0.0.1:9/"),)),
    ],
)
async def test_what_is_no_answer_of_the_api(answer: Answer) -> None:
    assert await ended(answer) == ("ServerError", "UNREADABLE_ANSWER")


async def test_a_refusal_keeps_message_and_data() -> None:
    async with http_server(refused("limit_reached", data={"limit": 3})) as server:
        answer = await api(server).post("check_goals", {})
    assert answer.error is not None
    assert (answer.error.message, answer.error.data) == ("As it is.", {"limit": 3})


async def test_a_refused_token_is_replaced_once() -> None:
    async with http_server(refused("authentication", 401), OK) as server:
        answer = await api(server).post("check_goals", {"group_id": 1})

    assert answer.error is None
    assert [asked.headers["authorization"] for asked in server.asked] == [
        f"Bearer {SECRET}",
        f"Bearer {SECRET}-2",
    ]
    assert server.asked[0].body == server.asked[1].body


async def test_a_second_refusal_of_the_token_is_the_answer() -> None:
    async with http_server(refused("authentication", 401)) as server:
        answer = await api(server).post("check_goals", {})
    assert isinstance(answer.error, errors.AuthenticationError)
    assert len(server.asked) == 2


async def test_another_region_is_asked_once_and_remembered() -> None:
    async with http_server(refused("misdirected_request", data={"region": "fra"}), OK) as server:
        web = api(server)
        first = await web.post("check_goals", {"group_id": 1})
        await web.post("check_goals", {})
        await web.get("get_localization", {})

    assert first.error is None
    assert regions(server) == [None, "fra", "fra", "fra"]
    assert server.asked[0].body == server.asked[1].body


@pytest.mark.parametrize(
    "data", [{"region": "mars"}, {"region": "dal"}, {"region": None}, {}, None, "fra"]
)
async def test_a_region_that_is_none_is_not_followed(data: object) -> None:
    """A host never comes from the wire."""
    async with http_server(refused("misdirected_request", 421, data=data)) as server:
        answer = await api(server).post("check_goals", {})
    assert isinstance(answer.error, errors.MisdirectedRequestError)
    assert len(server.asked) == 1


async def test_regions_that_send_one_to_each_other() -> None:
    there = refused("misdirected_request", data={"region": "fra"})
    back = refused("misdirected_request", data={"region": "dal"})
    async with http_server(there, back) as server:
        answer = await api(server).post("check_goals", {})
    assert isinstance(answer.error, errors.MisdirectedRequestError)
    assert regions(server) == [None, "fra"]


async def test_the_region_of_the_session_is_used_and_wins_when_it_changes() -> None:
    session: str | None = "fra"
    async with http_server(
        OK, refused("misdirected_request", data={"region": "dal"}), OK
    ) as server:
        web = api(server, region=lambda: session)
        await web.post("check_goals", {})
        await web.post("check_goals", {})
        await web.post("check_goals", {})
        session = None
        await web.post("check_goals", {})
        session = "fra"
        await web.post("check_goals", {})
    assert regions(server) == ["fra", "fra", "dal", "dal", None, "fra"]


async def test_region_and_token_may_both_be_wrong() -> None:
    misdirected = refused("misdirected_request", data={"region": "fra"})
    async with http_server(misdirected, refused("authentication", 401), OK) as server:
        answer = await api(server).post("check_goals", {})
    assert answer.error is None
    assert regions(server) == [None, "fra", "fra"]


def test_where_the_regions_are() -> None:
    urls = Urls(organization_id="org", api_version="3.6")
    assert urls.web("get_localization", {"version": "1"}, "fra") == (
        "https://api-fra.livechatinc.com/v3.6/customer/action/get_localization"
        "?organization_id=org&version=1"
    )
    for region in (None, "dal"):
        assert urls.web("x", {}, region).startswith("https://api.livechatinc.com/v3.6/")


async def test_nobody_listens() -> None:
    async with http_server(OK) as server:
        web = api(server)
    with pytest.raises(errors.NoConnectionError, match="was not reached"):
        await web.post("check_goals", {})


async def test_the_connection_ends_before_the_answer() -> None:
    async with http_server(Answer(cut=True)) as server:
        with pytest.raises(errors.ConnectionLostError):
            await api(server).post("check_goals", {})
    assert len(server.asked) == 1, "it may have had its effect: never sent again"


async def test_a_server_that_says_nothing() -> None:
    async with http_server(Answer(silent=True)) as server:
        with pytest.raises(errors.RequestTimeoutError):
            await api(server, timeout=0.05).post("check_goals", {})


async def test_a_certificate_that_is_not_trusted() -> None:
    async with http_server(OK, context=server_context()) as server:
        urls = Urls(organization_id="org", api_url=server.origin.replace("http:", "https:"))
        tokens = TokenSource(Provider(), lambda: 0)
        with pytest.raises(errors.NoConnectionError, match="certificate"):
            await WebApi(urls, tokens, lambda: None).get("get_localization", {})
        trusting = WebApi(urls, tokens, lambda: None, context=trusting_context())
        assert (await trusting.get("get_localization", {})).error is None


async def test_a_token_that_never_comes() -> None:
    provider = Provider()
    provider.gate.clear()
    async with http_server(OK) as server:
        tokens = TokenSource(provider, lambda: 0, timeout=0.05)
        web = WebApi(Urls(organization_id="org", api_url=server.origin), tokens, lambda: None)
        with pytest.raises(errors.AuthError) as failed:
            await web.post("check_goals", {})
        await tokens.aclose()
    assert (failed.value.retryable, server.asked) == (True, [])


class Source:
    """A file of one part."""

    size = 10

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        yield b"the-secret"

    async def aclose(self) -> None:
        """Nothing is open."""


async def test_no_logger_shows_tokens_or_what_is_sent(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("httpcore", "httpcore.http11", "httpcore.connection", "httpx", "asyncio"):
        caplog.set_level(logging.DEBUG, name)
    body = UploadBody(Source(), "the-name.txt", "text/plain", lambda sent, total: None)

    async with http_server(refused("authentication", 401), OK) as server:
        await api(server).upload(body)
        await api(server).post("check_goals", {"page_url": "the-page"})

    assert b"the-secret" in server.asked[1].body
    assert "send_request_headers" in caplog.text, "it was logged at all"
    for secret in (SECRET, "the-secret", "the-name", "the-page"):
        assert secret not in caplog.text
