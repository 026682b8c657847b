"""`Sandbox` and `serve`: beginning, end, determinism, secrets, TLS."""

from __future__ import annotations

import ast
import asyncio
import logging
import socket
import ssl
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from sandbox_kit import Json, dialled, fetch_token, http, logged_in, message, started
from websockets.asyncio.client import connect

from livechat_customer import sandbox as package
from livechat_customer.sandbox import Sandbox, SteppingClock, serve
from livechat_customer.sandbox.clock import SECOND
from livechat_customer.sandbox.server import Server


def certificate(folder: Path) -> tuple[str, str]:
    """A self-signed certificate for 127.0.0.1, made now."""
    cert, key = str(folder / "cert.pem"), str(folder / "key.pem")
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=127.0.0.1 "
        "-addext subjectAltName=IP:127.0.0.1"
    )
    run = [*command.split(), "-keyout", key, "-out", cert]
    subprocess.run(run, check=True, capture_output=True)
    return cert, key


async def test_options_lead_to_a_running_server() -> None:
    sandbox = Sandbox()
    with pytest.raises(RuntimeError, match="not running"):
        _ = sandbox.api_url
    async with sandbox as entered:
        assert entered is sandbox
        assert sandbox.options() == {
            "organization_id": sandbox.organization_id,
            "client_id": sandbox.client_id,
            "api_url": sandbox.api_url,
            "accounts_url": sandbox.accounts_url,
        }
        async with http(sandbox) as client:
            assert (await client.get("/_sandbox/state")).status_code == 200
        with pytest.raises(RuntimeError, match="running already"):
            await sandbox.__aenter__()
        port = int(sandbox.api_url.rsplit(":", 1)[1])
    with pytest.raises(RuntimeError):
        sandbox.options()
    # The port is free again, at once.
    async with Sandbox(port) as second:
        assert second.api_url.endswith(f":{port}")


async def test_it_keeps_its_state_from_one_run_to_the_next() -> None:
    sandbox = Sandbox()
    async with sandbox:
        token = await fetch_token(sandbox)
    async with sandbox, logged_in(sandbox, token) as (raw, _):
        assert (await raw.ok("get_customer"))["id"] == token.customer_id


async def test_a_taken_port_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=r"[Aa]ddress already in use"):
            async with Sandbox(port):
                pass


async def test_clients_are_sent_away_at_the_end() -> None:
    async with Sandbox() as sandbox, logged_in(sandbox) as (raw, _), dialled(sandbox) as other:
        sandbox.fault("delay", action="get_customer")
        sandbox.fault("late_effect", action="list_chats", seconds=60)
        await raw.send("get_customer")
        held = sandbox.fault("delay", action="token")
        fetching = asyncio.create_task(fetch_token(sandbox))
        await sandbox.wait_until(lambda: held.fired)
        await sandbox.__aexit__(None, None, None)
        assert (await raw.closed())[0] == 1012
        assert (await other.closed())[0] == 1012
        # Nobody is left waiting for an answer.
        await fetching


async def test_a_client_that_reads_nothing_does_not_hold_up_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("livechat_customer.sandbox.server.GRACE", 0.05)
    async with Sandbox() as sandbox, dialled(sandbox, max_queue=1) as raw:
        await raw.log_in(await fetch_token(sandbox))
        chat_id, _ = await started(raw)
        (connection,) = sandbox.connections
        jane = sandbox.agent("Jane")
        # Until the system's buffers between the two are full.
        while connection.unsent < 1_000_000:
            jane.send_event(chat_id, "x" * 16_000)
            await asyncio.sleep(0)
        await sandbox.__aexit__(None, None, None)
        assert sandbox.connections == []
        assert (await raw.closed())[0] is None


async def test_an_error_in_the_block_frees_everything_too() -> None:
    async def fail() -> None:
        async with Sandbox() as sandbox:
            await fetch_token(sandbox)
            raise KeyError

    with pytest.raises(KeyError):
        await fail()


async def test_a_server_that_fails_to_start_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(self: Server, sockets: object) -> None:
        raise MemoryError("no room")

    monkeypatch.setattr(Server, "startup", fail)
    with pytest.raises(MemoryError):
        async with Sandbox():
            pass


async def conversation(seed: int | None) -> tuple[list[Json], str, Json]:
    """All frames of a conversation, its digest, and the options but for the port."""
    async with Sandbox(seed=seed, clock=SteppingClock(), bot=True) as sandbox:
        token = await fetch_token(sandbox)
        async with logged_in(sandbox, token) as (raw, _):
            answer = await raw.ok("start_chat", {"chat": {"thread": {"events": [message()]}}})
            await raw.ok("deactivate_chat", {"id": answer["chat_id"]})
            await raw.ok("resume_chat", {"chat": {"id": answer["chat_id"]}})
            frames = await raw.settled()
            fixed = (sandbox.organization_id, sandbox.client_id, token.value, token.cookies)
            return frames, sandbox.digest(token.customer_id), {"fixed": fixed}


async def test_the_same_seed_gives_the_same_ids_and_times() -> None:
    assert await conversation(3) == await conversation(3)
    one, other = await conversation(3), await conversation(4)
    assert all(one[place] != other[place] for place in range(3))
    assert (await conversation(None))[2] != (await conversation(None))[2]


