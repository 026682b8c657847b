"""The Web API (Customer Chat API 3.5, 1.2): one action, one HTTP exchange, authorized on its own.

Two answers are acted on here: `authentication` gets one fresh token, `misdirected_request` one
repetition in the region that it names, if that is a known other one.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Any, Final, cast

import msgspec

from livechat_customer.errors import (
    ConnectionLostError,
    CustomerSDKError,
    NoConnectionError,
    RequestTimeoutError,
    ServerError,
)
from livechat_customer.transport.auth import TokenSource
from livechat_customer.transport.http import HttpAnswer, HttpFailed, exchange
from livechat_customer.transport.reasons import other_region
from livechat_customer.transport.token import Token
from livechat_customer.transport.upload import UploadBody
from livechat_customer.transport.urls import Urls

UNREADABLE: Final = "UNREADABLE_ANSWER"
"""Code where the answer is no JSON object, or an error without a type: a proxy's page."""

ANSWER_LIMIT: Final = 16_777_216
"""Bytes of an answer that are read at most: configurations and phrases are long."""

_Content = Callable[[], bytes | AsyncGenerator[bytes, None] | None]


class WebAnswer(msgspec.Struct, frozen=True):
    """What the server said. Its `repr` shows no content."""

    status: int
    body: bytes
    """A JSON object."""
    error: CustomerSDKError | None = None
    """A `ServerError`, or the child of it that stands for the answer's `error.type`."""

    def __repr__(self) -> str:
        return f"WebAnswer({self.status}, error={self.error!r})"


class WebApi:
    """The Web API of one customer. `region()` is where the session is.

    A region that an answer named is remembered until the session goes to another one. All methods
    raise `NoConnectionError` (nothing was sent), `RequestTimeoutError` or `ConnectionLostError`
    (the outcome is unknown) and, but for `get`, `AuthError`.
    """

    def __init__(
        self,
        urls: Urls,
        tokens: TokenSource,
        region: Callable[[], str | None],
        *,
        timeout: float = 20.0,
        standstill: float = 60.0,
        proxy: str | None = None,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._urls = urls
        self._tokens = tokens
        self._session_region = region
        self._seen = region()
        self._learnt: str | None = None
        self._timeout = timeout
        self._standstill = standstill
        self._proxy = proxy
        self._context = context

    async def get(self, action: str, parameters: Mapping[str, str]) -> WebAnswer:
        """A public action: no token goes along."""

        async def ask(region: str | None) -> WebAnswer:
            return await self._send("GET", action, region, {}, None, parameters)

        return await self._redirected(ask)

    async def post(self, action: str, payload: Mapping[str, Any]) -> WebAnswer:
        content = msgspec.json.encode(payload)
        headers = {"Content-Type": "application/json"}
        return await self._authorized(action, headers, lambda: content, self._timeout)

    async def upload(self, body: UploadBody) -> WebAnswer:
        """`upload_file`. It takes as long as it takes, but may stand still for `standstill`
        seconds only."""
        return await self._authorized("upload_file", body.headers, body.chunks, self._standstill)

    async def _authorized(
        self, action: str, headers: Mapping[str, str], content: _Content, seconds: float
    ) -> WebAnswer:
        async def send(token: Token) -> WebAnswer:
            given = {**headers, "Authorization": token.authorization}

            async def ask(region: str | None) -> WebAnswer:
                return await self._send("POST", action, region, given, content, {}, seconds)

            return await self._redirected(ask)

        answer = await send(await self._tokens.token())
        if answer.error is not None and answer.error.code == "AUTHENTICATION":
            answer = await send(await self._tokens.fresh_token())
        return answer

    async def _redirected(self, ask: Callable[[str | None], Any]) -> WebAnswer:
        region = self._region()
        answer: WebAnswer = await ask(region)
        error = answer.error
        if error is not None and error.code == "MISDIRECTED_REQUEST":
            named = other_region(region, (error.data or {}).get("region"))
            if named is not None:
                self._learnt = named
                answer = await ask(named)
        return answer

    def _region(self) -> str | None:
        current = self._session_region()
        if current != self._seen:
            self._seen, self._learnt = current, None
        return self._learnt or current

    async def _send(
        self,
        method: str,
        action: str,
        region: str | None,
        headers: Mapping[str, str],
        content: _Content | None,
        parameters: Mapping[str, str],
        seconds: float | None = None,
    ) -> WebAnswer:
        try:
            answer = await exchange(
                method,
                self._urls.web(action, parameters, region),
                headers={**self._urls.headers(region), **headers},
                content=content() if content is not None else None,
                timeout=seconds or self._timeout,
                limit=ANSWER_LIMIT,
                proxy=self._proxy,
                context=self._context,
            )
        except HttpFailed as error:
            raise _failed(error) from error
        return _read(answer)


def _failed(error: HttpFailed) -> CustomerSDKError:
    if error.certificate:
        return NoConnectionError("The server's certificate is not trusted. Check api_url.")
    if not error.sent:
        return NoConnectionError(f"The server {error.message}. Check the network, then retry.")
    if error.timed_out:
        return RequestTimeoutError(f"The server {error.message}. Check, then retry.")
    return ConnectionLostError(f"The server {error.message}. Check, then retry.")


class _Error(msgspec.Struct, frozen=True):
    type: str
    message: Any = None
    data: Any = None


class _ErrorBody(msgspec.Struct, frozen=True):
    error: _Error


_object: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
"""Reads no deeper than it must: the caller decodes the body into its own struct."""


def _is_object(body: bytes) -> bool:
    try:
        _object.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return False
    return True


def _read(answer: HttpAnswer) -> WebAnswer:
    """A failure is any status but 2xx; which one it is, its type tells."""
    if answer.ok:
        if not answer.body.strip():
            return WebAnswer(answer.status, b"{}")
        if _is_object(answer.body):
            return WebAnswer(answer.status, answer.body)
    else:
        try:
            error = msgspec.json.decode(answer.body, type=_ErrorBody).error
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            pass
        else:
            message = error.message if isinstance(error.message, str) else ""
            data: object = error.data
            given = cast("dict[str, Any]", data) if isinstance(data, dict) else None
            return WebAnswer(answer.status, b"{}", ServerError.of(error.type, message, given))
    unreadable = ServerError(
        f"The server answered {answer.status}, but not in JSON as the API does. "
        "Check api_url, or try again later.",
        code=UNREADABLE,
        data={"status": answer.status},
    )
    return WebAnswer(answer.status, b"{}", unreadable)
