"""The HTTP driver: the only module that imports `httpx`, at its first use.

For now it asks the token endpoint (Customer Chat API 3.5, "Customer accounts API"). The two identity
cookies are read from the answer and sent by hand: a jar would not return `Secure` cookies to a
sandbox on plain http.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, cast

import msgspec

from livechat_customer.errors import AuthError
from livechat_customer.transport.tls import is_certificate_error, trusted_context
from livechat_customer.transport.urls import is_loopback

if TYPE_CHECKING:
    import httpx

CID: Final = "__lc_cid"
CST: Final = "__lc_cst"

TOO_LARGE: Final = 1_048_576
"""Bytes of a token answer that are read at most."""

_RETRYABLE: Final = frozenset({"server_error", "temporarily_unavailable"})
"""Words of the endpoint that lift by themselves; the vendor's SDK retries these only (B5)."""

_EXCEPTIONS: Final = {
    "identity_exception": "SSO_IDENTITY_EXCEPTION",
    "oauth_exception": "SSO_OAUTH_EXCEPTION",
}


class TokenAnswer(msgspec.Struct, frozen=True):
    """The endpoint's answer and the cookies set with it. Its `repr` shows neither."""

    body: Mapping[str, Any]
    cookies: Mapping[str, str]

    def __repr__(self) -> str:
        return "TokenAnswer(…)"


async def post_token(
    url: str,
    body: Mapping[str, Any],
    *,
    cookies: Mapping[str, str],
    timeout: float = 10.0,  # noqa: ASYNC109 - over the whole exchange, with the client's start
    proxy: str | None = None,
    context: ssl.SSLContext | None = None,
) -> TokenAnswer:
    """Ask the token endpoint. `timeout` is in seconds, over all.

    Raises `AuthError`; retryable but for what the endpoint refuses for good and for a certificate
    that is not trusted.
    """
    through = None if is_loopback(url) else proxy
    client = await asyncio.to_thread(_client, context, through)
    import httpx  # by now it is loaded

    headers = {"Accept-Encoding": "identity"}
    if cookies:
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
    content = bytearray()
    try:
        async with (
            asyncio.timeout(timeout),
            client,
            client.stream("POST", url, json=dict(body), headers=headers) as response,
        ):
            async for chunk in response.aiter_raw():
                if len(content) <= TOO_LARGE:
                    content += chunk
    except TimeoutError as error:
        raise _failed("The token endpoint did not answer in time.") from error
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        if is_certificate_error(error):
            raise AuthError(
                "The token endpoint's certificate is not trusted. Check accounts_url.",
                code="CERTIFICATE",
                reason="certificate_error",
            ) from error
        raise _failed(f"The token endpoint was not reached ({type(error).__name__}).") from error
    if len(content) > TOO_LARGE:
        raise _failed("The token endpoint's answer is too large.")
    found = _read(response.status_code, bytes(content))
    return TokenAnswer(found, _identity_cookies(response.headers.get_list("set-cookie")))


def _client(context: ssl.SSLContext | None, proxy: str | None) -> httpx.AsyncClient:
    """A client for one exchange. In a thread: it imports httpx and reads the certificates."""
    import httpx

    _hide_cookies()
    return httpx.AsyncClient(
        verify=context or trusted_context(),
        proxy=proxy,
        trust_env=False,
        follow_redirects=False,
        timeout=None,  # the caller's time-out is over all
    )


def _failed(message: str) -> AuthError:
    return AuthError(message, code="TOKEN_FAILED", reason="token_failed", retryable=True)


def _read(status: int, content: bytes) -> Mapping[str, Any]:
    """The token's fields. Errors are told by their key, not by the status."""
    try:
        found: object = msgspec.json.decode(content)
    except (msgspec.DecodeError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise _failed(f"The token endpoint answered {status} without a JSON object.")
    body = cast("dict[str, Any]", found)
    for key, code in _EXCEPTIONS.items():
        word = body.get(key)
        if word is not None:
            reason = str(word)
            raise AuthError(
                f"No token: {reason}. Check client_id, organization_id and redirect_uri.",
                code=code,
                reason=reason,
                retryable=reason in _RETRYABLE,
            )
    if not 200 <= status < 300:
        raise _failed(f"The token endpoint answered {status}.")
    return body


def _identity_cookies(headers: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for header in headers:
        name, _, value = header.partition(";")[0].partition("=")
        if name.strip() in (CID, CST):
            found[name.strip()] = value.strip()
    return found


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
