"""The RTM endpoint: one WebSocket from its handshake to its end."""

from __future__ import annotations

import asyncio
from typing import Final, cast

from starlette.websockets import WebSocket

from livechat_customer.sandbox.action_table import VERSIONS, is_served
from livechat_customer.sandbox.connection import Connection, Wire
from livechat_customer.sandbox.core import Core
from livechat_customer.sandbox.faults import CONNECT
from livechat_customer.sandbox.requests import Requests

WIRE: Final = "livechat_customer.wire"
"""Where the server leaves the connection's `Wire` in the ASGI scope's state."""


class Rtm:
    """Serves every WebSocket of a sandbox."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._requests = Requests(core)

    async def serve(self, websocket: WebSocket) -> None:
        """Until the client is gone. Refusing is closing before accepting: HTTP 403."""
        if self._core.faults.take("refuse", CONNECT, None):
            await websocket.close()
            return
        await websocket.accept()
        connection = self._open(websocket)
        writer = asyncio.create_task(connection.write(websocket))
        try:
            while True:
                message = await websocket.receive()
                if message["type"] == "websocket.disconnect":
                    break
                if not connection.ending:
                    text = message.get("text")
                    self._requests.handle(connection, message["bytes"] if text is None else text)
        finally:
            connection.end()
            self._core.hub.leave(connection)
            self._core.watch.notify()
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)

    def _open(self, websocket: WebSocket) -> Connection:
        core = self._core
        version = cast(str, websocket.path_params["version"])
        organization_id = websocket.query_params.get("organization_id")
        core.hub.opened += 1
        connection = Connection(
            core.hub.opened,
            version if is_served(version) else VERSIONS[0],
            organization_id,
            core.limits,
            cast(Wire, websocket.scope["state"][WIRE]),
            core.watch.notify,
            opened_at=core.world.clock.now(),
        )
        core.hub.enter(connection)
        connection.begin()
        core.keep_house()
        fault = core.faults.take("disconnect", CONNECT, None)
        if fault is not None:
            connection.disconnect(fault.reason or "", fault.data)
        elif not is_served(version):
            connection.disconnect("unsupported_version")
        elif not core.knows(organization_id):
            connection.disconnect("license_not_found")
        elif core.world.tenant.misdirects(websocket.headers.get("x-region")):
            connection.disconnect("misdirected_connection", {"region": core.world.tenant.region})
        elif self._is_crowded():
            connection.disconnect("too_many_unauthorized_connections")
        core.watch.notify()
        return connection

    def _is_crowded(self) -> bool:
        """Whether more connections wait for their login than may."""
        most = self._core.limits.unauthorized_connections
        waiting = [
            one for one in self._core.hub.connections if one.customer is None and not one.ending
        ]
        return most is not None and len(waiting) > most
