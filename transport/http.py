"""The HTTP driver: the only room that imports `httpx`, at its first use.

One exchange, one client: nothing stays open between two. What an answer means is for the callers
(`accounts`, `web`, `upload`) to say.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any, Final, cast

import msgspec

from livechat_customer.transport.tls import is_certificate_error, trusted_context
from livechat_customer.transport.urls import is_loopback

if TYPE_CHECKING:
    import httpx

TOO_LARGE: Final = 1_048_576
"""Bytes of an answer that are read at most, unless told otherwise."""


_UNSENT_BYTES: Final = 131_072
"""Of a body that is streamed, so much at most waits in the kernel: else its progress would be told
megabytes ahead of the network."""


class HttpFailed(Exception):
    """No answer. The message completes "The server …" and names nobody's data."""

    def __init__(
        self,
        message: str,
        *,
        certificate: bool = False,
        sent: bool = True,
        timed_out: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.certificate = certificate
        """The server's certificate is not trusted: trying again cannot help."""
        self.sent = sent
        """Something of the request may have reached the server."""
        self.timed_out = timed_out


class HttpAnswer(msgspec.Struct, frozen=True):
    """Status, headers (names in lower case, each value of its own) and body. Its `repr` shows the
    status only."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def ok(self) -> bool:
        """2xx."""
        return 200 <= self.status < 300

    def all(self, name: str) -> list[str]:
        """The values of a header."""
        return [value for key, value in self.headers if key == name]

    def __repr__(self) -> str:
        return f"HttpAnswer({self.status})"


async def exchange(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    content: bytes | AsyncGenerator[bytes, None] | None = None,
    timeout: float = 10.0,  # noqa: ASYNC109 - with the client's start
    limit: int = TOO_LARGE,
    proxy: str | None = None,
    context: ssl.SSLContext | None = None,
) -> HttpAnswer:
    """Send one request and read its answer, up to `limit` bytes.

    `timeout` is in seconds, over the whole exchange; with `content` that is streamed it starts
    again at each chunk that was taken, so that it is a limit of standstill. `content` goes out as
    given: its type is the caller's to say in `headers`, and the length of one that is streamed,
    too; it is closed at the end. Redirects are not followed. Raises `HttpFailed`, and what a
    streamed `content` raises.
    """
    through = None if is_loopback(url) else proxy
    client = await asyncio.to_thread(_client, context, through)
    import httpx  # by now it is loaded

    given = {"Accept-Encoding": "identity"} | dict(headers or {})
    body = bytearray()
    try:
        async with (
            asyncio.timeout(timeout) as standstill,
            client,
            client.stream(
                method, url, content=_paced(content, standstill, timeout), headers=given
            ) as response,
        ):
            async for chunk in response.aiter_raw():
                if len(body) <= limit:
                    body += chunk
    except TimeoutError as error:
        raise HttpFailed("did not answer in time", timed_out=True) from error
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        if is_certificate_error(error):
            raise HttpFailed(
                "has a certificate that is not trusted", certificate=True, sent=False
            ) from error
        unsent = (httpx.ConnectError, httpx.ProxyError, httpx.InvalidURL)
        raise HttpFailed(
            f"was not reached ({type(error).__name__})", sent=not isinstance(error, unsent)
        ) from error
    finally:
        if isinstance(content, AsyncGenerator):
            await content.aclose()
    if len(body) > limit:
        raise HttpFailed("gave an answer that is too large")
    found = tuple((name.lower(), value) for name, value in response.headers.multi_items())
    return HttpAnswer(response.status_code, found, bytes(body))


def _paced(
    content: bytes | AsyncGenerator[bytes, None] | None, standstill: asyncio.Timeout, seconds: float
) -> bytes | _Paced | None:
    return _Paced(content, standstill, seconds) if isinstance(content, AsyncGenerator) else content


class _Paced:
    """Chunks; whenever the next one is wanted the time-out starts again."""

    def __init__(
        self, chunks: AsyncGenerator[bytes, None], standstill: asyncio.Timeout, seconds: float
    ) -> None:
        self._chunks = chunks
        self._standstill = standstill
        self._seconds = seconds
        self._now = asyncio.get_running_loop().time

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        self._standstill.reschedule(self._now() + self._seconds)
        return await anext(self._chunks)


def json_object(answer: HttpAnswer) -> dict[str, Any] | None:
    """The body as a JSON object; None when it is none."""
    try:
        found: object = msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None
    return cast("dict[str, Any]", found) if isinstance(found, dict) else None


def _client(context: ssl.SSLContext | None, proxy: str | None) -> httpx.AsyncClient:
    """A client for one exchange. In a thread: it imports httpx and reads the certificates."""
    import httpx

    _hide_cookies()
    unsent = getattr(socket, "TCP_NOTSENT_LOWAT", None)
    return httpx.AsyncClient(
        transport=httpx.AsyncHTTPTransport(
            verify=context or trusted_context(),
            proxy=proxy,
            trust_env=False,
            socket_options=unsent and [(socket.IPPROTO_TCP, unsent, _UNSENT_BYTES)],
        ),
        trust_env=False,
        follow_redirects=False,
        timeout=None,  # `exchange` has its own
    )


class _HideCookies(logging.Filter):
    """httpcore logs the headers it receives at DEBUG, `Set-Cookie` among them."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if "cookie" in message.lower():
            record.msg, record.args = f"{message.split(' ', 1)[0]} [headers hidden]", ()
        return True


_hide: Final = _HideCookies()


def _hide_cookies() -> None:
    for name in ("httpcore.http11", "httpcore.http2", "httpcore.proxy"):
        logging.getLogger(name).addFilter(_hide)  # adding it twice is adding it once
