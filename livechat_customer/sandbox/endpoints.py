"""A control endpoint: JSON in, JSON out, for programs on this machine only. A mistake is a 4xx with
`{"error": {"type", "message"}}`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from livechat_customer.sandbox.api_errors import ApiError
from livechat_customer.sandbox.check import Fields
from livechat_customer.sandbox.faults import FaultError
from livechat_customer.sandbox.guard import allowed
from livechat_customer.sandbox.wire_json import JsonObject, NotAnObjectError, parse_object

_CONFLICTS: Final = frozenset({"chat_inactive"})

Handler = Callable[[Fields], JsonObject]


def endpoint(run: Handler) -> Callable[[Request], Any]:
    """The endpoint that calls `run` with the body's fields and those of the path."""

    async def answer(request: Request) -> Response:
        if not allowed(request):
            return _failure(403, "authorization", "Only programs on this machine may do this")
        try:
            body = await request.body()
            payload = parse_object(body) if body else {}
            return JSONResponse(run(Fields(payload | request.path_params)))
        except NotAnObjectError:
            return _failure(400, "validation", "The body must be a JSON object")
        except FaultError as error:
            return _failure(400, "validation", str(error))
        except ApiError as error:
            status = 409 if error.type in _CONFLICTS else error.status
            return _failure(status, error.type, error.message)

    return answer


def _failure(status: int, kind: str, message: str) -> Response:
    return JSONResponse({"error": {"type": kind, "message": message}}, status)
