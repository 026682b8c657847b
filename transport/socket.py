"""The WebSocket driver: the only module that imports `websockets`.

It opens one connection, moves frames, and closes; when to do so is the session machine's business.
Of what the library would do by itself, all is off: retries, redirects to other hosts, keep-alive
pings (they kill a healthy peer while our log is full), compression, proxies found in the
environment, and debug logging, which prints frames and with them the login's token.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import struct
from collections.abc import Mapping
from typing import Any, Final, Protocol, cast

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import (
    ConnectionClosed,
    InvalidProxy,
    InvalidStatus,
    InvalidURI,
    WebSocketException,
)

from livechat_customer.errors import one_line
from livechat_customer.transport.tls import is_certificate_error, trusted_context
from livechat_customer.transport.urls import is_loopback

MAX_FRAME: Final = 16 * 1024 * 1024
"""Bytes of the largest frame that is taken; a larger one ends the connection with 1009."""
MAX_QUEUE: Final = 64
"""Frames the library reads ahead; then the peer has to wait."""

_LINGER_0: Final = struct.pack("ii", 1, 0)
"""Closing throws away what is unsent and resets the connection."""
_NO_LINGER: Final = struct.pack("ii", 0, 0)
_ABNORMAL: Final = 1006

logger = logging.getLogger(__name__)


class OpenError(Exception):
    """The socket could not be opened. `final`: trying again can't help."""

    def __init__(self, message: str, *, final: bool = False) -> None:
        self.message = one_line(message)
        self.final = final
        super().__init__(self.message)


class SocketClosed(Exception):
    """The connection ended: `code` and `reason` as the peer gave them, 1006 where it was cut.
    `clean`: the closing handshake was made."""

    def __init__(self, code: int, reason: str = "", *, clean: bool = False) -> None:
        super().__init__(f"{code} {one_line(reason)}".strip())
        self.code = code
        self.reason = reason
        self.clean = clean


class Socket(Protocol):
    """An open connection, as the pump uses it; the in-memory ones of tests look the same.

    To stop reading, don't call `recv`: a few frames are read ahead, then the peer has to wait.
    """

    async def recv(self) -> bytes:
        """The next frame. Raises `SocketClosed`, when all that was received has been read."""
        ...

    async def send(self, frame: bytes) -> None:
        """Write a text frame; returns when the buffer has room again. Raises `SocketClosed`."""
        ...

    async def close(self, code: int = 1000, *, reset: bool = False) -> None:
        """Close, waiting for the peer for the close time-out at most; with `reset` cut the
        connection at once and throw away what is still unsent. Idempotent, never raises."""
        ...


class WebSocket:
    """A `Socket` over the network.

    Unless `close()` ends it properly, it ends with a reset: also when the process is killed nothing
    that still lies in a buffer reaches the server later.
    """

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._recv = connection.recv
        self._linger(_LINGER_0)

    async def recv(self) -> bytes:
        try:
            return await self._recv(decode=False)
        except ConnectionClosed as error:
            raise _closed(error) from None

    async def send(self, frame: bytes) -> None:
        try:
            await self._connection.send(frame, text=True)
        except ConnectionClosed as error:
            raise _closed(error) from None

    async def close(self, code: int = 1000, *, reset: bool = False) -> None:
        if reset:
            self._cut()
            await self._connection.wait_closed()
            return
        self._linger(_NO_LINGER)
        try:
            await self._connection.close(code)
        except asyncio.CancelledError:
            self._cut()
            raise

    def _cut(self) -> None:
        self._linger(_LINGER_0)
        self._connection.transport.abort()

    def _linger(self, how: bytes) -> None:
        transport = self._connection.transport
        raw = cast("socket.socket | None", transport.get_extra_info("socket"))
        if raw is not None and not transport.is_closing():
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, how)


async def open_socket(
    url: str,
    headers: Mapping[str, str] | None = None,
    *,
    open_timeout: float = 10.0,
    close_timeout: float = 2.0,
    proxy: str | None = None,
    context: ssl.SSLContext | None = None,
    max_size: int = MAX_FRAME,
) -> Socket:
    """Open a WebSocket to `url` (`ws` or `wss`). Time-outs are in seconds, `max_size` in bytes.

    `proxy` is the URL of an HTTP or SOCKS proxy; loopback addresses never use it. `context` is for
    a certificate authority of one's own; TLS is always verified. Raises `OpenError`.
    """
    options: dict[str, Any] = {}
    if url.startswith("wss:"):
        options["ssl"] = context or await asyncio.to_thread(trusted_context)
    try:
        connection = await _Connect(
            url,
            additional_headers=dict(headers or {}),
            compression=None,
            proxy=None if is_loopback(url) else proxy,
            open_timeout=open_timeout,
            ping_interval=None,
            close_timeout=close_timeout,
            max_size=max_size,
            max_queue=MAX_QUEUE,
            logger=_QUIET,
            **options,
        )
    except ssl.SSLCertVerificationError as error:  # it is a ValueError, too
        raise _not_trusted() from error
    except (InvalidURI, InvalidProxy, ValueError) as error:
        # The library's own words may quote the proxy's URL, and with it a password.
        what = type(error).__name__
        raise OpenError(f"Wrong URL or proxy ({what}). Check the options.", final=True) from None
    except InvalidStatus as error:
        status = error.response.status_code
        raise OpenError(f"The server refused the WebSocket with HTTP {status}.") from None
    except (OSError, EOFError, WebSocketException) as error:
        if is_certificate_error(error):
            raise _not_trusted() from error
        raise OpenError(f"No connection: {error or type(error).__name__}") from error
    _report_life_cycle(connection)
    return WebSocket(connection)


def _not_trusted() -> OpenError:
    return OpenError(
        "The server's certificate is not trusted. Check api_url and the clock.", final=True
    )


class _Connect(connect):
    """Never leaves for another host: the login's token is meant for this one."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


class _Quiet(logging.LoggerAdapter[logging.Logger]):
    """What the library logs, but for DEBUG, whatever level its logger or the root has."""

    def isEnabledFor(self, level: int) -> bool:
        return level > logging.DEBUG and super().isEnabledFor(level)


_QUIET: Final = _Quiet(logging.getLogger(f"{__name__}.websockets"), {})


def _closed(error: ConnectionClosed) -> SocketClosed:
    received, sent = error.rcvd, error.sent
    # Who began says why: our own 1009 is echoed by the peer.
    frame = sent if sent is not None and error.rcvd_then_sent is not True else received
    if frame is None:
        return SocketClosed(_ABNORMAL, str(error.__cause__ or ""))
    clean = received is not None and sent is not None
    return SocketClosed(frame.code, frame.reason, clean=clean)


def _report_life_cycle(connection: ClientConnection) -> None:
    """The server announces the end of an API version in two headers (Customer Chat API, 1.4)."""
    response = connection.response
    if response is None:
        return
    for name, level in (("Deprecation", logging.WARNING), ("Legacy", logging.INFO)):
        value = response.headers.get(name)
        if value is not None:
            logger.log(level, "this API version is %s: %s", name.lower(), one_line(value, 40))
