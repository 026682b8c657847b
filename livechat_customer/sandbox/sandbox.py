"""`Sandbox`: a local Customer Chat API server for the time of an `async with` block."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any, Self

from livechat_customer.sandbox.app import make_app
from livechat_customer.sandbox.backoffice import Backoffice
from livechat_customer.sandbox.core import Core
from livechat_customer.sandbox.limits import Limits
from livechat_customer.sandbox.server import Server

Tls = ssl.SSLContext | tuple[str, str]
"""A server-side context, or the paths of a certificate and its key."""


class Sandbox(Backoffice):
    """A server that speaks the Customer Chat API 3.5 and 3.6, with its state in memory.

    It runs in the caller's event loop; after the block nothing is left of it. `port=0` takes a
    free one. The same `seed` gives the same ids in the same order (None: other ones each time);
    together with a `SteppingClock` as `clock` (µs since the epoch) the same times, too. `bot`
    lets a helpdesk bot answer; `strict` accepts only this sandbox's own organization and client,
    and redirect URIs that match one of `redirect_uris`, if there are any. `region` (`dal`, `fra`)
    is where the organization is: requests to the other one are told so.
    """

    def __init__(
        self,
        port: int = 0,
        tls: Tls | None = None,
        seed: int | None = 0,
        clock: Callable[[], int] | None = None,
        *,
        host: str = "127.0.0.1",
        bot: bool = False,
        strict: bool = False,
        limits: Limits | None = None,
        region: str | None = None,
        redirect_uris: Iterable[str] = (),
    ) -> None:
        self._host = host
        self._port = port
        self._tls = _context(tls)
        self._limits = limits or Limits()
        core = Core(
            seed=seed,
            clock=clock,
            limits=self._limits,
            strict=strict,
            region=region,
            redirect_uris=redirect_uris,
        )
        super().__init__(core, bot=bot)
        self._server: Server | None = None

    @property
    def api_url(self) -> str:
        """Where the API is, such as `http://127.0.0.1:8000`; RTM on the same, as ws or wss."""
        if not self._core.origin:
            raise RuntimeError("The sandbox is not running. Enter it with `async with`.")
        return self._core.origin

    @property
    def accounts_url(self) -> str:
        """Where tokens are given out: the same place."""
        return self.api_url

    @property
    def rtm_url(self) -> str:
        """The RTM endpoint of version 3.5, organization included."""
        base = self.api_url.replace("http", "ws", 1)
        return f"{base}/v3.5/customer/rtm/ws?organization_id={self.organization_id}"

    def options(self) -> dict[str, Any]:
        """Keyword arguments for `livechat_customer.init()`."""
        return {
            "organization_id": self.organization_id,
            "client_id": self.client_id,
            "api_url": self.api_url,
            "accounts_url": self.accounts_url,
        }

    async def __aenter__(self) -> Self:
        if self._server is not None:
            raise RuntimeError("The sandbox is running already. Make another one.")
        self._server = Server(make_app(self._core, self), self._limits, self._tls)
        try:
            host, port = await self._server.start(self._host, self._port)
        except BaseException:
            self._server = None
            raise
        scheme = "http" if self._tls is None else "https"
        self._core.listen_at(f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}")
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        server, self._server = self._server, None
        self._core.wind_down()
        await self._core.callbacks.close()
        self._core.listen_at("")
        if server is not None:
            await server.stop()


async def serve(
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    ready: Callable[[Sandbox], None],
    tls: Tls | None = None,
    seed: int | None = None,
    bot: bool = False,
    strict: bool = False,
    limits: Limits | None = None,
) -> None:
    """Runs a sandbox until it is cancelled, then frees everything; prints nothing.

    `ready` is called once it listens. OSError when the port is taken.
    """
    sandbox = Sandbox(port, tls, seed, host=host, bot=bot, strict=strict, limits=limits)
    async with sandbox:
        ready(sandbox)
        await asyncio.Event().wait()


def _context(tls: Tls | None) -> ssl.SSLContext | None:
    if tls is None or isinstance(tls, ssl.SSLContext):
        return tls
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*tls)
    return context
