"""`livechat-customer doctor --live`: it finds what the server breaks, by name, and asks first."""

from __future__ import annotations

import asyncio
import io
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_kit import Running, one_line, one_object, run, sandbox

from livechat_customer.cli import exits, live, main
from livechat_customer.cli.live_report import BROKEN, HOLDS, NOT_PROBED, Live
from livechat_customer.cli.live_story import Waits
from livechat_customer.sandbox import ASSUMPTIONS, Fault
from livechat_customer.testing import virtual_time
from livechat_customer.testing.memory import MemorySandbox

SHORT = Waits(settle=0.05, in_time=0.2, late=0.1)

WHERE: dict[str, str] = {
    "pushes_in_order": "incoming_event",
    "pushes_complete": "incoming_event",
    "pushes_once": "incoming_event",
    "no_late_effect": "send_event",
    "refusals_have_no_effect": "send_event",
    "custom_id_echoed": "send_event",
}
"""Switches that would be used up by something else the conversation does."""

OFTEN: dict[str, int | None] = {"subscribed_at_login": None, "no_late_effect": 1}
"""Once is not enough where the first time comes before what is looked at."""


def probed(assumption: str | None = None, *faults: tuple[str, str]) -> tuple[Live, Fault | None]:
    """What the doctor finds in process, in virtual time; the switch it was to find."""

    async def look() -> tuple[Live, Fault | None]:
        async with MemorySandbox() as server:
            switch = None
            if assumption is not None:
                count = OFTEN.get(assumption, 3)
                action = WHERE.get(assumption)
                switch = server.fault(
                    "assumption", assumption=assumption, action=action, count=count
                )
            for kind, action in faults:
                server.fault(kind, action=action, count=None)
            return await live.probe(server.device().options()), switch

    return virtual_time.run(look())


def verdicts(found: Live) -> dict[str, str]:
    return {one.assumption: one.verdict for one in found.probes}


def test_a_server_that_keeps_to_all_of_it() -> None:
    found, _ = probed()
    assert verdicts(found) == dict.fromkeys(ASSUMPTIONS, HOLDS)
    assert (found.problems, found.ended) == ([], "")
    assert found.chat_id


@pytest.mark.parametrize("name", ASSUMPTIONS)
def test_what_is_broken_is_named_and_nothing_else(name: str) -> None:
    found, switch = probed(name)
    assert switch is not None
    assert switch.fired
    assert [one for one in verdicts(found) if verdicts(found)[one] == BROKEN] == [name]
    (problem,) = found.problems
    assert problem.startswith(f"The server breaks {name}: ")
    assert problem.endswith("See docs/assumptions.md.")


def test_what_it_did_not_come_to_is_not_called_good() -> None:
    found, _ = probed(None, ("error", "start_chat"))
    assert set(verdicts(found).values()) == {NOT_PROBED}
    assert found.chat_id == ""
    assert len(found.problems) == 1
    assert "ended early" in found.problems[0]


def test_what_could_not_be_seen_is_not_called_good() -> None:
    found, _ = probed(None, ("error", "list_threads"), ("error", "list_chats"))
    # The requests were refused: nothing can be said of pages and summaries.
    unseen = {name for name, verdict in verdicts(found).items() if verdict == NOT_PROBED}
    assert unseen == {"last_page_known", "summaries_right"}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Running]:
    with sandbox("--json", home=tmp_path) as running:
        yield running


@pytest.fixture
def account(server: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Running:
    """An account that the environment names, and a doctor who is in a hurry."""
    for name, value in server.variables().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(live, "Waits", lambda: SHORT)
    return server


def test_over_sockets_and_as_json(account: Running, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--live", "--yes", "--json"]) == exits.OK
    said = capsys.readouterr()
    report = one_object(said.out)
    assert said.err == ""
    assert {one["assumption"] for one in report["live"]["probes"]} == set(ASSUMPTIONS)
    assert {one["verdict"] for one in report["live"]["probes"]} == {HOLDS}


def test_a_broken_one_is_a_problem(account: Running, capsys: pytest.CaptureFixture[str]) -> None:
    import httpx

    fault = {"kind": "assumption", "assumption": "one_chat"}
    with httpx.Client(trust_env=False, verify=False) as http:
        assert http.post(f"{account.api_url}/_sandbox/faults", json=fault).is_success
    assert main(["doctor", "--live", "--yes"]) == exits.FAILED
    said = capsys.readouterr().out
    assert "problem: The server breaks one_chat: start_chat made a second chat." in said
    assert "pushes_in_order" in said


def test_it_writes_nothing_without_consent(
    account: Running, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", Terminal("n\n"))
    assert main(["doctor", "--live"]) == exits.FAILED
    said = capsys.readouterr()
    assert "Go on? [y/N]" in said.out
    assert one_line(said.err) == "livechat-customer: nothing was probed"
    assert connections(account) == 0


def test_nobody_can_be_asked(server: Running, tmp_path: Path) -> None:
    done = run("doctor", "--live", home=tmp_path, status=exits.USAGE, env=server.variables())
    assert one_line(done.stderr) == (
        "livechat-customer: --live writes a chat: add --yes to agree to that."
    )
    assert connections(server) == 0


def test_no_account_is_named(tmp_path: Path) -> None:
    done = run("doctor", "--live", "--yes", home=tmp_path, status=exits.USAGE)
    assert "organization_id" in one_line(done.stderr)


def connections(server: Running) -> int:
    """How many customers the server ever saw."""

    async def ask() -> int:
        import httpx

        async with httpx.AsyncClient(trust_env=False, verify=False) as http:
            state = (await http.get(f"{server.api_url}/_sandbox/state")).json()
        return len(state["customers"])

    return asyncio.run(ask())
