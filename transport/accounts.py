"""The customer accounts API (Customer Chat API 3.5, 1.5), asked over the HTTP driver.

The two identity cookies are read from the answer and sent by hand: a jar would not return `Secure`
cookies to a sandbox on plain http.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from livechat_customer.errors import AuthError, one_line
from livechat_customer.transport.http import HttpAnswer, HttpFailed, exchange, json_object

CID: Final = "__lc_cid"
CST: Final = "__lc_cst"

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
    cookies: Mapping[str, str] | None = None,
    bearer: str | None = None,
    check: str = "client_id, organization_id and redirect_uri",
    timeout: float = 10.0,  # noqa: ASYNC109 - handed on
    proxy: str | None = None,
    context: ssl.SSLContext | None = None,
) -> TokenAnswer:
    """Ask the token endpoint, or another of the accounts API. `timeout` is in seconds, over all.

    `bearer` is the token of who asks, an agent or a customer. Raises `AuthError`, which names
    `check` as what to look at; retryable but for what the endpoint refuses for good and for a
    certificate that is not trusted.
    """
    headers = {"Content-Type": "application/json"}
    if cookies:
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
    if bearer is not None:
        headers["Authorization"] = f"Bearer {bearer.removeprefix('Bearer ')}"
    try:
        answer = await exchange(
            "POST",
            url,
            headers=headers,
            content=msgspec.json.encode(body),
            timeout=timeout,
            proxy=proxy,
            context=context,
        )
    except HttpFailed as error:
        if error.certificate:
            raise AuthError(
                "The token endpoint's certificate is not trusted. Check accounts_url.",
                code="CERTIFICATE",
                reason="certificate_error",
            ) from error
        raise _failed(f"The token endpoint {error.message}.") from error
    return TokenAnswer(_read(answer, check), _identity_cookies(answer.all("set-cookie")))


def _failed(message: str) -> AuthError:
    return AuthError(message, code="TOKEN_FAILED", reason="token_failed", retryable=True)


def _read(answer: HttpAnswer, check: str) -> Mapping[str, Any]:
    """The answer's fields. Errors are told by their key, not by the status."""
    body = json_object(answer)
    if body is None:
        raise _failed(f"The token endpoint answered {answer.status} without a JSON object.")
    for key, code in _EXCEPTIONS.items():
        word = body.get(key)
        if word is not None:
            reason = str(word)
            raise AuthError(
                f"No token: {one_line(reason, 60)}. Check {check}.",
                code=code,
                reason=reason,
                retryable=reason in _RETRYABLE,
            )
    if not answer.ok:
        raise _failed(f"The token endpoint answered {answer.status}.")
    return body


def _identity_cookies(headers: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for header in headers:
        name, _, value = header.partition(";")[0].partition("=")
        if name.strip() in (CID, CST):
            found[name.strip()] = value.strip()
    return found
