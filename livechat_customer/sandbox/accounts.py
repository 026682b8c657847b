"""The customer accounts API over HTTP: token, info, revocation, identity transfer (protocol:
accounts API). The cookie grant keeps a customer's identity in two cookies.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, cast

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from livechat_customer.sandbox.core import Core, Received
from livechat_customer.sandbox.faults import TOKEN
from livechat_customer.sandbox.grants import COOKIE, Ask, Granted, Grants, OAuthError
from livechat_customer.sandbox.tokens import Token, bearer
from livechat_customer.sandbox.wire_json import JsonObject, NotAnObjectError, parse_object
from livechat_customer.sandbox.world import Customer

COOKIE_AGE: Final = 63_072_000
"""Two years, prolonged by every further token call."""

TRANSFER: Final = "identity_transfer"


class Accounts:
    """Serves the token paths, v2 and v1."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._grants = Grants(core)

    async def token(self, request: Request) -> Response:
        """`POST …/token`: a customer access token."""
        return await self._judged(request, TOKEN, self._grant)

    async def transfer(self, request: Request) -> Response:
        """`POST …/identity_transfer`: a code with which another device becomes the customer."""
        return await self._judged(request, TRANSFER, self._mint)

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

    async def _judged(
        self, request: Request, action: str, run: Callable[[Request, Ask], Response]
    ) -> Response:
        """One call, unless a fault takes its place."""
        core = self._core
        if core.faults.take("refuse", action, None):
            return Response(status_code=503)
        fault = core.faults.take("error", action, None)
        try:
            if fault is not None:
                raise _refusal(fault.error or {})
            ask = _ask(request, await request.body())
            core.received.append(Received(0, None, action, None, ask.given))
            core.watch.notify()
            response = run(request, ask)
        except OAuthError as error:
            response = JSONResponse(error.body, 401)
        core.watch.notify()
        await core.faults.wait(action, None)
        return response

    def _grant(self, request: Request, ask: Ask) -> Response:
        granted = self._grants.token(ask)
        response = JSONResponse(self._answer(granted, ask))
        if granted.grant == COOKIE:
            path = request.url.path.rstrip("/").removesuffix("/token")
            self._set_cookies(response, granted.customer, path)
        return response

    def _mint(self, _: Request, ask: Ask) -> Response:
        code = self._grants.transfer(ask)
        seconds = self._core.limits.transfer_lifetime
        return JSONResponse({"identity_transfer_token": code.value, "expires_in": seconds})

    def _answer(self, granted: Granted, ask: Ask) -> JsonObject:
        found = self._token_object(granted.token)
        if granted.grant != COOKIE:
            found["client_id"] = granted.token.client_id
        if ask.legacy and "license_id" in ask.given:
            found["license_id"] = ask.given["license_id"]
            del found["organization_id"]
        return found

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


def _ask(request: Request, body: bytes) -> Ask:
    try:
        given = parse_object(body)
    except NotAnObjectError:
        raise OAuthError("invalid_request") from None
    path: dict[str, Any] = request.path_params
    return Ask(
        given,
        request.url.path.startswith("/customer/"),
        cast(str | None, path.get("organization")),
        cast(int | None, path.get("group")),
        request.headers.get("authorization"),
        request.headers.get("origin"),
        request.cookies,
    )


def _refusal(error: JsonObject) -> OAuthError:
    """A fault's error: with one of the two keys as it is, else an OAuth error of its type."""
    found = OAuthError(error.get("type", "server_error"))
    if "oauth_exception" in error or "identity_exception" in error:
        found.body = error
    return found