async def test_a_reset_starts_over() -> None:
    async with Sandbox(clock=SteppingClock()) as sandbox:
        first = await fetch_token(sandbox)
        sandbox.fault("refuse")
        sandbox.set_availability(4, "offline")
        sandbox.reset()
        assert (dict(sandbox.customers), sandbox.groups) == ({}, {0: "online"})
        assert not sandbox.received
        async with dialled(sandbox) as raw:
            login = {"token": f"Bearer {first.value}"}
            assert await raw.refused("login", login) == "authentication"
        again = await fetch_token(sandbox)
        assert (again.customer_id, again.value) == (first.customer_id, first.value)


async def test_a_reset_sets_the_clock_back() -> None:
    async with Sandbox(clock=lambda: SECOND) as sandbox:
        async with logged_in(sandbox) as (raw, token):
            sandbox.advance(60)
            past: Json = {"created_at": "2040-01-01T00:00:00Z", "events": []}
            sandbox.plant_history([past], customer_id=token.customer_id)
        sandbox.reset()
        async with logged_in(sandbox) as (raw, _):
            chat_id, _ = await started(raw)
        assert sandbox.chats[chat_id].threads[0].created_at == "1970-01-01T00:00:01.000000Z"


async def test_no_logger_shows_a_token(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "livechat_customer"):
            caplog.set_level(logging.DEBUG, name)
        async with Sandbox() as sandbox:
            token = await fetch_token(sandbox)
            async with http(sandbox) as client, dialled(sandbox, logger=QUIET) as raw:
                await client.get("/v2/customer/info", params={"code": token.value})
                await raw.log_in(token)
                chat_id, _ = await started(raw, message("my secret text"))
                await raw.refused("send_event", {"chat_id": chat_id})
    ours = [one for one in caplog.records if not one.name.startswith(("httpx", "httpcore"))]
    assert ours
    shown = "\n".join(one.getMessage() for one in ours)
    for secret in (token.value, token.cookies["__lc_cst"], "my secret text"):
        assert secret not in shown


QUIET = logging.getLogger("quiet")
QUIET.disabled = True


@pytest.mark.slow
@pytest.mark.parametrize("as_context", [False, True])
async def test_tls(tmp_path: Path, as_context: bool) -> None:
    files = await asyncio.to_thread(certificate, tmp_path)
    trusting = ssl.create_default_context(cafile=files[0])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files)
    async with Sandbox(tls=context if as_context else files) as sandbox:
        assert sandbox.api_url.startswith("https://127.0.0.1:")
        async with httpx.AsyncClient(verify=trusting, trust_env=False) as client:
            answer = await client.post(
                f"{sandbox.accounts_url}/v2/customer/token",
                json={
                    "grant_type": "cookie",
                    "client_id": sandbox.client_id,
                    "organization_id": sandbox.organization_id,
                },
            )
        login = {"action": "login", "payload": {"token": f"Bearer {answer.json()['access_token']}"}}
        async with connect(sandbox.rtm_url, ssl=trusting, proxy=None) as socket:
            await socket.send(httpx.Request("POST", "http://x", json=login).content.decode())
            assert '"success":true' in str(await socket.recv())
            sandbox.disconnect()
            await socket.wait_closed()
        with pytest.raises(ssl.SSLCertVerificationError):
            await connect(sandbox.rtm_url, proxy=None)


async def test_serve_says_when_it_is_ready_and_ends_when_cancelled() -> None:
    ready: asyncio.Future[Sandbox] = asyncio.get_running_loop().create_future()
    given: dict[str, Any] = {"bot": True, "strict": True, "seed": 5}
    serving = asyncio.create_task(serve(ready=ready.set_result, **given))
    sandbox = await ready
    assert sandbox.bot is not None
    async with dialled(sandbox) as raw:
        assert await raw.ok("ping") == {}
        serving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await serving
        assert (await raw.closed())[0] == 1012
    with pytest.raises(RuntimeError):
        _ = sandbox.api_url


async def test_serve_frees_everything_when_its_caller_fails() -> None:
    def fail(_: Sandbox) -> None:
        raise KeyError

    with pytest.raises(KeyError):
        await serve(ready=fail)


def test_without_its_extra_the_sandbox_says_what_to_install() -> None:
    program = (
        "import sys; sys.modules['uvicorn'] = None\n"
        "try:\n    import livechat_customer.sandbox\n"
        "except ModuleNotFoundError as error:\n    print(error)"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout == "The sandbox needs uvicorn: pip install 'livechat-customer[sandbox]'\n"
    assert run.stderr == ""


def test_it_shares_nothing_with_the_client_but_times_and_digests() -> None:
    allowed = {"livechat_customer.models", "livechat_customer.models.times"}
    for path in Path(package.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            else:
                continue
            for name in names:
                ours = name.startswith("livechat_customer.sandbox") or name in allowed
                top = name.partition(".")[0]
                others = top in sys.stdlib_module_names or top in ("starlette", "uvicorn", "httpx")
                assert ours or others, (path.name, name)
