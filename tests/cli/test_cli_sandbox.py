"""`livechat-customer sandbox`: ready when it says so, and gone when it is told."""

from __future__ import annotations

import signal
import socket
import ssl
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from cli_kit import Running, one_line, run, sandbox

from livechat_customer.cli import exits

KEYS = {"api_url", "accounts_url", "organization_id", "client_id"}


def state(running: Running, tls: ssl.SSLContext | None = None) -> httpx.Response:
    with httpx.Client(trust_env=False, verify=tls or ssl.create_default_context()) as client:
        return client.get(f"{running.api_url}/_sandbox/state")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_from_its_ready_line_until_a_signal(
    number: signal.Signals, tmp_path: Path
) -> None:
    with sandbox("--json", home=tmp_path) as running:
        assert set(running.ready) == KEYS
        assert state(running).json()["connections"] == []
        assert running.end(number) == (0, "", "")
    with pytest.raises(httpx.ConnectError):
        state(running)


def test_it_ends_with_a_client_still_connected(tmp_path: Path) -> None:
    with sandbox("--json", home=tmp_path) as running:
        address = urlsplit(running.api_url)
        with socket.create_connection((address.hostname or "", address.port or 0)):
            assert state(running).status_code == 200
            assert running.end(signal.SIGTERM) == (0, "", "")


def test_without_json_people_are_told_on_stderr(tmp_path: Path) -> None:
    with sandbox(home=tmp_path) as running:
        assert set(running.ready) == KEYS
        status, out, err = running.end(signal.SIGINT)
    assert (status, out) == (0, "")
    assert running.api_url in one_line(err)


def test_the_same_seed_gives_the_same_ids(tmp_path: Path) -> None:
    def ids(*arguments: str) -> tuple[str, str]:
        with sandbox("--json", *arguments, home=tmp_path) as running:
            return running.ready["organization_id"], running.ready["client_id"]

    assert ids("--seed", "4") == ids("--seed", "4")
    assert ids() != ids()


def test_host_and_port(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with sandbox("--host", "127.0.0.1", "--port", str(port), home=tmp_path) as running:
        assert running.api_url == f"http://127.0.0.1:{port}"


def test_bot_and_strict(tmp_path: Path) -> None:
    def token(running: Running, organization_id: str) -> int:
        body = {
            "grant_type": "cookie",
            "response_type": "token",
            "client_id": running.ready["client_id"],
            "organization_id": organization_id,
        }
        url = f"{running.ready['accounts_url']}/v2/customer/token"
        with httpx.Client(trust_env=False) as client:
            # A strict sandbox insists on an origin.
            origin = {"Origin": "https://shop.example.com"}
            return client.post(url, json=body, headers=origin).status_code

    with sandbox("--json", "--bot", home=tmp_path) as running:
        assert [agent["name"] for agent in state(running).json()["agents"]] == ["Helpdesk"]
        assert token(running, "another") == 200
    with sandbox("--json", "--strict", home=tmp_path) as running:
        assert state(running).json()["agents"] == []
        assert token(running, running.ready["organization_id"]) == 200
        assert token(running, "another") >= 400


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("tls")
    cert, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", "2", "-subj", "/CN=localhost"),
            *("-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert),
        ],
        check=True,
        capture_output=True,
    )
    return cert, key


def test_tls(certificate: tuple[Path, Path], tmp_path: Path) -> None:
    cert, key = map(str, certificate)
    with sandbox("--json", "--certfile", cert, "--keyfile", key, home=tmp_path) as running:
        assert running.api_url.startswith("https://127.0.0.1:")
        assert state(running, ssl.create_default_context(cafile=cert)).status_code == 200
        assert running.end(signal.SIGTERM) == (0, "", "")


def test_a_certificate_needs_its_key_and_both_must_be_readable(
    certificate: tuple[Path, Path], tmp_path: Path
) -> None:
    cert, key = map(str, certificate)
    for arguments in (
        ("--certfile", cert),
        ("--keyfile", key),
        ("--certfile", cert, "--keyfile", str(tmp_path / "none.pem")),
        ("--certfile", key, "--keyfile", key),
    ):
        said = run("sandbox", *arguments, home=tmp_path, status=exits.USAGE)
        assert said.stdout == ""
        assert "--certfile and --keyfile" in one_line(said.stderr)


def test_a_port_that_is_taken_is_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = run("sandbox", "--port", port, home=tmp_path, status=exits.FAILED)
    assert said.stdout == ""
    assert f"127.0.0.1:{port}" in one_line(said.stderr)
