"""Somebody else's client in a process of its own, over TLS, and the sandbox it talks to."""

from __future__ import annotations

import asyncio
import json
import os
import ssl
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import trustme

Json = dict[str, Any]
DRIVER = Path(__file__).with_name("foreign") / "driver.py"
PATIENCE = 60.0
LINE = 4 * 1_048_576


@dataclass(frozen=True)
class Certificates:
    """A certificate of this machine's, made for these tests, and the authority that signed it."""

    authority: Path
    certificate: Path
    key: Path

    def server(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        return context

    def client(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.authority)


def make_certificates(folder: Path) -> Certificates:
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1", "localhost")
    made = Certificates(folder / "ca.pem", folder / "cert.pem", folder / "key.pem")
    authority.cert_pem.write_to_path(made.authority)
    issued.cert_chain_pems[0].write_to_path(made.certificate)
    issued.private_key_pem.write_to_path(made.key)
    return made


class Raised(Exception):
    """What the foreign client raised: the name of the exception, and its text."""


class Foreign:
    """`lc-sdk-python`, driven from here."""

    def __init__(self, process: Process, log: Path) -> None:
        self._process = process
        self._log = log

    async def step(self, step: str, **more: Any) -> Any:
        """One step's result. `Raised` when the client raised something."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps({"step": step} | more).encode() + b"\n")
        async with asyncio.timeout(PATIENCE):
            await stdin.drain()
            line = await stdout.readline()
        assert line, self._log.read_text()
        result = cast(Json, json.loads(line))
        if "raised" in result:
            raise Raised(f"{result['raised']}: {result['said']}")
        return result["result"]

    async def token(self) -> Json:
        """A new customer's token, as the token endpoint gives it."""
        found = await self.step("token")
        assert found["status"] == 200, found
        return cast(Json, found["body"])

    async def log_in(self, version: str) -> Json:
        """Token, connection, login: what the login's answer holds."""
        token = (await self.token())["access_token"]
        await self.step("open", version=version)
        return await self.rtm("login", token=f"Bearer {token}")

    async def sign_in(self, version: str) -> str:
        """Token and Web client; the customer's id."""
        token = await self.token()
        await self.step("sign_in", token=f"Bearer {token['access_token']}", version=version)
        return cast(str, token["entity_id"])

    async def response(self, method: str, /, **arguments: Any) -> Json:
        """The whole response to a method of `CustomerRTM`."""
        answer = await self.step("rtm", method=method, arguments=arguments)
        assert answer is not None, f"no answer to {method}: {self._log.read_text()}"
        assert (answer["type"], answer["action"]) == ("response", method)
        return cast(Json, answer)

    async def rtm(self, method: str, /, **arguments: Any) -> Json:
        """The payload of a successful response."""
        answer = await self.response(method, **arguments)
        assert answer["success"] is True, answer
        return cast(Json, answer["payload"])

    async def rtm_refused(self, method: str, /, **arguments: Any) -> str:
        """The type of the error."""
        answer = await self.response(method, **arguments)
        assert answer["success"] is False, answer
        return cast(str, answer["payload"]["error"]["type"])

    async def pushes(self, until: str) -> list[tuple[str, Json]]:
        """(action, payload) of the pushes up to that one, which is waited for."""
        return [(it["action"], it["payload"]) for it in await self.step("pushes", until=until)]

    async def web(self, method: str, /, **arguments: Any) -> Json:
        """The body of a successful answer."""
        answer = await self.step("web", method=method, arguments=arguments)
        assert answer["status"] == 200, answer
        return cast(Json, answer["body"])

    async def web_refused(self, method: str, /, **arguments: Any) -> tuple[int, str]:
        """(HTTP status, type of the error)."""
        answer = await self.step("web", method=method, arguments=arguments)
        return answer["status"], answer["body"]["error"]["type"]


@asynccontextmanager
async def foreign(
    api_url: str, organization_id: str, client_id: str, certificates: Certificates, folder: Path
) -> AsyncGenerator[Foreign]:
    """A process with the foreign clients, for the server at `api_url` (`https://host:port`)."""
    scheme, _, host = api_url.partition("://")
    assert scheme == "https", "lc-sdk-python speaks TLS only"
    settings = {
        "host": host,
        "organization_id": organization_id,
        "client_id": client_id,
        "authority": str(certificates.authority),
    }
    kept = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    log = folder / "foreign.log"
    with log.open("wb") as stderr:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", str(DRIVER), json.dumps(settings)),
            stdin=PIPE,
            stdout=PIPE,
            stderr=stderr,
            env=kept,
            limit=LINE,
        )
    try:
        yield Foreign(process, log)
    finally:
        try:
            async with asyncio.timeout(PATIENCE):
                # Ends its input, and it with that.
                await process.communicate(b"")
        except TimeoutError:
            process.kill()
            await process.wait()
    assert process.returncode == 0, log.read_text()
