"""The customer accounts API: token, info, revocation (protocol: accounts API).

The cookie grant keeps a customer's identity in two cookies. The other grants are refused as not
enabled.
"""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from livechat_customer.sandbox.core import Core, Received
from livechat_customer.sandbox.faults import TOKEN
from livechat_customer.sandbox.tokens import Token, bearer
from livechat_customer.sandbox.wire_json import JsonObject, NotAnObjectError, parse_object
from livechat_customer.sandbox.world import Customer

COOKIE_AGE = 63_072_000
"""Two years, prolonged by every further token call."""

GRANTS = ("cookie", "agent_token", "identity_token")


class OAuthError(Exception):
    """Refused: a JSON body with one of two keys, by which clients recognize it."""

    def __init__(self, value: str, details: str = "", *, key: str = "oauth_exception") -> None:
        self.body: JsonObject = {key: value}
        if details:
            self.body["exception_details"] = details
        super().__init__(value)


class Accounts:
    """Serves the token paths, v2 and v1."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def token(self, request: Request) -> Response:
        """`POST …/token`: a customer access token."""
        core = self._core
        if core.faults.take("refuse", TOKEN, None):
            return Response(status_code=503)
        fault = core.faults.take("error", TOKEN, None)
        try:
            if fault is not None:
                raise _refusal(fault.error or {})
            response = self._grant(request, await request.body())
        except OAuthError as error:
            response = JSONResponse(error.body, 401)
        core.watch.notify()
        await core.faults.wait(TOKEN, None)
        return response

    async def info(self, request: Request) -> Response:
        """`GET …/info`: what a token is worth, by bearer header or `?code=`."""
        value = bearer(request.headers.get("authorization")) or request.query_params.get("code")
        token = self._core.tokens.find(value or "")
        if token is None:
            return JSONResponse({"identity_exception": "unauthorized"}, 401)
        return JSONResponse(self._token_object(token) | {"client_id": token.client_id})

    async def revoke(self, request: Request) -> Response:
        """`DELETE …/token`: the bearer token is worth nothing any more."""
        core = self._core
        token = core.tokens.find(bearer(request.headers.get("authorization")) or "")
        if token is None:
            return JSONResponse({"identity_exception": "unauthorized"}, 401)
        token.revoked = True
        for connection in core.hub.of(token.customer_id):
            if connection.token is token:
                connection.disconnect("access_token_revoked")
        core.watch.notify()
        return Response()

    def _grant(self, request: Request, body: bytes) -> Response:
        core = self._core
        try:
            given = parse_object(body)
        except NotAnObjectError:
            raise OAuthError("invalid_request") from None
        core.received.append(Received(0, None, TOKEN, None, given))
        grant = _text(given, "grant_type")
        if grant not in GRANTS:
            raise OAuthError("invalid_request")
        client_id = _text(given, "client_id")
        if core.strict and client_id != core.client_id:
            raise OAuthError("unauthorized_client", "client_id_not_found")
        if grant != "cookie":
            raise OAuthError("unsupported_grant_type")
        path: dict[str, Any] = request.path_params
        legacy = request.url.path.startswith("/customer/")
        organization_id = _organization(given, cast(str | None, path.get("organization")), legacy)
        if not core.knows(organization_id):
            raise OAuthError("invalid_request")
        self._check_redirect(request, given)
        lifetime = _lifetime(given, core)
        cookies = request.cookies
        customer = core.tokens.customer_of(
            organization_id,
            cast(int | None, path.get("group")),
            cookies.get("__lc_cid"),
            cookies.get("__lc_cst"),
        )
        token = core.tokens.issue(customer, client_id, lifetime)
        answer = self._token_object(token)
        if legacy and "license_id" in given:
            answer["license_id"] = given["license_id"]
            del answer["organization_id"]
        response = JSONResponse(answer)
        self._set_cookies(response, customer, request.url.path.rstrip("/").removesuffix("/token"))
        return response

    def _token_object(self, token: Token) -> JsonObject:
        return {
            "access_token": token.value,
            "token_type": "Bearer",
            "entity_id": token.customer_id,
            "expires_in": round(self._core.tokens.seconds_left(token)),
            "organization_id": token.organization_id,
        }

    def _set_cookies(self, response: Response, customer: Customer, path: str) -> None:
        values = {"__lc_cid": customer.id, "__lc_cst": self._core.tokens.secret_of(customer)}
        for name, value in values.items():
            response.set_cookie(
                name,
                value,
                max_age=COOKIE_AGE,
                expires=COOKIE_AGE,
                path=path,
                secure=True,
                httponly=True,
                samesite="none",
            )

    def _check_redirect(self, request: Request, given: JsonObject) -> None:
        """It falls back on the Origin header; a strict sandbox insists on one of the two."""
        uri = given.get("redirect_uri") or request.headers.get("origin")
        if uri is None and not self._core.strict:
            return
        if not isinstance(uri, str):
            raise OAuthError("invalid_request", "redirect_uri_not_set")
        parts = urlsplit(uri)
        sound = parts.scheme and parts.netloc and ".." not in parts.path.split("/")
        if not sound or parts.query or parts.fragment:
            raise OAuthError("unauthorized_client", "invalid_redirect_uri")


def _organization(given: JsonObject, in_path: str | None, legacy: bool) -> str:
    if in_path is not None:
        return in_path
    if legacy and isinstance(given.get("license_id"), int):
        return str(given["license_id"])
    return _text(given, "organization_id")


def _lifetime(given: JsonObject, core: Core) -> int:
    seconds = given.get("expires_in")
    if seconds is None:
        return core.limits.token_lifetime
    if not isinstance(seconds, int) or isinstance(seconds, bool) or seconds < 1:
        raise OAuthError("invalid_request")
    return seconds


def _text(given: JsonObject, name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not value:
        raise OAuthError("invalid_request")
    return value


def _refusal(error: JsonObject) -> OAuthError:
    """A fault's error: with one of the two keys as it is, else an OAuth error of its type."""
    for key in ("oauth_exception", "identity_exception"):
        if key in error:
            return OAuthError(error[key], error.get("exception_details", ""), key=key)
    return OAuthError(error.get("type", "server_error"))
