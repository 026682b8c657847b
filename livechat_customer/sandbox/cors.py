"""Cross-origin calls: pages of any origin may call the API, as the real one lets them; none may
control the sandbox.
"""

from __future__ import annotations

from typing import Final

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

CONTROL: Final = "/_sandbox"

_DAY: Final = 86_400


class Cors(CORSMiddleware):
    """Names the page's origin, so that cookies travel, and lets every header of a request pass."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(
            app,
            # `*` would not do: browsers take it for requests without cookies only.
            allow_origin_regex=".*",
            allow_credentials=True,
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["*"],
            max_age=_DAY,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if path == CONTROL or path.startswith(f"{CONTROL}/"):
            await self.app(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)
