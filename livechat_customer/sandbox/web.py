"""The Web API: the same actions over HTTP, and uploads (protocol: Web API, upload_file)."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import cast

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from livechat_customer.sandbox.action_table import UPLOAD, is_served
from livechat_customer.sandbox.api_errors import ApiError
from livechat_customer.sandbox.core import Core, Received
from livechat_customer.sandbox.requests import perform
from livechat_customer.sandbox.tokens import Token, bearer
from livechat_customer.sandbox.wire_json import JsonObject, NotAnObjectError, parse_object


class Web:
    """Serves `/v<version>/customer/action/<action>` and the files."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def action(self, request: Request) -> Response:
        """One call; each is authorized on its own."""
        try:
            return JSONResponse(await self._call(request))
        except ApiError as error:
            return JSONResponse({"error": error.as_json()}, error.status)
        finally:
            self._core.watch.notify()

    async def file(self, request: Request) -> Response:
        """An uploaded file."""
        found = self._core.uploads.find(cast(str, request.path_params["key"]))
        if found is None:
            return Response(status_code=404)
        return Response(found.data, media_type=found.content_type)

    async def _call(self, request: Request) -> JsonObject:
        core = self._core
        action = cast(str, request.path_params["action"])
        version = request.path_params.get("version") or request.headers.get("x-api-version")
        if not isinstance(version, str) or not is_served(version):
            raise ApiError("unsupported_version")
        organization_id = request.query_params.get("organization_id")
        if not core.knows(organization_id):
            raise ApiError("license_not_found")
        if request.method != "POST":
            raise ApiError("validation", "Wrong HTTP method")
        token = self._token(request, organization_id)
        payload = {} if action == UPLOAD else _payload(await request.body())
        core.received.append(Received(0, token.customer_id, action, None, payload))
        fault = core.faults.take("error", action, token.customer_id)
        if fault is not None and fault.error is not None:
            raise ApiError(fault.error["type"], fault.error.get("message"), fault.error.get("data"))
        answer = await self._answer(request, token, action, version, payload)
        await core.faults.wait(action, token.customer_id)
        return answer

    async def _answer(
        self, request: Request, token: Token, action: str, version: str, payload: JsonObject
    ) -> JsonObject:
        core = self._core
        if action == UPLOAD:
            return {"url": await self._upload(request)}
        customer = core.world.customers[token.customer_id]
        outcome = perform(core, customer, token.client_id, action, version, payload, web=True)
        core.deliver(customer.id, outcome.pushes)
        if core.on_customer_pushes is not None:
            core.on_customer_pushes(customer.id, outcome.pushes)
        return outcome.payload

    def _token(self, request: Request, organization_id: str | None) -> Token:
        value = bearer(request.headers.get("authorization"))
        token = None if value is None else self._core.tokens.find(value)
        if token is None:
            raise ApiError("authentication", "Invalid access token")
        if token.organization_id != organization_id:
            raise ApiError("license_not_found")
        return token

    async def _upload(self, request: Request) -> str:
        """The form field `file`. What is too large is refused before it is read."""
        if not request.headers.get("content-type", "").startswith("multipart/form-data"):
            raise ApiError("validation", "`file` is required")
        announced = request.headers.get("content-length", "")
        # The form around the file takes some bytes of its own.
        most = self._core.limits.upload + 65_536
        if announced.isdigit() and int(announced) > most:
            raise ApiError("entity_too_large")
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > most:
                raise ApiError("entity_too_large")
        try:
            form = await _Form(request.headers, _once(bytes(body))).parse()
        except (MultiPartException, KeyError):
            raise ApiError("validation", "`file` is required") from None
        try:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise ApiError("validation", "`file` is required")
            data = await file.read()
        finally:
            await form.close()
        return self._core.uploads.add(file.filename or "file", file.content_type, data)


class _Form(MultiPartParser):
    """Keeps files in memory: they are small, and a file on disk would need a thread."""

    spool_max_size = 1 << 30


async def _once(body: bytes) -> AsyncGenerator[bytes, None]:
    yield body


def _payload(body: bytes) -> JsonObject:
    """The body is the payload itself; nothing at all counts as nothing to say."""
    try:
        return parse_object(body) if body else {}
    except NotAnObjectError:
        raise ApiError("validation") from None
