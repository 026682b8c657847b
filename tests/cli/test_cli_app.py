"""The command as the shell sees it: help, version, wrong usage, exit codes."""

from __future__ import annotations

import subprocess
from importlib.metadata import version
from pathlib import Path

import pytest
from cli_kit import COMMAND, environment, one_line, run

from livechat_customer.cli import exits, main

SUBCOMMANDS = ("demo", "doctor", "sandbox")


def test_version(tmp_path: Path) -> None:
    said = run("--version", home=tmp_path)
    assert one_line(said.stdout) == f"livechat-customer {version('livechat-customer')}"


@pytest.mark.parametrize("arguments", [(), ("--help",)])
def test_help_names_the_subcommands(arguments: tuple[str, ...], tmp_path: Path) -> None:
    said = run(*arguments, home=tmp_path)
    assert said.stderr == ""
    for name in SUBCOMMANDS:
        assert f"\n  {name} " in said.stdout


@pytest.mark.parametrize("arguments", [(), *((name,) for name in SUBCOMMANDS)])
def test_every_help_has_examples_and_exit_codes(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments, "--help"]) == exits.OK
    said = capsys.readouterr().out
    assert f"$ livechat-customer {arguments[0] if arguments else 'demo'}" in said
    for code, meaning in exits.MEANINGS.items():
        assert f"  {code:<4} {meaning}" in said


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("nothing",), "nothing"),
        (("--nothing",), "--nothing"),
        (("sandbox", "--prot", "1"), "--port"),
        (("sandbox", "--port", "high"), "--port"),
        (("sandbox", "--port", "65536"), "--port"),
        (("sandbox", "--port"), "--port"),
        (("demo", "--seed", "x"), "--seed"),
        (("doctor", "extra"), "extra"),
    ],
)
def test_wrong_usage_is_one_line_that_names_it(
    arguments: tuple[str, ...], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == exits.USAGE
    said = capsys.readouterr()
    assert said.out == ""
    line = one_line(said.err)
    assert line.startswith("livechat-customer: ")
    assert named in line
    assert line.endswith("--help'.")


def test_a_reader_that_goes_away_is_no_traceback(tmp_path: Path) -> None:
    with subprocess.Popen(
        [COMMAND, "doctor"],
        cwd=tmp_path,
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read()
        assert (process.wait(), said) == (exits.FAILED, "")
