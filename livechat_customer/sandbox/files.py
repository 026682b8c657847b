"""What the sandbox serves to anybody: uploaded files, and its own pages."""

from __future__ import annotations

from typing import Final, cast

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from livechat_customer.sandbox import pages
from livechat_customer.sandbox.core import Core

_HEADERS: Final = {"X-Content-Type-Options": "nosniff"}


class Files:
    """Serves `/_files` and `/_pages`."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def upload(self, request: Request) -> Response:
        """An uploaded file, with the type it came with."""
        found = self._core.uploads.find(cast(str, request.path_params["key"]))
        if found is None:
            return Response(status_code=404)
        return Response(found.data, media_type=found.content_type, headers=_HEADERS)

    async def page(self, request: Request) -> Response:
        """A page, or its picture."""
        name = cast(str, request.path_params["name"])
        found = pages.served(self._core.world.tenant.pages, name)
        if found is None:
            return Response(status_code=404)
        if isinstance(found, bytes):
            return Response(found, media_type="image/png", headers=_HEADERS)
        return HTMLResponse(pages.page_html(self._core.origin, name, found))
