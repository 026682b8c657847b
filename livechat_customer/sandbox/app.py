"""The ASGI application: the real API's paths, and the control endpoints beside them."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute

from livechat_customer.sandbox.accounts import Accounts
from livechat_customer.sandbox.api_errors import ApiError
from livechat_customer.sandbox.backoffice import Backoffice
from livechat_customer.sandbox.control import Control
from livechat_customer.sandbox.core import Core
from livechat_customer.sandbox.cors import CONTROL, Cors
from livechat_customer.sandbox.files import Files
from livechat_customer.sandbox.office_control import OfficeControl
from livechat_customer.sandbox.pages import PATH as PAGES
from livechat_customer.sandbox.rtm import Rtm
from livechat_customer.sandbox.uploads import PATH as UPLOADS
from livechat_customer.sandbox.web import Web

_VERBS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def make_app(core: Core, office: Backoffice) -> Starlette:
    """The application of one sandbox."""
    rtm, web, accounts, files = Rtm(core), Web(core), Accounts(core), Files(core)
    control = [*OfficeControl(office).routes(), *Control(office, core).routes()]
    routes: list[BaseRoute] = [
        WebSocketRoute("/v{version}/customer/rtm/ws", rtm.serve),
        Route("/v{version}/customer/action/{action}", web.action, methods=_VERBS),
        Route("/customer/action/{action}", web.action, methods=_VERBS),
        Route(f"{UPLOADS}/{{key}}/{{name}}", files.upload, methods=["GET"]),
        Route(f"{PAGES}/{{name:path}}", files.page, methods=["GET"]),
        Mount(CONTROL, routes=control),
    ]
    for base in ("/v2/customer", "/customer", "/v2/customer/{organization}/{group:int}"):
        # The published specification has a slash at the end, the real service has none.
        for slash in ("", "/"):
            routes.append(Route(f"{base}/token{slash}", accounts.token, methods=["POST"]))
            routes.append(Route(f"{base}/token{slash}", accounts.revoke, methods=["DELETE"]))
        routes.append(Route(f"{base}/info", accounts.info, methods=["GET"]))
        routes.append(Route(f"{base}/identity_transfer", accounts.transfer, methods=["POST"]))
    return Starlette(
        routes=routes,
        middleware=[Middleware(Cors)],
        exception_handlers={HTTPException: _refused, Exception: _failed},
    )


def _failed(_: Request, __: Exception) -> Response:
    """A defect of the sandbox: its user sees it in the server's log, the client as a server's."""
    return JSONResponse({"error": ApiError("internal").as_json()}, 500)


def _refused(request: Request, error: Exception) -> Response:
    """An unknown path or a wrong verb."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    if status == 405 and request.url.path.startswith(("/v2/customer/", "/customer/")):
        return JSONResponse({"oauth_exception": "invalid_request"}, status)
    kind = "not_found" if status == 404 else "validation"
    message = "No such path" if status == 404 else "Wrong HTTP method"
    return JSONResponse({"error": {"type": kind, "message": message}}, status)
