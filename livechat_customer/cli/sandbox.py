"""`livechat-customer sandbox`: the local server, as a program of its own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import ssl
import sys
from pathlib import Path
from typing import NamedTuple

from livechat_customer.cli import exits
from livechat_customer.cli.exits import CommandError
from livechat_customer.sandbox import Sandbox, serve


class Settings(NamedTuple):
    """What the command line says."""

    host: str
    port: int
    certfile: Path | None
    keyfile: Path | None
    seed: int | None
    bot: bool
    strict: bool
    quiet: bool
    """Nothing but the ready line."""


def run(settings: Settings) -> int:
    """Serve until SIGINT or SIGTERM; the exit code."""
    tls = _context(settings.certfile, settings.keyfile)
    # Where the loop takes no signal handlers (Windows), Ctrl-C comes as KeyboardInterrupt.
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(settings, tls))
    return exits.OK


async def _serve(settings: Settings, tls: ssl.SSLContext | None) -> None:
    listening = False

    def ready(sandbox: Sandbox) -> None:
        nonlocal listening
        listening = True
        _announce(sandbox, settings.quiet)

    _cancel_on_signal()
    try:
        await serve(
            settings.host,
            settings.port,
            ready=ready,
            tls=tls,
            seed=settings.seed,
            bot=settings.bot,
            strict=settings.strict,
        )
    except asyncio.CancelledError:
        return
    except OSError as error:
        if listening:
            raise
        place = f"{settings.host}:{settings.port}"
        raise CommandError(
            f"can't listen at {place}: {error.strerror}. Choose another --host or --port."
        ) from error


def _cancel_on_signal() -> None:
    task = asyncio.current_task()
    assert task is not None
    with contextlib.suppress(NotImplementedError):
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)


def _announce(sandbox: Sandbox, quiet: bool) -> None:
    ready = {
        "api_url": sandbox.api_url,
        "accounts_url": sandbox.accounts_url,
        "organization_id": sandbox.organization_id,
        "client_id": sandbox.client_id,
    }
    sys.stdout.write(json.dumps(ready) + "\n")
    sys.stdout.flush()
    if not quiet:
        sys.stderr.write(f"The Customer Chat API at {sandbox.api_url}. Ctrl-C ends it.\n")


def _context(certfile: Path | None, keyfile: Path | None) -> ssl.SSLContext | None:
    if certfile is None and keyfile is None:
        return None
    if certfile is None or keyfile is None:
        raise CommandError("--certfile and --keyfile go together.", exits.USAGE)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        # Without a password function OpenSSL would ask for one on the terminal.
        context.load_cert_chain(certfile, keyfile, password=lambda: "")
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or str(error)
        raise CommandError(
            f"--certfile and --keyfile can't be used: {said}. Give a certificate and its key, "
            "both PEM, the key without a password.",
            exits.USAGE,
        ) from error
    return context
