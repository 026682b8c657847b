"""The Web API: the same actions over HTTP, the public configuration calls, and uploads (protocol:
Web API, upload_file)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, cast

from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from livechat_customer.sandbox import configuration
from livechat_customer.sandbox.action_table import UPLOAD, is_served
from livechat_customer.sandbox.api_errors import ApiError
from livechat_customer.sandbox.check import Fields
from livechat_customer.sandbox.core import Core, Received
from livechat_customer.sandbox.form_file import read_file
from livechat_customer.sandbox.requests import perform
from livechat_customer.sandbox.rtm import WIRE
from livechat_customer.sandbox.tokens import Token, bearer
from livechat_customer.sandbox.wire_json import JsonObject, NotAnObjectError, parse_object

_GONE: Final = 499
"""The client closed its request; nobody reads the answer."""


class Web:
    """Serves `/v<version>/customer/action/<action>`."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def action(self, request: Request) -> Response:
        """One call; each is authorized on its own."""
        try:
            return await self._call(request)
        except ApiError as error:
            return JSONResponse({"error": error.as_json()}, error.status)
        except ClientDisconnect:
            return Response(status_code=_GONE)
        finally:
            self._core.watch.notify()

    async def _call(self, request: Request) -> Response:
        action = cast(str, request.path_params["action"])
        version = request.path_params.get("version") or request.headers.get("x-api-version")
        if not isinstance(version, str) or not is_served(version):
            raise ApiError("unsupported_version")
        query = request.query_params
        organization_id = query.get("organization_id")
        if action == "get_dynamic_configuration" and organization_id is None:
            organization_id = query.get("license_id")
        if organization_id is None or not self._core.knows(organization_id):
            raise ApiError("license_not_found")
        tenant = self._core.world.tenant
        if tenant.misdirects(request.headers.get("x-region")):
            raise ApiError("misdirected_request", data={"region": tenant.region})
        public = configuration.CALLS.get(action)
        if request.method != ("POST" if public is None else "GET"):
            raise ApiError("validation", "Wrong HTTP method")
        if public is not None:
            given = configuration.read_query(query)
            asked = configuration.Query(self._core.world, organization_id, version, Fields(given))
            return await self._carry_out(request, None, action, given, lambda: public(asked))
        token = self._token(request, organization_id)
        if action == UPLOAD:
            return await self._carry_out(request, token, action, {}, lambda: self._upload(request))
        payload = _payload(await request.body())
        return await self._carry_out(
            request, token, action, payload, lambda: self._perform(token, action, version, payload)
        )

    async def _carry_out(
        self,
        request: Request,
        token: Token | None,
        action: str,
        payload: JsonObject,
        run: Callable[[], JsonObject | Awaitable[JsonObject]],
    ) -> Response:
        """Runs the call, unless a fault takes its place."""
        core = self._core
        customer_id = None if token is None else token.customer_id
        core.received.append(Received(0, customer_id, action, None, payload))
        core.watch.notify()
        if core.faults.take("cut", action, customer_id):
            return _cut(request)
        fault = core.faults.take("error", action, customer_id)
        if fault is not None:
            return _failure(fault.error or {})
        result = run()
        answer = await result if isinstance(result, Awaitable) else result
        core.call_back()
        if not await core.faults.wait(action, customer_id, core.limits.request_timeout):
            raise ApiError("request_timeout")
        if core.faults.take("drop", action, customer_id):
            return _cut(request)
        return JSONResponse(answer)

    def _perform(self, token: Token, action: str, version: str, payload: JsonObject) -> JsonObject:
        core = self._core
        customer = core.world.customers[token.customer_id]
        outcome = perform(core, customer, token.client_id, action, version, payload, web=True)
        core.deliver(customer.id, outcome.pushes)
        if core.on_customer_pushes is not None:
            core.on_customer_pushes(customer.id, outcome.pushes)
        return outcome.payload

    async def _upload(self, request: Request) -> JsonObject:
        file = await read_file(request, self._core.limits.upload)
        return {"url": self._core.uploads.add(file.name, file.content_type, file.data)}

    def _token(self, request: Request, organization_id: str) -> Token:
        value = bearer(request.headers.get("authorization"))
        token = None if value is None else self._core.tokens.find(value)
        if token is None:
            raise ApiError("authentication", "Invalid access token")
        if token.organization_id != organization_id:
            raise ApiError("license_not_found")
        return token


def _failure(error: JsonObject) -> Response:
    """A fault's answer: an error object, or the page (`html`) of some machine on the way."""
    status = error.get("status")
    if "html" in error:
        return HTMLResponse(error["html"], status or 502)
    known = ApiError(error.get("type", "internal"), error.get("message"), error.get("data"))
    return JSONResponse({"error": known.as_json()}, status or known.status)


def _cut(request: Request) -> Response:
    """Ends the TCP connection without a word."""
    request.scope["state"][WIRE].abort()
    return Response(status_code=_GONE)


def _payload(body: bytes) -> JsonObject:
    """The body is the payload itself; nothing at all counts as nothing to say."""
    try:
        return parse_object(body) if body else {}
    except NotAnObjectError:
        raise ApiError("validation") from None
